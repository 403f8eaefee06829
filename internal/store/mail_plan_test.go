package store

import (
	"strings"
	"testing"
)

// Where a hundred thousand mails lie, forgetting those that are over must not
// read them all: while it does, nobody else can write.
func TestWhatIsOverIsFoundByIndex(t *testing.T) {
	t.Parallel()
	s := openForTest(t)
	for name, query := range map[string]struct {
		text string
		args []any
	}{
		"mails that are over":       {sweepMails, []any{1}},
		"places of former times":    {sweepPlaces, []any{1}},
		"when the next mail is due": {nextMail, nil},
		"the next mail":             {claimMail, []any{2, 1}},
	} {
		plan := strings.Join(planOf(t, s, query.text, query.args...), "\n")
		for _, line := range strings.Split(plan, "\n") {
			if strings.HasPrefix(line, "SCAN mails") && !strings.Contains(line, "INDEX") || strings.HasPrefix(line, "SCAN sign_in_places") || strings.HasPrefix(line, "USE TEMP B-TREE") {
				t.Errorf("%s: %s\n%s", name, line, plan)
			}
		}
	}
}
