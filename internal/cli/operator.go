package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/thingward/thingward/internal/app"
)

// operatorFlags say which store to work on.
type operatorFlags struct {
	Data      string `placeholder:"DIR" help:"Folder with the data of the server." group:"Operator"`
	Database  string `placeholder:"URL" help:"PostgreSQL database, postgres://…, in the place of SQLite in the data folder." group:"Operator"`
	ServerKey string `placeholder:"FILE" help:"Key that seals secrets. Default: server.key in the data folder." group:"Operator"`
	Secrets   string `default:"viewable" enum:"viewable,shown-once" placeholder:"MODE" help:"Keep passwords of keys so that they can be viewed again: viewable or shown-once." group:"Operator"`
}

// onStore reports whether the flags make the command an operator's.
func (f operatorFlags) onStore() bool { return f.Data != "" || f.Database != "" }

// open reaches the store, through the server that runs on it if there is one.
// The data folder must be there, and with PostgreSQL the server key: a new one
// would seal what the server could never open.
func (f operatorFlags) open(ctx context.Context, t *terminal) (*app.Operator, error) {
	config := f.config(t)
	needed, hint := config.Data, "there is no data folder %s: --data or THINGWARD_DATA says where it is"
	if config.Database != "" {
		needed, hint = f.ServerKey, "there is no server key %s: --data or --server-key says where that of the server is"
		if needed == "" {
			needed = filepath.Join(config.Data, "server.key")
		}
	}
	if _, err := os.Stat(needed); err != nil {
		return nil, fmt.Errorf(hint, needed)
	}
	return app.OpenOperator(ctx, config)
}

// openNew is open for a command that may make the data folder.
func (f operatorFlags) openNew(ctx context.Context, t *terminal) (*app.Operator, error) {
	config := f.config(t)
	if err := os.MkdirAll(config.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	return app.OpenOperator(ctx, config)
}

func (f operatorFlags) config(t *terminal) app.Config {
	config := app.Defaults()
	if f.Data != "" {
		config.Data = f.Data
	}
	config.Database, config.ServerKey, config.Secrets = f.Database, f.ServerKey, f.Secrets
	config.Log, config.Out = t.Stderr, t.Stderr
	if url := t.Env[variable("public-url")]; url != "" {
		config.PublicURL = url
	}
	return config
}
