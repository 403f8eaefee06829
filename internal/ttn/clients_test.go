package ttn_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
)

// clientOf is a client as programs read it.
type clientOf struct {
	Name, Description, Secret, URI string
	Grants, Scope                  []string
	Accepted, Rejected, Official   bool
}

func (a reply) client() clientOf {
	a.t.Helper()
	var got clientOf
	a.decode(&got)
	return got
}

var clientSecret = regexp.MustCompile(`"secret":"[^"]+"`)

// likeClient is like for answers with a secret in them.
func (a reply) likeClient(name string) reply {
	a.t.Helper()
	shown := a
	shown.body = clientSecret.ReplaceAllString(a.body, `"secret":"SECRET"`)
	shown.like("clients/" + name)
	return a
}

// asTheCommandLine is the request of ttnctl clients request.
const asTheCommandLine = `{"name":"myclient","description":"My own oauth client","uri":"http://mywebsite/callback","grants":["authorization_code","refresh_token"],` +
	`"scope":["profile","gateways","apps"],"accepted":false,"rejected":false,"official":false}`

// TestAClientIsRequested, judged by an administrator in the portal, and tells
// its secret to its owner.
func TestAClientIsRequested(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	p := a.signedIn("alice", ttnctl)
	made := p.post("api/v2/clients", asTheCommandLine).want(http.StatusCreated).likeClient("requested").client()
	p.get("api/v2/clients").want(http.StatusOK).likeClient("list")
	if err := a.door.Clients.Approve(t.Context(), a.session("root"), "myclient"); err != nil {
		t.Fatal(err)
	}
	got := p.get("api/v2/clients/myclient").want(http.StatusOK).likeClient("accepted").client()
	if got.Secret != made.Secret || got.Secret == "" {
		t.Error("the secret is another, or none")
	}
	restricted := a.bearer(p.restrictTo("clients").accessToken())
	if got := restricted.get("api/v2/clients/myclient").client(); got.Secret != made.Secret {
		t.Error("a token that is restricted to clients is not told the secret")
	}
	events, err := a.store.AuditOf(t.Context(), a.users["alice"].ID, domain.Page{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, event := range events.Items {
		if event.Act == "client.view_secret" && event.Credential == "client ttnctl" {
			told++
		}
	}
	if told != 3 { // the list, and each of them
		t.Errorf("%d events tell that the secret was shown", told)
	}
	a.token().basic("myclient", got.Secret).form("grant_type", "refresh_token", "refresh_token", "x").send().want(http.StatusBadRequest)
}

// TestNobodyJudgesHisOwnClient: what he sends of that counts for nothing, also
// where he is an administrator.
func TestNobodyJudgesHisOwnClient(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.users["root"] = a.root
	all := strings.NewReplacer("false", "true", `"name":"myclient"`, `"name":"NAME","secret":"chosen by me"`).Replace(asTheCommandLine)
	for _, user := range []string{"alice", "root"} {
		p := a.signedIn(user, ttnctl)
		name := "client-of-" + user
		made := p.post("api/v2/clients", strings.Replace(all, "NAME", name, 1)).want(http.StatusCreated).client()
		if made.Accepted || made.Rejected || made.Official || made.Secret == "chosen by me" {
			t.Errorf("%s: got %+v", user, made)
		}
		p.patch("api/v2/clients/"+name, strings.Replace(all, "NAME", name, 1)).want(http.StatusNoContent)
		if got := p.get("api/v2/clients/" + name).client(); got.Accepted || got.Rejected || got.Official || got.Secret != made.Secret {
			t.Errorf("%s, after sending it back: got %+v", user, got)
		}
	}
}

// TestAWholeClientComesBack from the command line with one thing changed. What
// the contract cannot say stays, and what is wider is judged again.
func TestAWholeClientComesBack(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	ctx := t.Context()
	bobby := a.session("bobby")
	a.client("myclient", "profile", "apps")
	uris := []string{"https://one.example/cb", "https://two.example/cb"}
	if _, err := a.door.Clients.Edit(ctx, a.session("root"), "myclient", client.ClientEdit{RedirectURIs: &uris}); err != nil {
		t.Fatal(err)
	}
	p := a.signedIn("bobby", ttnctl)
	whole := p.get("api/v2/clients/myclient").want(http.StatusOK).body
	p.patch("api/v2/clients/myclient", strings.Replace(whole, `"description":""`, `"description":"Rain"`, 1)).want(http.StatusNoContent)
	got, err := a.door.Clients.Find(ctx, bobby, "myclient")
	if err != nil || got.State != domain.ClientApproved || got.Description != "Rain" || strings.Join(got.RedirectURIs, " ") != strings.Join(uris, " ") {
		t.Errorf("got %+v, %v", got, err)
	}
	p.patch("api/v2/clients/myclient", strings.Replace(whole, "one.example", "three.example", 1)).want(http.StatusNoContent)
	got, err = a.door.Clients.Find(ctx, bobby, "myclient")
	if err != nil || got.State != domain.ClientRequested || strings.Join(got.RedirectURIs, " ") != "https://three.example/cb https://two.example/cb" {
		t.Errorf("with another address: got %+v, %v", got, err)
	}
	p.patch("api/v2/clients/myclient", `{"scope":["profile","apps","gateways"]}`).want(http.StatusNoContent)
	if got := p.get("api/v2/clients/myclient").client(); strings.Join(got.Scope, " ") != "profile apps gateways" {
		t.Errorf("got %+v", got)
	}
	if err := a.door.Clients.Reject(ctx, a.session("root"), "myclient", "Who are you?"); err != nil {
		t.Fatal(err)
	}
	if got := p.get("api/v2/clients/myclient").client(); !got.Rejected || got.Accepted {
		t.Errorf("got %+v", got)
	}
	p.remove("api/v2/clients/myclient").want(http.StatusNoContent)
	p.get("api/v2/clients/myclient").like("clients/deleted")
}

// TestErrorsOfClients are said before anything is stored.
func TestErrorsOfClients(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.client("taken")
	p := a.signedIn("alice", ttnctl)
	const good = `"uri":"https://a.example/","scope":["apps"]`
	for name, body := range map[string]string{
		"taken":          `{"name":"taken",` + good + `}`,
		"reserved":       `{"name":"ttnctl",` + good + `}`,
		"no_name":        `{` + good + `}`,
		"odd_name":       `{"name":"my app",` + good + `}`,
		"no_uri":         `{"name":"mine","scope":["apps"]}`,
		"odd_uri":        `{"name":"mine","uri":"javascript:alert(1)","scope":["apps"]}`,
		"relative_uri":   `{"name":"mine","uri":"/callback","scope":["apps"]}`,
		"unknown_scope":  `{"name":"mine","uri":"https://a.example/","scope":["everything"]}`,
		"scope_of_thing": `{"name":"mine","uri":"https://a.example/","scope":["apps:foo"]}`,
		"scope_as_text":  `{"name":"mine","uri":"https://a.example/","scope":"apps"}`,
		"password_grant": `{"name":"mine","grants":["password"],` + good + `}`,
		"no_json":        `nothing`,
	} {
		p.post("api/v2/clients", body).like("clients/not_" + name)
	}
	if got := p.get("api/v2/clients").body; got != "[]" {
		t.Errorf("got %s", got)
	}
	p.post("api/v2/clients", `{"name":"mine","uri":"/oauth/callback/ttnctl","scope":["apps"]}`).want(http.StatusCreated)
	p.patch("api/v2/clients/mine", `{"name":"yours"}`).like("clients/renamed")
	p.patch("api/v2/clients/mine", `{"scope":[]}`).like("clients/no_scope")
	p.patch("api/v2/clients/mine", `{"uri":""}`).like("clients/uri_away")
	bobby := a.signedIn("bobby", ttnctl)
	bobby.get("api/v2/clients/mine").like("clients/foreign")
	bobby.get("api/v2/clients/nowhere").like("clients/unknown")
	bobby.patch("api/v2/clients/mine", `{"description":"x"}`).want(http.StatusNotFound)
	bobby.remove("api/v2/clients/mine").want(http.StatusNotFound)
	p.remove("api/v2/clients/ttnctl").want(http.StatusNotFound)
	a.signedIn("alice", a.client("appsonly", "apps")).get("api/v2/clients").like("clients/without_scope")
	if got := a.withKey("alice", "clients.read clients.write").get("api/v2/clients/mine").want(http.StatusOK).client(); got.Secret != "" {
		t.Error("a key is told the secret")
	}
}

// TestSecretsThatAreNotTold: those of clients that act for their owner by
// themselves, and every one to programs that know another way.
func TestSecretsThatAreNotTold(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	alice := a.session("alice")
	_, _, err := a.door.Clients.Register(t.Context(), alice, client.NewClient{ID: "robot", Kind: domain.TTNClient, Name: "robot",
		GrantTypes: []domain.GrantType{domain.CredentialsGrant}, Switches: []domain.LegacySwitch{domain.SwitchOwnerCredentials}})
	if err != nil {
		t.Fatal(err)
	}
	p := a.signedIn("alice", ttnctl)
	p.post("api/v2/clients", asTheCommandLine).want(http.StatusCreated)
	if got := p.get("api/v2/clients/robot").want(http.StatusOK).client(); got.Secret != "" {
		t.Error("the secret of a client that is as strong as a key is told")
	}
	_, _, err = a.door.Clients.Register(t.Context(), a.session("root"), client.NewClient{ID: "modern", Name: "modern", Scopes: []string{"clients.read", "clients.write"}, RedirectURIs: []string{"https://modern.example/"}})
	if err != nil {
		t.Fatal(err)
	}
	modern := a.tokenOf("alice", "modern", "clients.read clients.write")
	if got := modern.get("api/v2/clients/myclient").want(http.StatusOK).client(); got.Secret != "" {
		t.Error("a standard client is told the secret")
	}
}

// TestWhereSecretsAreShownOnce, the answer that made it has it, and no other.
func TestWhereSecretsAreShownOnce(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.door.Clients.Sealer = nil
	p := a.signedIn("alice", ttnctl)
	if made := p.post("api/v2/clients", asTheCommandLine).client(); made.Secret == "" {
		t.Error("nobody ever learns the secret")
	}
	if got := p.get("api/v2/clients/myclient").want(http.StatusOK).client(); got.Secret != "" {
		t.Error("it is shown again")
	}
	p.get("api/v2/clients").want(http.StatusOK)
}
