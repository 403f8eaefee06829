package portal

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/domain"
)

func TestPrefersJSON(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"": false, "*/*": false, "text/html": false, "application/json": true, "application/json, text/plain, */*": true,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": false, "text/html;q=0.5, application/json": true,
		"application/json;q=0.5, text/html": false, "application/json;q=0": false, "Application/JSON": true, ";;;": false, "application/json;q=x": false,
	} {
		if got := prefersJSON([]string{accept}); got != want {
			t.Errorf("%q: got %t, want %t", accept, got, want)
		}
	}
	if !prefersJSON([]string{"text/html;q=0.1", "application/json"}) {
		t.Error("a second header line does not count")
	}
}

// TestTheWayBackToARequestMayBeLong, and only that.
func TestTheWayBackToARequestMayBeLong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", authorize.MaxQuery-6)
	for next, kept := range map[string]bool{
		"/oauth/authorize?state=" + long:                   true,
		"/lametric/api/v2/oauth2/authorize/?state=" + long: true,
		"/wotkit/api/v1/oauth/authorize?state=" + long:     true,
		"/oauth/authorize?state=" + long + "x":             false,
		"/keys?state=" + long:                              false,
		"//evil.example/oauth/authorize?state=" + long:     false,
		"/oauth/consent":                                   false,
	} {
		if got := safeNext(next); (got == next) != kept {
			t.Errorf("%.40s… of %d bytes: got %.40s…", next, len(next), got)
		}
	}
}

// TestEveryKindHasItsEndpoint that serves it and no other.
func TestEveryKindHasItsEndpoint(t *testing.T) {
	t.Parallel()
	for _, kind := range []domain.ClientKind{domain.StandardClient, domain.WotkitClient, domain.LametricClient} {
		path, ok := authorizePath(kind)
		if found, known := authorizeKind(path + "/"); !ok || !known || found != kind {
			t.Errorf("%s: got %s, which is for %s", kind, path, found)
		}
	}
	for _, path := range []string{"", "/", "/oauth/token", "/oauth/authorize/x", "/oauth/authorize//", "/OAUTH/authorize"} {
		if kind, ok := authorizeKind(path); ok {
			t.Errorf("%q: got the endpoint of %s", path, kind)
		}
	}
}

// TestConsentStartsAsNarrowAsBefore: nobody widens a connection by pressing
// the button again.
func TestConsentStartsAsNarrowAsBefore(t *testing.T) {
	t.Parallel()
	end := newWorld().now
	narrow := domain.Grant{ID: 7, Scopes: domain.ScopeSet{domain.ScopeSensorsRead.On(3), domain.ScopeProfile}, ExpiresAt: end}
	question := authorize.Question{Present: []domain.Grant{narrow}, Lines: []authorize.Line{{Name: "sensors.read", Scopes: domain.ScopeSet{domain.ScopeSensorsRead}}}}
	f := consentDefaults(question)
	if f.text("sensors") != "chosen" || f.text("devices") != "all" || f.text("connection") != "7" || f.text("expiry") != endAsItWas || f.text("scope") != "sensors.read" {
		t.Errorf("got %v", f.Values)
	}
	if got := continuedThings(question, f, domain.NounSensor); len(got) != 1 || got[0] != 3 {
		t.Errorf("got the sensors %v, want 3", got)
	}
	p := newWorld().portal()
	decision, err := p.decisionOf(domain.Caller{}, f, question)
	if err != nil || decision.Renew != 7 || !decision.ExpiresAt.Equal(end) || len(decision.Things) != 1 || len(decision.Things[domain.NounSensor]) != 0 {
		t.Errorf("got %+v, %v", decision, err)
	}
	f.Values.Set("connection", newConnection)
	if _, err := p.decisionOf(domain.Caller{}, f, question); domain.CodeOf(err) != "invalid_expiry" {
		t.Errorf("a new connection that ends as the old one: got %v", err)
	}
	question.Request.Client.Public = true
	if f := consentDefaults(question); f.text("connection") != newConnection || f.text("sensors") != "all" {
		t.Errorf("a public client: got %v", f.Values)
	}
}

// TestTickedThingsAreNotAll: without scripts the list stands open next to
// "all of mine", and whoever ticks some of it must not allow them all.
func TestTickedThingsAreNotAll(t *testing.T) {
	t.Parallel()
	p := newWorld().portal()
	for choice, name := range map[string]string{"sensors": "sensor", "devices": "device"} {
		f := consentDefaults(authorize.Question{})
		f.Values.Set(name, "3")
		if decision, err := p.decisionOf(domain.Caller{}, f, authorize.Question{}); domain.CodeOf(err) != "invalid_"+choice {
			t.Errorf("%s: got %+v, %v", choice, decision, err)
		}
		f.Values.Set(choice, "chosen")
		if _, err := p.decisionOf(domain.Caller{}, f, authorize.Question{}); err != nil {
			t.Errorf("%s: got %v", choice, err)
		}
	}
}

// TestLeavingTellsNobodyElse where it leads.
func TestLeavingTellsNobodyElse(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	if err := leave(w, authorize.Redirect{To: "https://app.example/?code=x"}); err != nil || w.Code != http.StatusSeeOther || w.Body.Len() > 0 ||
		w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Location") != "https://app.example/?code=x" {
		t.Errorf("got %d, %v, %s", w.Code, w.Header(), w.Body)
	}
}
