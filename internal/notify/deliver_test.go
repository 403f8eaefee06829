package notify

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
	"github.com/thingward/thingward/test/smtpserver"
)

// post is a store with an outbox, and what empties it.
type post struct {
	*Deliverer
	t       *testing.T
	store   *store.Store
	clock   *storetest.Clock
	alice   domain.User
	mu      sync.Mutex
	results []Result
	log     *strings.Builder
}

func newPost(t *testing.T, carrier Carrier) *post {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	p := &post{t: t, store: s, clock: clock, alice: storetest.User(t, s, "alice"), log: &strings.Builder{}}
	p.Deliverer = &Deliverer{Outbox: s, Letters: renderer(t), Carrier: carrier, Log: slog.New(slog.NewTextHandler(p.log, nil)), Now: clock.Now,
		Observe: func(r Result) { p.mu.Lock(); defer p.mu.Unlock(); p.results = append(p.results, r) }}
	return p
}

// write puts a mail to alice into the outbox.
func (p *post) write(kind domain.MailKind) {
	p.t.Helper()
	composer := &Composer{Host: "things.example", Vault: vault(p.t)}
	mail, err := composer.Compose(kind, domain.MailTo{User: p.alice.ID}, everything())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.store.UpdateProfile(context.Background(), domain.ProfileChange{User: p.alice, Mails: []domain.NewMail{mail}}, domain.AuditEvent{}); err != nil {
		p.t.Fatal(err)
	}
}

// last is the newest mail in the outbox.
func (p *post) last() domain.Mail {
	p.t.Helper()
	listed, err := p.store.Mails(context.Background(), domain.Page{Limit: 1})
	if err != nil || len(listed.Items) == 0 {
		p.t.Fatal(listed, err)
	}
	return listed.Items[0]
}

// to is the way to a test server under its name, which does not lead there.
func to(s *smtpserver.Server, change func(*SMTP)) *SMTP {
	carrier := &SMTP{Relay: Relay{Host: smtpserver.Host, Port: 587}, From: from(), Roots: s.Roots,
		Dial: func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", s.Address)
		}}
	if change != nil {
		change(carrier)
	}
	return carrier
}

func TestAMailIsSentEncryptedAndSigned(t *testing.T) {
	t.Parallel()
	const user, password = "things", "hunter2hunter2"
	for _, test := range []struct {
		name    string
		options smtpserver.Options
		change  func(*SMTP)
		secured bool
	}{
		{"STARTTLS", smtpserver.Options{StartTLS: true, User: user, Password: password}, nil, true},
		{"TLS from the start", smtpserver.Options{TLS: true, User: user, Password: password}, func(s *SMTP) { s.Relay.TLS = true }, true},
		{"this machine, without TLS", smtpserver.Options{User: user, Password: password}, func(s *SMTP) { s.Relay.Host = "127.0.0.1" }, false},
		{"this machine, with a certificate of another name", smtpserver.Options{StartTLS: true, User: user, Password: password}, func(s *SMTP) { s.Relay.Host, s.Roots = "localhost", nil }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := smtpserver.Start(t, test.options)
			carrier := to(server, test.change)
			carrier.Relay.User, carrier.Relay.Password = user, secret.New(password)
			p := newPost(t, carrier)
			p.write(domain.MailClientApproved)
			if wait := p.work(t.Context()); wait != lookAnyway {
				t.Errorf("got %v to wait, want nothing to do", wait)
			}
			got := server.Next(t)
			if got.From != "thingward@things.example" || got.To != "alice@example.org" || got.Encrypted != test.secured || got.User != user {
				t.Errorf("got %+v", got)
			}
			if mail := p.last(); got.Header.Get("Message-Id") != "<"+mail.MessageID+">" || mail.SentAt.IsZero() || mail.Kept || mail.Fault != "" {
				t.Errorf("got the header %v and the mail %+v", got.Header, mail)
			}
			if !slices.Equal(p.results, []Result{Sent}) || strings.Contains(p.log.String(), password) {
				t.Errorf("got the results %v and the log %s", p.results, p.log)
			}
		})
	}
}

