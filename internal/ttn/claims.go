package ttn

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Signer signs claims as a JWT.
type Signer interface {
	Sign(ctx context.Context, claims any) (secret.Secret, error)
}

// Entities looks up what a user works on: shared, and not to be changed.
type Entities interface {
	Entities(ctx context.Context, user domain.UserID, noun domain.Noun, limit int) ([]domain.Entity, error)
}

// Claims makes access tokens that the programs of the network can read by
// themselves: a signed JWT that says for whom it is, and what may be done with
// which application, gateway and component. It is the shape of The Things
// Network v2, which no reader of RFC 9068 understands: its scope is a list and
// it has no audience.
type Claims struct {
	Issuer   string // how readers know whose key to ask for
	Signer   Signer
	Entities Entities
	Finder   *guard.Finder
}

var _ token.Former = (*Claims)(nil)

// claims are in the order in which they are written. jti comes first: by it
// the row of the token is found.
type claims struct {
	ID              string              `json:"jti"`
	Issuer          string              `json:"iss"`
	Subject         string              `json:"sub"`
	Audience        string              `json:"aud,omitempty"`
	Type            string              `json:"type"`
	Client          string              `json:"client,omitempty"`
	Scope           []string            `json:"scope"`
	Interchangeable bool                `json:"interchangeable"`
	Applications    map[string][]string `json:"apps,omitempty"`
	Gateways        map[string][]string `json:"gateways,omitempty"`
	Components      map[string][]string `json:"components,omitempty"`
	*person
	*publicity
	IssuedAt int64 `json:"iat"`
	Expires  int64 `json:"exp"`
}

// person is what a token with the scope profile tells of its user.
type person struct {
	Username string     `json:"username"`
	Email    string     `json:"email"`
	Name     personName `json:"name"`
	Created  time.Time  `json:"created"`
	Valid    bool       `json:"valid"`
}

// personName is an object, and never one text.
type personName struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

// splitName takes the last word for the last name.
func splitName(name string) personName {
	words := strings.Fields(name)
	if len(words) < 2 {
		return personName{First: name}
	}
	last := len(words) - 1
	return personName{strings.Join(words[:last], " "), words[last]}
}

// publicity is what the token of a gateway tells of it.
type publicity struct {
	Location bool `json:"location_public"`
	Status   bool `json:"status_public"`
}

// backdated is by how much tokens say that they are older: readers refuse
// what was issued in the future, and their clocks are not ours.
const backdated = 30 * time.Second

// mostListed is how many applications, gateways and components a token lists
// at most. It travels in a header: beyond that it lists none, and can be
// restricted to those that matter.
const mostListed = 100

// Form makes the text of a token. Rights are those of the moment: what the
// user has, as far as the scopes of the token cover it.
func (k *Claims) Form(ctx context.Context, f token.Forming) (secret.Secret, error) {
	c := claims{
		ID: secret.NumberText(int64(f.Token.ID)), Issuer: k.Issuer, Audience: f.Token.Audience, Client: string(f.Client.ID),
		Interchangeable: f.User.ID != 0 && f.Token.Parent == nil && f.Gateway == nil && f.Component == nil,
		IssuedAt:        f.Token.IssuedAt.Add(-backdated).Unix(), Expires: f.Token.ID.ExpiresAt().Unix(),
	}
	c.Type, c.Subject = subjectOf(f)
	if f.Gateway != nil {
		c.publicity = &publicity{f.Gateway.LocationPublic, f.Gateway.StatusPublic}
	}
	if f.Token.Parent == nil && f.User.ID != 0 && f.Token.Scopes.Covers(domain.ScopeProfile) {
		email := f.User.Email
		if !f.User.EmailProven() {
			email = "" // readers take it for his
		}
		c.person = &person{f.User.Name, email, splitName(f.User.DisplayName), f.User.CreatedAt.UTC().Truncate(time.Second), !f.User.Suspended}
	}
	things, err := k.things(ctx, f)
	if err != nil {
		return secret.Secret{}, err
	}
	named, err := k.Finder.NamedScopes(ctx, f.Token.Scopes)
	if err != nil {
		return secret.Secret{}, err
	}
	c.Scope = append([]string{}, strings.Fields(domain.TTNClient.PrintScopes(named))...)
	c.list(things, f.Token.Scopes)
	return k.Signer.Sign(ctx, c)
}

// subjectOf says what kind of token it is and whom it is for. Users have
// numbers for ever; what is no user has a name that is none.
func subjectOf(f token.Forming) (kind, subject string) {
	switch {
	case f.Gateway != nil:
		return "gateway", f.Gateway.Name
	case f.Component != nil:
		return string(f.Component.Kind), f.Component.Name
	case f.User.ID != 0:
		return "user", strconv.FormatInt(int64(f.User.ID), 10)
	case f.Key.ID != 0:
		return "user", string(f.Key.Thing.Noun) + ":" + strconv.FormatInt(f.Key.Thing.ID, 10)
	}
	return "client", "client:" + string(f.Client.ID)
}
