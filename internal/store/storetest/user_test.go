package storetest_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// atOnce calls f from n goroutines that start together and returns the errors.
func atOnce(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}

// wantOneWinner checks that one call succeeded and the others failed with code.
func wantOneWinner(t *testing.T, errs []error, code string) {
	t.Helper()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case domain.CodeOf(err) != code:
			t.Errorf("got error %v, want the code %s", err, code)
		}
	}
	if won != 1 {
		t.Errorf("got %d winners, want 1", won)
	}
}

func TestCreateUserKeepsEverything(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	storetest.EachAt(t, clock.Now, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		want := domain.User{Name: "alice", Email: "alice@example.org", DisplayName: "Alice Ö", TimeZone: "Europe/Berlin",
			Admin: true, NoPasswordIn: true}
		made, err := s.CreateUser(ctx, domain.NewUser{User: want, PasswordHash: "phc"}, domain.AuditEvent{Act: "user.create"})
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.CreatedAt = made.ID, clock.Now()
		byID, err := s.UserByID(ctx, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		byName, hash, err := s.UserWithPassword(ctx, "alice")
		if err != nil || hash != "phc" {
			t.Fatalf("got hash %q, error %v", hash, err)
		}
		for _, got := range []domain.User{made, byID, byName} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("user differs (-want +got):\n%s", diff)
			}
		}
	})
}

func TestNobodyIsFoundUnderAnUnknownName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		storetest.User(t, s, "alice")
		for _, name := range []string{"bob", "", "Alice", "alice\x00", "\xff"} {
			if _, err := s.UserByName(context.Background(), name); !domain.IsKind(err, domain.NotFound) {
				t.Errorf("name %q: got error %v, want NotFound", name, err)
			}
		}
		if _, err := s.UserByID(context.Background(), 999); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("unknown id: got error %v, want NotFound", err)
		}
	})
}

func TestANameIsGivenOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		errs := atOnce(20, func(int) error {
			_, err := s.CreateUser(ctx, domain.NewUser{User: domain.User{Name: "alice"}}, domain.AuditEvent{Act: "user.create"})
			return err
		})
		wantOneWinner(t, errs, "name_taken")
		events, err := s.AuditAll(ctx, domain.Page{})
		if err != nil || events.Total != 1 {
			t.Errorf("got %d audit events, error %v, want 1: who lost leaves none", events.Total, err)
		}
	})
}

func TestAChangedProfileIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		user := storetest.User(t, s, "alice")
		for i := range 20 {
			if _, err := s.UserByID(ctx, user.ID); err != nil { // fills the cache
				t.Fatal(err)
			}
			user.DisplayName = fmt.Sprint("Alice ", i)
			user.NoPasswordIn = i%2 == 0
			if err := s.UpdateProfile(ctx, domain.ProfileChange{User: user}, domain.AuditEvent{Act: "profile.change"}); err != nil {
				t.Fatal(err)
			}
			got, err := s.UserByID(ctx, user.ID)
			if err != nil || got != user {
				t.Fatalf("got %+v, error %v, want %+v", got, err, user)
			}
		}
		err := s.UpdateProfile(ctx, domain.ProfileChange{User: domain.User{ID: 999}}, domain.AuditEvent{})
		if !domain.IsKind(err, domain.NotFound) {
			t.Errorf("unknown user: got %v, want NotFound", err)
		}
	})
}

func TestOnlyTheFirstPasswordChangeFromAnOldOneCounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		user := storetest.User(t, s, "alice")
		_, old, err := s.UserWithPassword(ctx, "alice")
		if err != nil {
			t.Fatal(err)
		}
		errs := atOnce(20, func(i int) error {
			change := domain.PasswordChange{User: user.ID, Old: old, New: fmt.Sprint("phc ", i)}
			return s.SetPassword(ctx, change, domain.AuditEvent{Act: "password.change"})
		})
		wantOneWinner(t, errs, "password_changed")
		if err := s.SetPassword(ctx, domain.PasswordChange{User: user.ID, New: "reset"}, domain.AuditEvent{}); err != nil {
			t.Errorf("a reset asks for no old password: %v", err)
		}
		if _, got, _ := s.UserWithPassword(ctx, "alice"); got != "reset" {
			t.Errorf("got password hash %q, want the last one", got)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		admins := make([]domain.User, 8)
		for i := range admins {
			admins[i] = storetest.Admin(t, s, fmt.Sprintf("admin%d", i))
		}
		errs := atOnce(len(admins), func(i int) error {
			return s.SuspendUser(ctx, admins[i].ID, domain.AuditEvent{Act: "user.suspend"})
		})
		refused := 0
		for _, err := range errs {
			if domain.CodeOf(err) == "last_admin" {
				refused++
			} else if err != nil {
				t.Errorf("got error %v", err)
			}
		}
		if refused != 1 {
			t.Errorf("got %d refusals, want 1: the last of eight", refused)
		}
	})
}

