package account

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

func newcomer(name string) NewUser { return NewUser{Name: name, Password: secret.New(password)} }

func TestSignUpFollowsThePolicy(t *testing.T) {
	t.Parallel()
	invite := func(w *world) secret.Secret {
		code, err := w.Invite(context.Background(), operator)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	tests := []struct {
		policy SignUpPolicy
		invite func(w *world) secret.Secret
		code   string
	}{
		{SignUpOpen, nil, ""},
		{SignUpInvite, nil, "invite_needed"},
		{SignUpInvite, invite, ""},
		{SignUpInvite, func(*world) secret.Secret { return secret.New("twi_typo") }, "code_not_valid"},
		{SignUpInvite, func(*world) secret.Secret { return secret.Generate(secret.InviteCode) }, "code_not_valid"},
		{SignUpClosed, invite, "sign_up_closed"},
		{"", invite, "sign_up_closed"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %s", test.policy, test.code), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.policy)
			n := newcomer("alice")
			if test.invite != nil {
				n.Invite = test.invite(w)
			}
			user, err := w.SignUp(context.Background(), n, Origin{Address: home})
			wantCode(t, "sign up", err, test.code)
			if err == nil {
				if diff := cmp.Diff([]string{"user.sign_up"}, w.acts(t, user)); diff != "" {
					t.Errorf("audit differs (-want +got):\n%s", diff)
				}
				w.enter(t, "alice")
			}
		})
	}
}

// The classic hole: a newcomer who says that he is an administrator.
func TestNobodySignsUpAsAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	n := newcomer("alice")
	n.Admin = true
	user, err := w.SignUp(context.Background(), n, Origin{Address: home})
	if err != nil || user.Admin {
		t.Errorf("got %+v, error %v, want a user without admin", user, err)
	}
}

func TestSignUpReportsAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	n := NewUser{Name: "A", Email: "nonsense", DisplayName: "two\nlines", TimeZone: "Mars/Olympus", Password: secret.New("short")}
	_, err := w.SignUp(context.Background(), n, Origin{Address: home})
	var shown *domain.Error
	if !errors.As(err, &shown) {
		t.Fatalf("got %v, want a domain error", err)
	}
	want := []string{"display_name", "email", "name", "password", "time_zone"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(shown.Fields))); diff != "" {
		t.Errorf("faulty fields differ (-want +got):\n%s", diff)
	}
	if w.hash.made.Load() != 0 {
		t.Error("a refused sign-up cost a slow hash")
	}
}

func TestOneAddressSignsUpSlowly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	var err error
	for i := range signUpBound.Burst {
		if _, err = w.SignUp(context.Background(), newcomer(fmt.Sprint("user", i)), Origin{Address: home}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.SignUp(context.Background(), newcomer("alice"), Origin{Address: home})
	wantCode(t, "one too many", err, "too_many_attempts")
	_, err = w.SignUp(context.Background(), newcomer("alice"), Origin{Address: away})
	wantCode(t, "somebody else", err, "")
}

func TestSetupMakesTheFirstAdministratorOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpClosed)
	ctx := context.Background()
	if needed, err := w.SetupNeeded(ctx); !needed || err != nil {
		t.Fatalf("empty store: got %v, %v", needed, err)
	}
	code, err := w.MakeSetupCode(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Setup(ctx, secret.Generate(secret.SetupCode), newcomer("mallory"), Origin{Address: away})
	wantCode(t, "another code", err, "code_not_valid")
	_, err = w.Setup(ctx, secret.New("twu_typo"), newcomer("mallory"), Origin{Address: away})
	wantCode(t, "mistyped code", err, "code_not_valid")
	var won SignedIn
	var mu sync.Mutex
	var all sync.WaitGroup
	wins := 0
	for i := range 20 {
		all.Go(func() {
			in, err := w.Setup(ctx, code, newcomer(fmt.Sprint("first", i)), Origin{Address: home})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won = in
				wins++
			} else if got := domain.CodeOf(err); got != "code_not_valid" && got != "already_set_up" {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if wins != 1 || !won.User.Admin || !w.alive(won.Cookie) {
		t.Errorf("got %d winners, the last %+v, want one administrator who is signed in", wins, won.User)
	}
	if needed, err := w.SetupNeeded(ctx); needed || err != nil {
		t.Errorf("after the setup: got %v, %v", needed, err)
	}
	late, err := w.MakeSetupCode(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Setup(ctx, late, newcomer("mallory"), Origin{Address: away})
	wantCode(t, "there are users", err, "already_set_up")
}

func TestCodesExpire(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpInvite)
	ctx := context.Background()
	setup, err := w.MakeSetupCode(ctx)
	if err != nil {
		t.Fatal(err)
	}
	invite, err := w.Invite(ctx, operator)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(setupLife)
	_, err = w.Setup(ctx, setup, newcomer("alice"), Origin{})
	wantCode(t, "setup code after a day", err, "code_not_valid")
	w.clock.Advance(inviteLife - setupLife)
	n := newcomer("bob")
	n.Invite = invite
	_, err = w.SignUp(ctx, n, Origin{})
	wantCode(t, "invitation after a week", err, "code_not_valid")
}
