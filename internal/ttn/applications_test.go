package ttn_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

const applications = "api/v2/applications"

// story makes alice's application apitest, on which bobby works as far as he
// is given rights.
func (n *network) story(rights string) (alice, bobby program) {
	n.t.Helper()
	alice, bobby = n.main("alice"), n.main("bobby")
	alice.post(applications, `{"id":"apitest","name":"My test","euis":null}`).want(http.StatusCreated)
	if rights != "" {
		alice.put(applications+"/apitest/collaborators/bobby", `{"rights":["`+strings.ReplaceAll(rights, " ", `","`)+`"]}`).want(http.StatusCreated)
	}
	return alice, bobby
}

type appJSON struct {
	ID            string
	Name          string
	EUIs          []string
	Created       time.Time
	Rights        []string
	Collaborators []map[string]any
	AccessKeys    []map[string]any `json:"access_keys"`
	Deleted       *time.Time
}

func TestApplicationsAnswerAsDocumented(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice := n.main("alice")
	const one = applications + "/apitest"
	for _, step := range []struct {
		name string
		got  reply
		want int
	}{
		{"none", alice.get(applications), 200},
		{"created", alice.post(applications, `{"id":"apitest","name":"My test","euis":null}`), 201},
		{"created_with_euis", alice.post(applications, `{"id":"second-app","name":"","euis":["70b3d57ef0000187","0011223344556677"]}`), 201},
		{"taken", alice.post(applications, `{"id":"apitest","name":"Again"}`), 409},
		{"one", alice.get(one), 200},
		{"list", alice.get(applications), 200},
		{"edited", alice.patch(one, `{"name":"Another name"}`), 204},
		{"euis", alice.get(one + "/euis"), 200},
		{"eui_assigned", alice.post(one+"/euis", ""), 201},
		{"eui_added", alice.put(one+"/euis/0123456789abcdef", ""), 204},
		{"eui_removed", alice.remove(one + "/euis/0123456789ABCDEF"), 204},
		{"eui_bad", alice.put(one+"/euis/0123", ""), 400},
		{"collaborators", alice.get(one + "/collaborators"), 200},
		{"collaborator_set", alice.put(one+"/collaborators/bobby", `{"rights":["settings","devices"]}`), 201},
		{"collaborator", alice.get(one + "/collaborators/bobby"), 200},
		{"collaborator_removed", alice.remove(one + "/collaborators/bobby"), 204},
		{"collaborator_unknown", alice.get(one + "/collaborators/bobby"), 404},
		{"rights", alice.get(one + "/rights"), 200},
		{"keys", alice.get(one + "/access-keys"), 200},
		{"key_made", alice.post(one+"/access-keys", `{"name":"register-on-join","rights":["devices"]}`), 201},
		{"key_taken", alice.post(one+"/access-keys", `{"name":"register-on-join","rights":["devices"]}`), 409},
		{"key_right_unknown", alice.post(one+"/access-keys", `{"name":"other","rights":["everything"]}`), 400},
		{"key", alice.get(one + "/access-keys/default%20key"), 200},
		{"key_removed", alice.remove(one + "/access-keys/register-on-join"), 204},
		{"key_unknown", alice.get(one + "/access-keys/register-on-join"), 404},
		{"deleted", alice.remove(one), 204},
		{"gone", alice.get(one), 404},
		{"list_without_deleted", alice.get(applications), 200},
		{"list_with_deleted", alice.get(applications + "?deleted=1"), 200},
		{"restored", alice.post(one+"/restore", ""), 204},
		{"again", alice.get(one), 200},
		{"nobody", n.nobody().get(applications), 401},
		{"bad_token", n.bearer("eyJhbGciOiJFUzI1NiJ9.e30.x").get(applications), 401},
		{"id_too_long", alice.get(applications + "/" + strings.Repeat("a-", 35) + "a"), 400},
		{"id_bad", alice.post(applications, `{"id":"Api Test","name":"x"}`), 400},
		{"body_bad", alice.post(applications, `{"id":7}`), 400},
		{"body_no_json", alice.post(applications, `id=apitest`), 400},
		{"wrong_method", alice.put(one, ""), 405},
		{"scope_missing", alice.restricted("gateways").get(applications), 403},
	} {
		step.got.want(step.want).like("applications/" + step.name + ".txt")
	}
}

