package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help explains the command.
func (completionCommand) Help() string {
	return `Completes commands, flags and fixed values.

Examples:

    source <(thingward completion bash)
    thingward completion bash > /etc/bash_completion.d/thingward
    thingward completion zsh > "${fpath[1]}/_thingward"
    thingward completion fish > ~/.config/fish/completions/thingward.fish`
}

// Run prints the script.
func (c *completionCommand) Run(t *terminal, parser *kong.Kong) error {
	words, values := completions(parser.Model.Node, ""), map[string][]string{}
	addFlagValues(values, parser.Model.Node)
	var script string
	switch c.Shell {
	case "fish":
		script = fishScript(words, values)
	case "zsh":
		script = zshScript(words, values)
	default:
		script = bashScript(words, values)
	}
	return t.answer(map[string]string{"shell": c.Shell, "script": script}, func() { fmt.Fprint(t.Stdout, script) })
}

// completion is what may follow some words of a command line.
type completion struct {
	After string   // "keys create"; "" for the program alone
	Next  []string // commands and flags
}

func completions(node *kong.Node, after string) []completion {
	here := completion{After: after}
	var below []completion
	for _, child := range node.Children {
		if child.Hidden || child.Type != kong.CommandNode {
			continue
		}
		here.Next = append(here.Next, child.Name)
		below = append(below, completions(child, strings.TrimSpace(after+" "+child.Name))...)
	}
	for _, argument := range node.Positional {
		if argument.Enum != "" {
			here.Next = append(here.Next, argument.EnumSlice()...)
		}
	}
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			here.Next = append(here.Next, "--"+flag.Name)
		}
	}
	slices.Sort(here.Next)
	return append([]completion{here}, below...)
}

// addFlagValues collects the values that flags take, of a command and of those
// below it. A flag means the same wherever it stands.
func addFlagValues(values map[string][]string, node *kong.Node) {
	for _, flag := range node.Flags {
		for _, value := range flag.EnumSlice() {
			if value != "" && !slices.Contains(values[flag.Name], value) {
				values[flag.Name] = append(values[flag.Name], value)
			}
		}
	}
	for _, child := range node.Children {
		addFlagValues(values, child)
	}
}

// valueCases writes the branches of a shell's case over the word before.
func valueCases(values map[string][]string) string {
	var b strings.Builder
	for _, flag := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "        --%s) next=%q ;;\n", flag, strings.Join(values[flag], " "))
	}
	return b.String()
}

// cases writes the branches of a shell's case over the words so far.
func cases(words []completion, form string) string {
	var b strings.Builder
	for _, c := range words {
		fmt.Fprintf(&b, form, c.After, strings.Join(c.Next, " "))
	}
	return b.String()
}

func bashScript(words []completion, values map[string][]string) string {
	return `# bash completion of thingward
_thingward() {
    local word so_far="" next="" i
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        [[ "$word" == -* ]] && break
        so_far="${so_far:+$so_far }$word"
    done
    while :; do
        case "$so_far" in
` + cases(words, "            %q) next=%q ;;\n") + `        esac
        [[ -n "$next" || -z "$so_far" ]] && break
        [[ "$so_far" == *" "* ]] && so_far="${so_far% *}" || so_far=""
    done
    case "${COMP_WORDS[COMP_CWORD-1]}" in
` + valueCases(values) + `    esac
    COMPREPLY=($(compgen -W "$next" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _thingward thingward
`
}

func zshScript(words []completion, values map[string][]string) string {
	return `#compdef thingward
# zsh completion of thingward
_thingward() {
    local so_far="" next="" word
    for word in ${words[2,CURRENT-1]}; do
        [[ "$word" == -* ]] && break
        so_far="${so_far:+$so_far }$word"
    done
    while :; do
        case "$so_far" in
` + cases(words, "            %q) next=%q ;;\n") + `        esac
        [[ -n "$next" || -z "$so_far" ]] && break
        [[ "$so_far" == *" "* ]] && so_far="${so_far% *}" || so_far=""
    done
    case "${words[CURRENT-1]}" in
` + valueCases(values) + `        *) [[ "${words[CURRENT]}" == -* ]] || _files ;;
    esac
    compadd -- ${=next}
}
if [[ "$funcstack[1]" = "_thingward" ]]; then
    _thingward "$@"
else
    compdef _thingward thingward
fi
`
}

func fishScript(words []completion, values map[string][]string) string {
	var b strings.Builder
	b.WriteString("# fish completion of thingward\nset -g __thingward_commands")
	for _, c := range words {
		if c.After != "" {
			fmt.Fprintf(&b, " '%s'", c.After)
		}
	}
	b.WriteString(`
function __thingward_at
    set -l words (commandline -opc)
    set -e words[1]
    set -l so_far
    for word in $words
        contains -- (string join ' ' -- $so_far $word) $__thingward_commands; or break
        set -a so_far $word
    end
    test "$so_far" = "$argv[1]"
end
`)
	for _, c := range words {
		for _, next := range c.Next {
			if flag, ok := strings.CutPrefix(next, "--"); ok {
				fmt.Fprintf(&b, "complete -c thingward -n '__thingward_at \"%s\"' -l %s", c.After, flag)
				if one := values[flag]; one != nil {
					fmt.Fprintf(&b, " -x -a '%s'", strings.Join(one, " "))
				}
				b.WriteString("\n")
			} else {
				fmt.Fprintf(&b, "complete -c thingward -f -n '__thingward_at \"%s\"' -a %s\n", c.After, next)
			}
		}
	}
	return b.String()
}
