package ttn

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// oauthDoor is the token endpoint. It answers errors as RFC 6749 does, on one
// line: the pattern with which Go programs look for them ends there.
func (d *Door) oauthDoor() *web.Door {
	return &web.Door{Name: "ttn", WriteError: web.WriteOAuthError, Wrap: web.AnyOrigin, Routes: []web.Route{
		{Pattern: "POST " + Prefix + "users/token", Need: web.ClientAuth(), Handle: d.exchange},
	}}
}

// tokenAnswer has its parameters in the order of the contract, whose type of
// token is in lower case. The scope is there where it must be said.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	RefreshToken string `json:"refresh_token,omitempty"`
	ExpiresIn    int64  `json:"expires_in"`
	Scope        string `json:"scope,omitempty"`
}

// exchange is POST /users/token: a form as OAuth libraries send it, or JSON
// as the documentation has it, and credentials in the header or in the body.
func (d *Door) exchange(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	basic, err := guard.ReadBasicProof(r)
	if err != nil {
		return err
	}
	form, err := readParameters(w, r)
	if err != nil {
		return err
	}
	got, err := d.Tokens.Exchange(r.Context(), token.Request{Kind: domain.TTNClient, Form: form, Basic: basic, Caller: c})
	if err != nil {
		return d.slowDown(c, basic, form, err)
	}
	out := tokenAnswer{AccessToken: got.AccessToken.Reveal(), TokenType: "bearer", RefreshToken: got.RefreshToken.Reveal(), ExpiresIn: got.Seconds()}
	if got.Narrowed {
		out.Scope = got.Scope
	}
	web.NeverCached(w)
	return web.WriteJSON(w, http.StatusOK, out)
}

// missBound is how often one network may be wrong about one client. Programs
// try twice, by Basic and in the body, so it has room for the honest.
var missBound = guard.Bound{Burst: 30, Every: time.Second, Code: "too_many_attempts", Message: "Too many wrong credentials. Wait a second."}

// miss is who was wrong about which client.
type miss struct {
	from   netip.Prefix
	client string
}

// slowDown answers wrong client credentials, and too many of them with 429.
func (d *Door) slowDown(c domain.Caller, basic *guard.BasicProof, form url.Values, err error) error {
	if domain.CodeOf(err) != "invalid_client" {
		return err
	}
	name := form.Get("client_id")
	if basic != nil {
		name = basic.Name
	}
	if slow := d.misses.Admit(d.Now(), miss{domain.NetworkOf(c.Address), domain.Clip(name)}, missBound); slow != nil {
		return slow
	}
	return err
}

// readParameters reads the parameters of a token request. Nothing is taken
// from the query.
func readParameters(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	switch media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case media == "application/x-www-form-urlencoded":
		return web.ReadFormBody(w, r)
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		body, err := web.ReadBody(w, r, web.SmallBody)
		if err != nil {
			return nil, err
		}
		return parametersOf(body)
	}
	return nil, badParameters("Send the parameters as application/x-www-form-urlencoded or application/json.")
}

// parametersOf reads the parameters from a JSON object of texts. A scope may
// be a list of them, as some programs send it; what is null is not there.
func parametersOf(body []byte) (url.Values, error) {
	if err := web.CheckJSON(body); err != nil {
		return nil, err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, badParameters("The body is no JSON object.")
	}
	form := url.Values{}
	for name, raw := range object {
		var text *string
		var list []string
		switch {
		case json.Unmarshal(raw, &text) == nil && text != nil:
			form.Set(name, *text)
		case string(raw) == "null":
		case name == "scope" && json.Unmarshal(raw, &list) == nil:
			form.Set(name, strings.Join(list, " "))
		default:
			return nil, badParameters("The parameter " + domain.Clip(name) + " is no text.")
		}
	}
	return form, nil
}

func badParameters(message string) error {
	return domain.Errorf(domain.Invalid, "invalid_request", "%s", message)
}
