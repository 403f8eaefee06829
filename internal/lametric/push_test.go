package lametric_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/pushapp"
)

const frames = `{"frames":[{"text":"Hello","icon":"i620","index":0}]}`

// pushing gives alice an app and returns its name and token.
func (w *world) pushing() (app, token string) {
	w.t.Helper()
	c := domain.Client{ID: "clock-app", Owner: w.users["alice"].ID, OwnerName: "alice", Kind: domain.LametricClient, State: domain.ClientApproved, Name: "Clock app"}
	if _, err := w.store.CreateClient(context.Background(), c, nil, domain.AuditEvent{Act: "client.create", At: w.clock.Now()}); err != nil {
		w.t.Fatal(err)
	}
	made, secret, err := w.apps.RotateToken(context.Background(), w.session("alice"), "clock-app")
	if err != nil {
		w.t.Fatal(err)
	}
	return pushapp.FullName(made), secret.Reveal()
}

func TestFramesArePushedAsOldProgramsDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app, token := w.pushing()
	for path, media := range map[string]string{
		"api/v1/dev/widget/update/" + app + "/1":    "application/json",
		"api/v1/dev/widget/update/" + app:           "application/x-www-form-urlencoded", // curl -d
		"api/V1/dev/widget/update/" + app + "/1":    "",
		"api/V1/dev/widget/update/" + app + "/2.0/": "text/plain",
	} {
		a := w.nobody().send("POST", path, media, frames, "X-Access-Token", token, "Accept", "application/json", "Cache-Control", "no-cache").want(http.StatusOK)
		if want := `{"success":{"data":{},"path":"/` + path + `"}}`; a.body != want {
			t.Errorf("got %s, want %s", a.body, want)
		}
		got, err := w.apps.Find(context.Background(), w.session("alice"), "clock-app")
		if err != nil || got.Frames != `[{"text":"Hello","icon":"i620","index":0}]` {
			t.Errorf("%s: got %s (%v)", path, got.Frames, err)
		}
	}
}

func TestPushesThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app, token := w.pushing()
	path := "api/v1/dev/widget/update/" + app + "/1"
	nobody := w.nobody()
	for name, test := range map[string]struct {
		a      reply
		status int
		golden string
	}{
		"no token":            {nobody.send("POST", path, "application/json", frames), 401, "unauthorized"},
		"an empty token":      {nobody.send("POST", path, "application/json", frames, "X-Access-Token", ""), 401, "unauthorized"},
		"two tokens":          {nobody.send("POST", path, "application/json", frames, "X-Access-Token", token, "X-Access-Token", token), 401, "unauthorized"},
		"a wrong token":       {nobody.send("POST", path, "application/json", frames, "X-Access-Token", token[1:]), 401, "unauthorized"},
		"an unknown app":      {nobody.send("POST", strings.Replace(path, app, "com.lametric."+strings.Repeat("0", 32), 1), "application/json", frames, "X-Access-Token", token), 401, "unauthorized"},
		"no app":              {nobody.send("POST", strings.Replace(path, app, "x", 1), "application/json", frames, "X-Access-Token", token), 401, "unauthorized"},
		"the token as Bearer": {w.bearer(token).send("POST", path, "application/json", frames, "X-Access-Token", token), 401, "unauthorized"},
		"no frames":           {nobody.send("POST", path, "application/json", "{}", "X-Access-Token", token), 400, "no_frames"},
		"no JSON":             {nobody.send("POST", path, "application/json", "text=x", "X-Access-Token", token), 400, "push_no_json"},
		"too much":            {nobody.send("POST", path, "application/json", strings.Repeat(" ", 64<<10)+frames, "X-Access-Token", token), 413, "too_large"},
		"GET":                 {nobody.send("GET", path, "", "", "X-Access-Token", token), 405, "wrong_method_push"},
	} {
		t.Run(name, func(t *testing.T) { test.a.want(test.status).golden("errors/" + test.golden) })
	}
	for range 30 {
		nobody.send("POST", path, "", frames, "X-Access-Token", token)
	}
	a := nobody.send("POST", path, "", frames, "X-Access-Token", token).want(http.StatusTooManyRequests).golden("errors/too_many_pushes")
	if got := a.header.Get("Retry-After"); got != "1" {
		t.Errorf("got Retry-After %q", got)
	}
}

func TestTheProfileCountsApps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pushing()
	for id, state := range map[domain.ClientID]domain.ClientState{"second": domain.ClientApproved, "third": domain.ClientRequested} {
		c := domain.Client{ID: id, Owner: w.users["alice"].ID, Kind: domain.StandardClient, State: state, Name: "App"}
		if _, err := w.store.CreateClient(context.Background(), c, nil, domain.AuditEvent{Act: "client.create", At: w.clock.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	var user struct {
		Apps    int `json:"apps_count"`
		Private int `json:"private_apps_count"`
	}
	w.holding("alice", "profile").get("api/v2/users/me").want(http.StatusOK).decode(&user)
	if user.Apps != 3 || user.Private != 1 {
		t.Errorf("got %+v, want 3 apps, one of them not for everybody", user)
	}
}
