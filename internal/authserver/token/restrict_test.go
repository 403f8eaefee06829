package token_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store/storetest"
)

// forest is a model of tokens that were made of tokens, beside the real ones.
type forest struct {
	world
	t      *testing.T
	app    app
	user   domain.User
	things []modelThing
	grant  domain.Grant
	nodes  []node
}

// modelThing is a thing with the rights that the user of the tokens has on it.
type modelThing struct {
	thing  domain.Thing
	name   string // as scopes have it
	rights domain.RightSet
}

// node is a token, and of which other it was made.
type node struct {
	text    secret.Secret
	scopes  domain.ScopeSet // that it was given
	parent  int             // -1: none
	revoked bool
}

var treeNumber int

func newForest(outer *testing.T, t *rapid.T, w world) *forest {
	treeNumber++
	name := func(what string) string { return fmt.Sprintf("%s%d", what, treeNumber) }
	f := &forest{world: w, t: outer, user: storetest.User(outer, w.store, name("user"))}
	other := storetest.User(outer, w.store, name("other"))
	for i, owner := range []domain.User{f.user, f.user, other, other} {
		rights := domain.RightSet(0)
		if owner.ID == f.user.ID {
			rights = domain.AllRights(domain.NounSensor)
		}
		sensor := makeSensor(outer, w.store, owner, fmt.Sprintf("s%d", i), domain.Private)
		f.things = append(f.things, modelThing{sensor.Thing(), sensor.FullName(), rights})
		application := w.application(outer, owner, name(fmt.Sprintf("app%d-", i)))
		if owner.ID == f.user.ID {
			rights = domain.AllRights(domain.NounApplication)
		}
		f.things = append(f.things, modelThing{application.Thing(), application.Name, rights})
	}
	f.app = w.register(outer, domain.ClientID(name("client")), func(c *domain.Client) { c.Scopes = f.anyScopes(t, "registered", stored) })
	f.grant = domain.Grant{User: f.user.ID, Client: f.app.ID, Name: "tree", Scopes: f.anyScopes(t, "granted", stored), CreatedAt: w.clock.Now()}
	minted := grant.MintAccess(f.grant, f.anyScopes(t, "root", stored), "", time.Hour, w.clock.Now())
	made, err := w.store.Allow(context.Background(), domain.Allowed{Grant: f.grant, Token: &minted.Token}, domain.AuditEvent{At: w.clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
	f.grant = made
	f.nodes = []node{{minted.Text, minted.Token.Scopes, -1, false}}
	return f
}

// form is how things stand in scopes.
type form int

const (
	stored form = iota
	named
)

// anyScopes draws scopes on things of the forest, wide and narrow.
func (f *forest) anyScopes(t *rapid.T, label string, as form) domain.ScopeSet {
	rules := []string{"sensors.read", "sensors.write", "sensors.*", "readings.read", "readings.write", "readings.*", "applications.read", "applications.write",
		"applications.devices", "applications.messages", "applications.*", "profile"}
	draw := rapid.Custom(func(t *rapid.T) domain.Scope {
		scope, err := domain.ParseScope(rapid.SampledFrom(rules).Draw(t, "rule"))
		if err != nil {
			t.Fatal(err)
		}
		thing := rapid.SampledFrom(f.things).Draw(t, "thing")
		if scope.ThingNoun() == thing.thing.Noun && rapid.IntRange(0, 2).Draw(t, "narrowed") > 0 {
			scope = scope.On(thing.thing.ID)
			if as == named {
				scope.Thing = thing.name
			}
		}
		return scope
	})
	return domain.Union(rapid.SliceOfN(draw, 1, 8).Draw(t, label))
}

// restrict makes a token of one of the forest, if that is allowed: it must be
// where, and only where, the model says that all of it lies within.
func (f *forest) restrict(t *rapid.T) {
	parent := rapid.IntRange(0, len(f.nodes)-1).Draw(t, "parent")
	wanted := f.anyScopes(t, "wanted", named)
	life := time.Duration(rapid.IntRange(0, 7200).Draw(t, "seconds")) * time.Second
	answer, err := f.Restrict(context.Background(), domain.Caller{}, f.nodes[parent].text.Reveal(), token.Restriction{Scopes: wanted, Life: life})
	if want := f.mayRestrict(parent, wanted); want != (err == nil) {
		t.Fatalf("restricting %s to %s: got %v, want that it is allowed: %t", f.nodes[parent].scopes, wanted, err, want)
	}
	if err != nil {
		return
	}
	id, _ := guard.TokenNumber(answer.AccessToken.Reveal())
	of, _ := guard.TokenNumber(f.nodes[parent].text.Reveal())
	if id.ExpiresAt().After(of.ExpiresAt()) {
		t.Fatalf("the child ends at %s, its parent at %s", id.ExpiresAt(), of.ExpiresAt())
	}
	made, err := f.store.AccessToken(context.Background(), id, answer.AccessToken.Hash())
	if err != nil {
		t.Fatal(err)
	}
	f.nodes = append(f.nodes, node{answer.AccessToken, made.Scopes, parent, false})
}

// mayRestrict says by the model whether a token can be restricted so.
func (f *forest) mayRestrict(parent int, wanted domain.ScopeSet) bool {
	if !f.alive(parent) || f.depth(parent) >= domain.MaxRestrictions {
		return false
	}
	for _, scope := range wanted.SpelledOut() {
		need := scope
		for _, thing := range f.things {
			if scope.Thing != thing.name {
				continue
			}
			if thing.rights == 0 {
				return false
			}
			need = scope.On(thing.thing.ID)
		}
		if !f.covers(parent, need) {
			return false
		}
	}
	return true
}

func (f *forest) depth(n int) int {
	depth := 0
	for ; f.nodes[n].parent >= 0; n = f.nodes[n].parent {
		depth++
	}
	return depth
}

// alive says by the model whether a token holds.
func (f *forest) alive(n int) bool {
	for ; n >= 0; n = f.nodes[n].parent {
		id, _ := guard.TokenNumber(f.nodes[n].text.Reveal())
		if f.nodes[n].revoked || !f.clock.Now().Before(id.ExpiresAt()) {
			return false
		}
	}
	return f.grant.Alive(f.clock.Now())
}

// covers says by the model whether a token and all that it hangs on cover the
// need.
func (f *forest) covers(n int, need domain.Scope) bool {
	if !f.grant.Scopes.Covers(need) || !f.app.Scopes.Covers(need) {
		return false
	}
	for ; n >= 0; n = f.nodes[n].parent {
		if !f.nodes[n].scopes.Covers(need) {
			return false
		}
	}
	return true
}

// happen lets something happen to what tokens hang on.
func (f *forest) happen(t *rapid.T) {
	ctx := context.Background()
	var err error
	switch rapid.IntRange(0, 20).Draw(t, "event") / 3 {
	case 0:
		n := rapid.IntRange(0, len(f.nodes)-1).Draw(t, "revoked")
		id, _ := guard.TokenNumber(f.nodes[n].text.Reveal())
		f.nodes[n].revoked = true
		err = f.store.RevokeToken(ctx, id, f.nodes[n].text.Hash(), domain.AuditEvent{At: f.clock.Now()})
	case 1:
		if !f.grant.RevokedAt.IsZero() {
			return
		}
		f.grant.Scopes = f.grant.Scopes.Intersect(f.anyScopes(t, "the grant shrinks to", stored))
		_, err = f.store.Allow(ctx, domain.Allowed{Grant: f.grant, Change: true}, domain.AuditEvent{At: f.clock.Now()})
	case 2:
		left := f.app.Scopes.Intersect(f.anyScopes(t, "the client shrinks to", stored))
		f.change(f.t, &f.app, func(c *domain.Client) { c.Scopes = left })
	case 3:
		f.clock.Advance(time.Duration(rapid.IntRange(1, 900).Draw(t, "later")) * time.Second)
	case 6:
		if f.grant.RevokedAt.IsZero() {
			f.grant.RevokedAt = f.clock.Now()
			err = f.store.RevokeGrant(ctx, f.grant.ID, domain.AuditEvent{At: f.clock.Now()})
		}
	default:
		f.share(t)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// share gives the user other rights on a thing of somebody else, or none.
func (f *forest) share(t *rapid.T) {
	ctx, others := context.Background(), []int{4, 5, 6, 7}
	of := &f.things[rapid.SampledFrom(others).Draw(t, "thing")]
	by := domain.Caller{User: domain.User{ID: domain.UserID(of.thing.Owner)}, Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
	allowed := func(domain.Sharing) error { return nil }
	before := of.rights
	of.rights = domain.SetOf(rapid.SliceOfN(rapid.SampledFrom(domain.GivableRights(of.thing.Noun)), 0, 4).Draw(t, "rights")...)
	var err error
	if of.rights == 0 && before != 0 {
		err = f.store.RemoveCollaborator(ctx, by, of.thing.Key(), f.user.Name, allowed)
	} else if of.rights != 0 {
		_, err = f.store.SetCollaborator(ctx, by, of.thing.Key(), f.user.Name, of.rights, allowed)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// check asks of every token and every right on every thing whether it may be
// used, and holds it against the model: what the token and all that it was
// made of cover, on a thing on which the user has the right.
func (f *forest) check(t *rapid.T) {
	ctx := context.Background()
	for n, node := range f.nodes {
		live, ok := f.live(t, node.text)
		if ok != f.alive(n) {
			t.Fatalf("token %d holds: %t, want %t", n, ok, f.alive(n))
		}
		caller := domain.Caller{User: live.User, Credential: domain.TokenCredential, Client: f.app.ID, Scopes: live.Scopes}
		for _, thing := range f.things {
			for _, right := range domain.RightsOn(thing.thing.Noun) {
				_, err := f.Finder.Thing(ctx, caller, thing.thing.Noun, ref(thing), right)
				need := domain.ScopeOf(right).On(thing.thing.ID)
				want := ok && thing.rights.Has(right) && f.covers(n, need)
				if got := ok && err == nil; got != want {
					t.Fatalf("token %d (%s) may %s on %s: %t, want %t", n, live.Scopes, right, thing.name, got, want)
				}
				if parent := node.parent; want && parent >= 0 && !f.covers(parent, need) {
					t.Fatalf("token %d may %s on %s, which its parent may not", n, right, thing.name)
				}
			}
		}
	}
}

func ref(thing modelThing) string {
	if thing.thing.Noun == domain.NounSensor {
		return fmt.Sprint(thing.thing.ID)
	}
	return domain.ThingRef(thing.thing.ID)
}

// However tokens are restricted, and whatever happens to what they hang on, a
// child may do nothing that its parent may not, and dies with it.
func TestNoRestrictedTokenAllowsMoreThanItsParent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		f := newForest(t, r, w)
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			if rapid.IntRange(0, 3).Draw(r, "what") == 0 {
				f.happen(r)
			} else {
				f.restrict(r)
			}
		}
		f.check(r)
	})
}

// Should a row ever say more than that of its parent, it counts for no more.
func TestAChildIsBoundByItsParentAtEachUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	g, code := w.allow(t, garden, w.alice, "readings.* sensors.*")
	narrow, err := w.narrow(garden, w.redeem(t, garden, code).AccessToken, "scope", "readings.read")
	if err != nil {
		t.Fatal(err)
	}
	live, _ := w.live(t, narrow.AccessToken)
	wide := grant.MintAccess(g, scopes(t, "readings.* sensors.read"), "", time.Hour, w.clock.Now())
	parent := live.Token.Ref()
	wide.Token.Parent = &parent
	if err := w.store.IssueToken(context.Background(), wide.Token); err != nil {
		t.Fatal(err)
	}
	wantLive(t, w, wide.Text, "readings.read")
}
