package token_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
)

// atOnce asks the same many times at once and returns what was answered
// without an error. Every error must be invalid_grant.
func atOnce(t *testing.T, times int, ask func() (token.Answer, error)) []token.Answer {
	t.Helper()
	var mu sync.Mutex
	var answers []token.Answer
	var all sync.WaitGroup
	start := make(chan struct{})
	for range times {
		all.Go(func() {
			<-start
			answer, err := ask()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				answers = append(answers, answer)
			} else if domain.CodeOf(err) != "invalid_grant" {
				t.Errorf("got %v, want invalid_grant", err)
			}
		})
	}
	close(start)
	all.Wait()
	return answers
}

func TestOfTwentyRedeemersAtOnceOneGetsTokensAndTheyAreDead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	for range 10 {
		_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
		answers := atOnce(t, 20, func() (token.Answer, error) {
			return w.ask(garden, "grant_type", "authorization_code", "code", code, "redirect_uri", back)
		})
		if len(answers) != 1 {
			t.Fatalf("%d of 20 got tokens, want 1", len(answers))
		}
		wantDead(t, w, answers[0].AccessToken)
		_, err := w.refresh(garden, answers[0].RefreshToken)
		wantCode(t, err, "invalid_grant")
	}
}

func TestRefreshesAtOnceGetTheSameSuccessor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	presented := w.redeem(t, garden, code).RefreshToken
	for range 10 {
		answers := atOnce(t, 20, func() (token.Answer, error) { return w.refresh(garden, presented) })
		if len(answers) != 20 {
			t.Fatalf("%d of 20 were answered, want all", len(answers))
		}
		access, refresh := map[string]bool{}, map[string]bool{}
		for _, answer := range answers {
			access[answer.AccessToken.Reveal()], refresh[answer.RefreshToken.Reveal()] = true, true
		}
		if len(access) != 1 || len(refresh) != 1 {
			t.Fatalf("got %d access tokens and %d successors, want one of each", len(access), len(refresh))
		}
		wantLive(t, w, answers[0].AccessToken, "readings.read offline_access")
		presented = answers[0].RefreshToken
		w.clock.Advance(time.Second)
	}
}

// TestReuseAgainstTheHolder: a thief and the rightful holder come at once,
// the one with an old token, the other with the new one. Whoever is first,
// nothing that the grant gave holds afterwards.
func TestReuseAgainstTheHolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	for range 10 {
		_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
		old := w.redeem(t, garden, code).RefreshToken
		second, err := w.refresh(garden, old)
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(domain.RefreshGrace)
		var mu sync.Mutex
		turn := 0
		answers := atOnce(t, 8, func() (token.Answer, error) {
			mu.Lock()
			turn++
			presented := old
			if turn%2 == 0 {
				presented = second.RefreshToken
			}
			mu.Unlock()
			return w.refresh(garden, presented)
		})
		for _, answer := range append(answers, second) {
			wantDead(t, w, answer.AccessToken)
			_, err := w.refresh(garden, answer.RefreshToken)
			wantCode(t, err, "invalid_grant")
		}
	}
}

// TestRefreshAgainstRevocation: whatever a refresh got while the grant was
// being revoked is dead when the revocation is answered.
func TestRefreshAgainstRevocation(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	garden := w.register(t, "garden")
	for round := range 20 {
		g, code := w.allow(t, garden, w.alice, "readings.read offline_access")
		first := w.redeem(t, garden, code)
		live, _ := w.live(t, first.AccessToken)
		event := domain.AuditEvent{At: w.clock.Now(), Act: "token.revoke"}
		var revoked sync.WaitGroup
		revoked.Go(func() {
			end := func() error { return w.store.RevokeGrant(ctx, g.ID, event) }
			if round%2 == 1 {
				end = func() error { return w.store.RevokeChain(ctx, live.Token.Chain, event) }
			}
			if err := end(); err != nil {
				t.Error(err)
			}
		})
		answers := atOnce(t, 4, func() (token.Answer, error) { return w.refresh(garden, first.RefreshToken) })
		revoked.Wait()
		for _, answer := range append(answers, first) {
			wantDead(t, w, answer.AccessToken)
			_, err := w.refresh(garden, answer.RefreshToken)
			wantCode(t, err, "invalid_grant")
		}
	}
}
