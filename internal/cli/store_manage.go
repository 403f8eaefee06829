package cli

import (
	"context"
	"errors"
	"os"

	"github.com/thingward/thingward/internal/app"
)

type backupCommand struct {
	File string `arg:"" help:"File to write. It must not be there yet."`
	operatorFlags
}

// Help explains the command.
func (backupCommand) Help() string {
	return `The backup is the state of one moment, while the server runs on. It can be
restored into SQLite or PostgreSQL, which is how one moves from one to the
other. It holds everything but server.key: keep that file as well, and apart.

Examples:

    thingward backup thingward.backup --data /var/lib/thingward
    thingward backup thingward.backup --data /var/lib/thingward --database postgres://localhost/thingward`
}

// Run writes the backup.
func (c *backupCommand) Run(ctx context.Context, t *terminal) error {
	operator, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer operator.Close()
	if err := operator.Backup(ctx, c.File); err != nil {
		return err
	}
	return t.answer(map[string]string{"backup": c.File}, func() { t.say("Wrote %s.", c.File) })
}

type restoreCommand struct {
	File string `arg:"" help:"Backup to read."`
	operatorFlags
}

// Help explains the command.
func (restoreCommand) Help() string {
	return `Refuses while a server runs on the store, and where the store is not empty.

Examples:

    thingward restore thingward.backup --data /var/lib/thingward
    thingward restore thingward.backup --data /var/lib/thingward --database postgres://localhost/thingward`
}

// Run restores the backup.
func (c *restoreCommand) Run(ctx context.Context, t *terminal) error {
	if _, err := os.Stat(c.File); err != nil { // before a data folder is made in vain
		return err
	}
	operator, err := c.openNew(ctx, t)
	if err != nil {
		return err
	}
	defer operator.Close()
	if err := operator.Restore(ctx, c.File); err != nil {
		return err
	}
	err = t.answer(map[string]string{"restored": c.File}, func() { t.say("Restored %s.", c.File) })
	if found := operator.ViewableSecrets(ctx); !found.OK {
		t.note("The server key here is not that of the backup: keys work, but their passwords cannot be viewed. " +
			"Put the former server.key in its place before the first start.")
	}
	return err
}

type doctorCommand struct {
	operatorFlags
}

// Help explains the command.
func (doctorCommand) Help() string {
	return `Looks at the data folder, the database, the keys that seal secrets and what
else the server needs. It only looks: where there is no store, it makes none. The
exit code is 1 if anything is wrong.

Examples:

    thingward doctor --data /var/lib/thingward
    thingward doctor --json`
}

// Run examines the store.
func (c *doctorCommand) Run(ctx context.Context, t *terminal) error {
	findings, err := app.Diagnose(ctx, c.config(t))
	if err != nil {
		return err
	}
	well := true
	rows := make([][]string, len(findings))
	for i, found := range findings {
		mark := "ok"
		if !found.OK {
			mark, well = "FAULT", false
		}
		rows[i] = []string{mark, found.Name, found.Detail}
	}
	if err := t.answer(findingAnswers(findings), func() { t.rows([]string{"", "WHAT", "FOUND"}, rows) }); err != nil {
		return err
	}
	if !well {
		return errors.New("something is wrong: see the lines marked FAULT")
	}
	return nil
}

// findingAnswer is a finding of the doctor in JSON.
type findingAnswer struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func findingAnswers(findings []app.Check) []findingAnswer {
	answers := make([]findingAnswer, len(findings))
	for i, found := range findings {
		answers[i] = findingAnswer(found)
	}
	return answers
}
