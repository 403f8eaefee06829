package cli

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/thingward/thingward/internal/app"
)

type manCommand struct{}

// Help explains the command.
func (manCommand) Help() string {
	return `The page tells of every command, with its arguments, flags and examples.

Examples:

    thingward man | man -l -
    thingward man > /usr/local/share/man/man1/thingward.1`
}

// Run prints the page.
func (manCommand) Run(t *terminal, parser *kong.Kong) error {
	page := manPage(parser)
	return t.answer(map[string]string{"page": page}, func() { fmt.Fprint(t.Stdout, page) })
}

// manPage writes the reference of the program for man(1), in the macros of
// man(7).
func manPage(parser *kong.Kong) string {
	m := &manWriter{}
	root := parser.Model.Node
	m.macro("TH", "THINGWARD", "1", "", "thingward "+app.Version(), "User Commands")
	m.section("NAME")
	m.text("thingward - the front door of an IoT platform")
	m.section("SYNOPSIS")
	m.macro("B", "thingward")
	m.text(`COMMAND [ARGUMENTS] [FLAGS]`)
	m.section("DESCRIPTION")
	m.text(description)
	m.section("FLAGS OF EVERY COMMAND")
	m.flags(root.Flags)
	m.section("COMMANDS")
	m.commands(root, "thingward")
	m.section("EXIT STATUS")
	m.tagged("0", "Done, or stopped cleanly.")
	m.tagged("1", "Failed. What went wrong is on standard error.")
	m.tagged("2", "Wrong usage.")
	m.section("ENVIRONMENT")
	m.text("Every flag can be given as a variable: THINGWARD_ and its name in capitals, with _ for -, such as THINGWARD_SERVER for --server. A flag counts more than its variable, and a variable more than the file of --config.")
	m.section("FILES")
	m.tagged("thingward-data", "The folder of the server, unless --data names another: database, server key, outbox and control socket.")
	return m.String()
}

// manWriter writes roff. All text of the program goes through plain, so that
// nothing of it is taken for a macro.
type manWriter struct{ strings.Builder }

func (m *manWriter) macro(name string, arguments ...string) {
	m.WriteString("." + name)
	for _, argument := range arguments {
		m.WriteString(` "` + strings.ReplaceAll(plain(argument), `"`, `\(dq`) + `"`)
	}
	m.WriteString("\n")
}

func (m *manWriter) section(title string) { m.macro("SH", title) }

func (m *manWriter) text(text string) {
	for _, line := range strings.Split(text, "\n") {
		m.WriteString(plain(line) + "\n")
	}
}

func (m *manWriter) tagged(tag, text string) {
	m.macro("TP")
	m.macro("B", tag)
	m.text(text)
}

var beyondASCII = regexp.MustCompile(`[^\x00-\x7f]`)

// plain writes a line so that man shows it as it is.
func plain(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(line)
	line = beyondASCII.ReplaceAllStringFunc(line, func(letter string) string { return fmt.Sprintf(`\[u%04X]`, []rune(letter)[0]) })
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		return `\&` + line
	}
	return line
}

// commands tells of every command below the node.
func (m *manWriter) commands(node *kong.Node, words string) {
	for _, child := range node.Children {
		if child.Hidden || child.Type != kong.CommandNode {
			continue
		}
		name := words + " " + child.Name
		if !child.Leaf() {
			m.commands(child, name)
			continue
		}
		m.command(child, name)
	}
}

func (m *manWriter) command(node *kong.Node, name string) {
	for _, argument := range node.Positional {
		name += " " + argument.Summary()
	}
	m.macro("SS", name)
	m.text(node.Help)
	for _, argument := range node.Positional {
		if argument.Help != "" {
			m.tagged(argument.Summary(), argument.Help)
		}
	}
	m.flags(node.Flags)
	if node.Detail == "" {
		return
	}
	for _, paragraph := range strings.Split(node.Detail, "\n\n") {
		m.macro("PP")
		if strings.HasPrefix(paragraph, "    ") {
			m.macro("nf")
			m.text(paragraph)
			m.macro("fi")
		} else {
			m.text(paragraph)
		}
	}
}

func (m *manWriter) flags(flags []*kong.Flag) {
	for _, flag := range flags {
		if !flag.Hidden && flag.Name != "help" {
			m.tagged(flag.String(), flag.Help)
		}
	}
}
