package ttn_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

const gateways = "api/v2/gateways"

func TestGatewaysAnswerAsDocumented(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.main("alice"), n.main("bobby")
	const one = gateways + "/mygtw"
	for _, step := range []struct {
		name string
		got  reply
		want int
	}{
		{"none", alice.get(gateways), 200},
		{"created", alice.post(gateways, `{"id":"mygtw","frequency_plan":"EU_863_870","antenna_location":{"longitude":4.8877,"latitude":52.3746,"altitude":12},"attributes":{"brand":"Kerlink","placement":"outdoor"},"router":"ttn-router-eu"}`), 201},
		{"created_documented", alice.post(gateways, `{"id":"second","frequency_plan":"US_902_928","location":{"lng":-122.5,"lat":37.25},"auto_update":true}`), 201},
		{"taken", bobby.post(gateways, `{"id":"mygtw","frequency_plan":"EU_863_870"}`), 409},
		{"one", alice.get(one), 200},
		{"list", alice.get(gateways), 200},
		{"edited", alice.patch(one, `{"location_public":false,"status_public":true,"owner_public":true,"frequency_plan":"EU_863_870","auto_update":true,"antenna_location":{"longitude":5,"latitude":50.123456,"altitude":30},"attributes":{"model":"iBTS","brand":null},"router":"other-router","fallback_routers":["one-router","two-router"],"beta_updates":true}`), 204},
		{"after_edit", alice.get(one), 200},
		{"seen_by_all", bobby.get(one), 200},
		{"shared", alice.put(one+"/collaborators/bobby", `{"rights":["gateway:status"]}`), 201},
		{"blurred", bobby.get(one), 200},
		{"bad_placement", alice.patch(one, `{"attributes":{"placement":"under water"}}`), 400},
		{"bad_location", alice.patch(one, `{"antenna_location":{"latitude":50}}`), 400},
		{"bad_plan", alice.post(gateways, `{"id":"third","frequency_plan":"MOON"}`), 400},
		{"bad_id", alice.post(gateways, `{"id":"Third","frequency_plan":"EU_863_870"}`), 400},
		{"rights", alice.get(one + "/rights"), 200},
		{"rights_of_friend", bobby.get(one + "/rights"), 200},
		{"collaborators", alice.get(one + "/collaborators"), 200},
		{"collaborator_bad", alice.put(one+"/collaborators/bobby", `["settings"]`), 400},
		{"friend_edits", bobby.patch(one, `{"router":"x1"}`), 403},
		{"given_away_to_nobody", alice.patch(one, `{"owner":"nobody"}`), 400},
		{"removed_friend", alice.remove(one + "/collaborators/bobby"), 204},
		{"deleted", alice.remove(one), 204},
		{"gone", alice.get(one), 404},
		{"nobody", n.nobody().get(gateways), 401},
		{"bad_path_id", alice.get(gateways + "/" + strings.Repeat("g", 71)), 400},
	} {
		step.got.want(step.want).like("gateways/" + step.name + ".txt")
	}
}

func TestAGatewayIsHandedOver(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.main("alice"), n.main("bobby")
	alice.post(gateways, `{"id":"mygtw","frequency_plan":"EU_863_870"}`).want(http.StatusCreated)
	alice.put(gateways+"/mygtw/collaborators/bobby", `["gateway:settings"]`).want(http.StatusCreated)
	bobby.patch(gateways+"/mygtw", `{"owner":"bobby"}`).want(http.StatusForbidden)
	alice.patch(gateways+"/mygtw", `{"owner":"bobby"}`).want(http.StatusNoContent)
	var got struct {
		Owner struct{ ID, Username string }
	}
	bobby.get(gateways + "/mygtw").want(http.StatusOK).decode(&got)
	if got.Owner.Username != "bobby" || got.Owner.ID == "" {
		t.Errorf("got the owner %+v", got.Owner)
	}
}

// TestLocationsOfEveryAge: an altitude is a whole number whatever came in.
func TestLocationsOfEveryAge(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice := n.main("alice")
	alice.post(gateways, `{"id":"mygtw","frequency_plan":"EU_863_870"}`).want(http.StatusCreated)
	for _, c := range []struct{ body, want string }{
		{`{}`, `null`},
		{`{"antenna_location":{"longitude":1,"latitude":2,"altitude":3.6}}`, `{"longitude":1,"latitude":2,"altitude":4}`},
		{`{"antenna_location":{"altitude":9}}`, `{"longitude":1,"latitude":2,"altitude":9}`},
		{`{"attributes":{}}`, `{"longitude":1,"latitude":2,"altitude":9}`},
		{`{"location":{"lng":5.5,"lat":6.5}}`, `{"longitude":5.5,"latitude":6.5,"altitude":0}`},
		{`{"antenna_location":false}`, `null`},
		{`{"location":{"longitude":0,"latitude":0}}`, `{"longitude":0,"latitude":0,"altitude":0}`},
		{`{"location":null}`, `null`},
	} {
		alice.patch(gateways+"/mygtw", c.body).want(http.StatusNoContent)
		var got map[string]json.RawMessage
		alice.get(gateways + "/mygtw").decode(&got)
		if place := string(got["antenna_location"]); place != c.want && !(place == "" && c.want == "null") {
			t.Errorf("%s: got %s, want %s", c.body, place, c.want)
		}
	}
	for _, bad := range []string{`{"latitude":91,"longitude":0}`, `{"latitude":"x","longitude":0}`, `[]`, `true`, `{"altitude":1}`, `{"latitude":0,"longitude":0,"altitude":1e300}`} {
		alice.patch(gateways+"/mygtw", `{"antenna_location":`+bad+`}`).want(http.StatusBadRequest)
	}
}

