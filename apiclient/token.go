package apiclient

import (
	"context"
	"net/http"
	"net/url"
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
