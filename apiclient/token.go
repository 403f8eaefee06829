package apiclient

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// TokenSource gives the access token for a request (RFC 6750). It is asked
// before each one, so it may renew what is about to expire; an error of its
// own comes back from the call as it is. Sources are used by several
// goroutines at once.
type TokenSource interface {
	AccessToken(ctx context.Context) (Password, error)
}

// StaticToken is a source of one access token that is never renewed.
func StaticToken(token Password) TokenSource { return staticToken{token} }

type staticToken struct{ token Password }

func (s staticToken) AccessToken(context.Context) (Password, error) { return s.token, nil }

// AuthorizationServer is what a server tells of its OAuth endpoints (RFC 8414).
type AuthorizationServer struct {
	Issuer                string `json:"issuer"`
	AuthorizationEndpoint string `json:"authorization_endpoint"`
	TokenEndpoint         string `json:"token_endpoint"`
	RevocationEndpoint    string `json:"revocation_endpoint"`
}

// AuthorizationServer returns the metadata of the server. It needs no
// credential.
func (c *Client) AuthorizationServer(ctx context.Context) (AuthorizationServer, error) {
	var metadata AuthorizationServer
	return metadata, c.do(ctx, call{method: http.MethodGet, beside: "/.well-known/oauth-authorization-server"}, &metadata)
}

// RevokeToken takes an access token back, or a refresh token with all that
// came of it, for the public client that it was issued to (RFC 7009). A token
// that does not hold any more is no error; one of another client is
// (unauthorized_client).
func (c *Client) RevokeToken(ctx context.Context, clientID string, token Password) error {
	form := url.Values{"token": {token.Reveal()}, "client_id": {clientID}}
	return c.do(ctx, call{method: http.MethodPost, beside: "/oauth/revoke", form: form}, nil)
}

// Restriction is how an access token shall be narrowed. What is left out stays
// as it is.
type Restriction struct {
	Scopes    string        // spaces between, things by name
	Resources []string      // addresses of things in the API, or one resource (RFC 8707)
	Life      time.Duration // in whole seconds; zero: as long as the token itself
}

// RestrictedToken is an access token that was made of another one.
type RestrictedToken struct {
	AccessToken Password `json:"access_token"`
	ExpiresIn   int64    `json:"expires_in"` // seconds
	Scope       string   `json:"scope"`
}

// RestrictToken makes of an access token one that may do less, for the public
// client that it was issued to (RFC 8693). It ends when the token does, or
// that is revoked.
func (c *Client) RestrictToken(ctx context.Context, clientID string, token Password, r Restriction) (RestrictedToken, error) {
	const accessToken = "urn:ietf:params:oauth:token-type:access_token"
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "client_id": {clientID},
		"subject_token": {token.Reveal()}, "subject_token_type": {accessToken}, "resource": r.Resources}
	setUnlessEmpty(form, "scope", r.Scopes)
	if seconds := int64(r.Life / time.Second); seconds > 0 {
		form.Set("expires_in", strconv.FormatInt(seconds, 10))
	}
	var restricted RestrictedToken
	return restricted, c.do(ctx, call{method: http.MethodPost, beside: "/oauth/token", form: form}, &restricted)
}
