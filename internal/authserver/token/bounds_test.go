package token_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// bounded is a client and what one person allows it, as they change while
// tokens are issued. Whatever happens, no token may do more than its grant,
// its client, and what it was asked for.
type bounded struct {
	world
	app     app
	grant   domain.Grant
	code    domain.ScopeSet // what the code was given, which its chain never exceeds
	held    []held
	refresh secret.Secret
	spent   []secret.Secret
}

// held is a token with the scopes that its request asked for.
type held struct {
	text  secret.Secret
	asked domain.ScopeSet
	own   bool // of client_credentials
}

func TestNoTokenExceedsItsGrantItsClientAndWhatWasAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"one", "two", "three"} {
		w.sensor(t, w.alice, name, domain.Public)
	}
	number := 0
	rapid.Check(t, func(r *rapid.T) {
		number++
		b := &bounded{world: w}
		b.app = w.register(t, domain.ClientID(fmt.Sprintf("app-%d", number)), func(c *domain.Client) {
			if k := rapid.SampledFrom(domain.ClientKinds()).Draw(r, "kind"); k != domain.StandardClient {
				kind(k)(c)
			}
			c.Scopes = append(anyScopes().Draw(r, "client may"), domain.ScopeOffline)
		})
		b.begin(t, r)
		for range rapid.IntRange(1, 12).Draw(r, "acts") {
			b.act(t, r)
			b.check(t, r)
		}
	})
}

// anyScopes draws sets over three sensors, so that they often meet.
func anyScopes() *rapid.Generator[domain.ScopeSet] {
	one := rapid.Custom(func(r *rapid.T) domain.Scope {
		scope := rapid.SampledFrom([]domain.Scope{
			{Noun: "sensors", Verb: "read"}, {Noun: "sensors", Verb: "write"}, {Noun: "sensors", Verb: "*"},
			{Noun: "readings", Verb: "read"}, {Noun: "readings", Verb: "write"}, {Noun: "readings", Verb: "*"},
			{Noun: "actuators", Verb: "*"}, {Noun: "alerts", Verb: "*"}, {Noun: "profile"}, {Noun: "email"}, {Noun: "devices", Verb: "read"},
			{Noun: "applications", Verb: "*"},
		}).Draw(r, "scope")
		if scope.ThingNoun() == domain.NounSensor && rapid.Bool().Draw(r, "narrowed") {
			return scope.On(rapid.Int64Range(1, 3).Draw(r, "thing"))
		}
		return scope
	})
	return rapid.Custom(func(r *rapid.T) domain.ScopeSet {
		return rapid.SliceOfNDistinct(one, 1, 5, rapid.ID[domain.Scope]).Draw(r, "scopes")
	})
}

func (b *bounded) begin(t *testing.T, r *rapid.T) {
	b.grant = domain.Grant{User: b.alice.ID, Client: b.app.ID, CreatedAt: b.clock.Now(), Scopes: append(anyScopes().Draw(r, "grant"), domain.ScopeOffline)}
	if rapid.Bool().Draw(r, "ends") {
		b.grant.ExpiresAt = b.clock.Now().Add(time.Duration(rapid.IntRange(1, 200).Draw(r, "minutes")) * time.Minute)
	}
	var code string
	b.code = append(anyScopes().Draw(r, "code"), domain.ScopeOffline)
	b.grant, code = b.codeOn(t, b.app, b.grant, func(c *domain.AuthorizationCode) { c.Scopes = b.code })
	answer := b.world.redeem(t, b.app, code)
	b.held = append(b.held, held{answer.AccessToken, nil, false})
	b.refresh = answer.RefreshToken
}

