package acceptance

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// required fails the test unless each field is there and of the type of JSON:
// "text", "list", "yes or no", "object". It is how programs of strict
// languages read: one attribute that is missing or null, and all is refused.
func required(t testing.TB, what string, fields map[string]json.RawMessage, types map[string]string) {
	t.Helper()
	first := map[string]string{"text": `"`, "list": "[", "object": "{", "yes or no": "tf", "number": "-0123456789"}
	for name, kind := range types {
		if raw := fields[name]; len(raw) == 0 || !strings.ContainsRune(first[kind], rune(raw[0])) {
			t.Errorf("%s: %s is %q, want a %s", what, name, raw, kind)
		}
	}
}

func list(a answer) (things []map[string]json.RawMessage) {
	a.t.Helper()
	a.want(http.StatusOK).decode(&things)
	return things
}

// TestAConsoleMovesEndDevices walks what helium-console-cli does: it reads
// the applications strictly, restricts its token to ten of them, tries one
// handler after the other until one answers 200, reads the end devices
// strictly, and deletes one after the move.
func TestAConsoleMovesEndDevices(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		main := s.ttn(t, alice.ttnctlLogin().Access)
		var scopes []string
		for _, id := range []string{"app-0", "app-1", "app-2", "app-3", "app-4", "app-5", "app-6", "app-7", "app-8", "app-9"} {
			main.post("/ttn/api/v2/applications", map[string]any{"id": id, "name": "The " + id}).want(http.StatusCreated)
			scopes = append(scopes, "apps:"+id)
		}
		for _, app := range list(main.get("/ttn/api/v2/applications")) {
			required(t, "application", app, map[string]string{"id": "text", "name": "text", "euis": "list", "access_keys": "list"})
			var keys []map[string]json.RawMessage
			if err := json.Unmarshal(app["access_keys"], &keys); err != nil {
				t.Fatal(err)
			}
			for _, key := range keys {
				required(t, "access key", key, map[string]string{"name": "text", "key": "text", "_id": "text", "rights": "list"})
				s.keep(strings.Trim(string(key["key"]), `"`), "an access key")
			}
		}
		console := s.ttn(t, main.ttnRestricted(scopes...))
		main.post("/ttn/users/restrict-token", map[string]any{"scope": append(scopes, "apps:app-10")}).want(http.StatusBadRequest)

		console.post("/ttn/handler/applications", `{"app_id":"app-3"}`).want(http.StatusOK)
		const devices = "/ttn/handler/applications/app-3/devices"
		console.get("/ttn/handler/applications/app-4/devices").want(http.StatusNotFound) // on to the next handler
		if a := console.get(devices).want(http.StatusOK); string(a.body) != "{}" {
			t.Fatalf("got %q, which no program takes for none", a.body)
		}
		console.post(devices, `{"app_id":"app-3","dev_id":"door","lorawan_device":{"app_id":"app-3","dev_id":"door","app_eui":"70B3D57EF0000000","dev_eui":"0000000000000001"}}`).want(http.StatusOK)
		var got struct{ Devices []map[string]json.RawMessage }
		console.get(devices).want(http.StatusOK).decode(&got)
		if len(got.Devices) != 1 {
			t.Fatalf("got %d end devices", len(got.Devices))
		}
		required(t, "end device", got.Devices[0], map[string]string{"app_id": "text", "dev_id": "text", "lorawan_device": "object"})
		var lorawan map[string]json.RawMessage
		if err := json.Unmarshal(got.Devices[0]["lorawan_device"], &lorawan); err != nil {
			t.Fatal(err)
		}
		required(t, "lorawan_device", lorawan, map[string]string{"app_eui": "text", "dev_eui": "text", "app_id": "text", "dev_id": "text", "dev_addr": "text",
			"nwk_s_key": "text", "app_s_key": "text", "app_key": "text", "uses32_bit_f_cnt": "yes or no", "activation_constraints": "text"})
		console.delete(devices + "/door").want(http.StatusOK)
		console.delete(devices + "/door").want(http.StatusNotFound)
	})
}

