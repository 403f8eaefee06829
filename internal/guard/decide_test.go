package guard

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/domain"
)

// few numbers, so that callers and things meet often.
func anyID(t *rapid.T, label string) int64 { return rapid.Int64Range(1, 3).Draw(t, label) }

func anyCaller() *rapid.Generator[domain.Caller] {
	return rapid.Custom(func(t *rapid.T) domain.Caller {
		c := domain.Caller{Scopes: anyScopes().Draw(t, "scopes")}
		c.Credential = rapid.SampledFrom([]domain.CredentialKind{domain.NoCredential, domain.KeyCredential, domain.SessionCredential,
			domain.TokenCredential, domain.AccessCredential}).Draw(t, "credential")
		switch {
		case c.Anonymous():
			c.Scopes = nil
		case c.ActsForThing():
			c.Acting = domain.ThingKey{Noun: anyNoun(t), ID: anyID(t, "acting")}
			c.Rights = anyRights(t, c.Acting.Noun)
		case c.Credential == domain.TokenCredential && rapid.Bool().Draw(t, "by itself"):
		default:
			c.User = domain.User{ID: domain.UserID(anyID(t, "user")), Admin: rapid.Bool().Draw(t, "admin"), Suspended: rapid.Bool().Draw(t, "suspended")}
		}
		return c
	})
}

func anyNoun(t *rapid.T) domain.Noun { return rapid.SampledFrom(domain.Nouns()).Draw(t, "noun") }

func anyRights(t *rapid.T, noun domain.Noun) domain.RightSet {
	return domain.SetOf(rapid.SliceOfN(rapid.SampledFrom(domain.GivableRights(noun)), 0, 4).Draw(t, "rights")...)
}

func anyScopes() *rapid.Generator[domain.ScopeSet] {
	return rapid.Custom(func(t *rapid.T) domain.ScopeSet {
		set := domain.ScopeSet{}
		for range rapid.IntRange(0, 5).Draw(t, "count") {
			rule := rapid.SampledFrom(domain.ScopeRules()).Draw(t, "rule")
			scope := rule.Scope
			if rule.Things && rapid.Bool().Draw(t, "narrowed") {
				scope = scope.On(anyID(t, "thing"))
			}
			set = append(set, scope)
		}
		return set
	})
}

// anyThing draws a thing as the finder hands it to the decision: with what a
// user who does not own it was given.
func anyThing() *rapid.Generator[domain.Thing] {
	return rapid.Custom(func(t *rapid.T) domain.Thing {
		thing := domain.Thing{Noun: anyNoun(t), ID: anyID(t, "thing"), Owner: domain.OwnerID(anyID(t, "owner")), Public: rapid.Bool().Draw(t, "public")}
		if rapid.Bool().Draw(t, "shared") {
			thing.Given = anyRights(t, thing.Noun)
		}
		return thing
	})
}

// anyRight draws a right, most often one that the thing can have.
func anyRight(t *rapid.T, thing domain.Thing) domain.Right {
	if rapid.IntRange(0, 4).Draw(t, "foreign") == 0 {
		return rapid.SampledFrom(domain.Rights()).Draw(t, "right")
	}
	return rapid.SampledFrom(domain.RightsOn(thing.Noun)).Draw(t, "right")
}

// decisive draws who asks for what on which thing. What was given is another
// user's affair where nobody is behind the caller.
func decisive(t *rapid.T) (domain.Caller, domain.Right, domain.Thing) {
	c, thing := anyCaller().Draw(t, "caller"), anyThing().Draw(t, "of")
	if c.User.ID == 0 {
		thing.Given = 0
	}
	return c, anyRight(t, thing), thing
}

// mayModel is the decision, said once more in the words of ARCHITECTURE.md, by
// other means.
func mayModel(c domain.Caller, right domain.Right, thing domain.Thing) bool {
	if right.Noun() != thing.Noun {
		return false
	}
	everybody := right == domain.SensorRead || right == domain.ReadingsRead || right == domain.GatewaySee
	if thing.Public && everybody {
		return true
	}
	if c.Anonymous() || c.User.Suspended || !c.Scopes.Covers(domain.ScopeOf(right).On(thing.ID)) {
		return false
	}
	if c.Credential == domain.AccessCredential {
		return c.Acting.Noun == thing.Noun && c.Acting.ID == thing.ID && listed(c.Rights, right)
	}
	owner := c.User.ID != 0 && int64(c.User.ID) == int64(thing.Owner)
	admin := c.User.Admin && c.Scopes.Covers(domain.ScopeAdmin)
	return owner || admin || listed(thing.Given, right)
}

// listed looks a right up by name: seeing is among all that are not nothing.
func listed(set domain.RightSet, right domain.Right) bool {
	names := set.Names()
	if right.Seeing() {
		return len(names) > 0
	}
	for _, name := range names {
		if name == right.Name() {
			return true
		}
	}
	return false
}

func TestTheOneDecision(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, right, thing := decisive(t)
		if got, want := May(c, right, thing), mayModel(c, right, thing); got != want {
			t.Fatalf("May: got %v, want %v", got, want)
		}
	})
}

func TestANarrowerScopeSetNeverAllowsMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wide, right, thing := decisive(t)
		narrow := wide
		narrow.Scopes = wide.Scopes.Intersect(anyScopes().Draw(t, "restriction"))
		if May(narrow, right, thing) && !May(wide, right, thing) {
			t.Fatalf("(%s) allows %s on %+v, (%s) does not", narrow.Scopes, right, thing, wide.Scopes)
		}
	})
}

func TestFewerRightsNeverAllowMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, right, thing := decisive(t)
		less, lesser := thing, c
		less.Given &= anyRights(t, thing.Noun)
		lesser.Rights &= anyRights(t, thing.Noun)
		if May(lesser, right, less) && !May(c, right, thing) {
			t.Fatalf("%s is allowed with less", right)
		}
	})
}

func TestRequireAgreesWithMay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, right, thing := decisive(t)
		err := Require(c, right, thing)
		if may := May(c, right, thing); may != (err == nil) {
			t.Fatalf("May is %v, Require says %v", may, err)
		}
	})
}

func TestSomebodyElsesPrivateThingIsNotThere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, right, thing := decisive(t)
		seesNothing := true
		for _, any := range domain.Rights() {
			seesNothing = seesNothing && !May(c, any, thing)
		}
		if seesNothing && !thing.Public {
			if got, want := Require(c, right, thing).Error(), NotThere(thing.Noun).Error(); got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
	})
}
