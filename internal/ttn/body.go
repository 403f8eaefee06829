package ttn

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// readBody reads a JSON body. Attributes that are not known count for
// nothing, because programs send back what they got, and whatever media type
// it claims to be, it is JSON: no cookie counts at this door, so no form of
// another site gains by that. An empty body is one without attributes.
func readBody(w http.ResponseWriter, r *http.Request, into any) error {
	body, err := web.ReadBody(w, r, web.SmallBody)
	if err != nil || len(body) == 0 {
		return err
	}
	if err := web.CheckJSON(body); err != nil {
		return err
	}
	return unmarshal(body, into)
}

// unmarshal reads JSON and says what is wrong with it.
func unmarshal(body []byte, into any) error {
	var wrongType *json.UnmarshalTypeError
	err := json.Unmarshal(body, into)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return domain.InvalidField(wrongType.Field, "%s cannot be a JSON %s.", wrongType.Field, wrongType.Value)
	}
	return &domain.Error{Kind: domain.Invalid, Code: "invalid_json", Message: "The body is no JSON of the shape that is asked for here.", Err: err}
}

// answer writes a JSON document that no cache keeps.
func answer(w http.ResponseWriter, status int, v any) error {
	web.NotKept(w)
	return web.WriteJSON(w, status, v)
}

// done answers an act that has nothing to show, with 204, or whatever err is
// answered with.
func done(w http.ResponseWriter, err error) error {
	if err == nil {
		web.NotKept(w)
	}
	return web.WriteDone(w, err)
}
