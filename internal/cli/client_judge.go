package cli

import (
	"context"

	"github.com/thingward/thingward/apiclient"
)

type clientApproveCommand struct {
	Client string `arg:"" help:"Client id or name."`
	operatorFlags
}

// Help explains the command.
func (clientApproveCommand) Help() string {
	return `Works for apps that were requested, and for those that were rejected. With --data
or --database it works on the store, and needs the client id.

Examples:

    thingward clients approve weather-wall
    thingward clients approve weather-wall --data /var/lib/thingward`
}

// Run approves the client.
func (c clientApproveCommand) Run(ctx context.Context, t *terminal) error {
	return c.judge(ctx, t, c.Client, "approved", func(ctx context.Context, j clientJudge, id string) error { return j.approve(ctx, id) })
}

type clientRejectCommand struct {
	Client string `arg:"" help:"Client id or name."`
	Reason string `required:"" placeholder:"TEXT" help:"Why. The owner of the app reads it."`
	operatorFlags
}

// Help explains the command.
func (clientRejectCommand) Help() string {
	return `Works for apps that were requested.

Examples:

    thingward clients reject weather-wall --reason "The website says nothing about privacy."`
}

// Run rejects the client.
func (c clientRejectCommand) Run(ctx context.Context, t *terminal) error {
	return c.judge(ctx, t, c.Client, "rejected", func(ctx context.Context, j clientJudge, id string) error { return j.reject(ctx, id, c.Reason) })
}

type clientSuspendCommand struct {
	Client string `arg:"" help:"Client id or name."`
	Reason string `required:"" placeholder:"TEXT" help:"Why. The owner of the app reads it."`
	operatorFlags
}

// Help explains the command.
func (clientSuspendCommand) Help() string {
	return `When the command returns, nothing that was issued to the app works, until it is
resumed.

Examples:

    thingward clients suspend weather-wall --reason "It sends data to strangers."`
}

// Run suspends the client.
func (c clientSuspendCommand) Run(ctx context.Context, t *terminal) error {
	return c.judge(ctx, t, c.Client, "suspended", func(ctx context.Context, j clientJudge, id string) error { return j.suspend(ctx, id, c.Reason) })
}

type clientResumeCommand struct {
	Client string `arg:"" help:"Client id or name."`
	operatorFlags
}

// Help explains the command.
func (clientResumeCommand) Help() string {
	return `Examples:

    thingward clients resume weather-wall`
}

// Run resumes the client.
func (c clientResumeCommand) Run(ctx context.Context, t *terminal) error {
	return c.judge(ctx, t, c.Client, "resumed", func(ctx context.Context, j clientJudge, id string) error { return j.resume(ctx, id) })
}

// clientJudge changes the state of clients.
type clientJudge struct {
	approve, resume func(ctx context.Context, id string) error
	reject, suspend func(ctx context.Context, id, reason string) error
}

// judge changes the state of a client on the store, or at the server where
// the flags name no store, and says what it did.
func (f operatorFlags) judge(ctx context.Context, t *terminal, wanted, done string, do func(context.Context, clientJudge, string) error) error {
	change := f.judgeOnServer
	if f.onStore() {
		change = f.judgeOnStore
	}
	id, err := change(ctx, t, wanted, do)
	if err != nil {
		return err
	}
	return t.answer(map[string]string{"client_id": id, "done": done}, func() { t.say("The app %s is %s.", oneLine(id), done) })
}

func (f operatorFlags) judgeOnServer(ctx context.Context, t *terminal, wanted string, do func(context.Context, clientJudge, string) error) (string, error) {
	client, err := t.client()
	if err != nil {
		return "", err
	}
	found, err := findClient(ctx, client, wanted)
	if err != nil {
		return "", err
	}
	return found.ID, do(ctx, judgeOfServer(client), found.ID)
}

func judgeOfServer(client *apiclient.Client) clientJudge {
	return clientJudge{client.ApproveOAuthClient, client.ResumeOAuthClient, client.RejectOAuthClient, client.SuspendOAuthClient}
}

func (f operatorFlags) judgeOnStore(ctx context.Context, t *terminal, wanted string, do func(context.Context, clientJudge, string) error) (string, error) {
	operator, err := f.open(ctx, t)
	if err != nil {
		return "", err
	}
	defer operator.Close()
	return wanted, do(ctx, clientJudge{operator.ApproveClient, operator.ResumeClient, operator.RejectClient, operator.SuspendClient}, wanted)
}