func (b *bounded) act(t *testing.T, r *rapid.T) {
	switch rapid.SampledFrom([]string{"refresh", "refresh", "again", "credentials", "narrow", "register", "time"}).Draw(r, "act") {
	case "refresh":
		if answer, ok := b.ask(r, b.refresh); ok {
			b.spent = append(b.spent, b.refresh)
			b.refresh = answer.RefreshToken
		}
	case "again":
		if len(b.spent) > 0 {
			b.ask(r, b.spent[rapid.IntRange(0, len(b.spent)-1).Draw(r, "which")])
		}
	case "credentials":
		text, asked := b.wanted(r)
		answer, err := b.world.ask(b.app, "grant_type", "client_credentials", "scope", text)
		if err == nil {
			b.held = append(b.held, held{answer.AccessToken, asked, true})
		}
	case "narrow":
		b.grant.Scopes = append(anyScopes().Draw(r, "grant"), domain.ScopeOffline)
		_, _ = b.store.Allow(context.Background(), domain.Allowed{Grant: b.grant, Change: true}, domain.AuditEvent{At: b.clock.Now(), Act: "grant.allow"})
	case "register":
		may := append(anyScopes().Draw(r, "client may"), domain.ScopeOffline)
		b.change(t, &b.app, func(c *domain.Client) { c.Scopes = may })
	case "time":
		b.clock.Advance(time.Duration(rapid.IntRange(1, 40).Draw(r, "seconds")) * time.Second)
	}
}

// wanted draws a scope parameter, or none, and what it stands for.
func (b *bounded) wanted(r *rapid.T) (string, domain.ScopeSet) {
	if rapid.Bool().Draw(r, "no scope") {
		return "", nil
	}
	if b.app.Kind == domain.StandardClient {
		asked := anyScopes().Draw(r, "asked")
		return asked.String(), asked
	}
	names := rapid.SliceOfN(rapid.SampledFrom(b.app.Kind.ScopeNames()), 1, 3).Draw(r, "asked")
	var words []string
	for _, name := range names {
		words = append(words, name.Name)
	}
	return strings.Join(words, " "), domain.UnionOf(names)
}

func (b *bounded) ask(r *rapid.T, presented secret.Secret) (token.Answer, bool) {
	text, asked := b.wanted(r)
	answer, err := b.world.refresh(b.app, presented, "scope", text)
	if err != nil {
		return token.Answer{}, false
	}
	b.held = append(b.held, held{answer.AccessToken, asked, false})
	b.checkAnswer(r, answer)
	return answer, true
}

// checkAnswer holds that the answer tells the truth about its token.
func (b *bounded) checkAnswer(r *rapid.T, answer token.Answer) {
	live, ok := b.live(r, answer.AccessToken)
	if !ok {
		return
	}
	named, err := b.Finder.NamedScopes(context.Background(), live.Scopes)
	if err != nil {
		r.Fatal(err)
	}
	if want := b.app.Kind.PrintScopes(named); answer.Scope != want {
		r.Errorf("the answer names %q, and the token may %q", answer.Scope, want)
	}
	if left := live.Token.ID.ExpiresAt().Sub(b.clock.Now()); answer.ExpiresIn != left {
		r.Errorf("the answer says %s, and the token lives for %s", answer.ExpiresIn, left)
	}
}

func (b *bounded) check(t *testing.T, r *rapid.T) {
	for _, h := range b.held {
		live, ok := b.live(t, h.text)
		if !ok {
			continue
		}
		if !live.Scopes.Within(b.app.Scopes) {
			r.Errorf("a token may %q, and its client %q", live.Scopes, b.app.Scopes)
		}
		if h.asked != nil && !live.Scopes.Within(h.asked) {
			r.Errorf("a token may %q, and %q was asked for", live.Scopes, h.asked)
		}
		if h.own {
			continue
		}
		if !live.Scopes.Within(b.code) {
			r.Errorf("a token may %q, and its code %q", live.Scopes, b.code)
		}
		if !live.Scopes.Within(b.grant.Scopes) {
			r.Errorf("a token may %q, and its grant %q", live.Scopes, b.grant.Scopes)
		}
		if end := b.grant.ExpiresAt; !end.IsZero() && live.Token.ID.ExpiresAt().After(end) {
			r.Errorf("a token lives until %s, and its grant until %s", live.Token.ID.ExpiresAt(), end)
		}
	}
}
