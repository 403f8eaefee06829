// Package cli is the command line of Thingward: a file per command. Commands
// of users go through apiclient, commands of operators through app. It decides
// what people read and which exit code programs get, and nothing else.
package cli

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/thingward/thingward/internal/app"
)

// commands is the grammar of the command line.
type commands struct {
	Serve         serveCommand         `cmd:"" help:"Run the server."`
	Login         loginCommand         `cmd:"" help:"Sign in with the browser, so that commands act for you."`
	Logout        logoutCommand        `cmd:"" help:"End the login."`
	Whoami        whoamiCommand        `cmd:"" help:"Say whom commands act for and what they may do."`
	Keys          keyCommands          `cmd:"" help:"Make, list, change and revoke keys."`
	Clients       clientCommands       `cmd:"" help:"Register, list, change and judge apps (OAuth clients)."`
	Tokens        tokenCommands        `cmd:"" help:"Restrict access tokens, look into them, and take them back."`
	Connections   connectionCommands   `cmd:"" help:"See and end what acts for you."`
	Devices       deviceCommands       `cmd:"" help:"Register, list, change and delete devices."`
	Applications  applicationCommands  `cmd:"" help:"Make, list, change and delete applications, with their end devices and access keys."`
	Gateways      gatewayCommands      `cmd:"" help:"Register, list, change and delete gateways."`
	Components    componentCommands    `cmd:"" help:"Make, list and delete components of the network."`
	Sensors       sensorCommands       `cmd:"" help:"Make, list, change and delete sensors."`
	Collaborators collaboratorCommands `cmd:"" help:"Say who works on a thing and what he may do."`
	Readings      readingCommands      `cmd:"" help:"Send, import, list and export readings."`
	Users         userCommands         `cmd:"" help:"Manage users: on the data folder with --data or --database, else with an administrator's key."`
	SigningKeys   signingKeyCommands   `cmd:"" help:"List and rotate the keys with which tokens are signed."`
	Backup        backupCommand        `cmd:"" help:"Write everything to one file, while the server runs."`
	Restore       restoreCommand       `cmd:"" help:"Fill an empty store from a backup."`
	Doctor        doctorCommand        `cmd:"" help:"Check everything and say what is wrong."`

	Completion completionCommand `cmd:"" help:"Print a completion script for a shell."`
	Man        manCommand        `cmd:"" help:"Print the manual page."`
	Version    versionCommand    `cmd:"" help:"Print the version."`

	connection
	JSON bool `name:"json" help:"Write the answer as JSON."`
}

const description = "Thingward holds sensors and readings, and lets programs act for people with exactly the rights they were given."

// Main runs the command that args name and returns its exit code: 0 done or
// stopped cleanly, 1 failed, 2 wrong usage. env has the form of os.Environ.
// Nothing is read from the process itself, so tests can run many at once.
func Main(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	t := &terminal{Stdin: stdin, Stdout: stdout, Stderr: stderr, Env: environment(env), Now: app.Now}
	return t.run(ctx, args)
}

func (t *terminal) run(ctx context.Context, args []string) int {
	grammar, from := &commands{}, &settings{env: t.Env}
	helped := false
	parser, err := newParser(grammar, t, from, func(int) { helped = true })
	if err != nil {
		t.note("thingward: %s", err)
		return exitFailed
	}
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help":
		args = append(slices.Clone(args[1:]), "--help")
	}
	parsed, err := parser.Parse(args)
	if helped {
		return exitOK
	}
	if err != nil {
		t.note("thingward: %s Run %q for help.", sentence(misuse(err)), helpCommand(err))
		return exitUsage
	}
	t.connection, t.JSON = grammar.connection, grammar.JSON
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(t, parser, from)
	if err != nil {
		t.note("thingward: %s", t.explain(err))
	}
	return exitCode(err)
}

// newParser builds the parser. exit is called after help was printed.
func newParser(grammar *commands, t *terminal, from *settings, exit func(int)) (*kong.Kong, error) {
	return kong.New(grammar, kong.Name("thingward"), kong.Description(description), kong.Writers(t.Stdout, t.Stderr), kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}), kong.ValueFormatter(withVariable),
		kong.ExplicitGroups([]kong.Group{{Key: "Connection", Title: "Connection:"}, {Key: "Operator", Title: "On the data folder:"},
			{Key: "Server", Title: "Server:"}}),
		kong.Vars{"own_scopes": ownScopes, "former_scopes": formerScopes},
		kong.Resolvers(from))
}

// misuse says an error of the parser in our words where its own are those of
// its insides.
func misuse(err error) string {
	if flag, _, ok := strings.Cut(err.Error(), ": expected "); ok && strings.HasSuffix(err.Error(), "(<EOL>)") {
		return flag + " needs a value"
	}
	return err.Error()
}

// helpCommand names the command whose help explains an error of usage.
func helpCommand(err error) string {
	words := "thingward"
	if fault, ok := err.(*kong.ParseError); ok && fault.Context != nil {
		if node := fault.Context.Selected(); node != nil {
			words = node.FullPath()
		}
	}
	return words + " --help"
}

func environment(env []string) map[string]string {
	variables := make(map[string]string, len(env))
	for _, entry := range env {
		if name, value, ok := strings.Cut(entry, "="); ok {
			variables[name] = value
		}
	}
	return variables
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
