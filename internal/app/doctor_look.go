package app

import (
	"context"
	"fmt"
	"os"

	"github.com/thingward/thingward/internal/store"
)

// Diagnose examines everything and returns what it found. It only looks: where
// there is no store it says so, and makes none.
func Diagnose(ctx context.Context, c Config) ([]Check, error) {
	if dialControl(ctx, c) == nil {
		if missing := c.missing(ctx); len(missing) > 0 {
			return missing, nil
		}
	}
	o, err := OpenOperator(ctx, c)
	if err != nil {
		return []Check{{Name: "store opens", Detail: err.Error()}}, nil
	}
	defer o.Close()
	return o.Doctor(ctx)
}

// missing returns what there must be before a store can be opened without
// making anything. It ends at the first that is not there.
func (c Config) missing(ctx context.Context) []Check {
	start := "thingward serve --data " + c.Data
	if c.Database != "" {
		start += " --database …" // the address may carry a password
	}
	info, err := os.Stat(c.Data)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", c.Data)
	}
	if err != nil {
		return []Check{{Name: "data folder", Detail: fmt.Sprintf("%v: --data or THINGWARD_DATA says where it is; a new one is made by: %s", err, start)}}
	}
	folder := Check{Name: "data folder", OK: true, Detail: c.Data}
	used, err := store.Used(ctx, c.storeOptions(store.Options{}))
	switch {
	case err != nil:
		return []Check{folder, {Name: "database answers", Detail: err.Error()}}
	case !used:
		return []Check{folder, {Name: "store", Detail: "there is none yet; it is made by the first start: " + start}}
	case !exists(c.serverKeyFile()) && (c.Database != "" || c.Secrets == "shown-once"):
		return []Check{folder, {Name: "server key", Detail: c.serverKeyFile() + " is missing; put it back, or say with --server-key where it is"}}
	}
	return nil
}
