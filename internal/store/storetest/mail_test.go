package storetest_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

func aMail(to domain.MailTo) domain.NewMail {
	return domain.NewMail{To: to, Kind: domain.MailClientApproved, MessageID: secret.NewPackage() + "@test.example", Subject: "Hello", Sealed: []byte("sealed")}
}

// mailTo puts a mail into the outbox by an act that may carry one.
func mailTo(t *testing.T, s *store.Store, to domain.MailTo) {
	t.Helper()
	mailAbout(t, s, aMail(to))
}

func mailAbout(t *testing.T, s *store.Store, m domain.NewMail) {
	t.Helper()
	ctx := context.Background()
	carrier, err := s.UserByName(ctx, "carrier")
	if err != nil {
		carrier = storetest.User(t, s, "carrier")
	}
	if err := s.UpdateProfile(ctx, domain.ProfileChange{User: carrier, Mails: []domain.NewMail{m}}, domain.AuditEvent{Act: "profile.change"}); err != nil {
		t.Fatal(err)
	}
}

func outbox(t *testing.T, s *store.Store) []domain.Mail {
	t.Helper()
	listed, err := s.Mails(context.Background(), domain.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return listed.Items
}

func TestAMailGoesToProvenAddressesOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, dana, erin, finn := storetest.User(t, s, "alice"), storetest.Admin(t, s, "dana"), storetest.Admin(t, s, "erin"), storetest.Admin(t, s, "finn")
		unproven, err := s.CreateUser(ctx, domain.NewUser{User: domain.User{Name: "bob", Email: "bob@example.org", Admin: true}}, domain.AuditEvent{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SuspendUser(ctx, finn.ID, domain.AuditEvent{}); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			name string
			to   domain.MailTo
			want []string
		}{
			{"a user", domain.MailTo{User: alice.ID}, []string{"alice@example.org"}},
			{"a user whose address is not proven", domain.MailTo{User: unproven.ID}, nil},
			{"an address that is to be proven", domain.MailTo{User: unproven.ID, Address: "bob@example.org"}, []string{"bob@example.org"}},
			{"the administrators", domain.MailTo{Admins: true}, []string{"dana@example.org", "erin@example.org"}},
			{"the other administrators", domain.MailTo{Admins: true, Except: dana.ID}, []string{"erin@example.org"}},
			{"nobody", domain.MailTo{}, nil},
		} {
			before := len(outbox(t, s))
			mailTo(t, s, test.to)
			mails := outbox(t, s)
			var got []string
			ids := map[string]bool{}
			for _, m := range mails[:len(mails)-before] {
				got = append(got, m.Address)
				ids[m.MessageID] = true
			}
			slices.Sort(got)
			if !slices.Equal(got, test.want) || len(ids) != len(got) {
				t.Errorf("%s: got %v with the Message-IDs %v, want %v with one each", test.name, got, ids, test.want)
			}
		}
		_ = erin
	})
}

func TestAMailIsThereOnlyIfItsActIsDone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		alice := storetest.User(t, s, "alice")
		change := domain.PasswordChange{User: alice.ID, Old: "another hash", New: "new hash"}
		if err := s.SetPassword(context.Background(), change, domain.AuditEvent{}, aMail(domain.MailTo{User: alice.ID})); domain.CodeOf(err) != "password_changed" {
			t.Fatalf("got %v, want password_changed", err)
		}
		if got := outbox(t, s); len(got) != 0 {
			t.Errorf("got %d mails of an act that was undone", len(got))
		}
	})
}

func TestAMailIsClaimedByOneOfMany(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		mailTo(t, s, domain.MailTo{User: alice.ID})
		var wins atomic.Int64
		claim := func() {
			t.Helper()
			atOnce(20, func(int) error {
				mail, claimed, err := s.ClaimMail(ctx, time.Minute)
				if claimed {
					wins.Add(1)
					if string(mail.Sealed) != "sealed" || mail.Address != "alice@example.org" {
						t.Errorf("got %+v, want the whole mail", mail)
					}
				}
				return err
			})
		}
		claim()
		if got := wins.Load(); got != 1 {
			t.Fatalf("got %d who claimed one mail, want 1", got)
		}
		if next, err := s.NextMailAt(ctx); err != nil || !next.Equal(clock.Now().Add(time.Minute)) {
			t.Errorf("got the next mail at %v, %v; want when the lease ends", next, err)
		}
		clock.Advance(time.Minute)
		claim() // the first one was never heard of again
		if got := wins.Load(); got != 2 {
			t.Errorf("got %d claims after the lease, want 2", got)
		}
	})
}

