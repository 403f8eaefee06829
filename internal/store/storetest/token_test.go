package storetest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

var reading = domain.ScopeSet{domain.ScopeReadingsRead}

// allowed makes a living grant of alice to a client, with a code on it.
func allowed(t *testing.T, s *store.Store) (domain.Grant, domain.AuthorizationCode) {
	t.Helper()
	alice := storetest.User(t, s, "alice")
	now := time.Now().UTC().Truncate(time.Millisecond)
	code := domain.AuthorizationCode{Hash: secret.Generate(secret.Code).Hash(), Client: "garden", RedirectURI: "https://garden.example/back",
		Challenge: "challenge", Scopes: reading, IssuedAt: now, ExpiresAt: now.Add(domain.CodeLife)}
	made, err := s.Allow(context.Background(), domain.Allowed{Grant: domain.Grant{User: alice.ID, Client: "garden", Name: "Garden", Scopes: reading, Asked: reading, CreatedAt: now}, Code: &code},
		domain.AuditEvent{Act: "grant.allow"})
	if err != nil || made.ID == 0 {
		t.Fatalf("allow: %+v, %v", made, err)
	}
	return made, code
}

func mint(g domain.Grant) (domain.Chain, secret.Secret, grant.Minted) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	minted := grant.MintAccess(g, g.Scopes, "", time.Hour, now)
	chain, refresh := grant.StartChain(g, g.Scopes, "", domain.Client{}.UsualLives(), now)
	minted.Token.Chain = chain.ID
	return chain, refresh, minted
}

func TestAYesIsKeptWhateverFailsBesideIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		now := time.Now().UTC().Truncate(time.Millisecond)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				code := domain.AuthorizationCode{Hash: secret.Generate(secret.Code).Hash(), Client: "garden", Scopes: reading, IssuedAt: now, ExpiresAt: now.Add(domain.CodeLife)}
				yes := domain.Allowed{Grant: domain.Grant{User: alice.ID, Client: "garden", Name: "Garden", Scopes: reading, CreatedAt: now}, Code: &code}
				made, err := s.Allow(ctx, yes, domain.AuditEvent{Act: "grant.allow"})
				if err != nil {
					t.Errorf("allow: %v", err)
					return
				}
				if kept, err := s.AuthorizationCode(ctx, code.Hash); err != nil || kept.Grant != made.ID || made.ID == 0 {
					t.Errorf("the code hangs on grant %d, %v; want %d", kept.Grant, err, made.ID)
				}
			})
			all.Go(func() { // fails within the transaction, so that those beside it run again
				if err := s.RenameConnection(ctx, alice.ID, 1<<40, "None", domain.AuditEvent{Act: "grant.rename"}); !domain.IsKind(err, domain.NotFound) {
					t.Errorf("got %v, want not found", err)
				}
			})
		}
		all.Wait()
	})
}

func TestOfTwentyRedeemersOneGetsTokensAndTheyAreDead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		g, code := allowed(t, s)
		var mu sync.Mutex
		var won []domain.ChainID
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				chain, _, minted := mint(g)
				redeemed, err := s.RedeemCode(ctx, code.Hash, chain, minted.Token, domain.AuditEvent{Act: "code.reuse", At: time.Now()})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if redeemed {
					won = append(won, chain.ID)
				}
			})
		}
		all.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of 20 redeemed the code, want 1", len(won))
		}
		chain, err := s.Chain(ctx, won[0])
		if err != nil || chain.RevokedAt.IsZero() {
			t.Errorf("what came of a code used twice: got %+v, %v; want it revoked", chain, err)
		}
		kept, err := s.AuthorizationCode(ctx, code.Hash)
		if err != nil || kept.Chain != won[0] || kept.RedeemedAt.IsZero() || kept.Challenge != "challenge" || kept.RedirectURI != code.RedirectURI {
			t.Errorf("the code: %+v, %v", kept, err)
		}
	})
}

func TestACodeUsedOnceLeavesALivingChain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		g, code := allowed(t, s)
		chain, refresh, minted := mint(g)
		if ok, err := s.RedeemCode(ctx, code.Hash, chain, minted.Token, domain.AuditEvent{}); !ok || err != nil {
			t.Fatal(ok, err)
		}
		token, err := s.AccessToken(ctx, minted.Token.ID, minted.Token.Hash)
		if err != nil || token.Grant != g.ID || token.Chain != chain.ID || token.Scopes.String() != "readings.read" {
			t.Errorf("access token: %+v, %v", token, err)
		}
		kept, err := s.ChainNow(ctx, chain.ID)
		if err != nil || !kept.TokenHash.Matches(refresh.Hash()) || !kept.Alive(time.Now()) || kept.Grant != g.ID {
			t.Errorf("chain: %+v, %v", kept, err)
		}
		if _, err := s.AccessToken(ctx, minted.Token.ID, secret.New("other").Hash()); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("another hash: got %v, want NotFound", err)
		}
	})
}

