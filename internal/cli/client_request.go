package cli

import (
	"context"
	"strings"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/domain"
)

type clientCommands struct {
	Request      clientRequestCommand      `cmd:"" help:"Register an app, and print its secret."`
	List         clientListCommand         `cmd:"" help:"List apps."`
	Show         clientShowCommand         `cmd:"" help:"Show one app."`
	Edit         clientEditCommand         `cmd:"" help:"Change an app."`
	Delete       clientDeleteCommand       `cmd:"" help:"Delete an app and end everything issued through it."`
	RotateSecret clientRotateSecretCommand `cmd:"" help:"Give an app a new secret and print it."`
	Approve      clientApproveCommand      `cmd:"" help:"Let everybody use an app (administrators)."`
	Reject       clientRejectCommand       `cmd:"" help:"Refuse an app that was requested (administrators)."`
	Suspend      clientSuspendCommand      `cmd:"" help:"Stop an app until it is resumed (administrators)."`
	Resume       clientResumeCommand       `cmd:"" help:"Let a suspended app go on (administrators)."`
	Create       clientCreateCommand       `cmd:"" help:"Register an app for any user, on the data folder."`
	Import       clientImportCommand       `cmd:"" help:"Take over an app of a former system, with its id and secret."`
}

// clientFlags say what a new client is like.
type clientFlags struct {
	Kind     string   `default:"" enum:",standard,wotkit,lametric,ttn" placeholder:"KIND" help:"What it was written for: standard, wotkit, lametric or ttn. Default: the one whose words --scope has."`
	ID       string   `name:"id" placeholder:"ID" help:"Its client id. Default: its name, where that can be one; else one is made."`
	URI      []string `name:"uri" sep:"none" placeholder:"URI" help:"Redirect URI: an address of the app, to which people come back. May be repeated."`
	Scope    []string `sep:"none" placeholder:"SCOPE,…" help:"What it may ask for, in the words of its kind. Default but for standard apps: all of them."`
	Grants   []string `sep:"none" placeholder:"TYPE,…" help:"Its grant types; device_code is short for that of devices without a browser. Default: authorization_code,refresh_token."`
	Public   bool     `help:"It runs where it cannot keep a secret, such as in a browser or on a phone."`
	Tester   []string `placeholder:"USER" help:"Who may use it before it is approved, besides yourself."`
	Website  string   `placeholder:"URL" help:"Its website."`
	Privacy  string   `placeholder:"URL" help:"Where it says what it does with data."`
	Icon     string   `placeholder:"LETTER" help:"The letter that stands for it. Default: the first one of its name."`
	Switch   []string `placeholder:"SWITCH" help:"Liberties of its kind's contract, such as lan_redirect."`
	Resource []string `sep:"none" placeholder:"URI" help:"Resource indicator, if it is a resource server itself. May be repeated."`
}

// client returns the client that the flags describe. A name that can be an id
// becomes one too, so that people need not look for another.
func (f clientFlags) client(name, description string) apiclient.NewOAuthClient {
	id := f.ID
	if id == "" && domain.CheckClientID(name) == nil {
		id = name
	}
	return apiclient.NewOAuthClient{ID: id, Kind: f.kind(), Public: f.Public, Name: name, Description: description, Website: f.Website,
		PrivacyURL: f.Privacy, Icon: f.Icon, RedirectURIs: f.URI, Scopes: listed(f.Scope), GrantTypes: grantTypes(f.Grants),
		Switches: f.Switch, Resources: f.Resource, Testers: f.Tester}
}

// kind returns what the client was written for: what --kind says, or else the
// first kind that knows all the words of --scope, so that whoever asks in the
// words of a contract need not name it.
func (f clientFlags) kind() string {
	if f.Kind != "" {
		return f.Kind
	}
	scope := strings.Join(listed(f.Scope), " ")
	for _, kind := range domain.ClientKinds() {
		if _, err := kind.ParseScopeNames(scope); err == nil {
			return string(kind)
		}
	}
	return string(domain.StandardClient)
}

// listed splits words that stand between commas or blanks.
func listed(texts []string) []string {
	return strings.FieldsFunc(strings.Join(texts, " "), func(r rune) bool { return r == ',' || r == ' ' })
}

// shortGrants are words for grant types whose names are long.
var shortGrants = map[string]domain.GrantType{"device_code": domain.DeviceGrant}

// grantTypes reads grant types that stand between commas or blanks.
func grantTypes(texts []string) []string {
	words := listed(texts)
	for i, word := range words {
		if long, ok := shortGrants[word]; ok {
			words[i] = string(long)
		}
	}
	return words
}

type clientRequestCommand struct {
	Name string `arg:"" help:"Its name, and where it has no blanks its client id."`
	Desc string `arg:"" optional:"" help:"What it does, in a sentence: people read it before they say yes."`
	clientFlags
	Yes bool `short:"y" help:"Do not look whether the redirect URIs answer."`
}

// Help explains the command.
func (clientRequestCommand) Help() string {
	return `Registers an app. Where an administrator has to approve apps of its kind, it works
for you and its testers until he has. The secret is printed once, on standard
output.

Looks whether the redirect URIs answer, and asks whether to go on when one does
not. Those on this machine are not looked at: programs listen there only while
somebody signs in.

Examples:

    thingward clients request weather-wall "Shows my sensors on the wall" --uri https://wall.example/callback --scope sensors.read,readings.read
    thingward clients request myclient "My own oauth client" --uri http://mywebsite/callback --scope profile,gateways,apps --grants authorization_code,refresh_token
    thingward clients request phone-app --public --uri http://127.0.0.1/callback --scope sensors.read`
}

// clientAnswer is a client with its secret: what request and rotate-secret print.
type clientAnswer struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret,omitempty"`
	Name   string `json:"name,omitempty"`
	Kind   string `json:"kind,omitempty"`
	State  string `json:"state,omitempty"`
}

func (t *terminal) answerClient(a clientAnswer) error {
	return t.answer(a, func() {
		t.details("client id", a.ID, "client secret", a.Secret, "name", a.Name, "kind", a.Kind, "state", a.State)
		if a.State == string(domain.ClientRequested) {
			t.say("It works for its owner and its testers until an administrator approves it.")
		}
	})
}

// Run registers the client.
func (c clientRequestCommand) Run(ctx context.Context, t *terminal) error {
	wanted := c.client(c.Name, c.Desc)
	client, err := t.client()
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := t.probeCallbacks(ctx, wanted.RedirectURIs); err != nil {
			return err
		}
	}
	made, err := client.CreateOAuthClient(ctx, wanted)
	if apiclient.CodeOf(err) == "client_id_taken" && c.ID == "" && wanted.ID != "" {
		t.note("Its name would be its client id. Give another id with --id.")
	}
	if err != nil {
		return err
	}
	return t.answerClient(clientAnswer{ID: made.ID, Secret: made.Secret.Reveal(), Name: made.Name, Kind: made.Kind, State: made.State})
}
