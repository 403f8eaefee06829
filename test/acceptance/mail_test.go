package acceptance

import (
	"encoding/json"
	"io"
	"mime/quotedprintable"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/test/smtpserver"
)

// mailsTo lets a server send its mails to an SMTP server, with a password,
// and retry soon.
func mailsTo(server *smtpserver.Server) func(*app.Config) {
	return func(c *app.Config) {
		c.SMTPURL = "smtp://things:" + smtpPassword + "@" + server.Address
		c.MailFrom, c.MailRetry = "Things <things@example.org>", 100*time.Millisecond
	}
}

const smtpPassword = "hunter2-hunter2"

// postOffice is an SMTP server that asks for the password.
func postOffice(t testing.TB) *smtpserver.Server {
	return smtpserver.Start(t, smtpserver.Options{StartTLS: true, User: "things", Password: smtpPassword})
}

// readable is a mail without its transfer encoding.
func readable(t testing.TB, m smtpserver.Message) string {
	t.Helper()
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(m.Raw)))
	if err != nil {
		t.Fatalf("%v in\n%s", err, m.Raw)
	}
	return string(text)
}

var mailedLink = regexp.MustCompile(`http://localhost:8080(/(?:confirm|reset)\?code=[0-9A-Za-z_]+)`)

// link is the one with a code in a mail. The code must not be logged.
func (s *server) link(t testing.TB, m smtpserver.Message) string {
	t.Helper()
	found := mailedLink.FindStringSubmatch(readable(t, m))
	if found == nil {
		t.Fatalf("no link with a code in the mail\n%s", m.Raw)
	}
	_, code, _ := strings.Cut(found[1], "=")
	s.keep(code, "a mailed code")
	return found[1]
}

// mailTo waits for the next mail and wants it to go to the address.
func mailTo(t testing.TB, office *smtpserver.Server, address, subject string) smtpserver.Message {
	t.Helper()
	m := office.Next(t)
	if m.To != address || !strings.Contains(m.Header.Get("Subject"), subject) {
		t.Fatalf("got a mail to %s with the subject %q, want %q to %s", m.To, m.Header.Get("Subject"), subject, address)
	}
	if m.From != "things@example.org" || !m.Encrypted || m.User != "things" || m.Header.Get("Message-Id") == "" {
		t.Errorf("got %+v", m)
	}
	return m
}

// confirms opens the link that a mail brought and confirms the address.
func (p person) confirms(m smtpserver.Message) {
	p.t.Helper()
	p.open(p.s.link(p.t, m)).submit(map[string]string{"one-time-code": p.s.codeIn(p.t, m)}).want(http.StatusSeeOther)
}

func (s *server) codeIn(t testing.TB, m smtpserver.Message) string {
	_, code, _ := strings.Cut(s.link(t, m), "=")
	return code
}

