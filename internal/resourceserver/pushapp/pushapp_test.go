package pushapp

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

type world struct {
	*Service
	store      *store.Store
	clock      *storetest.Clock
	alice, bob domain.Caller
}

func newWorld(t testing.TB) world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	return world{Service: &Service{Store: s, BaseURL: "https://things.example/lametric", Now: clock.Now}, store: s, clock: clock,
		alice: storetest.Person(storetest.User(t, s, "alice")), bob: storetest.Person(storetest.User(t, s, "bobby"))}
}

func (w world) client(t testing.TB, owner domain.Caller, id domain.ClientID, kind domain.ClientKind) {
	t.Helper()
	c := domain.Client{ID: id, Owner: owner.User.ID, OwnerName: owner.User.Name, Kind: kind, State: domain.ClientApproved, Name: "App"}
	if _, err := w.store.CreateClient(context.Background(), c, nil, domain.AuditEvent{Act: "client.create", At: w.clock.Now()}); err != nil {
		t.Fatal(err)
	}
}

// pushing makes an app of alice and its token.
func (w world) pushing(t testing.TB) (domain.PushApp, secret.Secret) {
	t.Helper()
	w.client(t, w.alice, "clock-app", domain.LametricClient)
	app, token, err := w.RotateToken(context.Background(), w.alice, "clock-app")
	if err != nil {
		t.Fatal(err)
	}
	return app, token
}

func wantCode(t testing.TB, err error, kind domain.ErrorKind, code string) {
	t.Helper()
	if !domain.IsKind(err, kind) || domain.CodeOf(err) != code {
		t.Errorf("got %v (%s), want %s", err, domain.CodeOf(err), code)
	}
}

const hello = `{"frames":[{"text":"Hello","icon":"i620","index":0}]}`

func TestATokenIsMadeByItsOwnerAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	app, token := w.pushing(t)
	if got, want := w.URL(app), "https://things.example/lametric/api/v1/dev/widget/update/com.lametric."+app.Package+"/1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	w.client(t, w.alice, "website", domain.StandardClient)
	narrow := w.alice
	narrow.Scopes = domain.ScopeSet{domain.ScopeClientsRead, domain.ScopeClientsWrite}
	admin := w.bob
	admin.User.Admin = true
	for name, test := range map[string]struct {
		c    domain.Caller
		id   domain.ClientID
		kind domain.ErrorKind
		code string
	}{
		"a stranger":                      {w.bob, "clock-app", domain.NotFound, "client_not_found"},
		"an administrator":                {admin, "clock-app", domain.NotFound, "client_not_found"},
		"a credential without account":    {narrow, "clock-app", domain.Forbidden, "insufficient_scope"},
		"nobody":                          {domain.Caller{}, "clock-app", domain.Unauthenticated, "credential_missing"},
		"an unknown app":                  {w.alice, "nothing", domain.NotFound, "client_not_found"},
		"Thingward's own":                 {w.alice, domain.CommandLineID, domain.NotFound, "client_not_found"},
		"an app that is not pushed to":    {w.alice, "website", domain.Conflict, "not_a_push_app"},
		"an id that no database can hold": {w.alice, "a\x00b", domain.NotFound, "client_not_found"},
	} {
		_, _, err := w.RotateToken(ctx, test.c, test.id)
		t.Run(name, func(t *testing.T) { wantCode(t, err, test.kind, test.code) })
	}
	push := Push{App: FullName(app), Token: token, Body: []byte(hello)}
	if err := w.Push(ctx, push); err != nil {
		t.Fatalf("none of these may have taken the token away: %v", err)
	}
	again, fresh, err := w.RotateToken(ctx, w.alice, "clock-app")
	if err != nil || again.Package != app.Package {
		t.Fatalf("got the package %s (%v), want that of before", again.Package, err)
	}
	wantCode(t, w.Push(ctx, push), domain.Unauthenticated, "invalid_credential")
	push.Token = fresh
	if err := w.Push(ctx, push); err != nil {
		t.Error(err)
	}
}

func TestWhatIsPushedIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	app, token := w.pushing(t)
	for _, test := range []struct{ body, frames string }{
		{hello, `[{"text":"Hello","icon":"i620","index":0}]`},
		{`{"frames": [ {"text":"21 °C","icon":620}, {"text":"x","icon":null,"duration":5000} ], "more": 1}`, `[{"text":"21 °C","icon":620},{"text":"x","icon":null,"duration":5000}]`},
		{`{"frames":[{"goalData":{"start":0,"current":50,"end":100,"unit":"%"},"icon":"i1"},{"chartData":[1,2,-3]}]}`, `[{"goalData":{"start":0,"current":50,"end":100,"unit":"%"},"icon":"i1"},{"chartData":[1,2,-3]}]`},
		{`{"frames":[{"icon":"data:image/png;base64,AAAA"}]}`, `[{"icon":"data:image/png;base64,AAAA"}]`},
	} {
		w.clock.Advance(time.Minute)
		if err := w.Push(ctx, Push{App: strings.ToUpper(FullName(app)[13:]), Token: token, Body: []byte(test.body)}); err == nil {
			t.Error("an app without its first name is taken")
		}
		if err := w.Push(ctx, Push{App: FullName(app), Version: "1.2", Token: token, Body: []byte(test.body)}); err != nil {
			t.Errorf("%s: %v", test.body, err)
			continue
		}
		got, err := w.Find(ctx, w.alice, "clock-app")
		if err != nil || got.Frames != test.frames || got.Version != "1.2" || !got.PushedAt.Equal(w.clock.Now()) {
			t.Errorf("got %s at %s (%v), want %s", got.Frames, got.PushedAt, err, test.frames)
		}
	}
	_, err := w.Find(ctx, w.bob, "clock-app")
	wantCode(t, err, domain.NotFound, "client_not_found")
}

func TestPushRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	app, token := w.pushing(t)
	name := FullName(app)
	many := strings.Repeat(`{"text":"x"},`, 100) + `{"text":"x"}`
	for body, code := range map[string]string{
		``: "invalid_json", `{`: "invalid_json", `[]`: "invalid_json", `"x"`: "invalid_json", "{\"frames\":[{\"text\":\"\xff\"}]}": "invalid_utf8",
		`{}`: "invalid_frames", `null`: "invalid_frames", `{"frames":[]}`: "invalid_frames", `{"frames":null}`: "invalid_frames", `{"frames":{}}`: "invalid_frames",
		`{"frames":["x"]}`: "invalid_frames", `{"frames":[{}]}`: "invalid_frames", `{"frames":[null]}`: "invalid_frames", `{"Frames":[{"text":"x"}]}`: "invalid_frames",
		`{"frames":[` + many + `]}`: "invalid_frames", `{"frames":[{"icon":null}]}`: "invalid_frames",
		`{"frames":[{"text":7}]}`: "invalid_frames", `{"frames":[{"text":null}]}`: "invalid_frames", `{"frames":[{"text":"` + strings.Repeat("x", 1001) + `"}]}`: "invalid_frames",
		`{"frames":[{"text":"x","icon":true}]}`: "invalid_frames", `{"frames":[{"text":"x","icon":-1}]}`: "invalid_frames", `{"frames":[{"text":"x","index":"first"}]}`: "invalid_frames",
		`{"frames":[{"goalData":{"start":0,"current":1}}]}`: "invalid_frames", `{"frames":[{"goalData":null}]}`: "invalid_frames",
		`{"frames":[{"chartData":[1.5]}]}`: "invalid_frames", `{"frames":[{"chartData":null}]}`: "invalid_frames", `{"frames":[{"text":"x","a":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + `}]}`: "json_too_deep",
	} {
		w.clock.Advance(time.Second)
		err := w.Push(ctx, Push{App: name, Token: token, Body: []byte(body)})
		if !domain.IsKind(err, domain.Invalid) || domain.CodeOf(err) != code {
			t.Errorf("%.80s: got %v, want %s", body, err, code)
		}
	}
	for _, push := range []Push{
		{App: name}, {App: name, Token: secret.New("wrong")}, {App: "com.lametric." + strings.Repeat("0", 32), Token: token}, {App: "com.lametric.x", Token: token},
		{App: app.Package, Token: token}, {App: "", Token: token}, {App: "com.lametric." + strings.Repeat("\x00", 32), Token: token},
	} {
		push.Body = []byte("not even JSON")
		wantCode(t, w.Push(ctx, push), domain.Unauthenticated, "invalid_credential")
	}
	wantCode(t, w.Push(ctx, Push{App: name, Token: token, Version: "1/2", Body: []byte(hello)}), domain.Invalid, "invalid_version")
	if got, err := w.Find(ctx, w.alice, "clock-app"); err != nil || got.Frames != "" {
		t.Errorf("got %q (%v): something refused was kept", got.Frames, err)
	}
}

func TestAnAppThatIsPushedToTooOftenIsSlowedDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	app, token := w.pushing(t)
	push := Push{App: FullName(app), Token: token, Body: []byte(hello)}
	for i := range pushBound.Burst {
		if i%2 == 0 {
			_ = w.Push(ctx, Push{App: push.App, Token: secret.New(fmt.Sprint("wrong", i)), Body: push.Body}) // counts for nothing
		}
		if err := w.Push(ctx, push); err != nil {
			t.Fatalf("push %d: %v", i, err)
		}
	}
	err := w.Push(ctx, push)
	wantCode(t, err, domain.TooMany, "too_many_pushes")
	w.clock.Advance(pushBound.Every)
	if err := w.Push(ctx, push); err != nil {
		t.Errorf("after a second: %v", err)
	}
}

func FuzzFrames(f *testing.F) {
	for _, body := range []string{hello, `{"frames":[{"chartData":[1,2]}]}`, `{"frames":[{"goalData":{"start":0,"current":1,"end":2}}]}`, `{}`, `[`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		frames, err := readFrames([]byte(body))
		if err != nil {
			if domain.KindOf(err) != domain.Invalid {
				t.Fatalf("got %v", err)
			}
			return
		}
		again, err := readFrames([]byte(`{"frames":` + frames + `}`))
		if err != nil || again != frames {
			t.Errorf("%q reads back as %q (%v)", frames, again, err)
		}
	})
}