// rotation presents a refresh token and offers a successor.
func rotation(chain domain.Chain, g domain.Grant, presented secret.Secret, now time.Time, grace time.Duration) (domain.RefreshRotation, secret.Secret) {
	minted := grant.MintAccess(g, g.Scopes, "", time.Hour, now)
	minted.Token.Chain = chain.ID
	next, _ := grant.Successor(presented)
	sealed, _ := grant.SealAnswer(presented, grant.RefreshAnswer{Access: minted.Text.Reveal(), Refresh: next.Reveal()})
	return domain.RefreshRotation{Chain: chain.ID, Presented: presented.Hash(), Successor: next.Hash(), Access: minted.Token,
		IdleUntil: now.Add(time.Hour), Sealed: sealed, KeptUntil: now.Add(grace)}, next
}

func redeemed(t *testing.T, s *store.Store) (domain.Grant, domain.Chain, secret.Secret) {
	t.Helper()
	g, code := allowed(t, s)
	chain, refresh, minted := mint(g)
	if ok, err := s.RedeemCode(context.Background(), code.Hash, chain, minted.Token, domain.AuditEvent{}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	return g, chain, refresh
}

func TestRefreshersAtOnceGetTheSameSuccessor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		g, chain, refresh := redeemed(t, s)
		now := time.Now().UTC().Truncate(time.Millisecond)
		var mu sync.Mutex
		successors := map[string]int{}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				r, next := rotation(chain, g, refresh, now, 30*time.Second)
				outcome, sealed, err := s.RotateRefresh(ctx, r, domain.AuditEvent{Act: "refresh.reuse"})
				if err != nil {
					t.Error(err)
					return
				}
				got := next.Reveal()
				if outcome == domain.RefreshRepeated {
					answer, err := grant.OpenAnswer(refresh, sealed)
					if err != nil {
						t.Error(err)
					}
					got = answer.Refresh
				} else if outcome != domain.RefreshRotated {
					t.Errorf("outcome %d", outcome)
				}
				mu.Lock()
				defer mu.Unlock()
				successors[got]++
			})
		}
		all.Wait()
		if len(successors) != 1 {
			t.Errorf("%d different successors, want one for all", len(successors))
		}
	})
}

func TestARefreshTokenOfTwoRotationsAgoIsRepeatedWithinTheGraceOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		g, chain, first := redeemed(t, s)
		began := time.Now().UTC().Truncate(time.Millisecond)
		present := func(token secret.Secret, at time.Time) (domain.RefreshOutcome, secret.Secret) {
			t.Helper()
			r, next := rotation(chain, g, token, at, 30*time.Second)
			outcome, _, err := s.RotateRefresh(ctx, r, domain.AuditEvent{Act: "refresh.reuse", At: at})
			if err != nil {
				t.Fatal(err)
			}
			return outcome, next
		}
		outcome, second := present(first, began)
		if outcome != domain.RefreshRotated {
			t.Fatal(outcome)
		}
		if outcome, _ := present(second, began.Add(10*time.Second)); outcome != domain.RefreshRotated {
			t.Fatal(outcome)
		}
		if outcome, _ := present(first, began.Add(29*time.Second)); outcome != domain.RefreshRepeated {
			t.Errorf("the first again, within its grace: got %d, want it repeated", outcome)
		}
		if outcome, _ := present(first, began.Add(31*time.Second)); outcome != domain.RefreshReused {
			t.Errorf("the first again, after its grace: got %d, want reuse", outcome)
		}
		after, err := s.Grant(ctx, g.ID)
		if err != nil || after.RevokedAt.IsZero() {
			t.Errorf("the grant after the reuse: %+v, %v; want it revoked", after, err)
		}
	})
}

func TestExpiredTokensAreSweptAndOthersStay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		g, _ := allowed(t, s)
		now := time.Now().UTC().Truncate(time.Millisecond)
		long := grant.MintAccess(g, reading, "", time.Hour, now)
		if err := s.IssueToken(ctx, long.Token); err != nil {
			t.Fatal(err)
		}
		const many = 1203
		for i := range many {
			short := grant.MintAccess(g, reading, "", time.Duration(i)*time.Millisecond, now)
			if err := s.IssueToken(ctx, short.Token); err != nil {
				t.Fatal(err)
			}
		}
		var swept int64
		for range 10 {
			n, err := s.SweepTokens(ctx, now.Add(time.Minute))
			if err != nil || n > 501 {
				t.Fatalf("swept %d at once, %v", n, err)
			}
			swept += n
		}
		if swept != many {
			t.Errorf("swept %d, want %d", swept, many)
		}
		if _, err := s.AccessToken(ctx, long.Token.ID, long.Token.Hash); err != nil {
			t.Errorf("the one that lives: %v", err)
		}
	})
}

