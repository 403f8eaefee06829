package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

const pushAppColumns = `p.client_id, p.package, p.hash, p.version, p.frames, p.pushed_at FROM push_apps p`

func scanPushApp(r row) (domain.PushApp, error) {
	var app domain.PushApp
	var hash []byte
	var pushed int64
	err := r.Scan(&app.Client, &app.Package, &hash, &app.Version, &app.Frames, &pushed)
	app.Token, app.PushedAt = secret.HashFrom(hash), fromMillis(pushed)
	return app, err
}

// SetPushToken gives a client the token with which its app is given frames.
// The one before stops at once. The first time the app gets the package that
// is handed in; later it keeps the one it has.
func (s *Store) SetPushToken(ctx context.Context, client domain.ClientID, pkg string, token secret.Hash, event domain.AuditEvent) (domain.PushApp, error) {
	var app domain.PushApp
	err := s.write(ctx, func(tx *Tx) (err error) {
		const text = `INSERT INTO push_apps (client_id, package, hash, version, frames, pushed_at, created_at) VALUES ($1, $2, $3, '', '', 0, $4)
			ON CONFLICT (client_id) DO UPDATE SET hash = excluded.hash`
		if _, err := tx.exec(text, string(client), pkg, token.Bytes(), millis(tx.s.now())); err != nil {
			return fmt.Errorf("set push token: %w", err)
		}
		app, err = scanPushApp(tx.queryRow(`SELECT `+pushAppColumns+` WHERE p.client_id = $1`, string(client)))
		if err != nil {
			return fmt.Errorf("push app: %w", err)
		}
		return tx.audit(event)
	})
	return app, err
}

func pushAppMissing(err error) error {
	return notFound(err, "push_app_not_found", "This app has no push token yet.")
}

// PushApp returns what a client pushes to.
func (s *Store) PushApp(ctx context.Context, client domain.ClientID) (domain.PushApp, error) {
	if !storable(string(client)) {
		return domain.PushApp{}, pushAppMissing(errNoRows)
	}
	app, err := scanPushApp(s.queryRow(ctx, `SELECT `+pushAppColumns+` WHERE p.client_id = $1`, string(client)))
	return app, pushAppMissing(err)
}

// livePushApp are the conditions under which an app takes frames: its client
// is there and neither refused nor suspended, and so is its owner.
const livePushApp = `EXISTS (SELECT 1 FROM clients c JOIN users u ON u.id = c.owner_id WHERE c.id = push_apps.client_id
	AND c.deleted_at = 0 AND c.kind = 'lametric' AND c.state IN ('approved', 'requested') AND NOT u.suspended)`

// PushAppByPackage returns the app of the package, if it takes frames.
func (s *Store) PushAppByPackage(ctx context.Context, pkg string) (domain.PushApp, error) {
	text := `SELECT client_id, package, hash, version, frames, pushed_at FROM push_apps WHERE package = $1 AND ` + livePushApp
	app, err := scanPushApp(s.queryRow(ctx, text, pkg))
	return app, pushAppMissing(err)
}

// SetFrames keeps what an app shows from now on, if the token is still the
// one of the app and it takes frames. It reports whether it did.
func (s *Store) SetFrames(ctx context.Context, pkg string, token secret.Hash, version, frames string, at time.Time) (kept bool, err error) {
	err = s.write(ctx, func(tx *Tx) (err error) {
		text := `UPDATE push_apps SET version = $1, frames = $2, pushed_at = $3 WHERE package = $4 AND hash = $5 AND ` + livePushApp
		if kept, err = tx.execOne(text, version, frames, millis(at), pkg, token.Bytes()); err != nil {
			return fmt.Errorf("keep frames: %w", err)
		}
		return nil
	})
	return kept, err
}
