package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"github.com/thingward/thingward/apiclient"
)

// connection says which server to call and with which key.
type connection struct {
	Server          string `help:"Address of the server." default:"http://localhost:8080" placeholder:"URL" group:"Connection"`
	KeyID           string `name:"key-id" help:"Id of the key to act with." placeholder:"ID" group:"Connection"`
	KeyPasswordFile string `help:"File that holds the password of the key. THINGWARD_KEY_PASSWORD may hold the password itself." placeholder:"FILE" group:"Connection"`
}

// terminal is what a command talks to: its streams, its environment, its
// clock, and the connection.
type terminal struct {
	connection
	JSON    bool
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Env     map[string]string
	Now     func() time.Time
	Keyring secretRing // nil: that of the operating system

	signedIn bool // a login is there, and the client acts by it
}

// anonymousClient returns a client for the connection that acts for nobody.
func (t *terminal) anonymousClient() (*apiclient.Client, error) {
	if !strings.HasPrefix(t.Server, "http://") && !strings.HasPrefix(t.Server, "https://") {
		return nil, usagef("--server is %q: it must be like http://localhost:8080 or https://things.example.", t.Server)
	}
	return &apiclient.Client{Server: t.Server, Program: programName()}, nil
}

// client returns the client for the connection. It acts by the key that is
// named, else by the login at the server, else for nobody.
func (t *terminal) client() (*apiclient.Client, error) {
	client, err := t.anonymousClient()
	if err != nil {
		return nil, err
	}
	if t.KeyID == "" {
		return client, t.useLogin(client)
	}
	client.KeyID = t.KeyID
	switch {
	case t.KeyPasswordFile != "":
		password, err := t.readSecret(t.KeyPasswordFile)
		if err != nil {
			return nil, fmt.Errorf("read the password of the key: %w", err)
		}
		client.KeyPassword = apiclient.NewPassword(string(password))
	case t.Env["THINGWARD_KEY_PASSWORD"] != "":
		client.KeyPassword = apiclient.NewPassword(t.Env["THINGWARD_KEY_PASSWORD"])
	default:
		return nil, usagef("The password of the key %s is missing: give --key-password-file, or set THINGWARD_KEY_PASSWORD_FILE or THINGWARD_KEY_PASSWORD.", t.KeyID)
	}
	return client, nil
}

// useLogin lets the client act by the login at the server, if there is one.
func (t *terminal) useLogin(client *apiclient.Client) error {
	logins, err := t.logins()
	if err != nil { // no home, no login
		return nil
	}
	held, err := logins.load()
	if err != nil {
		return err
	}
	if held.there() {
		client.Tokens = &loginTokens{store: logins, now: t.Now, held: held}
		t.signedIn = true
	}
	return nil
}

// readSecret reads a secret from a file, or from standard input for "-". The
// line break at its end does not belong to it.
func (t *terminal) readSecret(file string) ([]byte, error) {
	secret, err := t.readInput(file, 64<<10)
	if err != nil {
		return nil, err
	}
	secret = []byte(strings.TrimRight(string(secret), "\r\n"))
	if len(secret) == 0 {
		return nil, fmt.Errorf("the file %s is empty", file)
	}
	return secret, nil
}

// readInput reads a file, or standard input for "-", of at most the given
// number of bytes.
func (t *terminal) readInput(file string, most int64) ([]byte, error) {
	source := t.Stdin
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		source = opened
	}
	content, err := io.ReadAll(io.LimitReader(source, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > most {
		return nil, fmt.Errorf("%s has more than %d bytes", file, most)
	}
	return content, nil
}

// page returns the address of a page of the portal.
func (t *terminal) page(path string) string { return strings.TrimRight(t.Server, "/") + path }

// say writes a line of the answer for people.
func (t *terminal) say(format string, args ...any) { fmt.Fprintf(t.Stdout, format+"\n", args...) }

// note writes a line that is no part of the answer.
func (t *terminal) note(format string, args ...any) { fmt.Fprintf(t.Stderr, format+"\n", args...) }

// answer writes a value as JSON with --json, else what people writes.
func (t *terminal) answer(value any, people func()) error {
	if !t.JSON {
		people()
		return nil
	}
	encoder := json.NewEncoder(t.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// rows prints aligned columns under a heading.
func (t *terminal) rows(heading []string, rows [][]string) {
	w := tabwriter.NewWriter(t.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(heading, "\t"))
	for _, row := range rows {
		for i, cell := range row {
			row[i] = oneLine(cell)
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush()
}

// details prints pairs of a label and a value, and leaves out empty values.
func (t *terminal) details(pairs ...string) {
	w := tabwriter.NewWriter(t.Stdout, 0, 8, 2, ' ', 0)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", pairs[i], oneLine(pairs[i+1]))
		}
	}
	_ = w.Flush()
}

// oneLine keeps control characters of foreign text, such as escape sequences
// in the name of somebody's sensor, off the terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}

// terminalWidth returns the width of the stream, or 0 where it is no terminal.
func terminalWidth(stream io.Writer) int {
	file, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// shortTime writes a time for people, in UTC.
func shortTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02 15:04:05Z")
}

func shortTimeOf(at *time.Time) string {
	if at == nil {
		return ""
	}
	return shortTime(*at)
}
