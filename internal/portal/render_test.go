package portal

import (
	"bytes"
	"strings"
	"testing"
)

// everyPage has one filled struct for each template, so that a template that
// asks for something its struct does not have fails here and not in front of
// somebody.
func everyPage() []page {
	l := layout{Title: "T", Section: "keys", User: &shownUser{Name: "alice", Shown: "Alice", Initial: "A", Admin: true}, Notice: "Done.", Insecure: true, Version: "1"}
	f := filledForm(map[string]string{"name": "x"})
	f.Fault, f.Faults["name"] = "Wrong.", "This one."
	at := moment{ISO: "2026-11-21T10:00:00Z", Exact: "21 Nov 2026, 10:00 UTC", Ago: "just now"}
	k := shownKey{ID: "0123456789abcdef", Href: "/keys/0123456789abcdef", Name: "Gateway", Words: []string{"read"}, Created: at, State: state{"active", "ok"}}
	log := auditLog{Events: []shownEvent{{At: at, Act: "Signed in", OK: true}, {At: at, Act: "Sign-in refused", Result: "wrong"}}, Everybody: true, Pager: pager{"/a", "/b"}}
	s := shownSensor{Href: "/sensors/a.b", LongName: "Greenhouse", FullName: "a.b", Updated: at, Active: true}
	return []page{
		frontPage{layout: l, SetupNeeded: true, Curl: "curl"}, frontPage{layout: layout{SignUp: true}},
		homePage{layout: l, Sensors: 1, Keys: 2, LastReading: at}, homePage{layout: l},
		loginPage{layout: l, Form: f, Next: "/keys", Ended: true, SignUpHref: "/sign-up"},
		signUpPage{layout: l, Form: f, ByInvite: true}, signUpPage{layout: l, Form: f, Closed: true},
		setupPage{layout: l, Form: f}, setupPage{layout: l, Form: f, Done: true},
		confirmPasswordPage{layout: l, Form: f}, confirmPage{layout: l, Form: f, Question: "Sure?", Danger: true},
		settingsPage{layout: l, Profile: f, Password: f, OtherSessions: true, Sessions: []shownSession{{ID: 1, Current: true}, {ID: 2, LastSeen: at}}},
		ownAuditPage{layout: l, Log: log}, ownAuditPage{layout: l}, allAuditPage{layout: l, Log: log},
		keysPage{layout: l, Keys: []shownKey{k}, Pager: pager{"/a", "/b"}}, keysPage{layout: l, Curl: "curl"},
		keyPage{layout: l, Key: k, Viewable: true, OldUntil: at, Allowed: []string{"192.0.2.7"}, Uses: []shownUse{{Thing: "a.b", Last: at}}}, keyPage{layout: l, Key: k},
		newKeyPage{layout: l, Form: f, Groups: []scopeGroup{{Title: "G", Scopes: []scopeChoice{{"profile", "see", true}}}}, Sensors: []sensorChoice{{"a.b", "A", true}},
			Expiries: expiryChoices("30d"), ScopeFault: "No.", ThingsFault: "No.", ExpiryFault: "No."},
		newKeyPage{layout: l, Form: f},
		keySecretPage{layout: l, ID: "1", Password: "p"}, viewKeyPage{layout: l, Form: f}, rotateKeyPage{layout: l, Form: f, Overlaps: overlaps},
		editKeyPage{layout: l, Form: f, Expiries: expiryChoices("never"), ExpiryFault: "No."},
		sensorsPage{layout: l, Sensors: []shownSensor{s}}, sensorsPage{layout: l},
		sensorPage{layout: l, shownSensor: s, Description: "d", Tags: []string{"t"}, Fields: []shownField{{Name: "value", Required: true}}, Mine: true,
			Columns: []column{{Title: "Data", Number: true}}, Readings: []shownReading{{At: at, Values: []cell{{"1", true}}}}},
		sensorPage{layout: l},
		connectionsPage{layout: l, Total: 2, Connections: []shownConnection{{Name: "Key", KeyID: "1", State: state{"active", "ok"}}, {Name: "App", App: "A", Letter: "A", Owner: "bob", Official: true, Words: []string{"a", "b", "c", "d", "e"}, LastUsed: at, Ends: at}}},
		connectionsPage{layout: l}, connectionPage{layout: l, shownConnection: shownConnection{Name: "Key", KeyID: "1", About: "a", Words: []string{"read"}}, Allowed: []string{"192.0.2.7"}},
		connectionPage{layout: l, shownConnection: shownConnection{Name: "App", Letter: "A", Website: "https://a.example", Official: true, Standing: true, Doubt: "D"}, Uses: []shownUse{{Thing: "a.b", Last: at}}},
		renameConnectionPage{layout: l, Form: f, Name: "App", Href: "/connections/1"},
		usersPage{layout: l, Users: []userRow{{Name: "a", Shown: "A", Admin: true, Self: true}, {Name: "b", Shown: "b", Suspended: true}}, Total: 2},
		newUserPage{layout: l, Form: f, Admin: true}, adminSecretPage{layout: l, Secret: "s", Where: "w"},
		errorPage{layout: layout{Bare: true}, Status: 404, Heading: "H", Message: "M", Advice: "A", Back: "/", RequestID: "r"},
	}
}

func TestEveryTemplateShowsItsPage(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, shown := range everyPage() {
		seen[shown.template()] = true
		body, err := render(shown)
		if err != nil {
			t.Errorf("%s: %v", shown.template(), err)
			continue
		}
		if !bytes.Contains(body, []byte("<h1")) || !bytes.HasSuffix(bytes.TrimSpace(body), []byte("</html>")) {
			t.Errorf("%s: got a page without a heading, or cut short", shown.template())
		}
		for _, forbidden := range []string{" style=", "<style", " onclick=", "<script>", "ZgotmplZ", "<no value>"} {
			if bytes.Contains(body, []byte(forbidden)) {
				t.Errorf("%s: got %q on the page, which the content policy forbids or the template engine refused", shown.template(), forbidden)
			}
		}
	}
	for name := range templates {
		if !seen[name] {
			t.Errorf("template %s: no page of this test shows it", name)
		}
	}
}

func TestPagesEscapeWhatPeopleEnter(t *testing.T) {
	t.Parallel()
	evil := `"><script>alert(1)</script>`
	body, err := render(keysPage{Keys: []shownKey{{Name: evil, Description: evil, ID: evil, Href: "javascript:alert(1)"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(body); strings.Contains(got, "<script>alert") || strings.Contains(got, `href="javascript:`) {
		t.Errorf("a name went to the page unescaped:\n%s", got)
	}
}

func TestFieldRefusesUnknownOptions(t *testing.T) {
	t.Parallel()
	for _, options := range [][]string{{"hnit", "x"}, {"hint"}} {
		if _, err := fieldOf(filledForm(nil), "name", "Name", options...); err == nil {
			t.Errorf("options %q: got no error", options)
		}
	}
}

func TestPasswordsAreNeverFilledIn(t *testing.T) {
	t.Parallel()
	made, err := fieldOf(filledForm(map[string]string{"password": "hush"}), "password", "Password", "type", "password")
	if err != nil || made.Value != "" {
		t.Errorf("got %q, %v; want an empty input", made.Value, err)
	}
}
