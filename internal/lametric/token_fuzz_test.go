package lametric_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/lametric"
	"github.com/thingward/thingward/internal/web"
)

// FuzzTokenBodies sends anything as a token request, in each of the three
// encodings: the answer is the exchange's, or an error in both shapes, and
// what comes through is what was in the body.
func FuzzTokenBodies(f *testing.F) {
	f.Add("", form, "grant_type=refresh_token&refresh_token=x")
	f.Add("", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\nx\r\n--b--\r\n")
	f.Add("client_id=old&refresh_token=x", "", "")
	f.Add("client_id=%zz", form+";", "a=%zz")
	f.Add("code=1", "multipart/form-data; boundary=\"", "--\r\n")
	f.Fuzz(func(t *testing.T, query, media, body string) {
		e := &endpoint{t: t}
		r := httptest.NewRequest("POST", "/lametric/api/v2/oauth2/token", strings.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", media)
		w := httptest.NewRecorder()
		door := &lametric.TokenDoor{Tokens: e, Clients: e, Observe: e}
		web.NewTable(nil, slog.New(slog.NewTextHandler(io.Discard, nil)), door.Web()).ServeHTTP(w, r)
		var answer map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("got %d %s: %v", w.Code, w.Body, err)
		}
		switch {
		case w.Code == 200:
			for name := range e.asked.Form {
				if len(body) == 0 && len(e.legacy) == 0 {
					t.Errorf("%q came out of nothing", name)
				}
			}
		case w.Code >= 500 || answer["error"] == nil || answer["errors"] == nil:
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}
