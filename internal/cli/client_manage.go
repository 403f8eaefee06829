package cli

import (
	"context"
	"net/url"
	"time"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/domain"
)

// secretPage returns the address of the page that shows the secret of a client.
func (t *terminal) secretPage(id string) string {
	return t.page("/apps/" + url.PathEscape(id) + "/secret")
}

type clientEditCommand struct {
	Client   string   `arg:"" help:"Client id or name."`
	Name     *string  `placeholder:"NAME" help:"What people read."`
	Desc     *string  `placeholder:"TEXT" help:"What it does."`
	URI      []string `name:"uri" sep:"none" placeholder:"URI" help:"Redirect URI, in the place of those it has. May be repeated."`
	Scope    []string `sep:"none" placeholder:"SCOPE,…" help:"What it may ask for, in the place of what it may."`
	Grants   []string `sep:"none" placeholder:"TYPE,…" help:"Grant types, in the place of those it has."`
	Tester   []string `placeholder:"USER" help:"Testers, in the place of those it has; none takes all away."`
	Website  *string  `placeholder:"URL" help:"Its website."`
	Privacy  *string  `placeholder:"URL" help:"Where it says what it does with data."`
	Icon     *string  `placeholder:"LETTER" help:"The letter that stands for it."`
	Switch   []string `placeholder:"SWITCH" help:"Liberties, in the place of those it has; none takes all away."`
	Resource []string `sep:"none" placeholder:"URI" help:"Resource indicators, in the place of those it has; none takes all away."`
	Official *bool    `negatable:"" help:"Vouch for it, or do not any more (administrators)."`
}

// Help explains the command.
func (clientEditCommand) Help() string {
	return `What is not named stays as it is. An app that may do more than was approved may
have to be approved anew.

Examples:

    thingward clients edit weather-wall --desc "Shows my sensors on every wall"
    thingward clients edit weather-wall --uri https://wall.example/callback --uri https://wall.example/callback2
    thingward clients edit weather-wall --tester bob,carol`
}

// inPlaceOf returns what takes the place of a list: nil leaves it as it is,
// and the word none empties it.
func inPlaceOf(words []string) *[]string {
	switch {
	case len(words) == 0:
		return nil
	case len(words) == 1 && words[0] == "none":
		return &[]string{}
	}
	return &words
}

// Run changes the client.
func (c clientEditCommand) Run(ctx context.Context, t *terminal) error {
	edit := apiclient.OAuthClientEdit{Name: c.Name, Description: c.Desc, Website: c.Website, PrivacyURL: c.Privacy, Icon: c.Icon,
		RedirectURIs: inPlaceOf(c.URI), Scopes: inPlaceOf(listed(c.Scope)), GrantTypes: inPlaceOf(grantTypes(c.Grants)),
		Testers: inPlaceOf(c.Tester), Switches: inPlaceOf(c.Switch), Resources: inPlaceOf(c.Resource), Official: c.Official}
	if edit == (apiclient.OAuthClientEdit{}) {
		return usagef("Say what to change: --name, --desc, --uri, --scope, --grants, --tester, --website, --privacy, --icon, --switch, --resource or --official.")
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	found, err := findClient(ctx, client, c.Client)
	if err != nil {
		return err
	}
	changed, err := client.EditOAuthClient(ctx, found.ID, edit)
	if err != nil {
		return err
	}
	return t.answer(changed, func() {
		t.say("Changed the app %s.", oneLine(changed.Name))
		if changed.State == string(domain.ClientRequested) && found.State != changed.State {
			t.say("It is not what was approved, so an administrator has to approve it anew.")
		}
	})
}

type clientDeleteCommand struct {
	Client string `arg:"" help:"Client id or name."`
	Yes    bool   `short:"y" help:"Do not ask."`
	operatorFlags
}

// Help explains the command.
func (clientDeleteCommand) Help() string {
	return `Asks on a terminal; elsewhere --yes must be given. With --data or --database it
works on the store, for any user's app, and needs the client id.

Examples:

    thingward clients delete weather-wall
    thingward clients delete weather-wall --yes
    thingward clients delete weather-wall --yes --data /var/lib/thingward`
}

// Run deletes the client.
func (c clientDeleteCommand) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.confirm("Delete the app " + oneLine(c.Client) + " and end everything that it does for anybody?"); err != nil {
			return err
		}
	}
	id, err := c.delete(ctx, t)
	if err != nil {
		return err
	}
	return t.answer(map[string]string{"deleted": id}, func() { t.say("Deleted %s.", oneLine(id)) })
}

func (c clientDeleteCommand) delete(ctx context.Context, t *terminal) (string, error) {
	if c.onStore() {
		operator, err := c.open(ctx, t)
		if err != nil {
			return "", err
		}
		defer operator.Close()
		return c.Client, operator.DeleteClient(ctx, c.Client)
	}
	client, err := t.client()
	if err != nil {
		return "", err
	}
	found, err := findClient(ctx, client, c.Client)
	if err != nil {
		return "", err
	}
	return found.ID, client.DeleteOAuthClient(ctx, found.ID)
}

type clientRotateSecretCommand struct {
	Client  string `arg:"" help:"Client id or name."`
	Overlap string `placeholder:"DURATION" help:"How long the old secret works on, such as 1d. Without it, it ends at once."`
	operatorFlags
}

// Help explains the command.
func (clientRotateSecretCommand) Help() string {
	return `The id and all tokens stay. With --overlap both secrets work until that time is
over. It needs the scope account. With --data or --database it works on the
store, for any user's app, and needs the client id.

Examples:

    thingward clients rotate-secret weather-wall --overlap 1d
    thingward clients rotate-secret weather-wall`
}

// Run gives the client a new secret.
func (c clientRotateSecretCommand) Run(ctx context.Context, t *terminal) error {
	var overlap time.Duration
	if c.Overlap != "" && c.Overlap != "0" {
		var err error
		if overlap, err = parseDuration(c.Overlap); err != nil {
			return err
		}
	}
	rotate := c.onServer
	if c.onStore() {
		rotate = c.inStore
	}
	answer, err := rotate(ctx, t, overlap)
	if err != nil {
		return err
	}
	return t.answerClient(answer)
}

func (c clientRotateSecretCommand) onServer(ctx context.Context, t *terminal, overlap time.Duration) (clientAnswer, error) {
	client, err := t.client()
	if err != nil {
		return clientAnswer{}, err
	}
	found, err := findClient(ctx, client, c.Client)
	if err != nil {
		return clientAnswer{}, err
	}
	made, err := client.RotateOAuthClientSecret(ctx, found.ID, overlap)
	return clientAnswer{ID: found.ID, Secret: made.Reveal()}, err
}

func (c clientRotateSecretCommand) inStore(ctx context.Context, t *terminal, overlap time.Duration) (clientAnswer, error) {
	operator, err := c.open(ctx, t)
	if err != nil {
		return clientAnswer{}, err
	}
	defer operator.Close()
	made, err := operator.RotateClientSecret(ctx, c.Client, overlap)
	return clientAnswer{ID: c.Client, Secret: made}, err
}