// TestAnApplicationMayBeCalledToken, though keys are exchanged at its path.
func TestAnApplicationMayBeCalledToken(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice := n.main("alice")
	alice.post(applications, `{"id":"token","name":"x"}`).want(http.StatusCreated)
	alice.get(applications + "/token").want(http.StatusOK)
	alice.patch(applications+"/token", `{"name":"y"}`).want(http.StatusNoContent)
	alice.get(applications + "/token/rights").want(http.StatusOK)
	n.main("bobby").get(applications + "/token").want(http.StatusNotFound)
	alice.remove(applications + "/token").want(http.StatusNoContent)
}

func TestFormerNamesAreNeverGivenOutAgain(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.story("")
	alice.remove(applications + "/apitest").want(http.StatusNoContent)
	for _, who := range []program{alice, bobby} {
		if a := who.post(applications, `{"id":"apitest","name":"x"}`).want(http.StatusConflict); !strings.Contains(a.body, `"code":409`) {
			t.Errorf("got %s", a.body)
		}
	}
	bobby.post(applications+"/apitest/restore", "").want(http.StatusNotFound)
}

// TestSomebodyElsesApplicationIsNotThere: the same words as for one that is
// not there, on every path.
func TestSomebodyElsesApplicationIsNotThere(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	_, bobby := n.story("")
	for _, path := range []string{"GET ", "PATCH ", "DELETE ", "POST /restore", "GET /euis", "POST /euis", "PUT /euis/0123456789ABCDEF", "DELETE /euis/0123456789ABCDEF", "GET /collaborators",
		"GET /collaborators/alice", "PUT /collaborators/bobby", "DELETE /collaborators/alice", "GET /rights", "GET /access-keys", "POST /access-keys", "GET /access-keys/default%20key", "DELETE /access-keys/default%20key"} {
		method, path, _ := strings.Cut(path, " ")
		const body = `{"name":"x","rights":["settings"]}`
		theirs := bobby.send(method, applications+"/apitest"+path, body).want(http.StatusNotFound)
		none := bobby.send(method, applications+"/nothing"+path, body).want(http.StatusNotFound)
		if theirs.body != none.body {
			t.Errorf("%s: got %s, want what is said of none: %s", theirs.asked, theirs.body, none.body)
		}
	}
}

func TestCollaboratorsAreSetInAllThreeShapes(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.story("")
	const path = applications + "/apitest/collaborators/bobby"
	for body, want := range map[string]string{
		`{"rights":["settings"]}`: "settings",
		`["settings","devices"]`:  "settings devices",
		`{"username":"bobby","email":"b@x.example","rights":["devices"]}`: "devices",
	} {
		var got struct{ Username, Rights any }
		alice.put(path, body).want(http.StatusCreated)
		alice.get(path).want(http.StatusOK).decode(&got)
		if list := strings.Trim(fmt.Sprint(got.Rights), "[]"); got.Username != "bobby" || list != want {
			t.Errorf("%s: got %v with %q, want %q", body, got.Username, list, want)
		}
	}
	for _, body := range []string{``, `{}`, `{"rights":null}`, `{"rights":[]}`, `[]`, `"settings"`, `{"rights":["admin"]}`, `{"rights":[7]}`, `[[]]`} {
		alice.put(path, body).want(http.StatusBadRequest)
	}
	alice.put(applications+"/apitest/collaborators/nobody", `["settings"]`).want(http.StatusNotFound)
	// Nobody gives what he has not, and may still leave.
	alice.put(path, `["settings","collaborators"]`).want(http.StatusCreated)
	bobby.put(path, `["settings","collaborators","delete"]`).want(http.StatusForbidden)
	bobby.remove(applications + "/apitest/collaborators/alice").want(http.StatusConflict)
	bobby.remove(path).want(http.StatusNoContent)
	bobby.get(applications + "/apitest").want(http.StatusNotFound)
	alice.remove(applications + "/apitest/collaborators/alice").want(http.StatusConflict)
}