func TestAnAppIsRequestedApprovedAndToldByMailAcrossARestart(t *testing.T) {
	t.Parallel()
	office := postOffice(t)
	s := start(t, mailsTo(office))
	s.keep(smtpPassword, "the password of the SMTP server")
	dana := s.administrator(t, "dana")
	alice := s.signUp(t, "alice")
	alice.confirms(mailTo(t, office, "alice@example.org", "Confirm"))

	alice.post("/api/v1/clients", map[string]any{"client_id": "wall", "kind": "ttn", "name": "Wall\r\nBcc: all@example.org", "redirect_uris": []string{"https://app.example/cb"}, "scopes": []string{"profile"}}).want(http.StatusBadRequest)
	alice.registers("wall", map[string]any{"kind": "ttn", "scopes": []string{"profile"}, "name": "<i>Wall</i> =0D=0ABcc: all@example.org"})
	if m := mailTo(t, office, "dana@example.org", "waits for your decision"); m.Header.Get("Bcc") != "" ||
		!strings.Contains(readable(t, m), "&lt;i&gt;Wall&lt;/i&gt;") || !strings.Contains(readable(t, m), "http://localhost:8080/apps/wall") {
		t.Errorf("got the mail\n%s", m.Raw)
	}

	office.Plan("BODY", smtpserver.DropAfter) // taken, but nobody heard of it
	office.Plan("CONNECT", "220 ready")
	office.Plan("CONNECT", slices.Repeat([]string{"421 4.3.2 Busy"}, 10_000)...)
	dana.post("/api/v1/clients/wall/approve", "").want(http.StatusNoContent)
	first := mailTo(t, office, "alice@example.org", "approved")
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	office.Clear()
	s = run(t, s.config)
	s.keep(smtpPassword, "the password of the SMTP server")
	second := mailTo(t, office, "alice@example.org", "approved")
	if first.Header.Get("Message-Id") != second.Header.Get("Message-Id") {
		t.Errorf("got the Message-IDs %s and %s of one mail", first.Header.Get("Message-Id"), second.Header.Get("Message-Id"))
	}

	alice, dana = s.signIn(t, "alice", alice.password), s.signIn(t, "dana", dana.password)
	for _, step := range []struct{ path, body, subject, says string }{
		{"suspend", `{"reason":"It leaks <b>data</b>."}`, "suspended", "It leaks &lt;b&gt;data&lt;/b&gt;."},
		{"resume", "", "works again", "no longer suspended"},
	} {
		dana.post("/api/v1/clients/wall/"+step.path, step.body).want(http.StatusNoContent)
		if m := mailTo(t, office, "alice@example.org", step.subject); !strings.Contains(readable(t, m), step.says) {
			t.Errorf("the mail does not say %q:\n%s", step.says, readable(t, m))
		}
	}
	var shown struct {
		History []struct{ By, State, Reason string }
	}
	alice.get("/api/v1/clients/wall").want(http.StatusOK).decode(&shown)
	var way []string
	for _, stage := range shown.History {
		way = append(way, strings.TrimSpace(stage.By+" "+stage.State+" "+stage.Reason))
	}
	if want := []string{"alice requested", "dana approved", "dana suspended It leaks <b>data</b>.", "dana approved"}; !slices.Equal(way, want) {
		t.Errorf("got the history %q, want %q", way, want)
	}
	if page := alice.get("/apps/wall").want(http.StatusOK); !page.contains("History") || !page.contains("It leaks &lt;b&gt;data&lt;/b&gt;.") {
		t.Error("the page of the app does not tell how it came to be where it is")
	}
	bob := s.signUp(t, "bob")
	var strangers map[string]json.RawMessage
	bob.get("/api/v1/clients/wall").want(http.StatusOK).decode(&strangers)
	if _, there := strangers["history"]; there {
		t.Error("a stranger is told the history of an app")
	}
}

func TestAForgottenPasswordIsSetAnewByMail(t *testing.T) {
	office := make(chan *smtpserver.Server, 2)
	eachStore(t, func(t *testing.T, s *server) {
		forgottenPassword(t, s, <-office)
	}, func(c *app.Config) {
		server := postOffice(t)
		office <- server
		mailsTo(server)(c)
	})
}

func forgottenPassword(t *testing.T, s *server, office *smtpserver.Server) {
	alice := s.signUp(t, "alice")
	stranger := person{browser: s.browser(t)}
	forgot := func(who string) answer {
		return stranger.open("/forgot").submit(map[string]string{"username": who})
	}
	confirmation := mailTo(t, office, "alice@example.org", "Confirm")
	known, unknown := forgot("alice"), forgot("nobody")
	if known.status != unknown.status || known.header.Get("Location") != unknown.header.Get("Location") {
		t.Errorf("got %d and %d: whether there is an account is told", known.status, unknown.status)
	}
	alice.confirms(confirmation) // until then nothing was mailed
	forgot("alice@example.org").want(http.StatusSeeOther)
	m := mailTo(t, office, "alice@example.org", "Set a new password")
	link := s.link(t, m)
	page := stranger.get(link).want(http.StatusOK)
	if page.header.Get("Referrer-Policy") != "no-referrer" || page.header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %v beside a code", page.header)
	}
	const fresh = "four other unrelated words"
	s.keep(fresh, "the new password")
	set := func(code string) answer {
		return stranger.open("/reset").submit(map[string]string{"one-time-code": code, "new-password": fresh})
	}
	code := s.codeIn(t, m)
	forged := code[:len(code)-1] + "0"
	if strings.HasSuffix(code, "0") {
		forged = code[:len(code)-1] + "1"
	}
	set(forged).want(http.StatusForbidden)
	set(s.codeIn(t, confirmation)).want(http.StatusForbidden)
	set(code).want(http.StatusSeeOther)
	set(code).want(http.StatusForbidden)
	mailTo(t, office, "alice@example.org", "password was changed")
	if a := alice.get("/settings"); a.status != http.StatusSeeOther {
		t.Errorf("a session outlived the reset: %d", a.status)
	}
	stranger.open("/login").submit(map[string]string{"username": "alice", "current-password": alice.password}).want(http.StatusUnauthorized)
	again := s.signIn(t, "alice", fresh)
	audit := again.get("/settings/audit").want(http.StatusOK)
	for _, want := range []string{"New password asked for", "Password set with a mailed code", "E-mail address confirmed"} {
		if !audit.contains(want) {
			t.Errorf("the activity does not say %q", want)
		}
	}
}

