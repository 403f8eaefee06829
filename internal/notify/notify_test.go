package notify

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

func vault(t testing.TB) *secret.Sealer {
	t.Helper()
	sealer, err := secret.NewSealer(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

// everything is what any kind may ask for.
func everything() map[string]string {
	return map[string]string{"name": "Alice", "account": "alice", "client": "Weather wall", "client_id": "weather-wall", "owner": "alice", "website": "https://wall.example",
		"scopes": "sensors.read", "reason": "It asks for too much.", "by": "dana", "code": "twe_0123", "at": "4 May 2026, 10:00 UTC", "program": "Firefox on Linux",
		"address": "192.0.2.7", "thing": "alice.greenhouse", "rights": "read, write", "path": "/sensors/alice.greenhouse"}
}

// written composes a mail and returns the copy that the store would keep.
func written(t testing.TB, kind domain.MailKind, about map[string]string) domain.Mail {
	t.Helper()
	composer := &Composer{Host: "things.example", Vault: vault(t)}
	made, err := composer.Compose(kind, domain.MailTo{User: 1}, about)
	if err != nil {
		t.Fatal(err)
	}
	return domain.Mail{ID: 1, MessageID: made.CopyID("1"), Address: "alice@example.org", Kind: kind, Subject: made.Subject, Sealed: made.Sealed,
		CreatedAt: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC), Tries: 1}
}

func renderer(t testing.TB) *Renderer {
	return &Renderer{BaseURL: "https://things.example", Vault: vault(t)}
}

func render(t testing.TB, m domain.Mail) Rendered {
	t.Helper()
	rendered, err := renderer(t).Render(m)
	if err != nil {
		t.Fatal(err)
	}
	return rendered
}

func from() *netmail.Address {
	return &netmail.Address{Name: "Thingward", Address: "thingward@things.example"}
}

func TestEveryKindOfMailSaysTheSameAsTextAndAsHTML(t *testing.T) {
	t.Parallel()
	for kind := range letters {
		mail := written(t, kind, everything())
		got := render(t, mail)
		for _, want := range []string{"Hello Alice,", "https://things.example/", "You get this mail because"} {
			if !strings.Contains(got.Text, want) || !strings.Contains(got.HTML, want) {
				t.Errorf("%s: text or HTML lacks %q:\n%s", kind, want, got.Text)
			}
		}
		if mail.Subject == "" || strings.Contains(got.Text, "<no value>") || strings.Contains(got.HTML, "ZgotmplZ") {
			t.Errorf("%s: got the subject %q and the text\n%s", kind, mail.Subject, got.Text)
		}
		for _, forbidden := range []string{"<img", "<script", "<link", "url(", "@import", " src="} {
			if strings.Contains(strings.ToLower(got.HTML), forbidden) {
				t.Errorf("%s: the HTML has %q: it could load something, or tell that it was read", kind, forbidden)
			}
		}
		if folder := os.Getenv("THINGWARD_MAIL_SAMPLES"); folder != "" { // for looking at them
			if err := os.WriteFile(filepath.Join(folder, string(kind)+".html"), []byte(got.HTML), 0o600); err != nil {
				t.Error(err)
			}
		}
	}
	composer := &Composer{Vault: vault(t)}
	if _, err := composer.Compose("unheard_of", domain.MailTo{}, nil); err == nil {
		t.Error("got no error for a kind that there is not")
	}
}

func TestWhatPeopleChoseIsEscapedInHTML(t *testing.T) {
	t.Parallel()
	about := everything()
	about["client"], about["reason"], about["client_id"] = `<script>alert(1)</script>`, `<img src=x onerror=alert(1)> & more`, `"><b>x`
	got := render(t, written(t, domain.MailClientRejected, about))
	if strings.Contains(got.HTML, "<script") || strings.Contains(got.HTML, "<img") || strings.Contains(got.HTML, "<b>x") {
		t.Errorf("got markup from a name or a reason:\n%s", got.HTML)
	}
	if !strings.Contains(got.Text, `<img src=x onerror=alert(1)> & more`) {
		t.Errorf("the text does not say the reason as it is:\n%s", got.Text)
	}
}

func TestLineBreaksInNamesAddNoHeaders(t *testing.T) {
	t.Parallel()
	about := everything()
	about["client"] = "Wall\r\nBcc: everybody@example.org\r\n\r\nHello\x00\u2028\u202eevil"
	mail := written(t, domain.MailClientApproved, about)
	if strings.ContainsAny(mail.Subject, "\r\n\x00\u2028\u202e") {
		t.Fatalf("got the subject %q", mail.Subject)
	}
	mail.Subject += "\r\nBcc: more@example.org" // as if it had been stored so
	message, err := messageOf(from(), mail, render(t, mail))
	if err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := message.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	read, err := netmail.ReadMessage(&raw)
	if err != nil {
		t.Fatal(err)
	}
	if bcc := read.Header.Get("Bcc"); bcc != "" {
		t.Errorf("a name added the header Bcc: %s", bcc)
	}
	for name, want := range map[string]string{"Message-ID": "<" + mail.MessageID + ">", "Auto-Submitted": "auto-generated", "Date": "Mon, 04 May 2026 10:00:00 +0000", "To": "<alice@example.org>"} {
		if got := read.Header.Get(name); got != want {
			t.Errorf("got %s: %q, want %q", name, got, want)
		}
	}
}

func TestAMailIsSealedUntilItIsSent(t *testing.T) {
	t.Parallel()
	mail := written(t, domain.MailResetPassword, everything())
	if strings.Contains(string(mail.Sealed), "twe_0123") || strings.Contains(mail.Subject, "twe_0123") {
		t.Error("the code can be read without the server key")
	}
	other := written(t, domain.MailResetPassword, everything())
	other.Sealed = mail.Sealed
	if _, err := renderer(t).Render(other); err == nil {
		t.Error("the letter of one mail opens as that of another")
	}
	got := render(t, mail)
	if !strings.Contains(got.Text, "https://things.example/reset?code=twe_0123") || !strings.Contains(got.HTML, `href="https://things.example/reset?code=twe_0123"`) {
		t.Errorf("the link does not fill the code in:\n%s", got.Text)
	}
	mail.Sealed = nil
	if text, err := renderer(t).Text(mail); text != "" || err != nil {
		t.Errorf("got %q, %v for a letter that is no longer kept", text, err)
	}
}

func TestAProofBindsItsCodeToTheAddress(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	composer := &Composer{Host: "things.example", Vault: vault(t)}
	proof, err := composer.Proof(domain.ResetCode, domain.User{ID: 7, Name: "alice"}, "alice@example.org", now)
	if err != nil {
		t.Fatal(err)
	}
	if c := proof.Code; c.User != 7 || c.Email != "alice@example.org" || c.Purpose != domain.ResetCode || !c.ExpiresAt.Equal(now.Add(time.Hour)) {
		t.Errorf("got %+v", c)
	}
	if to := proof.Mail.To; to.Address != "alice@example.org" || to.User != 7 || proof.Mail.Kind != domain.MailResetPassword {
		t.Errorf("got a mail %+v", proof.Mail)
	}
}

func TestRelaysAreReadFromURLs(t *testing.T) {
	t.Parallel()
	relay, err := ParseRelay("smtp://user%40host:p%25ss@mail.example")
	if err != nil || relay.Address() != "mail.example:587" || relay.User != "user@host" || relay.Password.Reveal() != "p%ss" || relay.TLS || relay.Local() {
		t.Errorf("got %s %q, %v", relay.Address(), relay.User, err)
	}
	relay, err = ParseRelay("smtps://[::1]:2465/")
	if err != nil || relay.Address() != "[::1]:2465" || !relay.TLS || !relay.Local() {
		t.Errorf("got %s, %v", relay.Address(), err)
	}
	for _, bad := range []string{"", "mail.example:25", "http://mail.example", "smtp://", "smtp://u:hunter2hunter2@h:99999", "smtp://u:hunter2hunter2@h:x", "smtp://u@h", "smtp://:hunter2hunter2@h",
		"smtp://u:hunter2hunter2@h/path", "smtp://u:hunter2hunter2@h?x=1", "smtp://u:hunter2hunter2%@h"} {
		relay, err := ParseRelay(bad)
		if err == nil {
			t.Errorf("%q: got %s, want an error", bad, relay.Address())
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
	relay, _ = ParseRelay("smtp://user:hunter2hunter2@mail.example")
	if got := fmt.Sprintf("%v %+v %#v", relay, relay, &relay); strings.Contains(got, "hunter2") {
		t.Errorf("printing it shows the password: %s", got)
	}
}

func TestRetriesSlowDownAndEndAfterThreeDays(t *testing.T) {
	t.Parallel()
	var d Deliverer
	for tries, want := range map[int]time.Duration{0: 30 * time.Second, 1: 30 * time.Second, 2: time.Minute, 3: 2 * time.Minute, 10: 15360 * time.Second, 11: 6 * time.Hour, 1000: 6 * time.Hour} {
		if got := d.retryIn(tries); got != want {
			t.Errorf("after %d tries: got %v, want %v", tries, got, want)
		}
	}
	tries := 1
	for d.waited(tries) < giveUpAfter {
		tries++
	}
	if d.waited(tries) > giveUpAfter+slowestTry || tries > 30 {
		t.Errorf("given up after %d tries and %v", tries, d.waited(tries))
	}
}
