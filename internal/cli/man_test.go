package cli

import (
	"regexp"
	"strings"
	"testing"
)

// TestTheManualPageTellsOfEveryCommand also holds that no text of a help is
// taken for a macro.
func TestTheManualPageTellsOfEveryCommand(t *testing.T) {
	t.Parallel()
	terminal := &terminal{}
	parser, err := newParser(&commands{}, terminal, &settings{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	page := manPage(parser)
	for _, command := range completions(parser.Model.Node, "") {
		node := parser.Model.Node
		for word := range strings.FieldsSeq(command.After) {
			for _, child := range node.Children {
				if child.Name == word {
					node = child
				}
			}
		}
		if node.Leaf() && command.After != "" && !strings.Contains(page, `.SS "`+plain("thingward "+command.After)) {
			t.Errorf("the page says nothing of %s", command.After)
		}
	}
	macro := regexp.MustCompile(`^\.(TH|SH|SS|TP|PP|B|nf|fi)( "[^"]*")*$`)
	for number, line := range strings.Split(page, "\n") {
		if strings.HasPrefix(line, ".") && !macro.MatchString(line) || strings.HasPrefix(line, "'") {
			t.Errorf("line %d would be taken for a macro: %s", number+1, line)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e || r < 0x20 }) {
			t.Errorf("line %d has letters that not every man shows: %s", number+1, line)
		}
	}
}
