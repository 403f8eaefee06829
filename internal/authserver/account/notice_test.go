package account

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/notify"
	"github.com/thingward/thingward/internal/secret"
)

// withMails lets the world write mails.
func withMails(t *testing.T, w *world) *world {
	t.Helper()
	vault, err := secret.NewSealer(bytes.Repeat([]byte{5}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w.Mails = &notify.Composer{Host: "things.example", Vault: vault}
	return w
}

// written returns the kind and address of every mail, oldest first.
func (w *world) written(t *testing.T) []string {
	t.Helper()
	listed, err := w.store.Mails(context.Background(), domain.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range slices.Backward(listed.Items) {
		all = append(all, string(m.Kind)+" "+m.Address)
	}
	return all
}

func TestASignUpAddressIsNotProvenAndIsMailed(t *testing.T) {
	t.Parallel()
	w := withMails(t, newWorld(t, SignUpOpen))
	user, err := w.SignUp(t.Context(), NewUser{Name: "alice", Email: "alice@example.org", Password: secret.New(password)}, Origin{Address: home})
	if err != nil {
		t.Fatal(err)
	}
	if user.EmailProven() {
		t.Error("an address counts because somebody typed it")
	}
	if got, want := w.written(t), []string{"confirm_address alice@example.org"}; !slices.Equal(got, want) {
		t.Errorf("got the mails %q, want %q", got, want)
	}
	if pending, err := w.store.PendingAddress(t.Context(), user.ID); pending != "alice@example.org" || err != nil {
		t.Errorf("got %q, %v pending", pending, err)
	}
	if _, err := w.SignUp(t.Context(), NewUser{Name: "bob", Password: secret.New(password)}, Origin{Address: home}); err != nil {
		t.Fatal(err)
	}
	if got := w.written(t); len(got) != 1 {
		t.Errorf("got %q after a sign-up without an address", got)
	}
	if made := w.make(t, NewUser{Name: "carla", Email: "carla@example.org", Password: secret.New(password)}); !made.EmailProven() {
		t.Error("the address of an account that an operator made does not count")
	}
}

func TestNobodysMailboxIsFloodedBySignUps(t *testing.T) {
	t.Parallel()
	w := withMails(t, newWorld(t, SignUpOpen))
	for i := range 12 {
		n := NewUser{Name: fmt.Sprintf("flood%d", i), Email: fmt.Sprintf("victim+%d@example.org", i), Password: secret.New(password)}
		if _, err := w.SignUp(t.Context(), n, Origin{Address: home}); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.written(t); len(got) != mailedBound.Burst {
		t.Errorf("one network had %d mails sent to one mailbox, want %d", len(got), mailedBound.Burst)
	}
	if _, err := w.SignUp(t.Context(), NewUser{Name: "victim", Email: "victim@example.org", Password: secret.New(password)}, Origin{Address: away}); err != nil {
		t.Fatal(err)
	}
	if got := w.written(t); len(got) != mailedBound.Burst+1 {
		t.Error("who has the mailbox gets no mail because of others")
	}
}

func TestAnotherAddressCountsWhenItIsProven(t *testing.T) {
	t.Parallel()
	w := withMails(t, newWorld(t, SignUpOpen))
	alice := w.make(t, NewUser{Name: "alice", Email: "alice@example.org", Password: secret.New(password)})
	c := w.signedIn(t, "alice")
	edit := func(email string) domain.User {
		t.Helper()
		user, err := w.EditProfile(t.Context(), c, ProfileEdit{Email: &email})
		if err != nil {
			t.Fatal(err)
		}
		stored, err := w.store.UserByID(t.Context(), alice.ID)
		if err != nil || stored != user {
			t.Errorf("got %+v, and %+v, %v stored", user, stored, err)
		}
		return stored
	}
	if got := edit("new@example.org"); got.Email != "alice@example.org" || !got.EmailProven() {
		t.Errorf("got %+v, want the proven address until the new one is proven", got)
	}
	if got := edit(""); got.Email != "" || got.EmailProven() {
		t.Errorf("got %+v, want no address", got)
	}
	if got := edit("third@example.org"); got.Email != "third@example.org" || got.EmailProven() {
		t.Errorf("got %+v, want the address, not proven", got)
	}
	want := []string{"confirm_address new@example.org", "address_changed alice@example.org", "confirm_address third@example.org"}
	if got := w.written(t); !slices.Equal(got, want) {
		t.Errorf("got the mails %q, want %q", got, want)
	}
	for i := range 5 {
		email := "more@example.org"
		_, err := w.EditProfile(t.Context(), c, ProfileEdit{Email: &email})
		if i == 0 && err != nil {
			t.Fatal(err)
		}
		email = "other@example.org"
		_, last := w.EditProfile(t.Context(), c, ProfileEdit{Email: &email})
		if i == 4 && !domain.IsKind(last, domain.TooMany) {
			t.Errorf("got %v for very many addresses, want TooMany", last)
		}
	}
}

// signedIn is the session of somebody who has just entered his password.
func (w world) signedIn(t *testing.T, name string) domain.Caller {
	t.Helper()
	in, err := w.SignIn(t.Context(), name, secret.New(password), Origin{Address: home})
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := w.store.SessionsOf(t.Context(), in.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	return domain.Caller{User: in.User, Credential: domain.SessionCredential, Session: sessions[0].ID, Scopes: domain.EveryScope(), Address: home}
}

func TestAnotherAddressNeedsAFreshPassword(t *testing.T) {
	t.Parallel()
	w := withMails(t, newWorld(t, SignUpOpen))
	w.make(t, NewUser{Name: "alice", Email: "alice@example.org", Password: secret.New(password)})
	c := w.signedIn(t, "alice")
	key, app := c, c
	key.Credential, key.KeyID = domain.KeyCredential, "k"
	app.Credential, app.Client, app.Unnarrowed = domain.TokenCredential, domain.CommandLineID, true
	edit := func(c domain.Caller, email string) string {
		if _, err := w.EditProfile(t.Context(), c, ProfileEdit{Email: &email}); err != nil {
			return domain.CodeOf(err)
		}
		return ""
	}
	for who, caller := range map[string]domain.Caller{"a key": key, "an app": app} {
		if got := edit(caller, "evil@example.org"); got != "person_only" {
			t.Errorf("%s sets another address: got %q, want person_only, for a mailed code opens the whole account", who, got)
		}
		if got := edit(caller, "alice@example.org"); got != "" {
			t.Errorf("%s leaves the address as it is: got %q", who, got)
		}
	}
	w.clock.Advance(domain.FreshPassword)
	if got := edit(c, "evil@example.org"); got != "password_needed" {
		t.Errorf("a session left open: got %q, want password_needed", got)
	}
	if err := w.ConfirmPassword(t.Context(), c, secret.New(password)); err != nil {
		t.Fatal(err)
	}
	if got := edit(c, "new@example.org"); got != "" {
		t.Errorf("after the password: got %q", got)
	}
	if got := w.written(t); !slices.Equal(got, []string{"confirm_address new@example.org"}) {
		t.Errorf("got the mails %q", got)
	}
}

func TestPeopleAreToldOfNewPasswordsAndOfSignInsFromElsewhere(t *testing.T) {
	t.Parallel()
	w := withMails(t, newWorld(t, SignUpOpen))
	ctx := t.Context()
	w.make(t, NewUser{Name: "alice", Email: "alice@example.org", Password: secret.New(password)})
	signIn := func(from Origin, wanted ...string) domain.Caller {
		t.Helper()
		before := len(w.written(t))
		in, err := w.SignIn(ctx, "alice", secret.New(password), from)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.written(t)[before:]; !slices.Equal(got, wanted) {
			t.Errorf("from %v: got the mails %q, want %q", from, got, wanted)
		}
		sessions, err := w.store.SessionsOf(ctx, in.User.ID)
		if err != nil {
			t.Fatal(err)
		}
		return domain.Caller{User: in.User, Credential: domain.SessionCredential, Session: sessions[0].ID, Scopes: domain.EveryScope(), Address: from.Address}
	}
	firefox, newer := "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
	signIn(Origin{home, firefox}) // the first of all
	signIn(Origin{home, newer})   // an update
	signIn(Origin{away, firefox}, "new_sign_in alice@example.org")
	signIn(Origin{home, "curl/8.5"}, "new_sign_in alice@example.org")
	c := signIn(Origin{away, newer})
	before := len(w.written(t))
	if err := w.ChangePassword(ctx, c, secret.New(password), secret.New("another long password")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ResetPassword(ctx, operator, "alice"); err != nil {
		t.Fatal(err)
	}
	want := []string{"password_changed alice@example.org", "password_changed alice@example.org"}
	if got := w.written(t)[before:]; !slices.Equal(got, want) {
		t.Errorf("got the mails %q, want %q", got, want)
	}
}