func TestAMailNeverTravelsInClearToAnotherMachine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options smtpserver.Options
		change  func(*SMTP)
	}{
		{"no STARTTLS", smtpserver.Options{}, nil},
		{"no STARTTLS, and a password", smtpserver.Options{User: "things", Password: "hunter2hunter2"}, nil},
		{"a certificate that nobody vouches for", smtpserver.Options{StartTLS: true}, func(s *SMTP) { s.Roots = nil }},
		{"a certificate of another name", smtpserver.Options{StartTLS: true}, func(s *SMTP) { s.Relay.Host = "other.example" }},
		{"TLS with a certificate of another name", smtpserver.Options{TLS: true}, func(s *SMTP) { s.Relay.Host, s.Relay.TLS = "other.example", true }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := smtpserver.Start(t, test.options)
			carrier := to(server, test.change)
			if test.options.User != "" {
				carrier.Relay.User, carrier.Relay.Password = test.options.User, secret.New(test.options.Password)
			}
			p := newPost(t, carrier)
			p.write(domain.MailClientApproved)
			if wait := p.work(t.Context()); wait != pause {
				t.Errorf("got %v to wait, want a pause", wait)
			}
			if taken := server.Taken(); len(taken) > 0 {
				t.Errorf("the server got %+v", taken)
			}
			if mail := p.last(); mail.Fault == "" || !mail.SentAt.IsZero() || !mail.FailedAt.IsZero() {
				t.Errorf("got %+v, want it to wait with a fault", mail)
			}
			if err := carrier.Check(t.Context()); err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("doctor: got %v, want what is wrong", err)
			}
		})
	}
}

func TestAMailIsTriedAgainUnderTheSameMessageID(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, verb, reply string
		want              int // mails that the server took
	}{
		{"the server is not there", "CONNECT", smtpserver.Drop, 1},
		{"the server is busy", "CONNECT", "421 4.3.2 Busy", 1},
		{"the recipient later", "RCPT", "450 4.2.0 Try later", 1},
		{"the sender refused: a matter of configuration", "MAIL", "550 5.7.1 Not you", 1},
		{"the line was cut in the middle of the message", "BODY", smtpserver.Drop, 1},
		{"no room for now", "BODY", "452 4.3.1 No room", 1},
		{"the line was cut before the answer", "BODY", smtpserver.DropAfter, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := smtpserver.Start(t, smtpserver.Options{StartTLS: true})
			server.Plan(test.verb, test.reply)
			p := newPost(t, to(server, nil))
			p.write(domain.MailClientApproved)
			p.work(t.Context())
			first := p.last()
			if first.Fault == "" || !first.SentAt.IsZero() || !first.FailedAt.IsZero() || !first.NextTryAt.Equal(p.clock.Now().Add(firstRetry)) {
				t.Fatalf("got %+v, want it due again in 30 s, with a fault", first)
			}
			p.clock.Advance(firstRetry)
			p.work(t.Context())
			taken := server.Taken()
			if len(taken) != test.want {
				t.Fatalf("the server took %d mails, want %d", len(taken), test.want)
			}
			for _, m := range taken {
				if got := m.Header.Get("Message-Id"); got != "<"+first.MessageID+">" {
					t.Errorf("got the Message-ID %s, want %s", got, first.MessageID)
				}
			}
			if got := p.last(); got.SentAt.IsZero() || got.Tries != 2 || !slices.Equal(p.results, []Result{Retried, Sent}) {
				t.Errorf("got %+v and %v", got, p.results)
			}
		})
	}
}

func TestAMailThatTheServerTookIsNotSentAgain(t *testing.T) {
	t.Parallel()
	server := smtpserver.Start(t, smtpserver.Options{StartTLS: true})
	server.Plan("RSET", smtpserver.Drop) // after it took the mail
	p := newPost(t, to(server, nil))
	p.write(domain.MailClientApproved)
	p.work(t.Context())
	if got := p.last(); got.SentAt.IsZero() {
		t.Errorf("got %+v, want it sent", got)
	}
}

func TestAMailThatIsRefusedForGoodIsGivenUp(t *testing.T) {
	t.Parallel()
	server := smtpserver.Start(t, smtpserver.Options{StartTLS: true})
	server.Plan("RCPT", "550 5.1.1 No such user here")
	p := newPost(t, to(server, nil))
	p.write(domain.MailClientApproved)
	p.write(domain.MailClientResumed) // goes through all the same
	p.work(t.Context())
	listed, _ := p.store.Mails(t.Context(), domain.Page{Limit: 10})
	if got := listed.Items[1]; got.FailedAt.IsZero() || !strings.Contains(got.Fault, "No such user here") || strings.Contains(got.Fault, "message ID") {
		t.Errorf("got %+v, want it given up with what the server said", got)
	}
	if got := listed.Items[0]; got.SentAt.IsZero() {
		t.Errorf("got %+v, want the next one sent", got)
	}
	if err := p.store.SendMailAgain(t.Context(), listed.Items[1].ID, domain.AuditEvent{}); err != nil {
		t.Fatal(err)
	}
	p.work(t.Context())
	if got := len(server.Taken()); got != 2 {
		t.Errorf("the server took %d mails, want the one that was sent again too", got)
	}
}

