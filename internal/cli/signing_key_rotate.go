package cli

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/app"
)

type signingKeyCommands struct {
	List   signingKeyListCommand   `cmd:"" help:"List the keys with which tokens are signed."`
	Rotate signingKeyRotateCommand `cmd:"" help:"Sign tokens with a new key from now on."`
}

// signingKeyAnswer is a signing key in JSON.
type signingKeyAnswer struct {
	ID        int64      `json:"id"`
	Purpose   string     `json:"purpose"`
	Algorithm string     `json:"algorithm"`
	Public    string     `json:"public"` // PEM
	CreatedAt time.Time  `json:"created_at"`
	RetiredAt *time.Time `json:"retired_at,omitempty"`
}

func signingKeyAnswers(keys []app.ListedSigningKey) []signingKeyAnswer {
	answers := make([]signingKeyAnswer, len(keys))
	for i, k := range keys {
		answers[i] = signingKeyAnswer{k.ID, k.Purpose, k.Algorithm, k.Public, k.CreatedAt, unlessZero(k.RetiredAt)}
	}
	return answers
}

type signingKeyListCommand struct {
	operatorFlags
}

// Help explains the command.
func (signingKeyListCommand) Help() string {
	return `A key is made when the first token is signed. Those that were retired are
listed too; what they signed with is gone.

Examples:

    thingward signing-keys list --data /var/lib/thingward
    thingward signing-keys list --data /var/lib/thingward --json`
}

// Run lists the signing keys.
func (c *signingKeyListCommand) Run(ctx context.Context, t *terminal) error {
	operator, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer operator.Close()
	keys, err := operator.SigningKeys(ctx)
	if err != nil {
		return err
	}
	rows := make([][]string, len(keys))
	for i, k := range keys {
		state := "in use"
		if !k.RetiredAt.IsZero() {
			state = "retired " + shortTime(k.RetiredAt)
		}
		rows[i] = []string{k.Purpose, k.Algorithm, shortTime(k.CreatedAt), state}
	}
	return t.answer(signingKeyAnswers(keys), func() { t.rows([]string{"FOR", "ALGORITHM", "MADE", "STATE"}, rows) })
}

type signingKeyRotateCommand struct {
	Purpose string `default:"ttn" placeholder:"PURPOSE" help:"What the key is for: ttn, tokens of The Things Network. Default: ttn."`
	operatorFlags
}

// Help explains the command.
func (signingKeyRotateCommand) Help() string {
	return `Puts a new key in the place of the one in use and destroys what the old one
signed with. Thingward goes on accepting the tokens that it has issued. Programs
of The Things Network fetch the key at /ttn/key when they start, and never again:
restart those that check tokens by themselves, or they refuse new ones.

Examples:

    thingward signing-keys rotate --data /var/lib/thingward
    thingward signing-keys rotate --purpose ttn --data /var/lib/thingward --json`
}

// Run rotates the signing key.
func (c *signingKeyRotateCommand) Run(ctx context.Context, t *terminal) error {
	operator, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer operator.Close()
	keys, err := operator.RotateSigningKey(ctx, c.Purpose)
	if err != nil {
		return err
	}
	return t.answer(signingKeyAnswers(keys), func() {
		if len(keys) == 0 {
			t.say("No token was signed yet: there is no key to rotate.")
		}
		for _, key := range keys {
			t.say("Tokens for %s are signed with a new %s key.", key.Purpose, key.Algorithm)
		}
		if len(keys) > 0 {
			t.note("Programs that check tokens by themselves have a copy of the old key. Restart them, so that they fetch the new one.")
		}
	})
}
