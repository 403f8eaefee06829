// Package metadata tells programs where the endpoints of this server are and
// what they can do (RFC 8414, RFC 9728), so that they need no more than its
// address. It says what is there and nothing else.
package metadata

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Service is the documents under /.well-known.
type Service struct {
	Issuer string // the public URL without a slash at its end
}

// Routes are the two documents. Where the public URL has a path, they are also
// found under the well-known name with that path behind it (RFC 8414 §3.1,
// RFC 9728 §3.1).
func (s *Service) Routes() []web.Route {
	server, resource := s.authorizationServer(), s.protectedResource()
	var routes []web.Route
	for _, suffix := range s.suffixes() {
		routes = append(routes,
			web.Route{Pattern: "GET /.well-known/oauth-authorization-server" + suffix, Need: web.Public(), Handle: serve(server)},
			web.Route{Pattern: "GET /.well-known/oauth-protected-resource" + suffix, Need: web.Public(), Handle: serve(resource)})
	}
	return routes
}

func (s *Service) suffixes() []string {
	issuer, err := url.Parse(s.Issuer)
	if err != nil || issuer.Path == "" || strings.ContainsAny(issuer.Path, "{} ") { // braces would be wildcards
		return []string{""}
	}
	return []string{"", issuer.Path}
}

func serve(document any) web.Handler {
	return func(w http.ResponseWriter, _ *http.Request, _ domain.Caller) error {
		w.Header()["Cache-Control"] = []string{"public, max-age=300"}
		return web.WriteJSON(w, http.StatusOK, document)
	}
}

// serverJSON is the metadata of the authorization server (RFC 8414 §2).
type serverJSON struct {
	Issuer                     string   `json:"issuer"`
	AuthorizationEndpoint      string   `json:"authorization_endpoint"`
	TokenEndpoint              string   `json:"token_endpoint"`
	RevocationEndpoint         string   `json:"revocation_endpoint"`
	IntrospectionEndpoint      string   `json:"introspection_endpoint"`
	DeviceEndpoint             string   `json:"device_authorization_endpoint"` // RFC 8628 §4
	ScopesSupported            []string `json:"scopes_supported"`
	ResponseTypesSupported     []string `json:"response_types_supported"`
	ResponseModesSupported     []string `json:"response_modes_supported"`
	GrantTypesSupported        []string `json:"grant_types_supported"`
	DetailTypes                []string `json:"authorization_details_types_supported"` // RFC 9396 §10
	CodeChallengeMethods       []string `json:"code_challenge_methods_supported"`
	TokenEndpointAuth          []string `json:"token_endpoint_auth_methods_supported"`
	RevocationEndpointAuth     []string `json:"revocation_endpoint_auth_methods_supported"`
	IntrospectionEndpointAuth  []string `json:"introspection_endpoint_auth_methods_supported"`
	AuthorizationResponseIss   bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207 §3
	ProtectedResourcesOfServer []string `json:"protected_resources"`                            // RFC 9728 §4
}

var confidential = []string{"client_secret_basic", "client_secret_post"}

// authorizationServer leaves out the response type token: it is for single
// clients of old contracts, and nobody shall come upon it here.
func (s *Service) authorizationServer() serverJSON {
	anyClient := append([]string{"none"}, confidential...)
	return serverJSON{
		Issuer:                s.Issuer,
		AuthorizationEndpoint: s.Issuer + "/oauth/authorize", TokenEndpoint: s.Issuer + "/oauth/token",
		RevocationEndpoint: s.Issuer + "/oauth/revoke", IntrospectionEndpoint: s.Issuer + "/oauth/introspect", DeviceEndpoint: s.Issuer + "/oauth/device_authorization",
		ScopesSupported:        scopes(func(domain.Scope) bool { return true }),
		ResponseTypesSupported: []string{"code"}, ResponseModesSupported: []string{"query"},
		GrantTypesSupported:  []string{string(domain.CodeGrant), string(domain.RefreshGrant), string(domain.CredentialsGrant), string(domain.DeviceGrant), string(domain.ExchangeGrant)},
		DetailTypes:          domain.AuthorizationDetailTypes(),
		CodeChallengeMethods: []string{"S256"},
		TokenEndpointAuth:    anyClient, RevocationEndpointAuth: anyClient, IntrospectionEndpointAuth: confidential,
		AuthorizationResponseIss:   true,
		ProtectedResourcesOfServer: []string{s.Issuer},
	}
}

// resourceJSON is the metadata of the resource server (RFC 9728 §2).
type resourceJSON struct {
	Resource             string   `json:"resource"`
	AuthorizationServers []string `json:"authorization_servers"`
	ScopesSupported      []string `json:"scopes_supported"`
	BearerMethods        []string `json:"bearer_methods_supported"`
	Name                 string   `json:"resource_name"`
}

// protectedResource is the API. That WoTKit's programs may put tokens in the
// query is nothing for others to learn.
func (s *Service) protectedResource() resourceJSON {
	return resourceJSON{
		Resource: s.Issuer, AuthorizationServers: []string{s.Issuer},
		ScopesSupported: scopes(func(scope domain.Scope) bool { return scope != domain.ScopeOpenID && scope != domain.ScopeOffline }),
		BearerMethods:   []string{"header"}, Name: "Thingward",
	}
}

// scopes lists those that third parties may ask for and that the filter takes.
func scopes(wanted func(domain.Scope) bool) []string {
	var names []string
	for _, name := range domain.StandardClient.ScopeNames() {
		if wanted(name.Scopes[0]) {
			names = append(names, name.Name)
		}
	}
	return names
}