// TestAServerKeepsItsApplicationsHere walks what lpwanserver does: its code
// comes as JSON, a token for each application, whose expiry it reads in the
// token, and its end devices at the application manager.
func TestAServerKeepsItsApplicationsHere(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		boss, alice := s.administrator(t, "boss"), s.signUp(t, "alice")
		app := alice.registers("lpwan", map[string]any{"kind": "ttn", "scopes": []string{"apps", "gateways", "profile"}, "redirect_uris": []string{"https://lpwan.example/callback"}})
		boss.post("/api/v1/clients/lpwan/approve", `{}`).want(http.StatusNoContent)
		code := alice.asked(app.request("scope", "")).allow().Values.Get("code")
		tokens := s.ttnTokensIn(s.basic(t, "lpwan", app.Secret).post("/ttn/users/token", map[string]any{"grant_type": "authorization_code", "code": code, "redirect_uri": app.Redirect, "client_id": "lpwan"}))
		main := s.ttn(t, tokens.Access)
		if claims := s.ttnVerified(t, tokens.Access); time.Unix(claims.Expires, 0).Before(time.Now()) {
			t.Errorf("got the claims %+v", claims)
		}
		var made struct {
			EUIs []string `json:"euis"`
			Keys []struct{ Key string }
		}
		main.post("/ttn/api/v2/applications", `{"id":"lpwan-app","name":"Made there","euis":null}`).want(http.StatusCreated).decode(&made)
		token := main.ttnRestricted("apps:lpwan-app")
		if claims := s.ttnVerified(t, token); !claims.may("devices", "lpwan-app") || !claims.may("settings", "lpwan-app") || claims.may("devices", "other") {
			t.Errorf("got the claims %+v", claims)
		}
		one := s.ttn(t, token)
		var shown struct {
			Keys []struct{ Key string } `json:"access_keys"`
		}
		one.get("/ttn/api/v2/applications/lpwan-app").want(http.StatusOK).decode(&shown)
		if len(shown.Keys) == 0 || !strings.HasPrefix(shown.Keys[0].Key, "ttn-account-v2.") {
			t.Fatalf("got the access keys %v", shown.Keys)
		}
		s.keep(shown.Keys[0].Key, "an access key")
		one.post("/ttn/handler/applications", `{"app_id":"lpwan-app"}`).want(http.StatusOK)
		one.put("/ttn/handler/applications/lpwan-app", `{"app_id":"lpwan-app","payload_format":"custom","decoder":"function Decoder(bytes, port) { return {}; }"}`).want(http.StatusOK)
		const device = "/ttn/handler/applications/lpwan-app/devices/node"
		one.post(device, `{"app_id":"lpwan-app","dev_id":"node","description":"A node","lorawan_device":{"app_eui":"`+made.EUIs[0]+`","dev_eui":"0000000000000001","app_key":"00112233445566778899AABBCCDDEEFF","activation_constraints":"local"}}`).want(http.StatusOK)
		s.keep("00112233445566778899AABBCCDDEEFF", "a network key")
		if a := one.get(device).want(http.StatusOK); !a.contains(`"app_key":"00112233445566778899AABBCCDDEEFF"`) {
			t.Errorf("got %s", a.body)
		}
		one.delete(device).want(http.StatusOK)
		one.delete("/ttn/handler/applications/lpwan-app").want(http.StatusOK)
		one.delete("/ttn/api/v2/applications/lpwan-app").want(http.StatusNoContent)
		one.get("/ttn/api/v2/applications/lpwan-app").want(http.StatusNotFound)
	})
}

