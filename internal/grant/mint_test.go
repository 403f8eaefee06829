package grant_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/secret"
)

var now = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

// scopeSet draws scopes, some of them narrowed to things.
func scopeSet(t *rapid.T, label string) domain.ScopeSet {
	rules := domain.ScopeRules()
	draw := rapid.Custom(func(t *rapid.T) domain.Scope {
		rule := rapid.SampledFrom(rules).Draw(t, "rule")
		scope := rule.Scope
		if scope.Verb != "" && scope.Noun != "profile" && rapid.Bool().Draw(t, "every verb") {
			scope.Verb = "*"
		}
		if rule.Things && rapid.Bool().Draw(t, "narrowed") {
			scope = scope.On(rapid.Int64Range(1, 3).Draw(t, "thing"))
		}
		return scope
	})
	return domain.ScopeSet(rapid.SliceOfN(draw, 0, 8).Draw(t, label))
}

func TestNoAccessTokenExceedsItsGrant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := domain.Grant{ID: 7, Scopes: scopeSet(t, "allowed")}
		if rapid.Bool().Draw(t, "ends") {
			g.ExpiresAt = now.Add(time.Duration(rapid.IntRange(1, 7200).Draw(t, "seconds")) * time.Second)
		}
		wanted, life := scopeSet(t, "wanted"), time.Duration(rapid.IntRange(1, 7200).Draw(t, "life"))*time.Second
		minted := grant.MintAccess(g, wanted, "", life, now)
		switch {
		case !minted.Token.Scopes.Within(g.Scopes) || !minted.Token.Scopes.Within(wanted):
			t.Fatalf("got %s of %s, where %s was wanted", minted.Token.Scopes, g.Scopes, wanted)
		case !g.ExpiresAt.IsZero() && minted.Token.ID.ExpiresAt().After(g.ExpiresAt):
			t.Fatalf("it ends at %s, its grant at %s", minted.Token.ID.ExpiresAt(), g.ExpiresAt)
		case minted.Token.ID.ExpiresAt().After(now.Add(life)):
			t.Fatalf("it ends at %s, after its life of %s", minted.Token.ID.ExpiresAt(), life)
		case !minted.Token.Hash.Matches(minted.Text.Hash()) || minted.Token.Grant != g.ID:
			t.Fatal("what is stored is not what is handed out")
		}
		if number, ok := secret.NumberOf(secret.AccessToken, minted.Text.Reveal()); !ok || domain.TokenID(number) != minted.Token.ID {
			t.Fatal("the token does not name its row")
		}
	})
}

func TestASuccessorBelongsToTheSameChain(t *testing.T) {
	t.Parallel()
	ends := now.Add(time.Hour)
	chain, token := grant.StartChain(domain.Grant{ID: 7, ExpiresAt: ends}, nil, "", domain.Client{}.UsualLives(), now)
	if !chain.EndsAt.Equal(ends) || !chain.TokenHash.Matches(token.Hash()) {
		t.Errorf("got %+v, want a chain that ends with its grant", chain)
	}
	seen := map[string]bool{token.Reveal(): true}
	for range 5 {
		next, ok := grant.Successor(token)
		number, proof, isStep := secret.StepOf(secret.RefreshToken, next.Reveal())
		if !ok || !isStep || domain.ChainID(number) != chain.ID || !chain.ProofHash.Matches(secret.New(proof).Hash()) || seen[next.Reveal()] {
			t.Fatalf("%v is no new refresh token of the chain", ok)
		}
		seen[next.Reveal()] = true
		token = next
	}
	if _, ok := grant.Successor(secret.New("twr_0")); ok {
		t.Error("what is no refresh token has a successor")
	}
	if silent := grant.WithoutRefresh(chain); silent.TokenHash.Matches(token.Hash()) || silent.ProofHash.Matches(secret.Hash{}) {
		t.Error("a chain without refresh tokens takes one")
	}
}

func TestOnlyThePresentedTokenOpensItsAnswer(t *testing.T) {
	t.Parallel()
	_, token := grant.StartChain(domain.Grant{ID: 7}, nil, "", domain.Client{}.UsualLives(), now)
	other, _ := grant.Successor(token)
	answer := grant.RefreshAnswer{Access: "a", Refresh: "r", Scopes: "sensors.read"}
	sealed, err := grant.SealAnswer(token, answer)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := grant.OpenAnswer(token, sealed); err != nil || got != answer {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := grant.OpenAnswer(other, sealed); err == nil {
		t.Error("another token of the chain opens it")
	}
	for i := range sealed {
		broken := append([]byte{}, sealed...)
		broken[i] ^= 1
		if _, err := grant.OpenAnswer(token, broken); err == nil {
			t.Fatalf("it opens with byte %d changed", i)
		}
	}
}
