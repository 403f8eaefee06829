package acceptance

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/test/smtpserver"
)

// TestAnAppOfTheThingsNetwork is the way that its documentation describes,
// from requesting a client to registering an application: with the requests of
// its own programs, and two people.
func TestAnAppOfTheThingsNetwork(t *testing.T) {
	var offices sync.Map // SMTP URL → the server there
	eachStore(t, func(t *testing.T, s *server) {
		found, _ := offices.Load(s.config.SMTPURL)
		office := found.(*smtpserver.Server)
		ruth := s.administrator(t, "ruth")
		alice := s.signUp(t, "alice")
		alice.confirms(mailTo(t, office, "alice@example.org", "Confirm"))
		bobby := s.signUp(t, "bobby")
		mailTo(t, office, "bobby@example.org", "Confirm")

		// ttnctl clients request myclient "My own oauth client" --uri … --scope … --grants …
		login := alice.ttnctlLogin()
		ttnctl := s.ttn(t, login.Access)
		requested := s.ttn(t, ttnctl.ttnRestricted("clients")).post("/ttn/api/v2/clients", map[string]any{
			"name": "myclient", "description": "My own oauth client", "uri": "http://mywebsite/callback", "scope": []string{"profile", "gateways", "apps"},
			"grants": []string{"authorization_code", "refresh_token"}, "accepted": true, "rejected": false, "official": true,
		}).want(http.StatusCreated)
		if !requested.contains(`"accepted":false`) || !requested.contains(`"official":false`) {
			t.Errorf("got %s: she accepted it herself", requested.body)
		}
		mailTo(t, office, "ruth@example.org", "waits for your decision")
		login = s.ttnTokensIn(s.ttnToken(t, "ttnctl", "ttnctl", "grant_type", "refresh_token", "refresh_token", login.Refresh))
		ttnctl = s.ttn(t, login.Access)

		// The callback is on plain http, so not even she can use it before an administrator has seen it.
		myclient := askingApp{t: t, s: s, endpoint: authorizeAt["ttn"], ID: "myclient", Redirect: "http://mywebsite/callback"}
		if page := alice.get(myclient.request()); page.status != http.StatusBadRequest || !page.contains("once an administrator has approved") {
			t.Errorf("before the approval: got %d: %s", page.status, page.body)
		}
		ruth.post("/api/v1/clients/myclient/approve", map[string]any{}).want(http.StatusNoContent)
		if m := mailTo(t, office, "alice@example.org", "approved"); !strings.Contains(readable(t, m), "myclient") {
			t.Errorf("got the mail\n%s", readable(t, m))
		}

		// ttnctl clients list, and the same by API: the secret is there and nowhere else.
		var listed []struct {
			Name, Secret, URI  string
			Accepted, Rejected bool
		}
		s.ttn(t, ttnctl.ttnRestricted("clients")).get("/ttn/api/v2/clients").want(http.StatusOK).decode(&listed)
		if len(listed) != 1 || listed[0].Secret == "" || listed[0].URI != myclient.Redirect || !listed[0].Accepted {
			t.Fatalf("got %+v", listed)
		}
		myclient.Secret = listed[0].Secret
		s.keep(myclient.Secret, "the secret of myclient")
		if shown := ttnctl.get("/ttn/api/v2/clients/myclient").want(http.StatusOK); !shown.contains(myclient.Secret) {
			t.Error("the secret by API is another one")
		}

		// Authorize it in the browser, and exchange the code.
		to := alice.asked(myclient.request("state", "x1")).says("myclient", "mywebsite", "see your e-mail address").allow()
		if to.URI != myclient.Redirect || to.Values.Get("state") != "x1" || to.Values.Get("iss") == "" {
			t.Errorf("got sent to %s", to.URI)
		}
		first := s.ttnTokensIn(s.ttnToken(t, myclient.ID, myclient.Secret, "grant_type", "authorization_code", "code", to.Values.Get("code"), "redirect_uri", myclient.Redirect))
		if again := alice.sentBack(myclient.request("scope", "profile apps")); again.Values.Get("code") == "" {
			t.Errorf("she is asked again for less: got %v", again.Values)
		}

		// The token creates and lists applications and gateways.
		program := s.ttn(t, first.Access)
		program.post("/ttn/api/v2/applications", map[string]any{"id": "apitest", "name": "A test", "euis": nil}).want(http.StatusCreated)
		program.post("/ttn/api/v2/applications", map[string]any{"id": "other", "name": "Another", "euis": nil}).want(http.StatusCreated)
		program.post("/ttn/api/v2/gateways", map[string]any{"id": "mygtw", "frequency_plan": "EU_863_870"}).want(http.StatusCreated)
		if list := program.get("/ttn/api/v2/applications").want(http.StatusOK); !list.contains(`"apitest"`) || !list.contains(`"other"`) {
			t.Errorf("got %s", list.body)
		}

		// When it expires it is refreshed without a page, and knows what is new.
		second := s.ttnTokensIn(s.ttnToken(t, myclient.ID, myclient.Secret, "grant_type", "refresh_token", "refresh_token", first.Refresh))
		whole := s.ttnVerified(t, second.Access)
		if !whole.Interchangeable || whole.Type != "user" || whole.Client != "myclient" || whole.may("settings", "apitest") {
			t.Errorf("got %+v: a token for everything is for nothing at a resource server", whole)
		}

		// A token for one application and one gateway.
		restricted := s.ttn(t, second.Access).ttnRestricted("apps:apitest", "gateways:mygtw")
		read := s.ttnVerified(t, restricted)
		if read.Interchangeable || !read.may("settings", "apitest") || !read.may("devices", "apitest") || read.may("settings", "other") || len(read.Gateways) != 1 {
			t.Errorf("got %+v", read)
		}

		// Register the application, its devices and a friend.
		narrow := s.ttn(t, restricted)
		registered := narrow.post("/ttn/handler/applications", `{"app_id":"apitest"}`).want(http.StatusOK)
		if string(registered.body) != "{}" {
			t.Errorf("got %q, want {}", registered.body)
		}
		narrow.post("/ttn/handler/applications", `{"app_id":"other"}`).want(http.StatusForbidden)
		s.ttn(t, second.Access).post("/ttn/handler/applications", `{"app_id":"other"}`).want(http.StatusForbidden)
		narrow.post("/ttn/handler/applications/apitest/devices", `{"app_id":"apitest","dev_id":"balcony","lorawan_device":{"app_id":"apitest","dev_id":"balcony","app_eui":"70B3D57EF0000001",`+
			`"dev_eui":"0000000000000001","app_key":"00112233445566778899AABBCCDDEEFF"}}`).want(http.StatusOK)
		s.keep("00112233445566778899AABBCCDDEEFF", "the network key of a device")
		if got := narrow.get("/ttn/handler/applications/apitest/devices").want(http.StatusOK); !got.contains(`"balcony"`) {
			t.Errorf("got %s", got.body)
		}
		narrow.put("/ttn/api/v2/applications/apitest/collaborators/bobby", `{"rights":["settings","devices"]}`).want(http.StatusCreated)
		friend := s.ttnVerified(t, s.ttn(t, bobby.ttnctlLogin().Access).ttnRestricted("apps:apitest"))
		if !friend.may("devices", "apitest") || friend.may("delete", "apitest") {
			t.Errorf("the friend got %+v", friend)
		}

		// Taking it back ends it all.
		connections := alice.get("/api/v1/connections").want(http.StatusOK)
		if !connections.contains("myclient") {
			t.Errorf("got %s", connections.body)
		}
		ttnctl.delete("/ttn/api/v2/users/me/authorized-clients/myclient").want(http.StatusNoContent)
		narrow.get("/ttn/handler/applications/apitest").want(http.StatusUnauthorized)
		program.get("/ttn/api/v2/applications").want(http.StatusUnauthorized)
		s.ttnToken(t, myclient.ID, myclient.Secret, "grant_type", "refresh_token", "refresh_token", second.Refresh).want(http.StatusBadRequest)
		if !strings.Contains(s.log.String(), "a token was not restricted") {
			s.ttn(t, login.Access).post("/ttn/users/restrict-token", `{"scope":["apps:nowhere"]}`).want(http.StatusForbidden)
			if !strings.Contains(s.log.String(), "a token was not restricted") {
				t.Error("nobody is told that a program goes on with the whole token")
			}
		}
		if slices.Contains(whole.Scope, "clients") {
			t.Errorf("got the scope %v", whole.Scope)
		}
	}, func(c *app.Config) {
		server := postOffice(t)
		mailsTo(server)(c)
		offices.Store(c.SMTPURL, server)
	})
}
