package lametric

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// Tokens exchanges what clients prove for tokens.
type Tokens interface {
	Exchange(ctx context.Context, r token.Request) (token.Answer, error)
}

// Observer is told of liberties that only old programs take.
type Observer interface {
	LegacyUse(what string)
}

// TokenDoor is the token endpoint of the contract. It is a door of its own
// beside the API because its errors have two kinds of readers.
type TokenDoor struct {
	Tokens  Tokens
	Clients guard.Clients
	Observe Observer
}

// tokenPath answers with and without a slash at its end, and never redirects.
const tokenPath = "/lametric/api/v2/oauth2/token"

// Web returns the route of the endpoint.
func (d *TokenDoor) Web() *web.Door {
	return &web.Door{Name: "lametric", WriteError: writeTokenError, Wrap: web.AnyOrigin, Routes: []web.Route{
		{Pattern: "POST " + tokenPath, Need: web.ClientAuth(), Handle: d.exchange},
	}}
}

// tokenAnswer has its parameters in the order of the contract. Programs stop
// where expires_in is missing or no number.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int64  `json:"expires_in"`
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope"`
	RefreshToken string `json:"refresh_token,omitempty"`
}

const jsonCharset = "application/json;charset=UTF-8"

func (d *TokenDoor) exchange(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	basic, err := guard.ReadBasicProof(r)
	if err != nil {
		return err
	}
	form, err := d.parameters(w, r)
	if err != nil {
		return err
	}
	answer, err := d.Tokens.Exchange(r.Context(), token.Request{Kind: domain.LametricClient, Form: form, Basic: basic, Caller: c})
	if err != nil {
		return err
	}
	body, err := json.Marshal(tokenAnswer{answer.AccessToken.Reveal(), answer.Seconds(), "Bearer", answer.Scope, answer.RefreshToken.Reveal()})
	if err != nil {
		return err
	}
	web.NeverCached(w)
	return web.WriteBytes(w, http.StatusOK, jsonCharset, body)
}

// parameters reads the token request: from a form with parts, as the contract
// has it, from one without, as libraries send it, or from the query where the
// client is known for that.
func (d *TokenDoor) parameters(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	query, err := web.ParseForm(r.URL.RawQuery)
	if err != nil || hasCredentials(query) {
		return d.fromQuery(w, r, query)
	}
	switch media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media {
	case "multipart/form-data":
		return web.ReadMultipartBody(w, r)
	case "application/x-www-form-urlencoded":
		return web.ReadFormBody(w, r)
	}
	return nil, domain.Errorf(domain.Invalid, "invalid_request", "Send the parameters as multipart/form-data or application/x-www-form-urlencoded.")
}

// hasCredentials reports whether the query says what belongs into the body. An
// address is kept in logs and histories, so secrets have no place in it
// (RFC 6749 §2.3.1).
func hasCredentials(query url.Values) bool {
	for _, name := range []string{"client_id", "client_secret", "code", "code_verifier", "refresh_token"} {
		if query.Has(name) {
			return true
		}
	}
	return false
}

// fromQuery takes the query for the body of a client that may do so, if its
// body is empty.
func (d *TokenDoor) fromQuery(w http.ResponseWriter, r *http.Request, query url.Values) (url.Values, error) {
	refused := domain.Errorf(domain.Invalid, "invalid_request", "Send the credentials and parameters in the body, as multipart/form-data or application/x-www-form-urlencoded, and not in the query.")
	body, err := web.ReadBody(w, r, web.SmallBody)
	if err != nil {
		return nil, err
	}
	if len(body) > 0 || len(query["client_id"]) != 1 {
		return nil, refused
	}
	check, err := d.Clients.ClientCheck(r.Context(), domain.ClientID(query.Get("client_id")))
	if domain.IsKind(err, domain.NotFound) || err == nil && !check.Client.Has(domain.SwitchQueryCredentials) {
		return nil, refused
	}
	if err != nil {
		return nil, err
	}
	d.Observe.LegacyUse(string(domain.SwitchQueryCredentials))
	return query, nil
}

// tokenFault is an error for both kinds of readers: those of RFC 6749 and
// those of the contract's other errors.
type tokenFault struct {
	web.OAuthFault
	Errors []faultMessage `json:"errors"`
}

type faultMessage struct {
	Message string `json:"message"`
}

func writeTokenError(w http.ResponseWriter, _ *http.Request, err error) {
	fault := web.OAuthFaultOf(err)
	web.SetOAuthErrorHeaders(w, err, fault)
	if fault.Status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	body, _ := json.Marshal(tokenFault{fault, []faultMessage{{fault.Description}}})
	_ = web.WriteBytes(w, fault.Status, jsonCharset, body)
}
