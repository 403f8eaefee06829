package acceptance

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/internal/store/storetest"
)

// line is a line to a server that can be cut and mended.
type line struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	cut      bool
	open     []net.Conn
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener, to: to}
	t.Cleanup(func() { _ = listener.Close(); l.set(true) })
	go l.accept()
	return l
}

func (l *line) accept() {
	for {
		from, err := l.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", l.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		l.mu.Lock()
		l.open = append(l.open, from, to)
		cut := l.cut
		l.mu.Unlock()
		if cut {
			l.set(true)
			continue
		}
		go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
		go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
	}
}

// set cuts the line, or mends it.
func (l *line) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut = cut; cut {
		for _, conn := range l.open {
			_ = conn.Close()
		}
		l.open = nil
	}
}

// TestOAuthWithoutItsDatabase says in each endpoint's own shape that it passes
// and when to come again, and goes on where it was when the database is back.
func TestOAuthWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	database, err := url.Parse(storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	line := newLine(t, database.Host)
	database.Host = line.listener.Addr().String()
	w := newOAuthWorld(t, start(t, func(c *app.Config) { c.Database = database.String() }))
	tokens, code := w.web.tokens(w.alice), w.web.code(w.alice)

	line.set(true)
	for name, a := range map[string]answer{
		"a code":      w.web.redeem(code),
		"a refresh":   w.web.refresh(tokens.Refresh),
		"a token":     w.web.exchange("grant_type", "client_credentials"),
		"a stranger":  w.s.anonymous(t).form("/oauth/token", "grant_type=client_credentials&client_id=nobody&client_secret=nothing"),
		"revocation":  w.web.send("/oauth/revoke", "token", tokens.Access),
		"WoTKit":      w.s.anonymous(t).form("/wotkit/api/oauth/token", "grant_type=authorization_code&client_id=nobody&client_secret=nothing&code=x"),
		"LaMetric":    w.s.anonymous(t).form("/lametric/api/v2/oauth2/token", "grant_type=authorization_code&client_id=nobody&client_secret=nothing&code=x"),
		"a resource":  w.s.basic(t, "nobody", "nothing at all").form("/oauth/introspect", "token="+tokens.Access),
		"the browser": w.s.anonymous(t).get("/oauth/authorize?response_type=code&client_id=nobody"),
	} {
		if a.header.Get("Retry-After") == "" {
			t.Errorf("%s: got no Retry-After", name)
		}
		if name == "the browser" {
			a.want(http.StatusServiceUnavailable)
			continue
		}
		a.wantFault(http.StatusServiceUnavailable, "temporarily_unavailable")
	}

	line.set(false)
	eventually(t, 30*time.Second, func() bool { return w.web.exchange("grant_type", "client_credentials").status == http.StatusOK })
	w.web.take(w.web.redeem(code))
	w.web.take(w.web.refresh(tokens.Refresh))
	if !w.web.active(tokens.Access) {
		t.Error("a revocation that was refused took effect")
	}
}