func TestMailsAreGivenUpInTheEnd(t *testing.T) {
	t.Parallel()
	for kind, most := range map[domain.MailKind]time.Duration{domain.MailClientApproved: giveUpAfter + 2*slowestTry, domain.MailResetPassword: 3 * time.Hour} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := newPost(t, to(&smtpserver.Server{Address: "127.0.0.1:1"}, nil)) // nobody listens there
			began := p.clock.Now()
			p.write(kind)
			for p.last().FailedAt.IsZero() {
				if p.clock.Now().Sub(began) > most {
					t.Fatalf("not given up after %v and %d tries", most, p.last().Tries)
				}
				p.clock.Advance(max(time.Second, p.work(t.Context())))
			}
			if last := p.results[len(p.results)-1]; last != Failed || len(p.results) != p.last().Tries {
				t.Errorf("got %v after %d tries", p.results, p.last().Tries)
			}
		})
	}
}

func TestAServerThatIsNotThereCostsOneTryAtATime(t *testing.T) {
	t.Parallel()
	p := newPost(t, to(&smtpserver.Server{Address: "127.0.0.1:1"}, nil))
	for range 3 {
		p.write(domain.MailClientApproved)
	}
	for range 5 { // whoever writes a mail wakes it
		p.work(t.Context())
	}
	if got := len(p.results); got != 1 {
		t.Errorf("got %d tries at once, want 1", got)
	}
}

func TestAMailWakesTheDeliverer(t *testing.T) {
	t.Parallel()
	server := smtpserver.Start(t, smtpserver.Options{StartTLS: true})
	p := newPost(t, to(server, nil))
	wake := make(chan struct{}, 1)
	p.store.OnChange(func(change store.Change) {
		if change.Topic == store.TopicMail {
			select {
			case wake <- struct{}{}:
			default:
			}
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); p.Run(ctx, wake) }()
	for range 3 {
		p.write(domain.MailClientApproved)
		server.Next(t)
	}
	cancel()
	<-ended
	if got := p.last(); got.SentAt.IsZero() {
		t.Errorf("got %+v: the deliverer ended before it noted what it had sent", got)
	}
}

func TestWithoutAServerMailsBecomeFiles(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "outbox")
	p := newPost(t, &Folder{Path: folder, From: from()})
	p.write(domain.MailClientApproved)
	p.write(domain.MailClientResumed)
	p.work(t.Context())
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("got %v, %v; want two files", files, err)
	}
	for _, path := range append(files, folder) {
		info, err := os.Stat(path)
		want := os.FileMode(0o600)
		if path == folder {
			want = 0o700
		}
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got mode %v, %v; want %o", path, info.Mode(), err, want)
		}
	}
	mail := p.last()
	text, _ := os.ReadFile(files[1])
	if !strings.HasSuffix(files[0], ".eml") || !strings.Contains(strings.Join(files, " "), strings.Split(mail.MessageID, "@")[0]) || !strings.Contains(string(text), "alice@example.org") {
		t.Errorf("got the files %v", files)
	}
	if !mail.Kept || mail.SentAt.IsZero() || len(p.results) != 2 || p.results[0] != Kept {
		t.Errorf("got %+v and %v, want it kept", mail, p.results)
	}
	if text, err := p.Letters.Text(whole(t, p.store, mail.ID)); err != nil || !strings.Contains(text, "Weather wall") {
		t.Errorf("got %q, %v: it cannot be read any more", text, err)
	}
}

func whole(t *testing.T, s *store.Store, id domain.MailID) domain.Mail {
	t.Helper()
	mail, err := s.Mail(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return mail
}

func TestAMailThatCannotBeOpenedIsGivenUp(t *testing.T) {
	t.Parallel()
	p := newPost(t, &Folder{Path: t.TempDir(), From: from()})
	other, err := secret.NewSealer([]byte(strings.Repeat("x", 32)))
	if err != nil {
		t.Fatal(err)
	}
	p.Letters.Vault = other
	p.write(domain.MailClientApproved)
	p.work(t.Context())
	if got := p.last(); got.FailedAt.IsZero() || !strings.Contains(got.Fault, "another server key") {
		t.Errorf("got %+v", got)
	}
}

func TestTwoNodesSendEachMailOnce(t *testing.T) {
	t.Parallel()
	server := smtpserver.Start(t, smtpserver.Options{StartTLS: true})
	p := newPost(t, to(server, nil))
	second := newPost(t, to(server, nil))
	second.Outbox = p.store
	const mails = 12
	for range mails {
		p.write(domain.MailClientApproved)
	}
	var group sync.WaitGroup
	for _, node := range []*post{p, second} {
		node.Log = slog.New(slog.DiscardHandler)
		group.Go(func() { node.work(t.Context()) })
	}
	group.Wait()
	seen := map[string]int{}
	for _, m := range server.Taken() {
		seen[m.Header.Get("Message-Id")]++
	}
	if len(seen) != mails {
		t.Errorf("got %d different mails, want %d", len(seen), mails)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was sent %s times", id, strconv.Itoa(n))
		}
	}
}
