package account

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

func TestChangePasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := context.Background()
	w.user(t, "alice")
	caller, own := w.enter(t, "alice")
	_, other := w.enter(t, "alice")
	wantCode(t, "wrong old one", w.ChangePassword(ctx, caller, secret.New("wrong password"), secret.New("a better password")), "invalid_password")
	wantCode(t, "short new one", w.ChangePassword(ctx, caller, secret.New(password), secret.New("short")), "invalid_new_password")
	if !w.alive(other) {
		t.Error("a refused change ended a session")
	}
	wantCode(t, "change", w.ChangePassword(ctx, caller, secret.New(password), secret.New("a better password")), "")
	if !w.alive(own) || w.alive(other) {
		t.Error("the session of the change goes on, the other ends")
	}
	_, err := w.SignIn(ctx, "alice", secret.New(password), Origin{Address: home})
	wantCode(t, "old password", err, "wrong_credentials")
	_, err = w.SignIn(ctx, "alice", secret.New("a better password"), Origin{Address: home})
	wantCode(t, "new password", err, "")
}

func TestConfirmPasswordMakesTheSessionFresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := context.Background()
	w.user(t, "alice")
	caller, cookie := w.enter(t, "alice")
	w.clock.Advance(domain.FreshPassword)
	fresh := func() bool {
		session, err := w.store.SessionByHash(ctx, cookie.Hash())
		return err == nil && session.Fresh(w.clock.Now())
	}
	wantCode(t, "wrong", w.ConfirmPassword(ctx, caller, secret.New("wrong password")), "invalid_password")
	if fresh() {
		t.Error("a wrong password made the session fresh")
	}
	wantCode(t, "right", w.ConfirmPassword(ctx, caller, secret.New(password)), "")
	if !fresh() {
		t.Error("the right password did not make the session fresh")
	}
}

func TestVerifyPasswordIsHashedOnceAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	w.user(t, "alice")
	verify := func(text string) error {
		_, err := w.VerifyPassword(context.Background(), "alice", secret.New(text), home)
		return err
	}
	for range 10 {
		wantCode(t, "right", verify(password), "")
	}
	if got := w.hash.checked.Load(); got != 1 {
		t.Errorf("got %d slow hashes, want 1", got)
	}
	w.clock.Advance(provenLife)
	wantCode(t, "after a minute", verify(password), "")
	if got := w.hash.checked.Load(); got != 2 {
		t.Errorf("got %d slow hashes, want 2", got)
	}
	wantCode(t, "wrong", verify(password+"!"), "wrong_credentials")
}

// What is remembered hangs on the exact stored hash: it is over with the
// password, also when the new password is set back to the same text.
func TestAPasswordChangeIsFeltAtOnceByPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := context.Background()
	w.user(t, "alice")
	_, err := w.VerifyPassword(ctx, "alice", secret.New(password), home)
	wantCode(t, "before", err, "")
	if _, err := w.ResetPassword(ctx, operator, "alice"); err != nil {
		t.Fatal(err)
	}
	_, err = w.VerifyPassword(ctx, "alice", secret.New(password), home)
	wantCode(t, "after", err, "wrong_credentials")
}

func TestVerifyPasswordRespectsTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := context.Background()
	alice := w.user(t, "alice")
	w.user(t, "bob")
	caller, _ := w.enter(t, "alice")
	keysOnly := true
	if _, err := w.EditProfile(ctx, caller, ProfileEdit{NoPasswordIn: &keysOnly}); err != nil {
		t.Fatal(err)
	}
	_, err := w.VerifyPassword(ctx, "alice", secret.New(password), home)
	wantCode(t, "keys only", err, "password_not_accepted")
	_, err = w.VerifyPassword(ctx, "alice", secret.New("wrong password"), home)
	wantCode(t, "keys only is not told to who does not know the password", err, "wrong_credentials")
	_, err = w.VerifyPassword(ctx, "nobody", secret.New(password), home)
	wantCode(t, "unknown", err, "wrong_credentials")
	got, err := w.VerifyPassword(ctx, "bob", secret.New(password), home)
	if err != nil || got.Name != "bob" {
		t.Errorf("got %v, error %v, want bob", got, err)
	}
	if err := w.Suspend(ctx, operator, "bob"); err != nil {
		t.Fatal(err)
	}
	_, err = w.VerifyPassword(ctx, "bob", secret.New(password), home)
	wantCode(t, "suspended", err, "wrong_credentials")
	if got := w.acts(t, alice)[0]; got != "password.refused wrong_credentials" {
		t.Errorf("got act %q, want the refused password", got)
	}
}

func TestProgramsThatComeAtOnceShareOneCheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	w.user(t, "alice")
	w.hash.block = make(chan struct{})
	errs := make([]error, 40)
	var all, begun sync.WaitGroup
	for i := range errs {
		begun.Add(1)
		all.Go(func() {
			begun.Done()
			_, errs[i] = w.VerifyPassword(context.Background(), "alice", secret.New(password), home)
		})
	}
	begun.Wait()
	close(w.hash.block)
	all.Wait()
	for _, err := range errs {
		wantCode(t, "at once", err, "")
	}
	if got := w.hash.checked.Load(); got != 1 {
		t.Errorf("got %d slow hashes, want 1", got)
	}
}

// Whoever waits for a check whose caller went away runs it himself.
func TestAFlightOutlivesItsFirstCaller(t *testing.T) {
	t.Parallel()
	var f flights
	began, release := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		_ = f.share(ctx, provenDigest{1}, func() error {
			close(began)
			<-release
			return ctx.Err()
		})
	})
	<-began
	second := make(chan error, 1)
	all.Go(func() {
		second <- f.share(context.Background(), provenDigest{1}, func() error { return nil })
	})
	cancel()
	close(release)
	all.Wait()
	if err := <-second; err != nil {
		t.Errorf("got %v, want the second caller to succeed", err)
	}
}

// A script with an outdated password must not keep the right one out.
func TestAStrayScriptDoesNotHoldBackOthersAtItsAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := context.Background()
	w.user(t, "alice")
	_, err := w.VerifyPassword(ctx, "alice", secret.New(password), home)
	wantCode(t, "right", err, "")
	for range 100 {
		_, _ = w.VerifyPassword(ctx, "alice", secret.New("outdated password"), home)
		w.clock.Advance(time.Second)
	}
	_, err = w.VerifyPassword(ctx, "alice", secret.New("outdated password"), home)
	wantCode(t, "the script", err, "too_many_attempts")
	_, err = w.VerifyPassword(ctx, "alice", secret.New(password), home)
	wantCode(t, "the right password, which was right before", err, "")
	w.enter(t, "alice") // and a sign-in in the browser is another matter
}
