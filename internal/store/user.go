package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// CreateUser stores a user. A name that is taken, or was before, is a Conflict.
func (s *Store) CreateUser(ctx context.Context, n domain.NewUser, event domain.AuditEvent) (domain.User, error) {
	var made domain.User
	err := s.write(ctx, func(tx *Tx) (err error) {
		made, err = tx.createUser(n, event)
		return err
	})
	return made, err
}

// CreateInvitedUser stores a user and uses the invitation up. Of any number
// of callers with the same invitation one succeeds; the others get Forbidden.
func (s *Store) CreateInvitedUser(ctx context.Context, invite secret.Hash, n domain.NewUser, event domain.AuditEvent) (domain.User, error) {
	var made domain.User
	err := s.write(ctx, func(tx *Tx) (err error) {
		if err := tx.redeemCode(domain.InviteCode, invite); err != nil {
			return err
		}
		made, err = tx.createUser(n, event)
		return err
	})
	return made, err
}

// SetupFirstAdmin stores the first user of all, an administrator, and uses
// the setup code up. Where there are users already it is a Conflict.
func (s *Store) SetupFirstAdmin(ctx context.Context, code secret.Hash, n domain.NewUser, event domain.AuditEvent) (domain.User, error) {
	n.User.Admin = true
	var made domain.User
	err := s.write(ctx, func(tx *Tx) (err error) {
		if err := tx.oneAtATime("setup"); err != nil {
			return err
		}
		if err := tx.redeemCode(domain.SetupCode, code); err != nil {
			return err
		}
		var any bool
		if err := tx.queryRow(`SELECT EXISTS (SELECT 1 FROM users)`).Scan(&any); err != nil {
			return fmt.Errorf("look for users: %w", err)
		}
		if any {
			return domain.Errorf(domain.Conflict, "already_set_up", "There is an administrator already. Sign in instead.")
		}
		made, err = tx.createUser(n, event)
		return err
	})
	return made, err
}

func (tx *Tx) createUser(n domain.NewUser, event domain.AuditEvent) (domain.User, error) {
	user := n.User
	user.CreatedAt = fromMillis(millis(tx.s.now()))
	user.LastSignInAt = fromMillis(0)
	const owner = `INSERT INTO owners (kind, name) SELECT 'user', CAST($1 AS TEXT) WHERE NOT EXISTS (SELECT 1 FROM keys WHERE id = CAST($1 AS TEXT))
		ON CONFLICT (name) DO NOTHING RETURNING id`
	err := tx.queryRow(owner, user.Name).Scan(&user.ID)
	if isNoRows(err) {
		return domain.User{}, &domain.Error{Kind: domain.Conflict, Code: "name_taken",
			Message: "The name " + user.Name + " is taken. Choose another one.", Fields: map[string]string{"name": "This name is taken."}}
	}
	if err != nil {
		return domain.User{}, fmt.Errorf("insert owner: %w", err)
	}
	const text = `INSERT INTO users (id, email, display_name, time_zone, password_hash, admin, suspended, no_password_in, created_at, last_sign_in_at, email_proven_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)`
	if _, err := tx.exec(text, user.ID, user.Email, user.DisplayName, user.TimeZone, n.PasswordHash,
		user.Admin, user.Suspended, user.NoPasswordIn, millis(user.CreatedAt), millis(user.EmailProvenAt)); err != nil {
		return domain.User{}, fmt.Errorf("insert user: %w", err)
	}
	event.Subject = user.ID
	if event.Actor == 0 && event.ActorName == user.Name { // who signs up does it himself
		event.Actor = user.ID
	}
	tx.note(topicUser, formatID(user.ID))
	if err := tx.proof(user.ID, n.Proof); err != nil {
		return domain.User{}, err
	}
	return user, tx.audit(event)
}

