package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/app"
)

// ofOperator returns the client that the flags describe as an operator
// registers it for a user.
func (f clientFlags) ofOperator(user, name, description string) app.OperatorClient {
	c := f.client(name, description)
	return app.OperatorClient{User: user, ID: c.ID, Kind: c.Kind, Public: c.Public, Name: c.Name, Description: c.Description, Website: c.Website,
		PrivacyURL: c.PrivacyURL, Icon: c.Icon, RedirectURIs: c.RedirectURIs, Scopes: c.Scopes, GrantTypes: c.GrantTypes,
		Switches: c.Switches, Resources: c.Resources, Testers: c.Testers}
}

type clientCreateCommand struct {
	Name string `arg:"" help:"Its name, and where it has no blanks its client id."`
	Desc string `arg:"" optional:"" help:"What it does, in a sentence: people read it before they say yes."`
	User string `required:"" placeholder:"NAME" help:"Whose app it is." group:"Operator"`
	clientFlags
	operatorFlags
}

// Help explains the command.
func (clientCreateCommand) Help() string {
	return `Works on the data folder; the server may run meanwhile. The app is approved at
once. Its secret is printed once, on standard output.

Examples:

    thingward clients create weather-wall --user alice --uri https://wall.example/callback --scope sensors.read --data /var/lib/thingward`
}

// Run registers the client.
func (c clientCreateCommand) Run(ctx context.Context, t *terminal) error {
	operator, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer operator.Close()
	made, err := operator.CreateClient(ctx, c.ofOperator(c.User, c.Name, c.Desc))
	if err != nil {
		return err
	}
	return t.answerClient(clientAnswer{ID: made.ID, Secret: made.Secret, Name: c.Name, Kind: c.kind(), State: made.State})
}

type clientImportCommand struct {
	User       string `required:"" placeholder:"NAME" help:"Whose app it is." group:"Operator"`
	SecretFile string `placeholder:"FILE" help:"File that holds its secret; - for standard input. Public apps have none."`
	Name       string `placeholder:"NAME" help:"What people read. Default: its id."`
	Desc       string `placeholder:"TEXT" help:"What it does."`
	clientFlags
	operatorFlags
}

// Help explains the command.
func (clientImportCommand) Help() string {
	return `Programs that hold the pair of id and secret go on working without a change. Any
text can be a secret. Works on the data folder; the server may run meanwhile.

Examples:

    thingward clients import --user alice --id 5d6f2b --secret-file old.txt --kind wotkit --uri https://app.example/callback --data /var/lib/thingward
    thingward clients import --user alice --id clock --secret-file - --kind lametric --uri https://clock.example/cb < old.txt`
}

// Run takes the client over.
func (c clientImportCommand) Run(ctx context.Context, t *terminal) error {
	if c.ID == "" {
		return usagef("Give the id that it has: --id ID.")
	}
	if c.Public == (c.SecretFile != "") {
		return usagef("Give its secret with --secret-file, or --public if it has none.")
	}
	wanted := c.ofOperator(c.User, c.Name, c.Desc)
	if wanted.Name == "" {
		wanted.Name = c.ID
	}
	if c.SecretFile != "" {
		secret, err := t.readSecret(c.SecretFile)
		if err != nil {
			return err
		}
		wanted.Secret = string(secret)
	}
	operator, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer operator.Close()
	made, err := operator.ImportClient(ctx, wanted)
	if err != nil {
		return err
	}
	answer := map[string]any{"client_id": made.ID, "user": c.User, "scopes": made.Scopes, "state": made.State}
	return t.answer(answer, func() { t.say("The app %s is %s's now.", oneLine(made.ID), c.User) })
}

// fromStore lists clients on the data folder.
func (c clientListCommand) fromStore(ctx context.Context, t *terminal) ([]apiclient.OAuthClient, error) {
	operator, err := c.open(ctx, t)
	if err != nil {
		return nil, err
	}
	defer operator.Close()
	found, err := operator.Clients(ctx, c.User)
	clients := make([]apiclient.OAuthClient, 0, len(found))
	for _, l := range found {
		clients = append(clients, clientOnStore(l))
	}
	return slices.DeleteFunc(clients, c.leavesOut), err
}

func (c clientListCommand) leavesOut(client apiclient.OAuthClient) bool {
	text := strings.ToLower(client.Name + "\n" + client.Description)
	return c.State != "" && client.State != c.State || !strings.Contains(text, strings.ToLower(c.Search))
}

// clientOnStore is a client of the store in the shape in which a server tells
// it.
func clientOnStore(l app.ListedClient) apiclient.OAuthClient {
	return apiclient.OAuthClient{ID: l.ID, Name: l.Name, Description: l.Description, Kind: l.Kind, Public: l.Public, Official: l.Official, State: l.State,
		Reason: l.Reason, Owner: l.Owner, Website: l.Website, PrivacyURL: l.PrivacyURL, Icon: l.Icon, Resources: l.Resources, RedirectURIs: l.RedirectURIs, Scopes: l.Scopes, GrantTypes: l.GrantTypes, Switches: l.Switches,
		Testers: l.Testers, Viewable: l.Viewable, CreatedAt: l.CreatedAt, ChangedAt: l.ChangedAt}
}
