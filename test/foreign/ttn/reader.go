package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	jwt "github.com/dgrijalva/jwt-go"
)

// claims are read as strictly as in 2017: the audience is one string, times
// are whole seconds, the scope is a list and the name an object.
type claims struct {
	jwt.StandardClaims
	Client          string              `json:"client"`
	Scope           []string            `json:"scope"`
	Type            string              `json:"type"`
	Interchangeable bool                `json:"interchangeable"`
	Apps            map[string][]string `json:"apps"`
	Gateways        map[string][]string `json:"gateways"`
	Username        string              `json:"username"`
	Name            struct {
		First string `json:"first"`
		Last  string `json:"last"`
	} `json:"name"`
}

// scoped reports whether the token was given for this.
func (c claims) scoped(scope string) bool { return has(c.Scope, scope) }

// may reports whether a handler lets the token do this to an application.
func (c claims) may(right, application string) bool {
	return c.scoped("apps:"+application) && has(c.Apps[application], right)
}

func has(list []string, wanted string) bool {
	for _, one := range list {
		if one == wanted {
			return true
		}
	}
	return false
}

// reader verifies tokens with what it finds at an address.
type reader struct {
	key string
}

func (r reader) read(token string) (claims, error) {
	var got claims
	if _, err := jwt.ParseWithClaims(token, &got, r.verifier); err != nil {
		return got, err
	}
	if got.Issuer != "ttn-account-v2" || got.ExpiresAt == 0 || got.Subject == "" {
		return got, fmt.Errorf("got the claims %+v", got)
	}
	return got, nil
}

// verifier fetches the key, whose algorithm must be that of the token.
func (r reader) verifier(token *jwt.Token) (interface{}, error) {
	answer, err := http.Get(r.key)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var published struct {
		Algorithm string `json:"algorithm"`
		Key       string `json:"key"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&published); err != nil || answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the key: %s %v", answer.Status, err)
	}
	if published.Algorithm != token.Header["alg"] {
		return nil, fmt.Errorf("a token signed with %v, and a key for %s", token.Header["alg"], published.Algorithm)
	}
	switch published.Algorithm {
	case "RS256":
		return jwt.ParseRSAPublicKeyFromPEM([]byte(published.Key))
	case "ES256":
		return jwt.ParseECPublicKeyFromPEM([]byte(published.Key))
	}
	return nil, fmt.Errorf("nobody knew %s then", published.Algorithm)
}
