package wotkit

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// Tokens exchanges what clients prove for tokens.
type Tokens interface {
	Exchange(ctx context.Context, r token.Request) (token.Answer, error)
}

// TokenDoor is the token endpoint of the contract. It is a door of its own
// beside the API because it answers errors as RFC 6749 does, wrong methods
// included, and not with the error object of WoTKit.
func (d *Door) TokenDoor() *web.Door {
	door, a := &web.Door{Name: "wotkit", WriteError: writeTokenError, Wrap: web.AnyOrigin}, d.exchanging()
	for _, mount := range []string{Prefix, Prefix + "v1/"} {
		door.Routes = append(door.Routes, web.Route{Pattern: mounted(a.pattern, mount), Need: a.need, Handle: a.handle})
	}
	return door
}

func (d *Door) exchanging() act {
	return act{"POST oauth/token", web.ClientAuth(), d.exchange, "Exchange an authorization code or a refresh token for an access token"}
}

// tokenAnswer has its parameters in the order of the contract, whose type of
// token is in lower case.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	RefreshToken string `json:"refresh_token,omitempty"`
	ExpiresIn    int64  `json:"expires_in"`
	Scope        string `json:"scope"`
}

// exchange is POST /oauth/token. Programs send client_id and client_secret in
// the body; Basic is as good.
func (d *Door) exchange(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	form, err := guard.ReadClientForm(w, r)
	if err != nil {
		return err
	}
	answer, err := d.Tokens.Exchange(r.Context(), token.Request{Kind: domain.WotkitClient, Form: form.Values, Basic: form.Basic, Caller: c})
	if err != nil {
		return err
	}
	body, err := json.Marshal(tokenAnswer{answer.AccessToken.Reveal(), "bearer", answer.RefreshToken.Reveal(), answer.Seconds(), answer.Scope})
	if err != nil {
		return err
	}
	web.NeverCached(w)
	return web.WriteBytes(w, http.StatusOK, jsonType, body)
}

// writeTokenError answers an error as RFC 6749 §5.2 does, under the content
// type of the door.
func writeTokenError(w http.ResponseWriter, _ *http.Request, err error) {
	fault := web.OAuthFaultOf(err)
	web.SetOAuthErrorHeaders(w, err, fault)
	body, _ := json.Marshal(fault)
	_ = web.WriteBytes(w, fault.Status, jsonType, body)
}
