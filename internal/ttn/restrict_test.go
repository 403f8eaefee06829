package ttn_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
)

// restrictTo asks for a restricted token.
func (p program) restrictTo(scopes ...string) reply {
	p.t.Helper()
	body, _ := json.Marshal(map[string][]string{"scope": scopes})
	return p.post("users/restrict-token", string(body))
}

func (a reply) accessToken() string {
	a.t.Helper()
	var got map[string]string
	a.want(http.StatusOK).decode(&got)
	if len(got) != 1 {
		a.t.Errorf("%s: got %s, want one attribute", a.asked, a.body)
	}
	return got["access_token"]
}

// TestARestrictedToken is for what it was asked for, with the rights of the
// moment, for an hour or as long as the whole one.
func TestARestrictedToken(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.application("alice", "apitest")
	a.application("alice", "other")
	a.gateway("alice", "mygtw")
	whole := a.signedIn("alice", ttnctl)
	a.clock.Advance(10 * time.Minute)
	child := whole.restrictTo("apps:apitest", "gateways:mygtw", "apps:apitest").accessToken()
	read, parent := a.claims(child), a.claims(whole.token)
	if words(read["scope"]) != "apps:apitest gateways:mygtw" || read["interchangeable"] != false || read["client"] != "ttnctl" || read["sub"] != parent["sub"] || read["email"] != nil {
		t.Errorf("got %v", read)
	}
	if read["exp"] != parent["exp"] {
		t.Errorf("got the end %v, want that of the whole one, %v", read["exp"], parent["exp"])
	}
	apps, _ := read["apps"].(map[string]any)
	if len(apps) != 1 || words(apps["apitest"]) != "settings delete collaborators devices" {
		t.Errorf("got the applications %v", apps)
	}
	p := a.bearer(child)
	p.get("api/v2/applications/apitest").want(http.StatusOK)
	p.get("api/v2/applications/other").want(http.StatusNotFound)
	p.get("api/v2/users/me").like("rest/restricted_without_profile")
	p.restrictTo("apps:apitest").like("restrict/again")
	p.restrictTo("apps:other").like("restrict/again_wider")
}

// TestARestrictedTokenLivesAnHour at most, however long the whole one lives.
func TestARestrictedTokenLivesAnHour(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.application("alice", "apitest")
	c := a.client("longlived")
	day := domain.TokenLives{Access: 24 * time.Hour}
	if _, err := a.door.Clients.Edit(t.Context(), a.session("bobby"), "longlived", client.ClientEdit{Lives: &day}); err != nil {
		t.Fatal(err)
	}
	whole := a.signedIn("alice", c)
	read := a.claims(whole.restrictTo("apps:apitest").accessToken())
	if got := time.Unix(int64(read["exp"].(float64)), 0).Sub(a.clock.Now()); got > time.Hour || got < 59*time.Minute {
		t.Errorf("got a life of %s", got)
	}
}

// TestGeneralScopesMayBeAskedFor: the command line does so for every list.
func TestGeneralScopesMayBeAskedFor(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.application("alice", "apitest")
	whole := a.signedIn("alice", ttnctl)
	a.bearer(whole.restrictTo("apps").accessToken()).get("api/v2/applications").want(http.StatusOK)
	a.bearer(whole.restrictTo("clients").accessToken()).get("api/v2/clients").want(http.StatusOK).exactly("[]")
	if got := a.claims(whole.restrictTo("profile", "components").accessToken()); words(got["scope"]) != "profile components" || got["username"] != nil {
		t.Errorf("got %v", got)
	}
}

