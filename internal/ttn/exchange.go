package ttn

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// exchangeDoor is where access keys are exchanged for tokens. It only looks
// like the password grant: the "password" is a random key.
func (d *Door) exchangeDoor() *web.Door {
	return &web.Door{Name: "ttn", WriteError: writeExchangeError, Wrap: web.AnyOrigin, Routes: []web.Route{
		{Pattern: "POST " + Prefix + "api/v2/applications/token", Need: web.ClientAuth(), Handle: d.exchangeKey},
		{Pattern: "POST " + Prefix + "api/v2/applications/{application}/token", Need: web.ClientAuth(), Handle: d.exchangeKey},
	}}
}

// exchangeError is an error of a key exchange: the documentation has the
// description, programs read the error.
type exchangeError struct {
	Code        int    `json:"code"` // the HTTP status
	Error       string `json:"error"`
	Description string `json:"description"`
}

func writeExchangeError(w http.ResponseWriter, r *http.Request, err error) {
	status, text := web.StatusOf(err), sentence(r, err)
	web.SetErrorHeaders(w, err, 0)
	if status == http.StatusUnauthorized {
		w.Header().Add("WWW-Authenticate", `Basic realm="Thingward", charset="UTF-8"`)
		w.Header().Add("WWW-Authenticate", `Bearer realm="Thingward"`)
	}
	web.NeverCached(w)
	body, _ := json.Marshal(exchangeError{status, text, text})
	_ = web.WriteBytes(w, status, "application/json", body)
}

// exchangeBound is how often one network may try keys of one application.
var exchangeBound = guard.Bound{Burst: 20, Every: time.Second, Code: "too_many_attempts", Message: "Too many exchanges of access keys. Wait a second."}

// keyTry is who tries the keys of which application.
type keyTry struct {
	from        netip.Prefix
	application string
}

// exchangeKey gives a client or a component of the network a token for the
// access key of an application.
func (d *Door) exchangeKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	form, err := readKeyForm(w, r)
	if err != nil {
		return err
	}
	if err := d.keyTries.Admit(d.Now(), keyTry{domain.NetworkOf(c.Address), domain.Clip(form.application)}, exchangeBound); err != nil {
		return err
	}
	if c, err = d.bringer(r, c, form); err != nil {
		return err
	}
	key, err := d.accessKey(r.Context(), form)
	if err != nil {
		return err
	}
	made, err := d.Tokens.ForAccessKey(r.Context(), key, c)
	if err != nil {
		return err
	}
	web.NeverCached(w)
	return web.WriteJSON(w, http.StatusOK, struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}{made.AccessToken.Reveal(), int64(token.AccessKeyLife.Seconds())})
}

// keyForm is the request of an exchange.
type keyForm struct {
	application string
	key         secret.Secret
	proven      bool // by the key itself, in the header
	values      url.Values
}

// readKeyForm reads the request from a form or from JSON, with or without
// grant_type. Where the path names the application, the key may come in the
// header instead.
func readKeyForm(w http.ResponseWriter, r *http.Request) (keyForm, error) {
	form := keyForm{application: r.PathValue("application")}
	scheme, text := guard.SplitAuthorization(r.Header.Get("Authorization"))
	if scheme == "key" && form.application != "" {
		form.key, form.proven = secret.New(text), true
		return form, nil
	}
	values, err := readParameters(w, r)
	if err != nil {
		return keyForm{}, err
	}
	if err := guard.CheckParameters(values); err != nil {
		return keyForm{}, err
	}
	named := values.Get("username")
	switch grantType := values.Get("grant_type"); {
	case grantType != "" && grantType != "password":
		return keyForm{}, domain.Errorf(domain.Invalid, "unsupported_grant_type", "Here access keys are exchanged: with grant_type=password, or without.")
	case form.application == "":
		form.application = named
	case named != "" && named != form.application:
		return keyForm{}, badParameters("The username is not the application of the path.")
	}
	form.key, form.values = secret.New(values.Get("password")), values
	if form.application == "" || form.key.Empty() {
		return keyForm{}, badParameters("Send the id of the application as username and its access key as password.")
	}
	return form, nil
}

// bringer finds out who brings the key: a client by its credentials, or a
// component of the network by its token.
func (d *Door) bringer(r *http.Request, c domain.Caller, form keyForm) (domain.Caller, error) {
	if form.proven {
		return c, nil
	}
	if scheme, _ := guard.SplitAuthorization(r.Header.Get("Authorization")); scheme == "bearer" {
		return d.component(r)
	}
	basic, err := guard.ReadBasicProof(r)
	if err != nil {
		return c, err
	}
	client, err := d.Gate.AuthenticateForm(r.Context(), guard.ClientForm{Basic: basic, Values: form.values, From: c.Address})
	switch {
	case err != nil:
		return c, err
	case client.Kind != domain.TTNClient || client.State != domain.ClientApproved:
		return c, domain.Errorf(domain.Unauthenticated, "invalid_client", "Only an approved client of The Things Network exchanges access keys.")
	}
	c.Client = client.ID
	return c, nil
}

// component lets in whoever holds a token for a component of the network.
func (d *Door) component(r *http.Request) (domain.Caller, error) {
	c, err := d.Identify(r, web.Accepts{})
	if err == nil && !c.Scopes.CoversSome(domain.ScopeComponentsRead) {
		err = domain.Errorf(domain.Unauthenticated, "invalid_token", "Access keys are exchanged with the token of a component.")
	}
	return c, err
}

// accessKey finds the key if it is one of the application's. Whatever is
// wrong, the answer is the same.
func (d *Door) accessKey(ctx context.Context, form keyForm) (domain.AccessKey, error) {
	wrong := domain.Errorf(domain.Unauthenticated, "invalid_access_key", "There is no such application, or this is not an access key of it.")
	if issuer, rest, _ := strings.Cut(form.key.Reveal(), "."); issuer != d.KeyIssuer || rest == "" {
		return domain.AccessKey{}, wrong
	}
	key, err := d.Tokens.Reader.AccessKeyByHash(ctx, form.key.Hash())
	if domain.IsKind(err, domain.NotFound) || err == nil && key.Thing.Noun != domain.NounApplication {
		return domain.AccessKey{}, wrong
	}
	if err != nil {
		return domain.AccessKey{}, err
	}
	of, err := d.Tokens.Finder.Network.Application(ctx, domain.ThingRef(key.Thing.ID))
	if domain.IsKind(err, domain.NotFound) || err == nil && of.Name != form.application {
		return domain.AccessKey{}, wrong
	}
	return key, err
}
