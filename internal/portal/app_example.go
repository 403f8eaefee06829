package portal

import (
	"net/url"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// tryItOf is an authorization request of the client with its first redirect
// URI. Public ones cannot be tried by a link: their program must make a
// challenge (RFC 7636) for each request.
func (p *Portal) tryItOf(c domain.Client) string {
	if c.Public {
		return ""
	}
	return p.authorizationRequest(c, url.Values{"state": {"try-it"}})
}

// authorizationRequest is the address to which a program of the client sends
// people, with all that it may ask for; empty where it sends nobody.
func (p *Portal) authorizationRequest(c domain.Client, query url.Values) string {
	path := kindOf(c.Kind).Authorize
	if path == "" || len(c.RedirectURIs) == 0 || !c.MayUse(domain.CodeGrant) {
		return ""
	}
	query.Set("response_type", "code")
	query.Set("client_id", string(c.ID))
	query.Set("redirect_uri", c.RedirectURIs[0])
	if scope := c.Kind.PrintScopes(c.Scopes); scope != "" {
		query.Set("scope", scope)
	}
	return p.PublicURL + path + "?" + query.Encode()
}

// examplesOf are the requests that a program of the client makes, in the
// order in which it makes them.
func (p *Portal) examplesOf(c domain.Client) []example {
	query := url.Values{"state": {"STATE"}}
	if c.Public {
		query.Set("code_challenge", "CHALLENGE")
		query.Set("code_challenge_method", "S256")
	}
	if address := p.authorizationRequest(c, query); address != "" {
		lines := strings.NewReplacer("?", "\n  ?", "&", "\n  &").Replace(address)
		return append([]example{{"Send people here, in one line", lines}}, p.tokenExamplesOf(c)...)
	}
	return p.tokenExamplesOf(c)
}

func (p *Portal) tokenExamplesOf(c domain.Client) []example {
	path := kindOf(c.Kind).TokenURL
	if path == "" {
		return nil
	}
	u := appCurl{token: p.PublicURL + path, api: p.PublicURL + "/api/v1/users/me", client: c}
	var examples []example
	if c.MayUse(domain.CodeGrant) && len(c.RedirectURIs) > 0 {
		examples = append(examples, example{"Exchange the code for a token", u.exchange()})
	}
	if c.MayUse(domain.DeviceGrant) {
		examples = append(examples, p.deviceExamplesOf(u)...)
	}
	if c.MayUse(domain.RefreshGrant) {
		examples = append(examples, example{"Get the next token", u.request("grant_type=refresh_token", "refresh_token=REFRESHTOKEN")})
	}
	if c.MayUse(domain.CredentialsGrant) {
		examples = append(examples, example{"Get a token by itself", u.request("grant_type=client_credentials")})
	}
	examples = append(examples, example{"Use the token", "curl -H 'Authorization: Bearer TOKEN' \\\n  " + u.api})
	if c.Kind == domain.TTNClient && c.Scopes.Covers(domain.ScopeApplicationsRead) {
		examples = append(examples, p.ttnExamples()...)
	}
	return examples
}

// ttnExamples are what programs of The Things Network do next: they list, and
// get a token for one application, which the application manager takes.
func (p *Portal) ttnExamples() []example {
	const bearer = "curl -H 'Authorization: Bearer TOKEN' \\\n  "
	return []example{
		{"List the applications", bearer + p.PublicURL + "/ttn/api/v2/applications"},
		{"Get a token for one application only", bearer + `--json '{"scope":["apps:APPLICATION"]}' ` + p.PublicURL + "/ttn/users/restrict-token"},
	}
}

// deviceExamplesOf are the requests of a program without a browser.
func (p *Portal) deviceExamplesOf(u appCurl) []example {
	waiting := u
	waiting.token = p.PublicURL + "/oauth/device_authorization"
	return []example{
		{"Get a code for people to type", waiting.request("scope=" + u.client.Kind.PrintScopes(u.client.Scopes))},
		{"Ask every few seconds whether somebody has answered", u.request("grant_type="+string(domain.DeviceGrant), "device_code=DEVICECODE")},
	}
}

// appCurl writes the token requests of a client.
type appCurl struct {
	token, api string
	client     domain.Client
}

func (u appCurl) exchange() string {
	pairs := []string{"grant_type=authorization_code", "code=CODE", "redirect_uri=" + u.client.RedirectURIs[0]}
	if u.client.Public {
		pairs = append(pairs, "code_verifier=VERIFIER")
	}
	return u.request(pairs...)
}

// request posts pairs with what proves the client: its id and secret by
// Basic, or for a public one its id alone.
func (u appCurl) request(pairs ...string) string {
	var command strings.Builder
	command.WriteString("curl")
	if u.client.Public {
		pairs = append(pairs, "client_id="+string(u.client.ID))
	} else {
		command.WriteString(" -u " + shellQuoted(string(u.client.ID)+":CLIENTSECRET"))
	}
	for _, pair := range pairs {
		command.WriteString(" \\\n  --data-urlencode " + shellQuoted(pair))
	}
	return command.String() + " \\\n  " + u.token
}
