package ttn

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// Bounds of a restricted token.
const (
	// restrictedLife is how long it lives at most. Programs keep one for an
	// hour whatever it says, so it must not be less without need.
	restrictedLife = time.Hour
	// mostEntities is how many applications, gateways and components together
	// it can be for: the token travels in a header.
	mostEntities = 10
)

// restrictActs are the exchange of a token for a restricted one, and the key
// with which tokens are verified.
func (d *Door) restrictActs() []act {
	return []act{
		{"POST users/restrict-token", web.Authenticated(), "", d.restrict},
		{"GET key", web.Unasked(), "", d.showKey},
	}
}

// restrict is POST /users/restrict-token. A program whose request is refused
// goes on with the token that may do everything, and says nothing about it;
// so refusals are logged.
func (d *Door) restrict(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	made, err := d.restricted(w, r, c)
	if err != nil {
		d.logger().Warn("a token was not restricted: its program may go on with the whole one", "request", web.RequestID(r), "user", c.User.Name, "client", string(c.Client), "reason", domain.CodeOf(err))
		return err
	}
	web.NeverCached(w)
	return web.WriteJSON(w, http.StatusOK, struct {
		AccessToken string `json:"access_token"`
	}{made.AccessToken.Reveal()})
}

func (d *Door) restricted(w http.ResponseWriter, r *http.Request, c domain.Caller) (token.Answer, error) {
	scopes, err := readRestriction(w, r)
	if err != nil {
		return token.Answer{}, err
	}
	scheme, parent := guard.SplitAuthorization(r.Header.Get("Authorization"))
	switch {
	case scheme != "bearer":
		return token.Answer{}, domain.Errorf(domain.Unauthenticated, "credential_missing", "Send the token that is to be restricted, as Authorization: Bearer.")
	case !c.Unnarrowed || !strings.HasPrefix(parent, signedToken):
		return token.Answer{}, domain.Errorf(domain.Forbidden, "not_interchangeable", "This token is not interchangeable: only one from /users/token can be restricted, and that once.")
	}
	return d.Tokens.Restrict(r.Context(), c, parent, token.Restriction{Scopes: scopes, Life: restrictedLife})
}

// signedToken is how every token of this door begins. Programs read when a
// restricted one expires, so none is made of a token in which that is not
// written.
const signedToken = "eyJ"

// readRestriction reads {"scope":["apps:ID", …]}.
func readRestriction(w http.ResponseWriter, r *http.Request) (domain.ScopeSet, error) {
	var in struct {
		Scope json.RawMessage `json:"scope"`
	}
	if err := readBody(w, r, &in); err != nil {
		return nil, err
	}
	var words []string
	if err := json.Unmarshal(in.Scope, &words); err != nil || len(words) == 0 {
		return nil, domain.Errorf(domain.Invalid, "invalid_scope", `Say for what the token shall be: {"scope":["apps:my-app","gateways:my-gateway"]}.`)
	}
	return scopesOf(words)
}

// scopesOf reads scopes in the words of the contract, and refuses more things
// than one token may be for. Doubles count once.
func scopesOf(words []string) (domain.ScopeSet, error) {
	var names []domain.ScopeName
	entities := map[string]bool{}
	for _, word := range words {
		parsed, err := domain.TTNClient.ParseScopeNames(word)
		if _, id, _ := strings.Cut(word, ":"); err != nil || len(parsed) != 1 || strings.Trim(id, idLetters) != "" {
			return nil, domain.Errorf(domain.Invalid, "invalid_scope", "There is no scope %q. Possible: profile, apps, gateways, components and clients, and apps:ID, gateways:ID and components:ID.", domain.Clip(word))
		}
		names = append(names, parsed...)
		if strings.Contains(word, ":") {
			entities[word] = true
		}
	}
	if len(entities) > mostEntities {
		return nil, domain.Errorf(domain.Invalid, "too_many_entities", "A restricted token is for at most %d applications, gateways and components together. Ask for one for each of them.", mostEntities)
	}
	return domain.UnionOf(names), nil
}

// idLetters are those of ids. Whether one is too long is not looked at here:
// there is no thing of that name.
const idLetters = "abcdefghijklmnopqrstuvwxyz0123456789_-"

// showKey is GET /key: the one key with which tokens of this door are
// verified.
func (d *Door) showKey(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	algorithm, key, err := d.Keys.PublicKey(r.Context())
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, struct {
		Algorithm string `json:"algorithm"`
		Key       string `json:"key"`
	}{algorithm, key})
}

// logger is where refusals go; nowhere until the door is given one.
func (d *Door) logger() *slog.Logger {
	if d.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Log
}