func TestRevokedIsRevokedWhenTheAnswerComes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		g, chain, _ := redeemed(t, s)
		token := grant.MintAccess(g, reading, "", time.Hour, time.Now())
		if err := s.IssueToken(ctx, token.Token); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AccessToken(ctx, token.Token.ID, token.Token.Hash); err != nil {
			t.Fatal(err)
		}
		if err := s.RevokeToken(ctx, token.Token.ID, token.Token.Hash, domain.AuditEvent{Act: "token.revoke", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AccessToken(ctx, token.Token.ID, token.Token.Hash); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("a revoked token: got %v, want NotFound", err)
		}
		if _, err := s.Chain(ctx, chain.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.RevokeChain(ctx, chain.ID, domain.AuditEvent{Act: "token.revoke", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if c, err := s.Chain(ctx, chain.ID); err != nil || c.RevokedAt.IsZero() {
			t.Errorf("a revoked chain: %+v, %v", c, err)
		}
		if err := s.RevokeGrant(ctx, g.ID, domain.AuditEvent{Act: "grant.revoke", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if kept, err := s.Grant(ctx, g.ID); err != nil || kept.Alive(time.Now()) {
			t.Errorf("a revoked grant: %+v, %v", kept, err)
		}
		if err := s.RevokeGrant(ctx, g.ID, domain.AuditEvent{}); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("revoking it again: got %v, want NotFound", err)
		}
	})
}

func TestAStandingGrantIsOneForAll(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		wanted := domain.Grant{User: alice.ID, Client: "garden", OfClient: true, Name: "client_credentials", Scopes: reading, CreatedAt: time.Now()}
		var mu sync.Mutex
		ids := map[domain.GrantID]bool{}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				g, err := s.StandingGrant(ctx, wanted, domain.AuditEvent{Act: "grant.standing"})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				ids[g.ID] = true
			})
		}
		all.Wait()
		if len(ids) != 1 {
			t.Errorf("%d standing grants, want one", len(ids))
		}
		wanted.Scopes = domain.ScopeSet{domain.ScopeSensorsRead}
		g, err := s.StandingGrant(ctx, wanted, domain.AuditEvent{Act: "grant.standing"})
		if err != nil || !ids[g.ID] || g.Scopes.String() != "sensors.read" {
			t.Errorf("with other scopes: %+v, %v", g, err)
		}
	})
}

// What a person allowed an app of his own is no standing grant, whatever he
// calls it: it stays as narrow and as short as he said.
func TestAStandingGrantIsNoneThatWasAskedFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		wanted := domain.Grant{User: alice.ID, Client: "garden", Name: "client_credentials", Scopes: reading, CreatedAt: time.Now()}
		asked := wanted
		asked.Scopes, asked.Asked = domain.ScopeSet{domain.ScopeReadingsRead.On(7)}, reading
		short := wanted
		short.ExpiresAt = time.Now().Add(time.Hour)
		for name, yes := range map[string]domain.Grant{"asked for": asked, "for an hour": short} {
			given, err := s.Allow(ctx, domain.Allowed{Grant: yes}, domain.AuditEvent{Act: "grant.allow"})
			if err != nil {
				t.Fatal(err)
			}
			standing, err := s.StandingGrant(ctx, wanted, domain.AuditEvent{Act: "grant.standing"})
			now, readErr := s.Grant(ctx, given.ID)
			if err != nil || readErr != nil || standing.ID == given.ID || now.Scopes.String() != yes.Scopes.String() {
				t.Errorf("%s: it stands on grant %d, and grant %d is now for %s, %v, %v", name, standing.ID, given.ID, now.Scopes, err, readErr)
			}
		}
	})
}

func TestKeptRequestsExpire(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		hash := secret.Generate(secret.RequestURI).Hash()
		if err := s.KeepRequest(ctx, hash, "client_id=x", time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if query, err := s.KeptRequest(ctx, hash); err != nil || query != "client_id=x" {
			t.Errorf("got %q, %v", query, err)
		}
		over := secret.Generate(secret.RequestURI).Hash()
		if err := s.KeepRequest(ctx, over, "client_id=x", time.Now().Add(-time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.KeptRequest(ctx, over); domain.CodeOf(err) != "request_over" {
			t.Errorf("an expired one: got %v", err)
		}
	})
}