func TestAMailThatWasNotMarkedAsSentIsSentAgainUnderTheSameMessageID(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		mailTo(t, s, domain.MailTo{User: alice.ID})
		first, claimed, err := s.ClaimMail(ctx, time.Minute)
		if err != nil || !claimed {
			t.Fatal(claimed, err)
		}
		clock.Advance(time.Hour) // it was sent, and the process ended before it could say so
		second, claimed, err := s.ClaimMail(ctx, time.Minute)
		if err != nil || !claimed || second.MessageID != first.MessageID || second.Tries != 2 {
			t.Fatalf("got %+v, %v, %v; want the mail again with the Message-ID %s", second, claimed, err, first.MessageID)
		}
		if err := s.MailMissed(ctx, first, domain.MailMiss{Fault: "late", NextTryAt: clock.Now()}); err != nil {
			t.Fatal(err)
		}
		if got := outbox(t, s)[0]; got.Fault != "" {
			t.Errorf("got the fault %q of one whose lease was over", got.Fault)
		}
		if err := s.MailSent(ctx, second); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Hour)
		if _, claimed, _ := s.ClaimMail(ctx, time.Minute); claimed {
			t.Error("a mail that was sent is due again")
		}
		if next, _ := s.NextMailAt(ctx); !next.IsZero() {
			t.Errorf("got the next mail at %v, want none", next)
		}
	})
}

func TestAMailThatIsGivenUpIsSentAgainWhenAskedFor(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		mailTo(t, s, domain.MailTo{User: alice.ID})
		mail, _, _ := s.ClaimMail(ctx, time.Minute)
		if err := s.SendMailAgain(ctx, mail.ID, domain.AuditEvent{}); domain.CodeOf(err) != "mail_state" {
			t.Errorf("got %v for a mail that waits, want mail_state", err)
		}
		if err := s.MailMissed(ctx, mail, domain.MailMiss{Fault: "550 no such user"}); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Hour)
		if _, claimed, _ := s.ClaimMail(ctx, time.Minute); claimed {
			t.Fatal("a mail that was given up is due")
		}
		errs := atOnce(20, func(int) error { return s.SendMailAgain(ctx, mail.ID, domain.AuditEvent{Act: "mail.send_again"}) })
		wantOneWinner(t, errs, "mail_state")
		again, claimed, err := s.ClaimMail(ctx, time.Minute)
		if err != nil || !claimed || again.MessageID != mail.MessageID || again.Tries != 1 {
			t.Errorf("got %+v, %v, %v; want the mail once more, as new", again, claimed, err)
		}
		if err := s.MailKept(ctx, again); err != nil {
			t.Fatal(err)
		}
		if got := outbox(t, s)[0]; !got.Kept || got.SentAt.IsZero() || got.Fault != "" {
			t.Errorf("got %+v, want it kept", got)
		}
	})
}

func TestWhatHeldACodeIsForgottenWhenItIsSent(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		m := aMail(domain.MailTo{Address: "new@example.org"})
		m.Kind = domain.MailConfirmAddress
		mailAbout(t, s, m)
		mail, _, _ := s.ClaimMail(ctx, time.Minute)
		if err := s.MailSent(ctx, mail); err != nil {
			t.Fatal(err)
		}
		got, err := s.Mail(ctx, mail.ID)
		if err != nil || len(got.Sealed) != 0 || got.SentAt.IsZero() {
			t.Errorf("got %+v, %v; want it sent, without its letter", got, err)
		}
		clock.Advance(31 * 24 * time.Hour)
		if swept, err := s.SweepMails(ctx, clock.Now()); swept != 1 || err != nil {
			t.Errorf("got %d swept, %v; want 1", swept, err)
		}
		if _, err := s.Mail(ctx, mail.ID); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("got %v, want it not found", err)
		}
	})
}

// proofFor is a code for an address with the mail that brings it.
func proofFor(purpose domain.OncePurpose, user domain.UserID, address string, now time.Time) (secret.Secret, domain.AddressProof) {
	made := secret.Generate(secret.ProveCode)
	return made, domain.AddressProof{Mail: aMail(domain.MailTo{User: user, Address: address}),
		Code: domain.OnceCode{Hash: made.Hash(), Purpose: purpose, User: user, Email: address, ExpiresAt: now.Add(time.Hour)}}
}

