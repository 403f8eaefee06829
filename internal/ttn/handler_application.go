package ttn

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/application"
	"github.com/thingward/thingward/internal/web"
)

// managedJSON is an application at the application manager.
type managedJSON struct {
	AppID         string               `json:"app_id"`
	PayloadFormat domain.PayloadFormat `json:"payload_format,omitempty"`
	Decoder       string               `json:"decoder,omitempty"`
	Converter     string               `json:"converter,omitempty"`
	Validator     string               `json:"validator,omitempty"`
	Encoder       string               `json:"encoder,omitempty"`
	JoinKey       string               `json:"register_on_join_access_key,omitempty"`
}

// managedBody bounds an application: four functions, each of whose characters
// may be escaped.
const managedBody = 16 * domain.MaxPayloadFunction

// readManaged reads an application. The id in it agrees with the path, where
// both have one.
func readManaged(w http.ResponseWriter, r *http.Request) (managedJSON, error) {
	var in managedJSON
	body, err := web.ReadBody(w, r, managedBody)
	if err == nil {
		err = web.CheckJSON(body)
	}
	if err == nil {
		err = unmarshal(body, &in)
	}
	if err != nil {
		return managedJSON{}, err
	}
	return in, agree("app_id", r.PathValue("thing"), in.AppID)
}

// agree refuses an id in a body that is another than that in the path. Either
// may be missing.
func agree(field, inPath, inBody string) error {
	if inPath == "" || inBody == "" || inPath == inBody {
		return nil
	}
	return domain.InvalidField(field, "The path has %s %q and the body %q. They must agree.", field, domain.Clip(inPath), domain.Clip(inBody))
}

func (d *Door) registerApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	in, err := readManaged(w, r)
	if err != nil {
		return err
	}
	found, err := d.managed(r, c, in.AppID, domain.ApplicationSettings)
	if err != nil {
		return err
	}
	if err := d.Applications.Register(r.Context(), c, found.Name); err != nil {
		return err
	}
	return succeeded(w)
}

func (d *Door) showManaged(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.registered(r, c, domain.ApplicationSettings)
	if err != nil {
		return err
	}
	whole, err := d.Applications.Find(r.Context(), c, found.Name)
	if err != nil {
		return err
	}
	joinKey, err := d.Applications.JoinKey(r.Context(), c, whole)
	if err != nil {
		return err
	}
	payload := whole.Payload
	return answer(w, http.StatusOK, managedJSON{whole.Name, payload.Format, payload.Decoder, payload.Converter, payload.Validator, payload.Encoder, joinKey})
}

// setManaged puts what is sent in the place of all that was there: what is
// left out is empty then.
func (d *Door) setManaged(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.registered(r, c, domain.ApplicationSettings)
	if err != nil {
		return err
	}
	in, err := readManaged(w, r)
	if err != nil {
		return err
	}
	payload := domain.Payload{Format: in.PayloadFormat, Decoder: in.Decoder, Converter: in.Converter, Validator: in.Validator, Encoder: in.Encoder}
	if _, err := d.Applications.Edit(r.Context(), c, found.Name, application.Edit{Payload: &payload, JoinKey: &in.JoinKey}); err != nil {
		return err
	}
	return succeeded(w)
}

func (d *Door) unregisterApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.registered(r, c, domain.ApplicationDelete)
	if err != nil {
		return err
	}
	if err := d.Applications.Unregister(r.Context(), c, found.Name); err != nil {
		return err
	}
	return succeeded(w)
}
