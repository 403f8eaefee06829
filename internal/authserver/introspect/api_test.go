package introspect_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/web"
)

func (w world) post(path string, form url.Values) *httptest.ResponseRecorder {
	door := &web.Door{Name: "oauth", Prefix: "/oauth/", Routes: w.Routes(), WriteError: web.WriteOAuthError}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	recorder := httptest.NewRecorder()
	web.NewTable(nil, slog.New(slog.DiscardHandler), door).ServeHTTP(recorder, r)
	return recorder
}

func checkJSON(t *testing.T, answer *httptest.ResponseRecorder, want string) {
	t.Helper()
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "application/json" || answer.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d with %v", answer.Code, answer.Header())
	}
	var got, wanted any
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, answer.Body)
	}
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheAnswerIsTheJSONOfTheRFC(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, `gar"den`)
	_, answer := w.tokensFor(t, garden, "readings.read profile offline_access", "")
	_, elsewhere := w.tokensFor(t, garden, "readings.read", resource)
	checkJSON(t, w.post("/oauth/introspect", garden.form("token", answer.AccessToken.Reveal())),
		`{"active":true,"scope":"readings.read profile offline_access","client_id":"gar\"den","username":"alice","token_type":"Bearer",
		"exp":1777892400,"iat":1777888800,"sub":"1","aud":"https://things.example","iss":"https://things.example"}`)
	checkJSON(t, w.post("/oauth/introspect", garden.form("token", elsewhere.AccessToken.Reveal())),
		`{"active":true,"scope":"readings.read","client_id":"gar\"den","token_type":"Bearer",
		"exp":1777892400,"iat":1777888800,"sub":"1","aud":"https://api.example/","iss":"https://things.example"}`)
	checkJSON(t, w.post("/oauth/introspect", garden.form("token", answer.RefreshToken.Reveal())),
		`{"active":true,"scope":"readings.read profile offline_access","client_id":"gar\"den",
		"exp":1783072800,"iat":1777888800,"sub":"1","aud":"https://things.example","iss":"https://things.example"}`)
	checkJSON(t, w.post("/oauth/introspect", garden.form("token", "nothing")), `{"active":false}`)
	checkJSON(t, w.post("/oauth/revoke", garden.form("token", answer.AccessToken.Reveal())), `{}`)
	checkJSON(t, w.post("/oauth/introspect", garden.form("token", answer.AccessToken.Reveal())), `{"active":false}`)
}