func TestKeysAreMaskedForThoseWhoMayNotSeeThem(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.story("settings")
	alice.post(applications+"/apitest/access-keys", `{"name":"all","rights":["settings","delete","devices"]}`).want(http.StatusCreated)
	keysOf := func(p program) map[string]bool {
		t.Helper()
		var app appJSON
		p.get(applications + "/apitest").want(http.StatusOK).decode(&app)
		seen := map[string]bool{}
		for _, key := range app.AccessKeys {
			seen[key["name"].(string)] = randomKey.MatchString(key["key"].(string))
		}
		return seen
	}
	for _, c := range []struct {
		who  program
		want string
	}{
		{alice, "map[all:true default key:true]"},
		{bobby, "map[all:false default key:true]"}, // he has not all that it may
		{alice.restricted("apps:apitest"), "map[all:true default key:true]"},
	} {
		if got := fmt.Sprint(keysOf(c.who)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	alice.put(applications+"/apitest/collaborators/bobby", `["devices"]`).want(http.StatusCreated)
	if got := fmt.Sprint(keysOf(bobby)); got != "map[]" {
		t.Errorf("who manages no settings sees %s", got)
	}
	bobby.get(applications + "/apitest/access-keys").want(http.StatusForbidden)
	n.door.Applications.Sealer = nil // as --secrets=shown-once has it
	if got := fmt.Sprint(keysOf(alice)); got != "map[all:false default key:false]" {
		t.Errorf("shown once: got %s", got)
	}
}

func TestScopesAtTheAccountServer(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.story("")
	alice.post(applications, `{"id":"other","name":"Other"}`).want(http.StatusCreated)
	one := alice.restricted("apps:apitest")
	names := func(p program) string {
		var list []appJSON
		p.get(applications).want(http.StatusOK).decode(&list)
		var ids []string
		for _, app := range list {
			ids = append(ids, app.ID)
		}
		return strings.Join(ids, " ")
	}
	for _, c := range []struct {
		who  program
		want string
	}{{alice, "apitest other"}, {alice.restricted("apps"), "apitest other"}, {one, "apitest"}, {bobby, ""}, {n.withKey("alice", "applications.*"), "apitest other"}} {
		if got := names(c.who); got != c.want {
			t.Errorf("got the list %q, want %q", got, c.want)
		}
	}
	one.get(applications + "/apitest").want(http.StatusOK)
	one.get(applications + "/other").want(http.StatusNotFound)
	one.post(applications, `{"id":"third","name":"x"}`).want(http.StatusForbidden)
	alice.restricted("apps").post(applications, `{"id":"third","name":"x"}`).want(http.StatusCreated)
	alice.restricted("apps").patch(applications+"/third", `{"name":"y"}`).want(http.StatusNoContent)
	n.holding("alice", domain.TTNClient.ScopeNames()[0]).get(applications).want(http.StatusForbidden)
}

// TestAccessKeysAsBrokersUseThem is section 11: a broker asks with the key
// what whoever signs in with it may do.
func TestAccessKeysAsBrokersUseThem(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, _ := n.story("")
	alice.post(applications, `{"id":"other","name":"Other"}`).want(http.StatusCreated)
	made := func(name, rights string) program {
		var key struct{ Key string }
		alice.post(applications+"/apitest/access-keys", `{"name":"`+name+`","rights":["`+strings.ReplaceAll(rights, " ", `","`)+`"]}`).want(http.StatusCreated).decode(&key)
		return n.key(key.Key)
	}
	both := made("both", "messages:up:r messages:down:w")
	const rights = applications + "/apitest/rights"
	for _, c := range []struct {
		who  program
		want string
	}{
		{both, `["messages:up:r","messages:down:w"]`},
		{made("up", "messages:up:r"), `[]`},
		{made("down", "messages:down:w"), `[]`},
		{made("up-settings", "settings messages:up:r"), `["settings"]`},
		{made("devices", "devices"), `["devices"]`},
		{made("all", "settings devices messages:up:r messages:up:w messages:down:w"), `["settings","devices","messages:up:r","messages:up:w","messages:down:w"]`},
		{alice, `["settings","delete","collaborators","devices"]`},
	} {
		c.who.get(rights).want(http.StatusOK).exactly(c.want)
	}
	for _, bad := range []reply{
		both.get(applications + "/other/rights"), both.get(applications + "/nothing/rights"), n.key(keyIssuer + "." + strings.Repeat("x", 43)).get(rights),
		n.key(strings.Repeat("x", 43)).get(rights), n.key("another." + strings.Repeat("x", 43)).get(rights), n.key("").get(rights),
	} {
		bad.want(http.StatusUnauthorized)
	}
	both.get(applications + "/other").want(http.StatusNotFound)
	both.post(applications, `{"id":"third","name":"x"}`).want(http.StatusForbidden)
	for _, spelling := range []string{"Key", "key", "KEY"} {
		p := both
		p.authorization = []string{spelling + strings.TrimPrefix(both.authorization[0], "key")}
		p.get(applications + "/apitest").want(http.StatusOK)
	}
	alice.remove(applications + "/apitest/access-keys/both").want(http.StatusNoContent)
	both.get(rights).want(http.StatusUnauthorized)
}

func TestADeletedApplicationsKeysAndTokensAreDead(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, _ := n.story("")
	var app appJSON
	alice.get(applications + "/apitest").decode(&app)
	key := n.key(app.AccessKeys[0]["key"].(string))
	one := alice.restricted("apps:apitest")
	one.post("handler/applications", `{"app_id":"apitest"}`).want(http.StatusOK)
	key.get(applications + "/apitest/rights").want(http.StatusOK)
	alice.remove(applications + "/apitest").want(http.StatusNoContent)
	key.get(applications + "/apitest/rights").want(http.StatusUnauthorized)
	one.get(applications + "/apitest").want(http.StatusNotFound)
	one.get("handler/applications/apitest/devices").want(http.StatusForbidden)
	alice.post(applications+"/apitest/restore", "").want(http.StatusNoContent)
	key.get(applications + "/apitest/rights").want(http.StatusOK)
	one.get("handler/applications/apitest").want(http.StatusOK)
}

func TestThereIsAlwaysAnEUI(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice := n.main("alice")
	for i, euis := range []string{`null`, `[]`, `["0011223344556677"]`} {
		var app appJSON
		alice.post(applications, fmt.Sprintf(`{"id":"app-%d","name":"x","euis":%s}`, i, euis)).want(http.StatusCreated).decode(&app)
		if len(app.EUIs) != 1 {
			t.Errorf("%s: got the EUIs %v", euis, app.EUIs)
		}
		path := applications + "/" + app.ID + "/euis"
		alice.remove(path + "/" + app.EUIs[0]).want(http.StatusConflict)
		var assigned struct{ EUI string }
		alice.post(path, "").want(http.StatusCreated).decode(&assigned)
		alice.remove(path + "/" + app.EUIs[0]).want(http.StatusNoContent)
		alice.get(path).want(http.StatusOK).exactly(`["` + assigned.EUI + `"]`)
	}
}

// TestEveryApplicationPassesTheStrictestReader: one program refuses the whole
// list where one attribute of one application is missing or null.
func TestEveryApplicationPassesTheStrictestReader(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.story("devices")
	alice.post(applications, `{"id":"no-keys","name":""}`).want(http.StatusCreated)
	alice.remove(applications + "/no-keys/access-keys/default%20key").want(http.StatusNoContent)
	alice.post(applications, `{"id":"gone","name":"\"<Küche> & Bad\""}`).want(http.StatusCreated)
	alice.remove(applications + "/gone").want(http.StatusNoContent)
	for _, who := range []program{alice, bobby, alice.restricted("apps:apitest")} {
		var list []map[string]json.RawMessage
		who.get(applications + "?deleted=1").want(http.StatusOK).decode(&list)
		for _, app := range list {
			for _, name := range []string{"id", "name", "created"} {
				var text *string
				if err := json.Unmarshal(app[name], &text); err != nil || text == nil {
					t.Errorf("%s is %s", name, app[name])
				}
			}
			for _, name := range []string{"euis", "rights"} {
				var texts []string
				if err := json.Unmarshal(app[name], &texts); err != nil || texts == nil {
					t.Errorf("%s is %s", name, app[name])
				}
			}
			for name, wanted := range map[string][]string{"access_keys": {"_id", "key", "name", "rights"}, "collaborators": {"email", "rights", "username"}} {
				var things []map[string]any
				if err := json.Unmarshal(app[name], &things); err != nil || things == nil {
					t.Fatalf("%s is %s", name, app[name])
				}
				for _, thing := range things {
					for _, field := range wanted {
						if thing[field] == nil {
							t.Errorf("%s has no %s: %v", name, field, thing)
						}
					}
				}
			}
		}
	}
}

// TestALongListComesInPieces has more applications than one piece, and an
// answer that is one array all the same.
func TestALongListComesInPieces(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice := n.main("alice")
	owner := domain.Caller{User: n.users["alice"], Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
	var want []string
	for i := range 451 {
		name := fmt.Sprintf("app-%04d", i)
		want = append(want, name)
		if _, err := n.door.Applications.Create(context.Background(), owner, newApplication(name)); err != nil {
			t.Fatal(err)
		}
	}
	var list []appJSON
	a := alice.get(applications).want(http.StatusOK)
	a.decode(&list)
	var got []string
	for _, app := range list {
		got = append(got, app.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d applications, want %d in their order", len(got), len(want))
	}
	if a.header.Get("Content-Length") != "" {
		t.Error("the whole list was put together before it was sent")
	}
}
