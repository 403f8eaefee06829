package cli

import (
	"context"
	"net/http"
	"strings"

	"github.com/thingward/thingward/apiclient"
)

// Lists of clients, in the words of the API.
const (
	contributedClients = "contributed"
	visibleClients     = "visible"
	allClients         = "all"
)

type clientListCommand struct {
	All    bool   `help:"Everybody's, as far as you may see them; for an administrator in every state."`
	State  string `placeholder:"STATE" help:"Only requested, approved, rejected or suspended ones."`
	Search string `placeholder:"TEXT" help:"Only those with this text in their name or description."`
	User   string `placeholder:"NAME" help:"List the apps of this user, on the data folder." group:"Operator"`
	operatorFlags
}

// Help explains the command.
func (clientListCommand) Help() string {
	return `Lists the apps that you registered; or, with --data or --database, everybody's or
those of one user. Secrets are never listed.

Examples:

    thingward clients list
    thingward clients list --all --state requested
    thingward clients list --user alice --data /var/lib/thingward
    thingward clients list --all --search weather --json`
}

// Run lists the clients.
func (c clientListCommand) Run(ctx context.Context, t *terminal) error {
	list := c.fromServer
	if c.User != "" || c.onStore() && t.KeyID == "" {
		list = c.fromStore
	}
	clients, err := list(ctx, t)
	if err != nil {
		return err
	}
	return t.answer(clients, func() { t.clientRows(clients) })
}

func (c clientListCommand) fromServer(ctx context.Context, t *terminal) ([]apiclient.OAuthClient, error) {
	client, err := t.client()
	if err != nil {
		return nil, err
	}
	filter := apiclient.OAuthClientFilter{Which: contributedClients, State: c.State, Search: c.Search}
	if c.All {
		filter.Which = allClients
	}
	clients, err := everyClient(ctx, client, filter)
	if c.All && apiclient.StatusOf(err) == http.StatusForbidden { // no administrator
		filter.Which = visibleClients
		clients, err = everyClient(ctx, client, filter)
	}
	return clients, err
}

func everyClient(ctx context.Context, client *apiclient.Client, filter apiclient.OAuthClientFilter) ([]apiclient.OAuthClient, error) {
	return apiclient.All(ctx, 0, func(ctx context.Context, page apiclient.PageRequest) (apiclient.Page[apiclient.OAuthClient], error) {
		return client.OAuthClients(ctx, filter, page)
	})
}

func (t *terminal) clientRows(clients []apiclient.OAuthClient) {
	rows := make([][]string, len(clients))
	for i, c := range clients {
		rows[i] = []string{c.ID, c.Name, orDash(c.Owner), orDash(c.Kind), orDash(c.State), orDash(strings.Join(c.RedirectURIs, " ")),
			orDash(few(c.Scopes)), orDash(strings.Join(c.GrantTypes, " "))}
	}
	t.rows([]string{"CLIENT ID", "NAME", "OWNER", "KIND", "STATE", "REDIRECT URIS", "SCOPES", "GRANT TYPES"}, rows)
}

// findClient returns the client that a person means by its id, or by its name
// where it is one of his own, or any for an administrator.
func findClient(ctx context.Context, client *apiclient.Client, wanted string) (apiclient.OAuthClient, error) {
	found, err := client.OAuthClient(ctx, wanted)
	if apiclient.StatusOf(err) != http.StatusNotFound {
		return found, err
	}
	for _, which := range []string{contributedClients, allClients} {
		clients, fault := everyClient(ctx, client, apiclient.OAuthClientFilter{Which: which, Search: wanted})
		if fault != nil {
			break
		}
		clients = called(clients, wanted)
		if len(clients) > 0 {
			return pick("client", wanted, clients, func(c apiclient.OAuthClient) (string, string) { return c.ID, c.Name })
		}
	}
	return found, err
}

func called(clients []apiclient.OAuthClient, name string) []apiclient.OAuthClient {
	var found []apiclient.OAuthClient
	for _, c := range clients {
		if c.Name == name {
			found = append(found, c)
		}
	}
	return found
}

type clientShowCommand struct {
	Client string `arg:"" help:"Client id or name."`
	Secret bool   `help:"Say where its secret can be seen."`
}

// Help explains the command.
func (clientShowCommand) Help() string {
	return `The secret of an app is shown only to its owner who is signed in with a browser
and has just entered his password. No token can fetch it, so --secret prints the
address of the page that shows it.

Examples:

    thingward clients show weather-wall
    thingward clients show weather-wall --secret`
}

// shownClient is a client with the address of the page that shows its secret.
type shownClient struct {
	apiclient.OAuthClient
	SecretPage string `json:"secret_page,omitempty"`
}

// Run shows the client.
func (c clientShowCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	found, err := findClient(ctx, client, c.Client)
	if err != nil {
		return err
	}
	answer := shownClient{OAuthClient: found}
	if c.Secret && found.Viewable {
		answer.SecretPage = t.secretPage(found.ID)
	}
	return t.answer(answer, func() {
		t.describeClient(found)
		t.describeHistory(found.History)
		switch {
		case !c.Secret:
		case found.Public:
			t.say("A public app has no secret.")
		case answer.SecretPage == "":
			t.say("The secret of this app is not kept. Make a new one with: thingward clients rotate-secret %s", oneLine(found.ID))
		default:
			t.say("The secret is shown in the browser only, after you enter your own password: %s", answer.SecretPage)
		}
	})
}

// describeHistory tells how the registration came to be where it is, where
// there is more to tell than its first step.
func (t *terminal) describeHistory(history []apiclient.OAuthClientStage) {
	if len(history) < 2 {
		return
	}
	rows := make([][]string, len(history))
	for i, stage := range history {
		rows[i] = []string{shortTime(stage.At), stage.State, orDash(stage.By), orDash(stage.Reason)}
	}
	t.say("")
	t.rows([]string{"WHEN", "BECAME", "BY", "REASON"}, rows)
}

func (t *terminal) describeClient(c apiclient.OAuthClient) {
	t.details("client id", c.ID, "name", c.Name, "description", c.Description, "owner", c.Owner, "kind", c.Kind, "state", c.State, "reason", c.Reason,
		"official", yesOrNothing(c.Official), "public", yesOrNothing(c.Public), "website", c.Website, "privacy", c.PrivacyURL,
		"redirect URIs", strings.Join(c.RedirectURIs, " "), "scopes", strings.Join(c.Scopes, " "), "grant types", strings.Join(c.GrantTypes, " "),
		"switches", strings.Join(c.Switches, " "), "resources", strings.Join(c.Resources, " "), "testers", strings.Join(c.Testers, " "),
		"old secret until", shortTimeOf(c.OldUntil), "registered", shortTime(c.CreatedAt), "changed", shortTime(c.ChangedAt))
}
