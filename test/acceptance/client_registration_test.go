package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/app"
)

// everyKindWaits lets an administrator look at every app first.
func everyKindWaits(c *app.Config) { c.ClientApproval = []string{"all"} }

// registration is an app as the native API shows it.
type registration struct {
	ID       string `json:"client_id"`
	Secret   string `json:"client_secret"`
	Name     string
	State    string
	Reason   string
	Official bool
	Owner    string
	Scopes   []string
	Viewable bool
}

const wallID, wallRedirect = "weather-wall", "https://wall.example/callback"

// registerWall registers an app that draws the weather on a wall.
func registerWall(developer person, more map[string]any) registration {
	developer.t.Helper()
	in := map[string]any{"client_id": wallID, "name": "Weather wall", "description": "Draws the weather.", "website": "https://wall.example",
		"redirect_uris": []string{wallRedirect}, "scopes": []string{"sensors.read"}, "grant_types": []string{"authorization_code", "refresh_token", "client_credentials"}}
	for name, value := range more {
		in[name] = value
	}
	var made registration
	a := developer.post("/api/v1/clients", in).want(http.StatusCreated)
	if a.header.Get("Cache-Control") != "no-store" {
		developer.t.Errorf("got Cache-Control %q beside a secret", a.header.Get("Cache-Control"))
	}
	a.decode(&made)
	developer.s.keep(made.Secret, "the secret of the wall")
	return made
}

// wallToken asks for a token for the app itself.
func wallToken(t *testing.T, s *server, clientSecret string) answer {
	t.Helper()
	return s.basic(t, wallID, clientSecret).form("/oauth/token", "grant_type=client_credentials&scope=sensors.read")
}

func TestAnAppIsRequestedTriedApprovedChangedAndDeleted(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin, alice, bob, carol := s.administrator(t, "root-admin"), s.signUp(t, "alice"), s.signUp(t, "bob"), s.signUp(t, "carol")
		path := "/api/v1/clients/" + wallID
		made := registerWall(alice, map[string]any{"testers": []string{"bob"}})
		if made.State != "requested" || made.Secret == "" || !made.Viewable || made.Official || made.Owner != "alice" {
			t.Fatalf("got %+v", made)
		}

		// A request is for its owner and its testers.
		ask := "/oauth/authorize?" + url.Values{"client_id": {wallID}, "response_type": {"code"}, "redirect_uri": {wallRedirect}, "scope": {"sensors.read"}}.Encode()
		bob.get(ask).want(http.StatusOK)
		if a := carol.get(ask); a.status == http.StatusOK || strings.HasPrefix(a.header.Get("Location"), wallRedirect+"?code") {
			t.Errorf("a stranger is asked: %d %s", a.status, a.header.Get("Location"))
		}
		bob.get(path).want(http.StatusOK)
		carol.get(path).wantCode(http.StatusNotFound, "client_not_found")

		// The developer reads why it was rejected, changes it, and it is looked at again.
		alice.post(path+"/approve", "{}").wantCode(http.StatusForbidden, "admin_only")
		admin.post(path+"/reject", map[string]any{"reason": "Say what happens to the data."}).want(http.StatusNoContent)
		bob.get(path).want(http.StatusNotFound)
		if got := shown(alice, path); got.State != "rejected" || got.Reason != "Say what happens to the data." {
			t.Errorf("got %+v", got)
		}
		wallToken(t, s, made.Secret).want(http.StatusBadRequest)
		var edited registration
		alice.patch(path, map[string]any{"privacy_url": "https://wall.example/privacy"}).want(http.StatusOK).decode(&edited)
		if edited.State != "requested" || edited.Reason != "" {
			t.Errorf("got %+v", edited)
		}
		admin.post(path+"/approve", "").want(http.StatusNoContent)
		admin.post(path+"/approve", "").wantCode(http.StatusConflict, "client_state")
		carol.get(ask).want(http.StatusOK)

		// Strangers see what everybody may know.
		a := carol.get(path).want(http.StatusOK)
		for _, hidden := range []string{"redirect_uris", "testers", "scopes", "grant_types", "reason", "viewable", "client_secret"} {
			if a.contains(`"` + hidden + `"`) {
				t.Errorf("a stranger sees %s: %s", hidden, a.body)
			}
		}
		carol.patch(path, map[string]any{"name": "Mine"}).wantCode(http.StatusForbidden, "not_yours")
		carol.delete(path).wantCode(http.StatusForbidden, "not_yours")

		// More than was approved is looked at again.
		token := takeWall(t, s, wallToken(t, s, made.Secret))
		wall := s.anonymous(t).with("Authorization", "Bearer "+token)
		wall.get("/api/v1/sensors").want(http.StatusOK)
		alice.patch(path, map[string]any{"description": "Draws the weather of your sensors."}).want(http.StatusOK)
		if got := shown(alice, path); got.State != "approved" {
			t.Errorf("another description: got %s", got.State)
		}
		alice.patch(path, map[string]any{"scopes": []string{"sensors.read", "readings.read"}}).want(http.StatusOK).decode(&edited)
		if edited.State != "requested" || strings.Join(edited.Scopes, " ") != "sensors.read readings.read" {
			t.Errorf("more scopes: got %+v", edited)
		}
		carol.get(path).want(http.StatusNotFound)

		// Deleting it ends everything that was issued through it, and its name is gone for good.
		alice.delete(path).want(http.StatusNoContent)
		wall.get("/api/v1/sensors").want(http.StatusUnauthorized)
		wallToken(t, s, made.Secret).want(http.StatusUnauthorized)
		alice.get(path).want(http.StatusNotFound)
		bob.post("/api/v1/clients", map[string]any{"client_id": wallID, "name": "Weather wall", "redirect_uris": []string{wallRedirect}, "scopes": []string{"sensors.read"}}).
			wantCode(http.StatusConflict, "client_id_taken")
	}, everyKindWaits)
}

