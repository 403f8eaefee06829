package storetest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

func makeCode(t *testing.T, s *store.Store, code domain.OnceCode) {
	t.Helper()
	if err := s.CreateOnceCode(context.Background(), code, domain.AuditEvent{Act: "code.create"}); err != nil {
		t.Fatal(err)
	}
}

func TestACodeIsBoundToItsPurposeAndItsTime(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		code := secret.Generate(secret.InviteCode).Hash()
		makeCode(t, s, domain.OnceCode{Hash: code, Purpose: domain.InviteCode, ExpiresAt: clock.Now().Add(time.Hour)})
		type redeem func(context.Context, secret.Hash, domain.NewUser, domain.AuditEvent) (domain.User, error)
		refused := func(use redeem, code secret.Hash, why string) {
			t.Helper()
			n := domain.NewUser{User: domain.User{Name: "guest"}}
			if _, err := use(ctx, code, n, domain.AuditEvent{}); domain.CodeOf(err) != "code_not_valid" {
				t.Errorf("%s: got %v, want code_not_valid", why, err)
			}
		}
		refused(s.SetupFirstAdmin, code, "another purpose")
		refused(s.CreateInvitedUser, secret.Generate(secret.InviteCode).Hash(), "unknown code")
		clock.Advance(time.Hour)
		refused(s.CreateInvitedUser, code, "expired")
	})
}

func TestAnInvitationMakesOneUser(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		storetest.User(t, s, "taken")
		code := secret.Generate(secret.InviteCode).Hash()
		makeCode(t, s, domain.OnceCode{Hash: code, Purpose: domain.InviteCode, ExpiresAt: time.Now().Add(time.Hour)})
		n := domain.NewUser{User: domain.User{Name: "taken"}}
		if _, err := s.CreateInvitedUser(ctx, code, n, domain.AuditEvent{}); domain.CodeOf(err) != "name_taken" {
			t.Fatalf("got %v, want name_taken", err)
		}
		errs := atOnce(20, func(i int) error { // the failure above has not used the invitation up
			n := domain.NewUser{User: domain.User{Name: fmt.Sprint("guest", i)}}
			_, err := s.CreateInvitedUser(ctx, code, n, domain.AuditEvent{ActorName: n.User.Name})
			return err
		})
		wantOneWinner(t, errs, "code_not_valid")
		if count, err := s.CountUsers(ctx); count != 2 || err != nil {
			t.Errorf("got %d users, error %v, want 2", count, err)
		}
	})
}

func TestCodesThatExpiredLongAgoAreForgotten(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		for _, life := range []time.Duration{time.Hour, 30 * 24 * time.Hour} {
			makeCode(t, s, domain.OnceCode{Hash: secret.Generate(secret.InviteCode).Hash(), Purpose: domain.InviteCode, ExpiresAt: clock.Now().Add(life)})
		}
		clock.Advance(8 * 24 * time.Hour)
		for _, want := range []int64{1, 0} {
			if got, err := s.SweepOnceCodes(ctx); got != want || err != nil {
				t.Errorf("got %d swept, %v; want %d", got, err, want)
			}
		}
	})
}
