package account

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// ask sends a request to the routes on behalf of a caller.
func (w *world) ask(t *testing.T, c domain.Caller, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	identify := func(*http.Request, web.Accepts) (domain.Caller, error) { return c, nil }
	table := web.NewTable(identify, slog.New(slog.DiscardHandler), &web.Door{Prefix: "/api/v1/", Routes: w.Routes(), WriteError: web.WriteProblem})
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	table.ServeHTTP(answer, r)
	return answer
}

func TestMeSaysWhoIsCalling(t *testing.T) {
	t.Parallel()
	user := domain.User{ID: 7, Name: "alice", DisplayName: `Alice "Ä" <b>`, Email: "alice@example.org", TimeZone: "UTC",
		CreatedAt: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	scopes, err := domain.ParseScopes("readings.write:#7 sensors.*")
	if err != nil {
		t.Fatal(err)
	}
	key := domain.Caller{User: user, Credential: domain.KeyCredential, KeyID: `odd"id`, Scopes: scopes, ExpiresAt: user.CreatedAt.Add(time.Hour)}
	tests := []struct {
		name   string
		caller domain.Caller
		want   string
	}{
		{"key", key, `{"name":"alice","display_name":"Alice \"Ä\" \u003cb\u003e","admin":false,"time_zone":"UTC","created_at":"2026-05-04T10:00:00Z",
			"credential":{"kind":"key","id":"odd\"id","scopes":"readings.write:#7 sensors.*","expires_at":"2026-05-04T11:00:00Z"}}`},
		{"with the scope email", domain.Caller{User: user, Credential: domain.SessionCredential, Scopes: domain.ScopeSet{domain.ScopeEmail}},
			`{"name":"alice","display_name":"Alice \"Ä\" \u003cb\u003e","email":"alice@example.org","admin":false,"time_zone":"UTC",
			"created_at":"2026-05-04T10:00:00Z","credential":{"kind":"session","scopes":"email"}}`},
		{"a token without profile", domain.Caller{User: user, Credential: domain.TokenCredential, Unnarrowed: true, Client: "garden", Scopes: scopes},
			`{"credential":{"kind":"token","id":"garden","scopes":"readings.write:#7 sensors.*"}}`},
		{"a token with profile", domain.Caller{User: user, Credential: domain.TokenCredential, Unnarrowed: true, Client: "garden", Scopes: domain.ScopeSet{domain.ScopeProfile}},
			`{"name":"alice","display_name":"Alice \"Ä\" \u003cb\u003e","admin":false,"time_zone":"UTC","created_at":"2026-05-04T10:00:00Z",
			"credential":{"kind":"token","id":"garden","scopes":"profile"}}`},
	}
	w := newWorld(t, SignUpOpen)
	for _, test := range tests {
		answer := w.ask(t, test.caller, "GET", "/api/v1/users/me", "")
		var got, want any
		if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v in %s", test.name, err, answer.Body)
		}
		if err := json.Unmarshal([]byte(test.want), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: answer differs (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestMeAllocatesLittle(t *testing.T) {
	caller := domain.Caller{User: domain.User{Name: "alice", DisplayName: "Alice", CreatedAt: time.Now()}, Credential: domain.KeyCredential,
		KeyID: "0123456789abcdef", Scopes: domain.EveryScope()}
	buffer := make([]byte, 0, 2048)
	if got := testing.AllocsPerRun(100, func() { buffer = appendMe(buffer[:0], caller) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

func TestTheAPIServesEveryAct(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	w.admin(t, "boss")
	boss, _ := w.enter(t, "boss")
	tests := []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/api/v1/users", `{"name":"alice","email":"alice@example.org","password":"correct horse battery"}`, 201, `"name":"alice"`},
		{"POST", "/api/v1/users", `{"name":"alice","password":"correct horse battery"}`, 409, `"name_taken"`},
		{"POST", "/api/v1/users", `{"name":"alice","password":"correct horse battery","suspended":true}`, 400, `"unknown_field"`},
		{"POST", "/api/v1/users", `{"name":"?","password":""}`, 400, `"fields":{"name"`},
		{"GET", "/api/v1/users?limit=1", "", 200, `"total":2`},
		{"GET", "/api/v1/users?cursor=zzz", "", 400, `"invalid_cursor"`},
		{"POST", "/api/v1/users/alice/suspend", "", 204, ""},
		{"POST", "/api/v1/users/alice/resume", "", 204, ""},
		{"POST", "/api/v1/users/boss/suspend", "", 409, `"own_account"`},
		{"POST", "/api/v1/users/nobody/suspend", "", 404, `"user_not_found"`},
		{"POST", "/api/v1/users/alice/reset-password", "", 200, `"password":"twp_`},
		{"GET", "/api/v1/audit", "", 200, `"act":"password.reset"`},
		{"PATCH", "/api/v1/users/me", `{"display_name":"The Boss","time_zone":"Europe/Berlin"}`, 200, `"display_name":"The Boss"`},
		{"PATCH", "/api/v1/users/me", `{"admin":false}`, 400, `"unknown_field"`},
		{"GET", "/api/v1/users/me/audit", "", 200, `"act":"profile.change"`},
		{"GET", "/api/v1/users/me/sessions", "", 200, `"current":true`},
		{"DELETE", "/api/v1/users/me/sessions/999", "", 404, `"session_not_found"`},
		{"DELETE", "/api/v1/users/me/sessions/x", "", 404, `"session_not_found"`},
		{"DELETE", "/api/v1/users/me/sessions/1", "", 204, ""},
	}
	for _, test := range tests {
		answer := w.ask(t, boss, test.method, test.path, test.body)
		if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.says) {
			t.Errorf("%s %s: got %d %s, want %d with %s", test.method, test.path, answer.Code, answer.Body, test.status, test.says)
		}
	}
}

func BenchmarkMe(b *testing.B) {
	caller := domain.Caller{User: domain.User{Name: "alice", DisplayName: "Alice", CreatedAt: time.Now()}, Credential: domain.KeyCredential,
		KeyID: "0123456789abcdef", Scopes: domain.ScopeSet{domain.ScopeReadingsWrite}}
	buffer := make([]byte, 0, 2048)
	b.ReportAllocs()
	for b.Loop() {
		buffer = appendMe(buffer[:0], caller)
	}
}
