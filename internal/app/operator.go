package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/thingward/thingward/internal/secret"
)

// Operator does what `thingward users`, `keys`, `backup`, `restore` and
// `doctor` do on a data folder: through the server that runs there, so that
// its caches know at once, or on the store itself.
type Operator struct {
	config  Config
	control *controlClient // nil: no server runs
	server  *server        // nil: one does
	lock    *dataLock
	lines   *lineBuffer
}

// OpenOperator reaches the server on the data folder, or opens the store.
func OpenOperator(ctx context.Context, c Config) (*Operator, error) {
	o := &Operator{config: c}
	if o.control = dialControl(ctx, c); o.control != nil {
		return o, nil
	}
	if err := o.openStore(ctx); err != nil {
		return nil, err
	}
	return o, nil
}

func (o *Operator) openStore(ctx context.Context) error {
	lock, err := lockData(o.config)
	if err != nil {
		return err
	}
	log, lines := newLog(o.config.Log, "warn")
	if o.server, err = newServer(ctx, o.config, log); err != nil {
		lock.release()
		lines.close()
		return err
	}
	o.lock, o.lines = lock, lines
	return nil
}

// Close ends the work on the store.
func (o *Operator) Close() error {
	if o.server == nil {
		return nil
	}
	err := o.server.close()
	o.lines.close()
	o.lock.release()
	return err
}

func (o *Operator) call(ctx context.Context, name string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("arguments: %w", err)
	}
	if o.control != nil {
		return o.control.call(ctx, name, body, out)
	}
	result, err := operations[name](ctx, o.server, body)
	if err != nil {
		return plainly(err)
	}
	if body, err = json.Marshal(result); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	return json.Unmarshal(body, out)
}

// Users returns all users.
func (o *Operator) Users(ctx context.Context) (users []OperatorUser, err error) {
	return users, o.call(ctx, "users", nothing{}, &users)
}

// CreateUser makes a user. Without a password it makes one and returns it.
func (o *Operator) CreateUser(ctx context.Context, name, email string, admin bool, password string) (made string, err error) {
	return made, o.call(ctx, "user.create", newUser{Name: name, Email: email, Admin: admin, Password: password}, &made)
}

// SuspendUser ends the sessions of a user and refuses his credentials until
// he is resumed.
func (o *Operator) SuspendUser(ctx context.Context, name string) error {
	return o.call(ctx, "user.suspend", named{name}, &nothing{})
}

// ResumeUser lets a suspended user in again.
func (o *Operator) ResumeUser(ctx context.Context, name string) error {
	return o.call(ctx, "user.resume", named{name}, &nothing{})
}

// ResetPassword gives a user a new password and returns it.
func (o *Operator) ResetPassword(ctx context.Context, name string) (password string, err error) {
	return password, o.call(ctx, "password.reset", named{name}, &password)
}

// CreateKey makes a key for a user.
func (o *Operator) CreateKey(ctx context.Context, k OperatorKey) (made MadeKey, err error) {
	return made, o.call(ctx, "key.create", k, &made)
}

// ImportKey stores a key of a former system for a user.
func (o *Operator) ImportKey(ctx context.Context, k OperatorKey) error {
	return o.call(ctx, "key.import", k, &nothing{})
}

// RevokeKey ends a key of any user.
func (o *Operator) RevokeKey(ctx context.Context, id string) error {
	return o.call(ctx, "key.revoke", named{id}, &nothing{})
}

// Backup writes a backup of everything to a file, complete or not at all. It
// refuses to replace a file.
func (o *Operator) Backup(ctx context.Context, file string) (err error) {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already; give another name", file)
	}
	partial := file + ".partial-" + secret.NewID()
	out, err := os.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer os.Remove(partial)
	if o.control != nil {
		err = o.control.backup(ctx, out)
	} else {
		err = o.server.store.Backup(ctx, out)
	}
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Link(partial, file); err != nil { // unlike a rename, it replaces nothing
		return fmt.Errorf("backup: %w", err)
	}
	return syncFolder(filepath.Dir(file))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Restore fills the empty store from a backup file. It refuses while a server
// runs on the data folder.
func (o *Operator) Restore(ctx context.Context, file string) error {
	if o.control != nil {
		return fmt.Errorf("%s: %w; stop it first", o.config.Data, errDataInUse)
	}
	from, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer from.Close()
	return o.server.store.Restore(ctx, io.Reader(from))
}

// ViewableSecrets reports, after Restore, whether the server key at hand opens
// the passwords that the backup holds.
func (o *Operator) ViewableSecrets(ctx context.Context) Check { return o.server.examineSealed(ctx) }

// Doctor examines everything and returns what it found.
func (o *Operator) Doctor(ctx context.Context) (checks []Check, err error) {
	return checks, o.call(ctx, "doctor", nothing{}, &checks)
}
