package portal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
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
	clock := shownDevice{ID: 1, Href: "/devices/1", Name: "Clock", Model: "m", Address: "192.0.2.1", MAC: "m", Wifi: "w", Curl: "curl", State: state{"new", "warn"}}
	app := shownApp{ID: "a", Href: "/apps/a", Name: "A", Letter: "A", About: "a", Website: "https://a.example", Official: true, State: state{"rejected", "bad"}}
	fields := appFieldsOf(domain.Caller{}, domain.StandardClient, f)
	fields.New, fields.ScopeFault, fields.GrantFault, fields.SwitchesFault, fields.Advanced = true, "No.", "No.", "No.", true
	lametric := appFieldsOf(domain.Caller{}, domain.LametricClient, f)
	lametric.New = true
	return append(networkPages(l, f, at), []page{
		frontPage{layout: l, SetupNeeded: true, Curl: "curl"}, frontPage{layout: layout{SignUp: true}},
		homePage{layout: l, Sensors: 1, Keys: 2, LastReading: at, Applications: 1, Gateways: 2}, homePage{layout: l},
		loginPage{layout: l, Form: f, Next: "/keys", Ended: true, SignUpHref: "/sign-up"},
		signUpPage{layout: l, Form: f, ByInvite: true}, signUpPage{layout: l, Form: f, Closed: true},
		setupPage{layout: l, Form: f}, setupPage{layout: l, Form: f, Done: true},
		confirmAddressPage{layout: l, Form: f}, forgotPage{layout: l, Form: f}, forgotPage{layout: l, Sent: true}, resetPage{layout: l, Form: f},
		mailsPage{layout: l, Kept: true, Mails: []shownMail{{Subject: "S", Again: true, NextTry: at, Tries: 2, Fault: "F"}}, Pager: pager{"/a", "/b"}}, mailsPage{layout: l},
		mailPage{layout: l, Mail: shownMail{Subject: "S", State: state{"given up", "bad"}, Done: at, NextTry: at, Fault: "F", Again: true}, Text: "T"}, mailPage{layout: l},
		confirmPasswordPage{layout: l, Form: f}, confirmPage{layout: l, Form: f, Question: "Sure?", Danger: true},
		settingsPage{layout: l, Pending: "a@b.example", Profile: f, Password: f, OtherSessions: true, Sessions: []shownSession{{ID: 1, Current: true}, {ID: 2, LastSeen: at}}},
		ownAuditPage{layout: l, Log: log}, ownAuditPage{layout: l}, allAuditPage{layout: l, Log: log},
		keysPage{layout: l, Keys: []shownKey{k}, Pager: pager{"/a", "/b"}}, keysPage{layout: l, Curl: "curl"},
		keyPage{layout: l, Key: k, Viewable: true, OldUntil: at, Allowed: []string{"192.0.2.7"}, Uses: []shownUse{{Thing: "a.b", Last: at}}}, keyPage{layout: l, Key: k},
		newKeyPage{layout: l, Form: f, Groups: []scopeGroup{{Title: "G", Scopes: []scopeChoice{{"profile", "see", true}}}}, Sensors: []sensorChoice{{"a.b", "A", true}},
			Expiries: expiryChoices("30d"), ScopeFault: "No.", ThingsFault: "No.", ExpiryFault: "No."},
		newKeyPage{layout: l, Form: f},
		keySecretPage{layout: l, ID: "1", Password: "p"}, viewSecretPage{layout: l, Form: f}, rotateSecretPage{layout: l, Form: f, Overlaps: overlaps},
		editKeyPage{layout: l, Form: f, Expiries: expiryChoices("never"), ExpiryFault: "No."},
		sensorsPage{layout: l, Sensors: []shownSensor{s}}, sensorsPage{layout: l},
		sensorPage{layout: l, shownSensor: s, Description: "d", Tags: []string{"t"}, Fields: []shownField{{Name: "value", Required: true}}, Mine: true,
			Columns: []column{{Title: "Data", Number: true}}, Readings: []shownReading{{At: at, Values: []cell{{"1", true}}}}},
		sensorPage{layout: l, Unread: true, People: 2},
		collaboratorsPage{layout: l, Form: f, Thing: sharedThing{"sensor", "Sensors", "a.b", "/sensors/a.b", "/sensors"}, Choices: rightChoices(domain.AllRights(domain.NounSensor), usualRights), RightsFault: "No.",
			People: []shownCollaborator{{Name: "alice", Owner: true, You: true, Rights: []string{"read", "write"}}, {Name: "bob", Email: "bob@example.org", Change: true, Remove: true, Since: at}}},
		collaboratorsPage{layout: l, Form: f}, collaboratorPage{layout: l, Form: f, Person: shownCollaborator{Change: true}, Choices: rightChoices(domain.AllRights(domain.NounDevice), nil), RightsFault: "No."},
		collaboratorPage{layout: l, Form: f, Person: shownCollaborator{Rights: []string{"read", "write"}}},
		appsPage{layout: l, Apps: []shownApp{{Name: "A", Letter: "A", Official: true, State: state{"rejected", "bad"}}, {Name: "B", Mine: true}}, Pager: pager{"/a", "/b"}}, appsPage{layout: l},
		appsPage{layout: l, Show: "installed"}, appsPage{layout: l, Show: "contributed", Sought: "x"}, appKindsPage{layout: l, Kinds: appKinds},
		appPage{layout: l, shownApp: app}, appPage{layout: l, shownApp: app, Whole: true, Review: true, RawState: "requested", Advice: "A", Reason: "R", Secret: "view", OldUntil: at, RedirectURIs: []string{"https://a.example"},
			Scopes: []scopeChoice{{"all", "do", true}}, GrantTypes: []choice{{Label: "L", Warning: "W"}}, Switches: []choice{{Label: "L", Warning: "W"}}, Lives: []fact{{"A", "B"}}, Resources: []string{"https://a.example"},
			Testers: []string{"bob"}, History: []shownStage{{At: at, State: state{"rejected", "bad"}, By: "root", Reason: "R"}}, TryIt: "/oauth/authorize", Examples: []example{{"E", "curl"}}},
		appPage{layout: l, shownApp: app, Whole: true, Public: true}, newAppPage{layout: l, appFields: fields}, newAppPage{layout: l, appFields: lametric}, editAppPage{layout: l, appFields: fields, Name: "A", Href: "/apps/a"},
		appSecretPage{layout: l, ID: "a", Secret: "s", Waits: "W", Curl: "curl"},
		adminAppsPage{layout: l, States: adminStates, Waiting: []waitingApp{{adminApp: adminApp{shownApp: app}, Risks: []choice{{Label: "L"}}, Words: []string{"read", "write"}, Public: true}}, Apps: []adminApp{{shownApp: app, Created: at}}},
		adminAppsPage{layout: l}, appReasonPage{layout: l, Form: f, Question: "Q"},
		connectionsPage{layout: l, Total: 2, Connections: []shownConnection{{Name: "Key", KeyID: "1", State: state{"active", "ok"}}, {Name: "App", App: "A", Letter: "A", Owner: "bob", Official: true, Words: []string{"a", "b", "c", "d", "e"}, LastUsed: at, Ends: at}}},
		connectionsPage{layout: l}, connectionPage{layout: l, shownConnection: shownConnection{Name: "Key", KeyID: "1", About: "a", Words: []string{"read"}}, Allowed: []string{"192.0.2.7"}},
		connectionPage{layout: l, shownConnection: shownConnection{Name: "App", Letter: "A", Website: "https://a.example", Official: true, Standing: true, Doubt: "D"}, Uses: []shownUse{{Thing: "a.b", Last: at}}},
		renameConnectionPage{layout: l, Form: f, Name: "App", Href: "/connections/1"},
		devicesPage{layout: l, Devices: []shownDevice{clock, {Name: "n"}}, Pager: pager{"/a", "/b"}}, devicesPage{layout: l},
		devicePage{layout: l, Device: clock, Kept: true, May: deviceMay{true, true}}, devicePage{layout: l}, lanKeyPage{layout: l, Device: clock, Key: "0a"},
		deviceFormPage{layout: l, Form: f, States: stateChoices("new"), StateFault: "No."}, deviceFormPage{layout: l, Form: f, Href: "/devices/1", Name: "n"},
		usersPage{layout: l, Users: []userRow{{Name: "a", Shown: "A", Admin: true, Self: true}, {Name: "b", Shown: "b", Suspended: true}}, Total: 2},
		newUserPage{layout: l, Form: f, Admin: true}, adminSecretPage{layout: l, Secret: "s", Where: "w"},
		deviceCodePage{layout: l, Form: f, Filled: true}, deviceAnsweredPage{layout: l}, deviceAnsweredPage{layout: l, Allowed: true},
		consentPage{layout: l, Form: f, Device: &askingDevice{Code: "WDJB-MJHT", Address: "192.0.2.7"}},
		consentPage{layout: l, Form: f, App: askingClient{Letter: "A", Name: "A", Description: "d", Owner: "bob", Website: "https://a.example", PrivacyURL: "https://a.example/p", Goes: "a.example", Waits: true},
			Kind: "standard", Query: "client_id=a", Token: "t", Here: "/oauth/authorize?client_id=a", Lines: []consentLine{{Name: "all", Words: []string{"see", "do"}, Warning: "W", Chosen: true}},
			Things: []thingChoice{{Choice: "sensors", Name: "sensor", Legend: "Which?", Plural: "sensors", Things: []sensorChoice{{"a.b", "A", true}}, Chosen: true, More: true, Fault: "No."}, {Choice: "devices", Name: "device", Plural: "devices"}},
			Ends:   consentEnds, EndFault: "No.", Connections: []connectionChoice{{Value: "1", Name: "A", Since: at, LastAt: at, Chosen: true}}, ConnectionFault: "No.", Separate: true},
		consentPage{layout: l, Form: f, App: askingClient{Ours: true, Official: true, Here: true}},
		consentPage{layout: l, Form: f, App: askingClient{Ours: true, Official: true, Copies: true}},
		copyCodePage{layout: l, Code: "twc_x", State: "s"}, copyCodePage{layout: l, Fault: "no code"},
		errorPage{layout: layout{Bare: true}, Status: 404, Heading: "H", Message: "M", Advice: "A", Back: "/", RequestID: "r"},
	}...)
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
