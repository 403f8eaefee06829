package ttn

import (
	"cmp"
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
	return &web.Door{Name: "ttn", Accepts: web.Accepts{AccessKeys: true}, WriteError: writeExchangeError, Wrap: web.AnyOrigin, Routes: []web.Route{
		{Pattern: "POST " + Prefix + "api/v2/applications/token", Need: web.ClientAuth(), Handle: d.exchangeKey},
		// An application may be called token.
		{Pattern: "GET " + Prefix + "api/v2/applications/token", Need: web.Scoped(domain.ScopeApplicationsRead), Handle: named("token", d.showApplication)},
		{Pattern: "PATCH " + Prefix + "api/v2/applications/token", Need: web.Scoped(domain.ScopeApplicationsWrite), Handle: named("token", d.editApplication)},
		{Pattern: "DELETE " + Prefix + "api/v2/applications/token", Need: web.Scoped(domain.ScopeApplicationsWrite), Handle: named("token", d.deleteApplication)},
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
// access key of an application. Who brings the key is found out first.
func (d *Door) exchangeKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	form, c, err := d.keyForm(w, r, c)
	if err != nil {
		return err
	}
	if err := d.keyTries.Admit(d.Now(), keyTry{domain.NetworkOf(c.Address), domain.Clip(form.application)}, exchangeBound); err != nil {
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

// keyForm is what an exchange is about.
type keyForm struct {
	application string
	key         secret.Secret
}

// keyForm reads the request and finds out who sends it. Where the path names
// the application, its key may come in the header, and nothing else is asked.
func (d *Door) keyForm(w http.ResponseWriter, r *http.Request, c domain.Caller) (keyForm, domain.Caller, error) {
	named := r.PathValue("application")
	if scheme, text := guard.SplitAuthorization(r.Header.Get("Authorization")); scheme == "key" && named != "" {
		return keyForm{named, secret.New(text)}, c, nil
	}
	values, unread := readParameters(w, r)
	if unread == nil {
		unread = guard.CheckParameters(values)
	}
	c, err := d.bringer(r, c, values)
	if err != nil || unread != nil {
		return keyForm{}, c, cmp.Or(err, unread)
	}
	form, err := keyFormOf(values, named)
	return form, c, err
}

// keyFormOf reads an exchange from its parameters, with or without grant_type.
func keyFormOf(values url.Values, named string) (keyForm, error) {
	form := keyForm{cmp.Or(named, values.Get("username")), secret.New(values.Get("password"))}
	switch grantType := values.Get("grant_type"); {
	case grantType != "" && grantType != "password":
		return form, domain.Errorf(domain.Invalid, "unsupported_grant_type", "Here access keys are exchanged: with grant_type=password, or without.")
	case values.Get("username") != "" && values.Get("username") != form.application:
		return form, badParameters("The username is not the application of the path.")
	case form.application == "" || form.key.Empty():
		return form, badParameters("Send the id of the application as username and its access key as password.")
	}
	return form, nil
}

// bringer finds out who brings a key: a client by its credentials, or a
// component of the network by its token.
func (d *Door) bringer(r *http.Request, c domain.Caller, values url.Values) (domain.Caller, error) {
	if scheme, _ := guard.SplitAuthorization(r.Header.Get("Authorization")); scheme == "bearer" {
		return d.component(r)
	}
	basic, err := guard.ReadBasicProof(r)
	if err != nil {
		return c, err
	}
	client, err := d.Gate.AuthenticateForm(r.Context(), guard.ClientForm{Basic: basic, Values: values, From: c.Address})
	switch {
	case err != nil:
		return c, d.slowDown(c, basic, values, err)
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