// TestAFriendIsAddedAsOldProgramsDo walks the calls of ttnctl (12.3) and of
// the Java library around applications, gateways and components.
func TestAFriendIsAddedAsOldProgramsDo(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		tokens := alice.ttnctlLogin()
		ctl := s.ttn(t, tokens.Access)
		const api = "/ttn/api/v2"
		// applications add: the new one is in the token after a refresh.
		ctl.post(api+"/applications", `{"id":"apitest","name":"Test","euis":["70B3D57EF0000187"]}`).want(http.StatusCreated)
		tokens = s.ttnTokensIn(s.ttnToken(t, "ttnctl", "ttnctl", "grant_type", "refresh_token", "refresh_token", tokens.Refresh))
		if claims := s.ttnVerified(t, tokens.Access); len(claims.Apps["apitest"]) != 4 {
			t.Errorf("after the refresh got the claims %+v", claims)
		}
		ctl = s.ttn(t, tokens.Access)
		if got := list(s.ttn(t, ctl.ttnRestricted("apps")).get(api + "/applications")); len(got) != 1 {
			t.Errorf("applications list: got %d", len(got))
		}
		one := s.ttn(t, ctl.ttnRestricted("apps:apitest"))
		// collaborators add, as three families of programs send it.
		for _, body := range []string{`{"rights":["settings","devices"]}`, `["settings","devices"]`, `{"username":"bob","email":"","rights":["settings","devices"]}`} {
			one.put(api+"/applications/apitest/collaborators/bob", body).want(http.StatusCreated)
		}
		friend := s.ttn(t, bob.ttnctlLogin().Access)
		if claims := s.ttnVerified(t, friend.ttnRestricted("apps:apitest")); !claims.may("devices", "apitest") || claims.may("delete", "apitest") {
			t.Errorf("the friend got the claims %+v", claims)
		}
		friend.delete(api + "/applications/apitest").want(http.StatusForbidden)
		before := s.ttn(t, friend.ttnRestricted("apps:apitest"))
		one.delete(api + "/applications/apitest/collaborators/bob").want(http.StatusNoContent)
		before.get(api + "/applications/apitest").want(http.StatusNotFound)
		one.delete(api + "/applications/apitest/collaborators/alice").want(http.StatusConflict)
		// devices register on-join: the key comes back.
		var key struct{ Name, Key string }
		one.post(api+"/applications/apitest/access-keys", `{"name":"register-on-join","rights":["devices"]}`).want(http.StatusCreated).decode(&key)
		s.keep(key.Key, "an access key")
		s.anonymous(t).with("Authorization", "key "+key.Key).get(api + "/applications/apitest/rights").want(http.StatusOK)
		// gateways register, edit, token, delete.
		var gateway struct{ Key string }
		ctl.post(api+"/gateways", `{"id":"mygtw","frequency_plan":"EU_863_870","antenna_location":{"longitude":4.9,"latitude":52.4,"altitude":3}}`).want(http.StatusCreated).decode(&gateway)
		s.keep(gateway.Key, "the key of a gateway")
		mine := s.ttn(t, ctl.ttnRestricted("gateways:mygtw"))
		mine.patch(api+"/gateways/mygtw", `{"attributes":{"placement":"indoor"},"router":"ttn-router-eu"}`).want(http.StatusNoContent)
		var token struct {
			Access  string `json:"access_token"`
			Expires int64  `json:"expires_in"`
		}
		s.anonymous(t).with("Authorization", "key "+gateway.Key).get(api + "/gateways/mygtw/token").want(http.StatusOK).decode(&token)
		s.keep(token.Access, "the token of a gateway")
		if claims := s.ttnVerified(t, token.Access); claims.Type != "gateway" || claims.Subject != "mygtw" || token.Expires < 60 {
			t.Errorf("the gateway got %+v for %d s", claims, token.Expires)
		}
		mine.get(api + "/gateways/mygtw/token").want(http.StatusOK).decode(&token)
		s.keep(token.Access, "the token of a gateway")
		mine.delete(api + "/gateways/mygtw").want(http.StatusNoContent)
		// components add, token.
		ctl.post(api+"/components/handlers", `{"id":"my-handler"}`).want(http.StatusCreated)
		var component struct {
			Token   string
			Expires time.Time
		}
		s.ttn(t, ctl.ttnRestricted("components:my-handler")).get(api + "/components/handlers/my-handler/token").want(http.StatusOK).decode(&component)
		s.keep(component.Token, "the token of a component")
		if claims := s.ttnVerified(t, component.Token); claims.Type != "handler" || claims.Subject != "my-handler" || component.Expires.Before(time.Now()) {
			t.Errorf("the component got %+v until %s", claims, component.Expires)
		}
		one.delete(api + "/applications/apitest").want(http.StatusNoContent)
	})
}