// shown reads an app.
func shown(p person, path string) registration {
	p.t.Helper()
	var got registration
	p.get(path).want(http.StatusOK).decode(&got)
	return got
}

func takeWall(t *testing.T, s *server, a answer) string {
	t.Helper()
	var got struct {
		Token string `json:"access_token"`
	}
	a.want(http.StatusOK).decode(&got)
	s.keep(got.Token, "an access token of the wall")
	return got.Token
}

func TestASuspendedAppStopsAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin, alice := s.administrator(t, "root-admin"), s.signUp(t, "alice")
		path := "/api/v1/clients/" + wallID
		made := registerWall(alice, nil)
		if made.State != "approved" {
			t.Fatalf("got %s: kinds that do not wait work at once", made.State)
		}
		wall := s.anonymous(t).with("Authorization", "Bearer "+takeWall(t, s, wallToken(t, s, made.Secret)))
		wall.get("/api/v1/sensors").want(http.StatusOK)
		admin.post(path+"/suspend", map[string]any{"reason": ""}).wantCode(http.StatusBadRequest, "invalid_reason")
		admin.post(path+"/suspend", map[string]any{"reason": "It sends data to strangers."}).want(http.StatusNoContent)
		wall.get("/api/v1/sensors").want(http.StatusUnauthorized)
		alice.post(path+"/resume", "").wantCode(http.StatusForbidden, "admin_only")
		alice.patch(path, map[string]any{"name": "Weather wall 2"}).want(http.StatusOK)
		wall.get("/api/v1/sensors").want(http.StatusUnauthorized)
		admin.post(path+"/resume", "").want(http.StatusNoContent)
		wall.get("/api/v1/sensors").want(http.StatusOK)
		if a := alice.get("/api/v1/users/me/audit").want(http.StatusOK); !a.contains("client.suspend") || !a.contains("It sends data to strangers.") {
			t.Errorf("the developer's audit does not say why: %s", a.body)
		}
	})
}

func TestAnAppsSecretIsRotatedWithAnOverlap(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		path := "/api/v1/clients/" + wallID
		made := registerWall(alice, nil)
		alice.withKey("clients.*").post(path+"/rotate-secret", "{}").wantCode(http.StatusForbidden, "insufficient_scope")
		var rotated registration
		alice.post(path+"/rotate-secret", map[string]any{"overlap_seconds": 3600}).want(http.StatusOK).decode(&rotated)
		s.keep(rotated.Secret, "the second secret of the wall")
		wallToken(t, s, made.Secret).want(http.StatusOK)
		wallToken(t, s, rotated.Secret).want(http.StatusOK)
		var last registration
		alice.post(path+"/rotate-secret", "{}").want(http.StatusOK).decode(&last)
		s.keep(last.Secret, "the third secret of the wall")
		wallToken(t, s, made.Secret).want(http.StatusUnauthorized)
		wallToken(t, s, rotated.Secret).want(http.StatusUnauthorized)
		wallToken(t, s, last.Secret).want(http.StatusOK)
	})
}