func TestAGatewaysKeyAndToken(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.main("alice"), n.main("bobby")
	var made struct{ Key string }
	alice.post(gateways, `{"id":"mygtw","frequency_plan":"EU_863_870","antenna_location":{"longitude":1.23456,"latitude":2.34567}}`).want(http.StatusCreated).decode(&made)
	if !randomKey.MatchString(made.Key) {
		t.Fatalf("got the key %q", made.Key)
	}
	key := n.key(made.Key)
	for name, who := range map[string]program{"owner": alice, "restricted": alice.restricted("gateways:mygtw"), "the gateway": key} {
		var got struct {
			AccessToken string `json:"access_token"`
			ExpiresIn   int64  `json:"expires_in"`
		}
		who.get(gateways + "/mygtw/token").want(http.StatusOK).decode(&got)
		if got.AccessToken == "" || got.ExpiresIn < 10 {
			t.Errorf("%s: got %+v", name, got)
		}
		n.bearer(got.AccessToken).get(gateways + "/mygtw").want(http.StatusOK)
		n.bearer(got.AccessToken).patch(gateways+"/mygtw", `{"router":"x1"}`).want(http.StatusForbidden)
	}
	bobby.get(gateways + "/mygtw/token").want(http.StatusNotFound)
	key.get(gateways + "/other/token").want(http.StatusNotFound)
	key.get(applications).want(http.StatusForbidden)
	alice.restricted("apps").get(gateways + "/mygtw/token").want(http.StatusForbidden)
}

// TestAGatewaysTokensAreNotMadeOfEachOtherForEver because each step is looked
// up at every use.
func TestAGatewaysTokensAreNotMadeOfEachOtherForEver(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	var made struct{ Key string }
	n.main("alice").post(gateways, `{"id":"mygtw","frequency_plan":"EU_863_870"}`).want(http.StatusCreated).decode(&made)
	last := n.key(made.Key)
	for range domain.MaxRestrictions + 1 {
		var got struct {
			AccessToken string `json:"access_token"`
		}
		last.get(gateways + "/mygtw/token").want(http.StatusOK).decode(&got)
		last = n.bearer(got.AccessToken)
	}
	last.get(gateways + "/mygtw/token").want(http.StatusForbidden)
	last.get(gateways + "/mygtw").want(http.StatusOK)
}

func TestComponentsAnswerAsDocumented(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.main("alice"), n.main("bobby")
	const components = "api/v2/components"
	const one = components + "/handlers/my-handler"
	for _, step := range []struct {
		name string
		got  reply
		want int
	}{
		{"none", alice.get(components), 200},
		{"created", alice.post(components+"/handlers", `{"id":"my-handler"}`), 201},
		{"taken", alice.post(components+"/routers", `{"id":"my-handler"}`), 409},
		{"unknown_type", alice.post(components+"/gateways", `{"id":"mine"}`), 404},
		{"singular_type", alice.post(components+"/handler", `{"id":"mine"}`), 404},
		{"bad_id", alice.post(components+"/handlers", `{"id":"x"}`), 400},
		{"one", alice.get(one), 200},
		{"other_type", alice.get(components + "/routers/my-handler"), 404},
		{"list", alice.get(components), 200},
		{"stranger", bobby.get(one), 404},
		{"shared", alice.put(one+"/collaborators/bobby", `{"rights":["component:settings"]}`), 201},
		{"of_friend", bobby.get(one), 200},
		{"unshared", alice.remove(one + "/collaborators/bobby"), 204},
		{"plans", n.nobody().get("api/v2/frequency-plans"), 200},
	} {
		step.got.want(step.want).like("components/" + step.name + ".txt")
	}
	var got struct {
		Token   string
		Expires time.Time
	}
	alice.get(one + "/token").want(http.StatusOK).decode(&got)
	if got.Token == "" || !got.Expires.After(n.clock.Now()) {
		t.Errorf("got %+v", got)
	}
	n.bearer("nonsense").get("api/v2/frequency-plans").want(http.StatusOK)
}

func TestFrequencyPlansAreNumbersAndTexts(t *testing.T) {
	t.Parallel()
	var plans map[string]struct {
		ID, Name, Description, URL string
		BaseFreq                   int `json:"base_freq"`
	}
	newNetwork(t).nobody().get("api/v2/frequency-plans").want(http.StatusOK).decode(&plans)
	if len(plans) != len(domain.FrequencyPlans()) {
		t.Errorf("got %d plans", len(plans))
	}
	for id, plan := range plans {
		if plan.ID != id || plan.Name == "" || plan.Description == "" || plan.BaseFreq == 0 || !regexp.MustCompile(`^https://.+/`+id+`$`).MatchString(plan.URL) {
			t.Errorf("%s: got %+v", id, plan)
		}
	}
}
