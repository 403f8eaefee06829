package recovery

import (
	"bytes"
	"context"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/notify"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// desk is the service on a store, with the mails that it wrote.
type desk struct {
	*Service
	t       *testing.T
	store   *store.Store
	clock   *storetest.Clock
	letters *notify.Renderer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	vault, err := secret.NewSealer(bytes.Repeat([]byte{3}, 32))
	if err != nil {
		t.Fatal(err)
	}
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	return &desk{t: t, store: s, clock: clock, letters: &notify.Renderer{BaseURL: "https://things.example", Vault: vault},
		Service: &Service{Store: s, Mails: &notify.Composer{Host: "things.example", Vault: vault}, Now: clock.Now}}
}

var home = Origin{Address: netip.MustParseAddr("192.0.2.7"), Program: "curl/8.5"}

// elsewhere is a network of its own each time.
func elsewhere(i int) Origin {
	return Origin{Address: netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)})}
}

func person(user domain.User) domain.Caller {
	return domain.Caller{User: user, Credential: domain.SessionCredential, Session: 1, Scopes: domain.EveryScope()}
}

// mails are those to an address, newest first.
func (d *desk) mails(address string) []domain.Mail {
	d.t.Helper()
	listed, err := d.store.Mails(context.Background(), domain.Page{Limit: 100})
	if err != nil {
		d.t.Fatal(err)
	}
	var found []domain.Mail
	for _, m := range listed.Items {
		if m.Address == address {
			found = append(found, m)
		}
	}
	return found
}

var code = regexp.MustCompile(`tw[ex]_[0-9A-Za-z]+`)

// code is that of the newest mail to an address.
func (d *desk) code(address string) secret.Secret {
	d.t.Helper()
	mails := d.mails(address)
	if len(mails) == 0 {
		d.t.Fatalf("no mail went to %s", address)
	}
	mail, err := d.store.Mail(context.Background(), mails[0].ID)
	if err != nil {
		d.t.Fatal(err)
	}
	text, err := d.letters.Text(mail)
	if err != nil {
		d.t.Fatal(err)
	}
	return secret.New(code.FindString(text))
}

func (d *desk) user(name string) domain.User {
	d.t.Helper()
	user, err := d.store.UserByName(context.Background(), name)
	if err != nil {
		d.t.Fatal(err)
	}
	return user
}

const newPassword = "four unrelated words here"

func TestAForgottenPasswordIsReplacedWithAMailedCode(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	storetest.User(t, d.store, "alice")
	for _, sought := range []string{" Alice ", "ALICE@example.org"} {
		if err := d.Forgot(ctx, sought, home); err != nil {
			t.Fatal(err)
		}
		made := d.code("alice@example.org")
		if err := d.Reset(ctx, made, secret.New("short"), home); domain.CodeOf(err) == "code_not_valid" || err == nil {
			t.Errorf("got %v for a short password; the code must go on working", err)
		}
		if err := d.Reset(ctx, made, secret.New(newPassword), home); err != nil {
			t.Fatal(err)
		}
		_, hash, _ := d.store.UserWithPassword(ctx, "alice")
		if same, err := secret.PasswordMatches(ctx, hash, secret.New(newPassword)); !same || err != nil {
			t.Errorf("the new password does not count: %v", err)
		}
		if err := d.Reset(ctx, made, secret.New(newPassword), home); domain.CodeOf(err) != "code_not_valid" {
			t.Errorf("second use: got %v, want code_not_valid", err)
		}
		if got := d.mails("alice@example.org")[0].Kind; got != domain.MailPasswordChanged {
			t.Errorf("got a mail of the kind %s last, want the notice", got)
		}
	}
}