// Nobody but an administrator gets past the policy by sending more.
func TestFieldsThatAreNotADevelopersAreRefused(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin, alice := s.administrator(t, "root-admin"), s.signUp(t, "alice")
		path := "/api/v1/clients/" + wallID
		registerWall(alice, nil)
		for name, body := range map[string]string{
			"state": `{"state":"approved"}`, "accepted": `{"accepted":true}`, "owner": `{"owner":"root-admin"}`, "client_secret": `{"client_secret":"x"}`,
			"reason": `{"reason":"x"}`, "client_id": `{"client_id":"other"}`, "kind": `{"kind":"ttn"}`, "public": `{"public":true}`,
		} {
			alice.patch(path, body).wantCode(http.StatusBadRequest, "unknown_field")
			if name != "client_id" && name != "kind" && name != "public" {
				alice.post("/api/v1/clients", strings.Replace(body, "{", `{"name":"x","scopes":["profile"],"redirect_uris":["https://x.example/"],`, 1)).
					wantCode(http.StatusBadRequest, "unknown_field")
			}
		}
		alice.patch(path, `{"official":true}`).wantCode(http.StatusForbidden, "admin_only")
		alice.post("/api/v1/clients", `{"name":"x","official":true}`).wantCode(http.StatusForbidden, "admin_only")
		admin.withKey("clients.*").patch(path, `{"official":true}`).want(http.StatusForbidden)
		admin.patch(path, `{"official":true}`).want(http.StatusOK)
		if got := shown(alice, path); !got.Official || got.Owner != "alice" {
			t.Errorf("got %+v", got)
		}
		alice.patch(path, `{"name":"Your bank"}`).want(http.StatusOK)
		if got := shown(alice, path); got.Official {
			t.Error("a renamed app is still official")
		}
	})
}

func TestListsOfApps(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin, alice, bob := s.administrator(t, "root-admin"), s.signUp(t, "alice"), s.signUp(t, "bob")
		for _, id := range []string{"a-one", "b-two", "c-three"} {
			registerWall(alice, map[string]any{"client_id": id, "name": "App " + id})
		}
		registerWall(alice, map[string]any{"client_id": "d-waits", "kind": "ttn", "scopes": []string{"profile"}})
		registerWall(bob, map[string]any{"client_id": "e-bobs"})
		listed := func(p person, query string) string {
			t.Helper()
			var ids []string
			for path := "/api/v1/clients?" + query; path != ""; {
				var list struct {
					Items []registration
					Next  string
					Total int
				}
				p.get(path).want(http.StatusOK).decode(&list)
				for _, item := range list.Items {
					ids = append(ids, item.ID)
				}
				path = ""
				if list.Next != "" {
					path = "/api/v1/clients?" + query + "&cursor=" + url.QueryEscape(list.Next)
				}
			}
			return strings.Join(ids, " ")
		}
		for _, test := range []struct {
			who         person
			query, want string
		}{
			{bob, "limit=2", "e-bobs c-three b-two a-one"}, {alice, "limit=1", "e-bobs d-waits c-three b-two a-one"}, {alice, "which=contributed", "d-waits c-three b-two a-one"},
			{bob, "which=installed", ""}, {bob, "search=APP", "c-three b-two a-one"}, {alice, "state=requested", "d-waits"},
			{admin, "which=all&limit=3", "e-bobs d-waits c-three b-two a-one"}, {admin, "which=all&state=requested", "d-waits"},
		} {
			if got := listed(test.who, test.query); got != test.want {
				t.Errorf("%s %s: got %q, want %q", test.who.name, test.query, got, test.want)
			}
		}
		bob.get("/api/v1/clients?which=all").wantCode(http.StatusForbidden, "admin_only")
		bob.get("/api/v1/clients?which=mine").wantCode(http.StatusBadRequest, "invalid_which")
		bob.get("/api/v1/clients?cursor=x").wantCode(http.StatusBadRequest, "invalid_cursor")
	})
}