func TestAnotherAddressCountsWhenItsMailIsFollowed(t *testing.T) {
	t.Parallel()
	office := postOffice(t)
	s := start(t, mailsTo(office))
	alice := s.signUp(t, "alice")
	alice.confirms(mailTo(t, office, "alice@example.org", "Confirm"))
	alice.open("/settings").submit(map[string]string{"email": "new@example.org", "display_name": "Alice"}).want(http.StatusSeeOther)
	var me struct{ Email string }
	alice.get("/api/v1/users/me").want(http.StatusOK).decode(&me)
	if me.Email != "alice@example.org" {
		t.Errorf("got the address %s before it was confirmed", me.Email)
	}
	if page := alice.get("/settings").want(http.StatusOK); !page.contains("new@example.org</strong> is not confirmed yet") {
		t.Error("the settings do not say that the address waits")
	}
	first := mailTo(t, office, "new@example.org", "Confirm")
	alice.form("/settings/address/resend", "").want(http.StatusSeeOther)
	second := mailTo(t, office, "new@example.org", "Confirm")
	alice.open(s.link(t, first)).submit(map[string]string{"one-time-code": s.codeIn(t, first)}).want(http.StatusForbidden)
	alice.confirms(second)
	mailTo(t, office, "alice@example.org", "another e-mail address")
	alice.get("/api/v1/users/me").want(http.StatusOK).decode(&me)
	if me.Email != "new@example.org" {
		t.Errorf("got the address %s after it was confirmed", me.Email)
	}
}

func TestWithoutAnSMTPServerMailsStayInTheOutbox(t *testing.T) {
	t.Parallel()
	s := start(t, metricsOn(t))
	dana := s.administrator(t, "dana")
	alice := s.signUp(t, "alice")
	alice.registers("wall", map[string]any{"kind": "ttn", "scopes": []string{"profile"}})
	folder := filepath.Join(s.config.Data, "outbox")
	var files []string
	for range 200 {
		if files, _ = filepath.Glob(filepath.Join(folder, "*.eml")); len(files) == 2 {
			break
		}
		time.Sleep(20 * time.Millisecond) // for files of another process there is nothing to wait on
	}
	if len(files) != 2 {
		t.Fatalf("got the files %v, want a mail to alice and one to dana", files)
	}
	for _, path := range append(files, folder) {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got mode %v, %v; want it for its owner only", path, info.Mode(), err)
		}
	}
	list := dana.get("/admin/mails").want(http.StatusOK)
	for _, want := range []string{"Confirm your e-mail address", "An app waits for your decision", "kept here"} {
		if !list.contains(want) {
			t.Errorf("the list of mails does not say %q", want)
		}
	}
	found := regexp.MustCompile(`/admin/mails/\d+`).FindAllString(string(list.body), -1)
	if len(found) == 0 {
		t.Fatal("no mail is linked")
	}
	if a := dana.get(found[0]).want(http.StatusOK); !a.contains("http://localhost:8080/apps/wall") {
		t.Errorf("the mail does not show its text: %s", a.body)
	}
	alice.get(found[0]).want(http.StatusForbidden)
	alice.get("/admin/mails").want(http.StatusForbidden)
	response, err := http.Get(s.Metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, _ := io.ReadAll(response.Body); !strings.Contains(string(text), `thingward_mails_total{result="kept"} 2`) {
		t.Error("the metrics do not count what was kept")
	}
}

func TestWhatCannotSendMailsIsRefusedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	config := app.Defaults()
	config.Data, config.SMTPURL, config.MailFrom = t.TempDir(), "smtp://things:"+smtpPassword+"@host:port", "nobody"
	err := app.Run(t.Context(), config)
	if err == nil || strings.Contains(err.Error(), smtpPassword) || !strings.Contains(err.Error(), "--smtp-url") || !strings.Contains(err.Error(), "--mail-from") {
		t.Errorf("got %v, want both faults without the password", err)
	}
}