func TestASuspensionIsSeenAtOnceAndEndsSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		user := storetest.User(t, s, "alice")
		cookie := startSession(t, s, user)
		if _, err := s.SessionByHash(ctx, cookie.Hash()); err != nil {
			t.Fatal(err)
		}
		if err := s.SuspendUser(ctx, user.ID, domain.AuditEvent{Act: "user.suspend"}); err != nil {
			t.Fatal(err)
		}
		if got, _ := s.UserByID(ctx, user.ID); !got.Suspended {
			t.Error("the user is not suspended")
		}
		if _, err := s.SessionByHash(ctx, cookie.Hash()); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("got %v for the session of a suspended user, want NotFound", err)
		}
		_, hash, _ := s.UserWithPassword(ctx, "alice")
		_, err := s.CreateSession(ctx, domain.NewSession{Hash: secret.Generate(secret.Session).Hash(), User: user.ID, Verified: hash}, domain.AuditEvent{})
		if !domain.IsKind(err, domain.Unauthenticated) {
			t.Errorf("got %v for a new session of a suspended user, want Unauthenticated", err)
		}
		if err := s.ResumeUser(ctx, user.ID, domain.AuditEvent{Act: "user.resume"}); err != nil {
			t.Fatal(err)
		}
		if got, _ := s.UserByID(ctx, user.ID); got.Suspended {
			t.Error("the user is still suspended")
		}
	})
}

func TestUsersAreListedPageByPage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		if any, err := s.AnyUsers(ctx); any || err != nil {
			t.Fatalf("empty store: got %v, %v", any, err)
		}
		var want []string
		for i := range 5 {
			want = append(want, storetest.User(t, s, fmt.Sprintf("user%d", i)).Name)
		}
		if any, err := s.AnyUsers(ctx); !any || err != nil {
			t.Fatalf("five users: got %v, %v", any, err)
		}
		var got []string
		page := domain.Page{Limit: 2}
		for {
			list, err := s.Users(ctx, page)
			if err != nil || list.Total != 5 {
				t.Fatalf("got total %d, error %v", list.Total, err)
			}
			for _, user := range list.Items {
				got = append(got, user.Name)
			}
			if list.Next == "" {
				break
			}
			page.Cursor = list.Next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("users differ (-want +got):\n%s", diff)
		}
		if _, err := s.Users(ctx, domain.Page{Cursor: "x"}); !domain.IsKind(err, domain.Invalid) {
			t.Errorf("foreign cursor: got %v, want Invalid", err)
		}
	})
}

func TestTheFirstAdministratorIsMadeOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		codes := make([]secret.Hash, 20)
		for i := range codes { // each start of a server gives out one more
			codes[i] = secret.Generate(secret.SetupCode).Hash()
			makeCode(t, s, domain.OnceCode{Hash: codes[i], Purpose: domain.SetupCode, ExpiresAt: time.Now().Add(time.Hour)})
		}
		errs := atOnce(20, func(i int) error {
			n := domain.NewUser{User: domain.User{Name: fmt.Sprint("first", i)}}
			_, err := s.SetupFirstAdmin(ctx, codes[i], n, domain.AuditEvent{Act: "user.setup", ActorName: n.User.Name})
			return err
		})
		wantOneWinner(t, errs, "already_set_up")
		users, err := s.Users(ctx, domain.Page{})
		if err != nil || len(users.Items) != 1 || !users.Items[0].Admin {
			t.Errorf("got users %+v, error %v, want one administrator", users.Items, err)
		}
	})
}
