package app

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/web"
)

func TestRequestLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	lines := newLineBuffer(&out)
	at := time.Date(2026, 5, 4, 10, 11, 12, 345e6, time.UTC)
	lines.request(web.Line{At: at, Request: "abc", Method: "GET", Route: "/api/v1/sensors/{sensor}", Door: "api", Status: 200,
		Took: 1500 * time.Microsecond, Bytes: 17, User: "alice", Credential: "0123456789abcdef", Address: netip.MustParseAddr("192.0.2.7")})
	lines.request(web.Line{At: at, Request: "d", Method: "X\nlevel=ERROR", Credential: `a"b c=d`, Status: 400})
	lines.close()
	want := `time=2026-05-04T10:11:12.345Z level=INFO msg=request request=abc method=GET route=/api/v1/sensors/{sensor} status=200 took=1.5ms bytes=17 door=api user=alice credential=0123456789abcdef address=192.0.2.7
time=2026-05-04T10:11:12.345Z level=INFO msg=request request=d method="X\nlevel=ERROR" status=400 took=0s bytes=0 credential="a\"b c=d"
`
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestWarningsAreOutAtOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, lines := newLog(&out, "info")
	defer lines.close()
	log.Info("can wait")
	log.Warn("cannot")
	lines.mu.Lock()
	defer lines.mu.Unlock()
	if !strings.Contains(out.String(), "cannot") {
		t.Errorf("got %q", out.String())
	}
}