// TestANewPasswordEndsWhatAnIntruderAskedFor because a code for an address of
// his would let him in again.
func TestANewPasswordEndsWhatAnIntruderAskedFor(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for how, renew := range map[string]func(d *desk, alice domain.User) error{
		"reset": func(d *desk, _ domain.User) error {
			if err := d.Forgot(ctx, "alice", home); err != nil {
				return err
			}
			return d.Reset(ctx, d.code("alice@example.org"), secret.New(newPassword), home)
		},
		"changed": func(d *desk, alice domain.User) error {
			return d.store.SetPassword(ctx, domain.PasswordChange{User: alice.ID, New: "new hash"}, domain.AuditEvent{})
		},
	} {
		d := newDesk(t)
		alice := storetest.User(t, d.store, "alice")
		proof, err := d.Mails.Proof(domain.ProveCode, alice, "evil@example.org", d.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := d.store.MailProof(ctx, alice.ID, proof, domain.AuditEvent{}); err != nil {
			t.Fatal(err)
		}
		if err := renew(d, alice); err != nil {
			t.Fatal(err)
		}
		if err := d.Confirm(ctx, d.code("evil@example.org"), home); domain.CodeOf(err) != "code_not_valid" {
			t.Errorf("%s: got %v for a code that was mailed before, want code_not_valid", how, err)
		}
		if got := d.user("alice").Email; got != "alice@example.org" {
			t.Errorf("%s: the address is %s now", how, got)
		}
	}
}

func TestWhoeverIsNotThereIsAnsweredTheSame(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	if _, err := d.store.CreateUser(ctx, domain.NewUser{User: domain.User{Name: "bob", Email: "bob@example.org"}}, domain.AuditEvent{}); err != nil {
		t.Fatal(err)
	}
	gone := storetest.User(t, d.store, "gone")
	if err := d.store.SuspendUser(ctx, gone.ID, domain.AuditEvent{}); err != nil {
		t.Fatal(err)
	}
	for _, sought := range []string{"nobody", "nobody@example.org", "bob", "bob@example.org", "gone", strings.Repeat("x", 10_000), "a\x00b", "' OR 1=1 --"} {
		if err := d.Forgot(ctx, sought, home); err != nil {
			t.Errorf("%.20q: got %v, want no error", sought, err)
		}
	}
	if listed, _ := d.store.Mails(ctx, domain.Page{}); len(listed.Items) != 0 {
		t.Errorf("got %d mails to addresses that are not proven or people who are not there", len(listed.Items))
	}
}

func TestCodesThatWereNotMailedDoNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	alice := storetest.User(t, d.store, "alice")
	if err := d.Forgot(ctx, "alice", home); err != nil {
		t.Fatal(err)
	}
	reset := d.code("alice@example.org")
	forged := []secret.Secret{{}, secret.New("x"), secret.Generate(secret.ResetCode), secret.Generate(secret.ProveCode), secret.New(reset.Reveal()[:len(reset.Reveal())-1] + "0")}
	for i, made := range append(forged, secret.New(strings.ToLower(reset.Reveal()))) {
		if err := d.Reset(ctx, made, secret.New(newPassword), elsewhere(i)); domain.CodeOf(err) != "code_not_valid" {
			t.Errorf("code %d: got %v, want code_not_valid", i, err)
		}
		if err := d.Confirm(ctx, made, elsewhere(i)); domain.CodeOf(err) != "code_not_valid" {
			t.Errorf("code %d at the other page: got %v, want code_not_valid", i, err)
		}
	}
	if err := d.Confirm(ctx, reset, home); domain.CodeOf(err) != "code_not_valid" {
		t.Errorf("a code for a password confirms an address: %v", err)
	}
	d.clock.Advance(domain.ResetCodeLife)
	if err := d.Reset(ctx, reset, secret.New(newPassword), home); domain.CodeOf(err) != "code_not_valid" {
		t.Errorf("expired: got %v, want code_not_valid", err)
	}
	_ = alice
}

func TestOfTwentyWhoUseACodeOneSucceeds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	storetest.User(t, d.store, "alice")
	if err := d.Forgot(ctx, "alice", home); err != nil {
		t.Fatal(err)
	}
	made := d.code("alice@example.org")
	var mu sync.Mutex
	won := 0
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			err := d.Reset(ctx, made, secret.New(newPassword), elsewhere(i))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if domain.CodeOf(err) != "code_not_valid" {
				t.Errorf("got %v, want code_not_valid", err)
			}
		})
	}
	group.Wait()
	if won != 1 {
		t.Errorf("%d of 20 set a password with one code, want 1", won)
	}
}