func TestAnAddressIsProvenOnceAndByTheNewestCode(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		old, first := proofFor(domain.ProveCode, alice.ID, "one@example.org", clock.Now())
		code, second := proofFor(domain.ProveCode, alice.ID, "two@example.org", clock.Now())
		for _, proof := range []domain.AddressProof{first, second} {
			if err := s.MailProof(ctx, alice.ID, proof, domain.AuditEvent{}); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.PendingAddress(ctx, alice.ID); got != "two@example.org" || err != nil {
			t.Errorf("got %q, %v pending", got, err)
		}
		if err := s.ProveAddress(ctx, old.Hash(), domain.AuditEvent{}); domain.CodeOf(err) != "code_not_valid" {
			t.Errorf("got %v for a code that another replaced, want code_not_valid", err)
		}
		errs := atOnce(20, func(int) error {
			return s.ProveAddress(ctx, code.Hash(), domain.AuditEvent{Act: "address.prove"}, aMail(domain.MailTo{Address: alice.Email}))
		})
		wantOneWinner(t, errs, "code_not_valid")
		got, err := s.UserByID(ctx, alice.ID)
		if err != nil || got.Email != "two@example.org" || !got.EmailProven() {
			t.Errorf("got %+v, %v; want the new address, proven", got, err)
		}
		told := 0
		for _, m := range outbox(t, s) {
			if m.Address == "alice@example.org" {
				told++
			}
		}
		if told != 1 {
			t.Errorf("the address before was told %d times, want once", told)
		}
	})
}

func TestAPasswordIsResetOnce(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		_, hash, _ := s.UserWithPassword(ctx, "alice")
		session := domain.NewSession{Hash: secret.Generate(secret.Session).Hash(), User: alice.ID, Verified: hash}
		if _, err := s.CreateSession(ctx, session, domain.AuditEvent{}); err != nil {
			t.Fatal(err)
		}
		code, one := proofFor(domain.ResetCode, alice.ID, alice.Email, clock.Now())
		spare, two := proofFor(domain.ResetCode, alice.ID, alice.Email, clock.Now())
		_, nobody := proofFor(domain.ResetCode, 0, "", clock.Now())
		if err := s.RequestReset(ctx, []domain.AddressProof{one, two, nobody}, domain.AuditEvent{}); err != nil {
			t.Fatal(err)
		}
		if got := len(outbox(t, s)); got != 2 {
			t.Errorf("got %d mails, want 2: nobody gets none", got)
		}
		errs := atOnce(20, func(int) error {
			return s.ResetPassword(ctx, code.Hash(), "new hash", domain.AuditEvent{Act: "password.recover"}, aMail(domain.MailTo{User: alice.ID}))
		})
		wantOneWinner(t, errs, "code_not_valid")
		if err := s.ResetPassword(ctx, spare.Hash(), "third hash", domain.AuditEvent{}); domain.CodeOf(err) != "code_not_valid" {
			t.Errorf("got %v for another code after the reset, want code_not_valid", err)
		}
		if _, got, _ := s.UserWithPassword(ctx, "alice"); got != "new hash" {
			t.Errorf("got the password hash %q", got)
		}
		if _, err := s.SessionByHash(ctx, session.Hash); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("got %v of a session after the reset, want it over", err)
		}
	})
}

func TestACodeForAnAddressThatIsNoLongerTheUsersResetsNothing(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		code, proof := proofFor(domain.ResetCode, alice.ID, alice.Email, clock.Now())
		if err := s.RequestReset(ctx, []domain.AddressProof{proof}, domain.AuditEvent{}); err != nil {
			t.Fatal(err)
		}
		alice.Email = ""
		if err := s.UpdateProfile(ctx, domain.ProfileChange{User: alice}, domain.AuditEvent{}); err != nil {
			t.Fatal(err)
		}
		if got, _ := s.UserByID(ctx, alice.ID); got.EmailProven() || !got.EmailProvenAt.IsZero() {
			t.Errorf("got %+v, want an address that was taken away to be proven no longer", got)
		}
		if err := s.ResetPassword(ctx, code.Hash(), "new hash", domain.AuditEvent{}); domain.CodeOf(err) != "code_not_valid" {
			t.Errorf("got %v, want code_not_valid", err)
		}
	})
}