// TestWhatIsNotRestricted is said in the contract's statuses, and logged,
// because programs then go on with the whole token and say nothing.
func TestWhatIsNotRestricted(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.application("alice", "mine")
	a.application("bobby", "foreign")
	a.gateway("bobby", "theirs")
	whole := a.signedIn("alice", ttnctl)
	apps := a.signedIn("alice", a.client("appsonly", "apps"))
	one := a.signedIn("alice", a.client("oneonly", "apps"), "apps:mine")
	var eleven []string
	for i := range 11 {
		eleven = append(eleven, fmt.Sprintf("apps:app-%d", i))
	}
	long := strings.Repeat("a", 71)
	for name, got := range map[string]reply{
		"no_json":        whole.post("users/restrict-token", `{"scope`),
		"no_body":        whole.post("users/restrict-token", ``),
		"no_scope":       whole.post("users/restrict-token", `{}`),
		"null":           whole.post("users/restrict-token", `{"scope":null}`),
		"none":           whole.restrictTo(),
		"text":           whole.post("users/restrict-token", `{"scope":"apps:mine gateways:x"}`),
		"numbers":        whole.post("users/restrict-token", `{"scope":[1]}`),
		"two_in_one":     whole.restrictTo("apps:mine gateways:x"),
		"empty":          whole.restrictTo(""),
		"unknown_kind":   whole.restrictTo("devices:mine"),
		"own_words":      whole.restrictTo("applications.read"),
		"profile_thing":  whole.restrictTo("profile:alice"),
		"empty_id":       whole.restrictTo("apps:"),
		"eleven":         whole.restrictTo(eleven...),
		"unknown":        whole.restrictTo("apps:nowhere"),
		"foreign":        whole.restrictTo("apps:mine", "apps:foreign"),
		"foreign_gtw":    whole.restrictTo("gateways:theirs"),
		"long_id":        whole.restrictTo("apps:" + long),
		"odd_id":         whole.restrictTo("apps:#1"),
		"not_covered":    apps.restrictTo("gateways"),
		"not_covered_id": one.restrictTo("apps"),
		"no_token":       a.nobody().restrictTo("apps:mine"),
		"bad_token":      a.bearer("nonsense").restrictTo("apps:mine"),
		"access_key":     a.key(a.accessKey("alice", "mine")).restrictTo("apps:mine"),
		"api_key":        a.withKey("alice", "applications.*").restrictTo("apps:mine"),
		"opaque":         a.main("alice").restrictTo("apps:mine"),
	} {
		got.like("restrict/" + name)
	}
	ten := whole.restrictTo(append(eleven[:9:9], "apps:mine", "profile")...)
	ten.want(http.StatusForbidden) // none of the nine is there, but ten of them are not too many
	a.clock.Advance(time.Hour)
	whole.restrictTo("apps:mine").like("restrict/expired")
	if got := a.log.String(); !strings.Contains(got, "user=alice") || !strings.Contains(got, "client=ttnctl") || strings.Contains(got, whole.token) {
		t.Errorf("got the log %.500s", got)
	}
	one.get("api/v2/applications/mine").want(http.StatusUnauthorized)
}

// TestAChildDiesWithItsGrant, and loses what its user loses.
func TestAChildDiesWithItsGrant(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.application("alice", "mine")
	c := a.client("myclient")
	whole := a.signedIn("alice", c)
	child := a.bearer(whole.restrictTo("apps:mine").accessToken())
	child.get("api/v2/applications/mine").want(http.StatusOK)
	a.signedIn("alice", ttnctl).remove("api/v2/users/me/authorized-clients/myclient").want(http.StatusNoContent)
	child.get("api/v2/applications/mine").want(http.StatusUnauthorized)
	whole.restrictTo("apps:mine").want(http.StatusUnauthorized)
}

// TestTokensOfThingsAreNotTokensOfPeople: a component and a gateway show
// themselves with them, and nothing else.
func TestTokensOfThingsAreNotTokensOfPeople(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.gateway("alice", "mygtw")
	a.application("alice", "mine")
	whole := a.signedIn("alice", ttnctl)
	whole.post("api/v2/components/handlers", `{"id":"myhandler"}`).want(http.StatusCreated)
	var component struct{ Token string }
	whole.get("api/v2/components/handlers/myhandler/token").want(http.StatusOK).decode(&component)
	var gateway tokens
	whole.get("api/v2/gateways/mygtw/token").want(http.StatusOK).decode(&gateway)
	for name, token := range map[string]string{"component": component.Token, "gateway": gateway.Access} {
		p := a.bearer(token)
		for _, path := range []string{"api/v2/users/me", "api/v2/clients", "api/v2/users/me/authorized-clients"} {
			p.get(path).want(http.StatusForbidden)
		}
		p.restrictTo("apps:mine").want(http.StatusForbidden)
		if got := p.get("api/v2/applications/mine").status; got != http.StatusNotFound && got != http.StatusForbidden {
			t.Errorf("the token of a %s: got %d for an application", name, got)
		}
		if kind := a.claims(token)["type"]; kind == "user" {
			t.Errorf("the token of a %s says that it is a user's", name)
		}
	}
}
