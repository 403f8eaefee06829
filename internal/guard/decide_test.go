package guard

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/domain"
)

func anyCaller() *rapid.Generator[domain.Caller] {
	return rapid.Custom(func(t *rapid.T) domain.Caller {
		c := domain.Caller{Scopes: anyScopes().Draw(t, "scopes")}
		c.Credential = rapid.SampledFrom([]domain.CredentialKind{domain.NoCredential, domain.KeyCredential, domain.SessionCredential}).Draw(t, "credential")
		if c.Anonymous() {
			c.Scopes = nil
			return c
		}
		c.User = domain.User{ID: domain.UserID(rapid.Int64Range(1, 3).Draw(t, "user")), Admin: rapid.Bool().Draw(t, "admin"), Suspended: rapid.Bool().Draw(t, "suspended")}
		return c
	})
}

func anyScopes() *rapid.Generator[domain.ScopeSet] {
	return rapid.Custom(func(t *rapid.T) domain.ScopeSet {
		set := domain.ScopeSet{}
		for range rapid.IntRange(0, 5).Draw(t, "count") {
			rule := rapid.SampledFrom(domain.ScopeRules()).Draw(t, "rule")
			scope := rule.Scope
			if rule.Things && rapid.Bool().Draw(t, "narrowed") {
				scope = scope.On(rapid.Int64Range(1, 3).Draw(t, "thing"))
			}
			set = append(set, scope)
		}
		return set
	})
}

func anyThing() *rapid.Generator[domain.Thing] {
	return rapid.Custom(func(t *rapid.T) domain.Thing {
		return domain.Thing{Noun: domain.NounSensor, ID: rapid.Int64Range(1, 3).Draw(t, "thing"),
			Owner: domain.OwnerID(rapid.Int64Range(1, 3).Draw(t, "owner")), Public: rapid.Bool().Draw(t, "public")}
	})
}

// The decision, said once more in the words of ARCHITECTURE.md, by other means.
func TestTheOneDecision(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, thing := anyCaller().Draw(t, "caller"), anyThing().Draw(t, "thing")
		right := rapid.SampledFrom(domain.Rights()).Draw(t, "right")
		userMay := !c.Anonymous() && !c.User.Suspended && (int64(c.User.ID) == int64(thing.Owner) || c.User.Admin && c.Scopes.Covers(domain.ScopeAdmin))
		credentialMay := c.Scopes.Covers(domain.ScopeOf(right).On(thing.ID))
		everybodyMay := thing.Public && (right == domain.SensorRead || right == domain.ReadingsRead)
		if got, want := May(c, right, thing), everybodyMay || userMay && credentialMay; got != want {
			t.Fatalf("May: got %v, want %v", got, want)
		}
	})
}

func TestANarrowerScopeSetNeverAllowsMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wide, thing := anyCaller().Draw(t, "caller"), anyThing().Draw(t, "thing")
		right := rapid.SampledFrom(domain.Rights()).Draw(t, "right")
		narrow := wide
		narrow.Scopes = wide.Scopes.Intersect(anyScopes().Draw(t, "restriction"))
		if May(narrow, right, thing) && !May(wide, right, thing) {
			t.Fatalf("(%s) allows %s on %+v, (%s) does not", narrow.Scopes, right, thing, wide.Scopes)
		}
	})
}

func TestRequireAgreesWithMay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, thing := anyCaller().Draw(t, "caller"), anyThing().Draw(t, "thing")
		right := rapid.SampledFrom(domain.Rights()).Draw(t, "right")
		err := Require(c, right, thing)
		if may := May(c, right, thing); may != (err == nil) {
			t.Fatalf("May is %v, Require says %v", may, err)
		}
	})
}

func TestSomebodyElsesPrivateThingIsNotThere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, thing := anyCaller().Draw(t, "caller"), anyThing().Draw(t, "thing")
		right := rapid.SampledFrom(domain.Rights()).Draw(t, "right")
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
