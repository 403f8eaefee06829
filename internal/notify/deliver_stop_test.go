package notify

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/test/smtpserver"
)

// The program stops within ten seconds, wherever a server leaves us waiting.
func TestAServerThatHangsDoesNotKeepTheProgramFromStopping(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "BODY", "RSET", "QUIT"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			server := smtpserver.Start(t, smtpserver.Options{StartTLS: true, User: "things", Password: "hunter2hunter2"})
			server.Plan(verb, smtpserver.Hang)
			attempt := make(chan struct{}, 1)
			carrier := to(server, nil)
			carrier.Relay.User, carrier.Relay.Password = "things", secret.New("hunter2hunter2")
			dial := carrier.Dial
			carrier.Dial = func(ctx context.Context, address string) (conn net.Conn, err error) {
				attempt <- struct{}{}
				return dial(ctx, address)
			}
			p := newPost(t, carrier)
			p.write(domain.MailClientApproved)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); p.Run(ctx, nil) }()
			<-attempt
			began := time.Now()
			cancel()
			select {
			case <-ended:
			case <-time.After(9 * time.Second):
				t.Fatal("still at it after 9 s")
			}
			t.Logf("ended after %s", time.Since(began).Round(time.Millisecond))
			if got, taken := p.last(), len(server.Taken()) > 0; taken != !got.SentAt.IsZero() {
				t.Errorf("the server took it: %t; got %+v", taken, got)
			}
		})
	}
}

// Where no mail can be sent whatever it says, one try tells that, and the
// others wait.
func TestWhatKeepsAllMailsBackCostsOneTryAtATime(t *testing.T) {
	t.Parallel()
	const mails = 3
	for name, test := range map[string]struct {
		options  smtpserver.Options
		password string
		verb     string
		reply    string
	}{
		"the password is wrong":    {smtpserver.Options{StartTLS: true, User: "things", Password: "hunter2hunter2"}, "hunter3hunter3", "", ""},
		"the server is busy":       {smtpserver.Options{StartTLS: true}, "", "CONNECT", "421 4.3.2 Busy"},
		"we are refused as sender": {smtpserver.Options{StartTLS: true}, "", "MAIL", "550 5.7.1 Not you"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := smtpserver.Start(t, test.options)
			carrier := to(server, nil)
			if test.password != "" {
				carrier.Relay.User, carrier.Relay.Password = test.options.User, secret.New(test.password)
			}
			p := newPost(t, carrier)
			for range mails {
				p.write(domain.MailClientApproved)
				if test.verb != "" {
					server.Plan(test.verb, test.reply)
				}
			}
			for range 5 { // whoever writes a mail wakes it
				p.work(t.Context())
			}
			if !slices.Equal(p.results, []Result{Retried}) {
				t.Errorf("got the tries %v, want one", p.results)
			}
		})
	}
}

// A full disk is told by one try too, and leaves nothing half written.
func TestAFullDiskCostsOneTryAtATime(t *testing.T) {
	t.Parallel()
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("there is no " + full)
	}
	folder := filepath.Join(t.TempDir(), "outbox")
	p := newPost(t, &Folder{Path: folder, From: from()})
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p.write(domain.MailClientApproved)
		if err := os.Symlink(full, filepath.Join(folder, fileName(p.last())+".partial")); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		p.work(t.Context())
	}
	if left, err := filepath.Glob(filepath.Join(folder, "*.partial")); !slices.Equal(p.results, []Result{Retried}) || len(left) != 2 || err != nil {
		t.Errorf("got the tries %v and %v half written (two were there before)", p.results, left)
	}
	p.clock.Advance(firstRetry)
	if err := os.RemoveAll(folder); err != nil { // there is room again
		t.Fatal(err)
	}
	p.work(t.Context())
	if got, _ := filepath.Glob(filepath.Join(folder, "*")); len(got) != 3 {
		t.Errorf("got %v, want three mails", got)
	}
}