const selectUser = `SELECT u.id, o.name, u.email, u.display_name, u.time_zone, u.admin, u.suspended, u.no_password_in,
	u.created_at, u.last_sign_in_at, u.email_proven_at FROM users u JOIN owners o ON o.id = u.id`

func scanUser(r row) (domain.User, error) {
	user, _, err := scanUserAnd(r)
	return user, err
}

// scanUserAnd scans a user and the columns that were selected behind it.
func scanUserAnd(r row, more ...any) (domain.User, []any, error) {
	var user domain.User
	var created, signedIn, proven int64
	into := append([]any{&user.ID, &user.Name, &user.Email, &user.DisplayName, &user.TimeZone, &user.Admin,
		&user.Suspended, &user.NoPasswordIn, &created, &signedIn, &proven}, more...)
	err := r.Scan(into...)
	user.CreatedAt, user.LastSignInAt, user.EmailProvenAt = fromMillis(created), fromMillis(signedIn), fromMillis(proven)
	return user, more, err
}

// UserByID returns a user. LastSignInAt may be older than it is.
func (s *Store) UserByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	user, generation, ok := s.caches.users.get(id)
	if ok {
		return user, nil
	}
	user, err := scanUser(s.queryRow(ctx, selectUser+` WHERE u.id = $1`, id))
	if err != nil {
		return domain.User{}, fmt.Errorf("user by id: %w", noSuchUser(err))
	}
	s.caches.users.fill(id, generation, user)
	return user, nil
}

// UserByName returns the user with the name, as it is written.
func (s *Store) UserByName(ctx context.Context, name string) (domain.User, error) {
	user, _, err := s.UserWithPassword(ctx, name)
	return user, err
}

// UserWithPassword returns the user with the name and the PHC string of his
// password, which is empty where he has none.
func (s *Store) UserWithPassword(ctx context.Context, name string) (domain.User, string, error) {
	if !storable(name) {
		return domain.User{}, "", noSuchUser(errNoRows)
	}
	const text = `SELECT u.id, o.name, u.email, u.display_name, u.time_zone, u.admin, u.suspended, u.no_password_in,
		u.created_at, u.last_sign_in_at, u.email_proven_at, u.password_hash FROM users u JOIN owners o ON o.id = u.id WHERE o.name = $1`
	var hash string
	user, _, err := scanUserAnd(s.queryRow(ctx, text, name), &hash)
	if err != nil {
		return domain.User{}, "", fmt.Errorf("user by name: %w", noSuchUser(err))
	}
	return user, hash, nil
}

func noSuchUser(err error) error { return notFound(err, "user_not_found", "There is no such user.") }

// storable reports whether text can stand in either database: PostgreSQL
// keeps neither invalid UTF-8 nor NUL.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// Users returns users in the order in which they came. The cursor is an id.
func (s *Store) Users(ctx context.Context, page domain.Page) (domain.Listed[domain.User], error) {
	page = page.Clamped()
	after, err := afterCursor(page)
	if err != nil {
		return domain.Listed[domain.User]{}, err
	}
	rows, err := s.query(ctx, selectUser+` WHERE u.id > $1 ORDER BY u.id LIMIT $2`, after, page.Limit+1)
	users, err := collect(rows, err, scanUser)
	if err != nil {
		return domain.Listed[domain.User]{}, fmt.Errorf("users: %w", err)
	}
	total, err := s.CountUsers(ctx)
	return listed(users, page, total, func(u domain.User) int64 { return int64(u.ID) }), err
}

// CountUsers counts the users, up to MaxCounted.
func (s *Store) CountUsers(ctx context.Context) (int, error) {
	return s.counted(ctx, `SELECT count(*) FROM (SELECT 1 FROM users LIMIT $1) AS counted`)
}

// AnyUsers reports whether there is a user at all.
func (s *Store) AnyUsers(ctx context.Context) (bool, error) {
	var any bool
	if err := s.queryRow(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&any); err != nil {
		return false, fmt.Errorf("look for users: %w", err)
	}
	return any, nil
}