func TestWhoForgotIsFoundByNameOrProvenAddress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		if _, err := s.CreateUser(ctx, domain.NewUser{User: domain.User{Name: "mallory", Email: "alice@example.org"}}, domain.AuditEvent{}); err != nil {
			t.Fatal(err)
		}
		gone := storetest.User(t, s, "gone")
		if err := s.SuspendUser(ctx, gone.ID, domain.AuditEvent{}); err != nil {
			t.Fatal(err)
		}
		for sought, want := range map[string]domain.UserID{"alice": alice.ID, "ALICE@example.org": alice.ID, "mallory": 0, "gone": 0, "gone@example.org": 0, "nobody": 0, "\xff": 0} {
			found, err := s.UsersToReset(ctx, sought)
			if err != nil || len(found) > 1 || len(found) == 1 && found[0].ID != want || len(found) == 0 && want != 0 {
				t.Errorf("%q: got %v, %v; want user %d", sought, found, err, want)
			}
		}
	})
}

func TestASignInFromElsewhereIsToldButNotTheFirst(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		_, hash, _ := s.UserWithPassword(ctx, "alice")
		signIn := func(place string) int {
			t.Helper()
			before := len(outbox(t, s))
			session := domain.NewSession{Hash: secret.Generate(secret.Session).Hash(), User: alice.ID, Verified: hash, Place: place, Elsewhere: aMail(domain.MailTo{User: alice.ID})}
			if _, err := s.CreateSession(ctx, session, domain.AuditEvent{}); err != nil {
				t.Fatal(err)
			}
			return len(outbox(t, s)) - before
		}
		for i, step := range []struct {
			place string
			want  int
		}{{"Firefox at home", 0}, {"Firefox at home", 0}, {"curl at work", 1}, {"curl at work", 0}, {"Firefox at home", 0}} {
			if got := signIn(step.place); got != step.want {
				t.Errorf("sign-in %d from %s: got %d mails, want %d", i+1, step.place, got, step.want)
			}
		}
		clock.Advance(401 * 24 * time.Hour)
		if swept, err := s.SweepSignInPlaces(ctx, clock.Now()); swept != 2 || err != nil {
			t.Errorf("got %d places forgotten, %v; want 2", swept, err)
		}
	})
}

func TestTheHistoryOfAClientTellsEveryStep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, dana := storetest.User(t, s, "alice"), storetest.Admin(t, s, "dana")
		c := madeClient(t, s, alice, "wall", func(c *domain.Client) { c.State = domain.ClientRequested })
		at := aClientAct.At
		by := func(actor domain.User, act string) domain.AuditEvent {
			at = at.Add(time.Minute)
			return domain.AuditEvent{Actor: actor.ID, ActorName: actor.Name, Act: act, At: at}
		}
		steps := []error{
			s.SetClientState(ctx, c.ID, domain.ClientStateChange{From: []domain.ClientState{domain.ClientRequested}, To: domain.ClientRejected, Reason: "why?"}, by(dana, "client.reject")),
			s.EditClient(ctx, c.ID, func(c domain.Client) (domain.Client, error) {
				c.State, c.Reason = domain.ClientRequested, ""
				return c, nil
			}, by(alice, "client.edit"), aMail(domain.MailTo{Admins: true})),
			s.EditClient(ctx, c.ID, func(c domain.Client) (domain.Client, error) { return c, nil }, by(alice, "client.edit"), aMail(domain.MailTo{Admins: true})),
			s.SetClientState(ctx, c.ID, domain.ClientStateChange{From: []domain.ClientState{domain.ClientRequested}, To: domain.ClientApproved},
				domain.AuditEvent{ActorName: "operator", Credential: string(domain.OperatorCredential), At: at.Add(time.Hour)}),
		}
		if err := errors.Join(steps...); err != nil {
			t.Fatal(err)
		}
		if err := s.SetClientState(ctx, c.ID, domain.ClientStateChange{From: []domain.ClientState{domain.ClientRequested}, To: domain.ClientRejected, Reason: "late"}, by(dana, "client.reject"), aMail(domain.MailTo{User: alice.ID})); domain.CodeOf(err) != "client_state" {
			t.Fatalf("got %v, want client_state", err)
		}
		stages, err := s.ClientHistory(ctx, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, stage := range stages {
			got = append(got, stage.ByName+" "+string(stage.State)+" "+stage.Reason)
			if stage.Number != i+1 || stage.At.IsZero() {
				t.Errorf("got %+v, want number %d and a time", stage, i+1)
			}
		}
		if want := []string{" requested ", "dana rejected why?", "alice requested ", "operator approved "}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := len(outbox(t, s)); got != 1 {
			t.Errorf("got %d mails, want one for the edit that asked again", got)
		}
	})
}
