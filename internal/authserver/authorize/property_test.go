package authorize

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// TestNothingExceedsWhatWasAskedTickedAndChosen draws requests and answers,
// one connection continued over and over, and holds the bounds of each.
func TestNothingExceedsWhatWasAskedTickedAndChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var sensors []string
	refs := map[string]string{}
	for i := range 3 {
		name := fmt.Sprintf("s%d", i)
		refs["alice."+name] = domain.ThingRef(int64(w.sensor(w.alice, name)))
		sensors = append(sensors, "alice."+name)
	}
	bound, _ := domain.ParseScopes("profile sensors.* readings.read readings.write alerts.*")
	words := []string{"profile", "sensors.read", "sensors.write", "sensors.*", "readings.read", "readings.write", "alerts.read",
		"sensors.read:alice.s0", "sensors.*:alice.s1", "readings.read:alice.s2", "email", "admin"}
	number := 0
	rapid.Check(t, func(rt *rapid.T) {
		number++
		id := domain.ClientID(fmt.Sprintf("app-%d", number))
		w.client(id, domain.StandardClient, func(c *domain.Client) { c.Scopes = bound })
		var connection domain.GrantID
		for range rapid.IntRange(1, 4).Draw(rt, "times") {
			asked := rapid.SliceOfNDistinct(rapid.SampledFrom(words), 1, 5, rapid.ID[string]).Draw(rt, "asked")
			r, err := w.Begin(context.Background(), domain.StandardClient, query("client_id="+string(id), "response_type=code", "scope="+strings.Join(asked, " ")))
			if slices.Contains(asked, "email") || slices.Contains(asked, "admin") {
				if domain.CodeOf(err) != "invalid_scope" {
					rt.Fatalf("asked for %v: got %v, want invalid_scope", asked, err)
				}
				continue
			}
			if err != nil {
				rt.Fatal(err)
			}
			d := Decision{Names: rapid.SliceOf(rapid.SampledFrom(words)).Draw(rt, "ticked"), Renew: connection}
			if rapid.Bool().Draw(rt, "narrow") {
				chosen := rapid.SliceOfDistinct(rapid.SampledFrom(sensors), rapid.ID[string]).Draw(rt, "chosen")
				d.Things = only(domain.NounSensor, chosen...)
			}
			connection = decide(rt, w, r, d, refs, connection)
		}
	})
}

// decide answers one request and checks what came of it.
func decide(rt *rapid.T, w *world, r Request, d Decision, refs map[string]string, connection domain.GrantID) domain.GrantID {
	var before domain.Grant
	if present := w.grants(r.Client.ID); connection != 0 {
		before = present[0]
	}
	q, err := w.Ask(context.Background(), caller(w.alice), r)
	if err != nil {
		rt.Fatal(err)
	}
	to, err := w.Allow(context.Background(), caller(w.alice), r, d)
	if domain.IsKind(err, domain.Invalid) {
		return connection // nothing was left: told on the page
	}
	if err != nil || !strings.HasPrefix(to.To, callback+"&") {
		rt.Fatalf("got %v and %q", err, to.To)
	}
	values, _ := answerOf(w.t, to.To)
	if values.Get("error") != "" {
		return connection // nothing was ticked
	}
	code, err := w.store.AuthorizationCode(context.Background(), secret.New(values.Get("code")).Hash())
	if err != nil {
		rt.Fatal(err)
	}
	g := w.grants(r.Client.ID)[0]
	ticked := tickedOf(q, d.Names)
	if !code.Scopes.Within(q.Asked()) || !code.Scopes.Within(r.Client.Scopes) || !code.Scopes.Within(ticked) || !code.Scopes.Within(g.Scopes) {
		rt.Fatalf("the code allows %s: asked %s, ticked %s, the grant %s", code.Scopes, q.Asked(), ticked, g.Scopes)
	}
	if len(code.Scopes) == 0 {
		rt.Fatalf("the code allows nothing, and nobody was told")
	}
	for _, scope := range code.Scopes {
		if d.Things == nil || scope.ThingNoun() != domain.NounSensor {
			continue
		}
		if !slices.ContainsFunc(d.Things[domain.NounSensor], func(name string) bool { return refs[name] == scope.Thing }) {
			rt.Fatalf("the code allows %s, chosen were %v", scope, d.Things[domain.NounSensor])
		}
	}
	// Nothing of the grant is from anywhere else than this yes and the one before.
	if !g.Scopes.SpelledOut().Within(domain.Union(before.Scopes.SpelledOut(), code.Scopes.SpelledOut())) {
		rt.Fatalf("the grant allows %s: before %s, now %s", g.Scopes, before.Scopes, code.Scopes)
	}
	for _, scope := range g.Scopes.SpelledOut() {
		now := slices.ContainsFunc(q.Asked().SpelledOut(), func(a domain.Scope) bool { return a.Noun == scope.Noun && a.Verb == scope.Verb })
		if now && !(domain.ScopeSet{scope}).Within(code.Scopes) {
			rt.Fatalf("the grant still allows %s, which was asked for and not allowed now: %s", scope, code.Scopes)
		}
	}
	return g.ID
}

// FuzzFragment holds that whatever a client sends as its state comes back to
// it unchanged, in the query as in the fragment, and as nothing else.
func FuzzFragment(f *testing.F) {
	s := &Service{Issuer: issuer}
	for _, state := range []string{"x", "a b+c&d=e#f", "%41;", "ä€\x00\xff", "&error=x", "\r\nLocation: https://evil.example"} {
		f.Add(state, "basic devices_read")
	}
	f.Fuzz(func(t *testing.T, state, scope string) {
		for _, responseType := range []string{responseCode, responseToken} {
			for _, uri := range []string{"https://app.example/", "https://app.example/?a=b", "com.example.app:/back", "https://app.example/?"} {
				r := Request{RedirectURI: uri, ResponseType: responseType, State: state, HasState: state != ""}
				to := s.answer(r, pair{"access_token", "t"}, pair{"scope", scope}).To
				if !strings.HasPrefix(to, uri) || strings.ContainsAny(to[len(uri):], " \r\n\"<>\x00") {
					t.Fatalf("got %q", to)
				}
				values, inFragment := answerOf(t, to)
				if inFragment != (responseType == responseToken) || values.Get("state") != state || values.Get("scope") != scope || values.Get("iss") != issuer ||
					values.Get("access_token") != "t" || len(values["state"]) > 1 || values.Has("error") {
					t.Fatalf("state %q: got %q", state, to)
				}
			}
		}
	})
}