func TestAskingForMailsIsBounded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	storetest.User(t, d.store, "alice")
	refused := 0
	for i := range 10 { // each from another network
		if err := d.Forgot(ctx, "alice", elsewhere(i)); domain.IsKind(err, domain.TooMany) {
			refused++
		}
	}
	if got := len(d.mails("alice@example.org")); got != 3 || refused != 7 {
		t.Errorf("got %d mails and %d refusals, want 3 and 7", got, refused)
	}
	for i := range 30 { // all from one network, about others
		err := d.Forgot(ctx, "user"+string(rune('a'+i)), home)
		if tooMany := domain.IsKind(err, domain.TooMany); tooMany != (i >= 20) {
			t.Errorf("try %d: got %v", i+1, err)
		}
	}
	d.clock.Advance(10 * time.Minute)
	if err := d.Forgot(ctx, "alice", elsewhere(99)); err != nil {
		t.Errorf("got %v after waiting as long as told", err)
	}
}

func TestAnAddressIsConfirmedAndTheOneBeforeTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	alice := storetest.User(t, d.store, "alice")
	proof, err := d.Mails.Proof(domain.ProveCode, alice, "new@example.org", d.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.store.MailProof(ctx, alice.ID, proof, domain.AuditEvent{}); err != nil {
		t.Fatal(err)
	}
	if pending, err := d.Pending(ctx, person(alice)); pending != "new@example.org" || err != nil {
		t.Errorf("got %q, %v pending", pending, err)
	}
	first := d.code("new@example.org")
	if err := d.Resend(ctx, person(alice)); err != nil {
		t.Fatal(err)
	}
	if err := d.Confirm(ctx, first, home); domain.CodeOf(err) != "code_not_valid" {
		t.Errorf("got %v for the code before, want code_not_valid", err)
	}
	if got := d.user("alice").Email; got != "alice@example.org" {
		t.Errorf("the address is %s before it is confirmed", got)
	}
	if err := d.Confirm(ctx, d.code("new@example.org"), home); err != nil {
		t.Fatal(err)
	}
	if got := d.user("alice"); got.Email != "new@example.org" || !got.EmailProven() {
		t.Errorf("got %+v, want the new address, proven", got)
	}
	if told := d.mails("alice@example.org"); len(told) != 1 || told[0].Kind != domain.MailAddressChanged {
		t.Errorf("got %+v to the address before, want it told", told)
	}
	if pending, err := d.Pending(ctx, person(d.user("alice"))); pending != "" || err != nil {
		t.Errorf("got %q, %v pending", pending, err)
	}
	if err := d.Resend(ctx, person(d.user("alice"))); domain.CodeOf(err) != "nothing_to_confirm" {
		t.Errorf("got %v, want nothing_to_confirm", err)
	}
}

func TestMailsToOneMailboxAreBounded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sent := 0
	for _, name := range []string{"bob", "eve"} {
		user, err := d.store.CreateUser(t.Context(), domain.NewUser{User: domain.User{Name: name, Email: "victim+" + name + "@example.org"}}, domain.AuditEvent{})
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			if err := d.Resend(t.Context(), person(user)); err == nil {
				sent++
			} else if !domain.IsKind(err, domain.TooMany) {
				t.Fatal(err)
			}
		}
	}
	if sent != mailedBound.Burst {
		t.Errorf("two accounts had %d mails sent to one mailbox, want %d", sent, mailedBound.Burst)
	}
}

func TestMailsToOneAccountAreBounded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	bob, err := d.store.CreateUser(ctx, domain.NewUser{User: domain.User{Name: "bob", Email: "bob@example.org"}}, domain.AuditEvent{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		err := d.Resend(ctx, person(bob))
		if tooMany := domain.IsKind(err, domain.TooMany); tooMany != (i >= 5) {
			t.Errorf("mail %d: got %v", i+1, err)
		}
	}
	key := person(bob)
	key.Credential = domain.KeyCredential
	if err := d.Resend(ctx, key); !domain.IsKind(err, domain.Forbidden) {
		t.Errorf("a key asks for mails: %v", err)
	}
}
