package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// CreateSession starts a session, if the user is not suspended and still has
// the password that was verified: a sign-in that overlaps with a password
// change or a suspension does not outlive it.
func (s *Store) CreateSession(ctx context.Context, n domain.NewSession, event domain.AuditEvent) (domain.Session, error) {
	const touch = `UPDATE users SET last_sign_in_at = $1 WHERE id = $2 AND password_hash = $3 AND NOT suspended`
	const insert = `INSERT INTO sessions (hash, user_id, created_at, last_seen_at, confirmed_at, address, program)
		VALUES ($1, $2, $3, $3, $3, $4, $5) RETURNING id`
	var session domain.Session
	err := s.write(ctx, func(tx *Tx) error {
		now := millis(tx.s.now())
		at := fromMillis(now)
		session = domain.Session{User: n.User, CreatedAt: at, LastSeenAt: at, ConfirmedAt: at, Address: n.Address, Program: n.Program}
		ok, err := tx.execOne(touch, now, n.User, n.Verified)
		if err != nil {
			return fmt.Errorf("note sign-in: %w", err)
		}
		if !ok {
			return domain.Errorf(domain.Unauthenticated, "sign_in_overtaken", "The account has changed in the meantime. Sign in again.")
		}
		if err := tx.queryRow(insert, n.Hash.Bytes(), n.User, now, n.Address, n.Program).Scan(&session.ID); err != nil {
			return fmt.Errorf("insert session: %w", err)
		}
		if err := tx.seePlace(n, now); err != nil {
			return err
		}
		return tx.audit(event)
	})
	return session, err
}

// seePlace remembers where somebody signs in from. Where that is a place new
// for him, and not the first of all, he is told.
func (tx *Tx) seePlace(n domain.NewSession, now int64) error {
	if n.Place == "" {
		return nil
	}
	seen, err := tx.execOne(`UPDATE sign_in_places SET seen_at = $1 WHERE user_id = $2 AND place = $3`, now, n.User, n.Place)
	if err != nil {
		return fmt.Errorf("see place: %w", err)
	}
	if seen {
		return nil
	}
	var others bool
	if err := tx.queryRow(`SELECT EXISTS (SELECT 1 FROM sign_in_places WHERE user_id = $1)`, n.User).Scan(&others); err != nil {
		return fmt.Errorf("look for places: %w", err)
	}
	_, err = tx.exec(`INSERT INTO sign_in_places (user_id, place, seen_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, n.User, n.Place, now)
	if err != nil {
		return fmt.Errorf("remember place: %w", err)
	}
	if !others {
		return nil
	}
	return tx.mail(n.Elsewhere)
}

const selectSession = `SELECT id, user_id, created_at, last_seen_at, confirmed_at, address, program FROM sessions`

func scanSession(r row) (domain.Session, error) {
	var session domain.Session
	var created, seen, confirmed int64
	err := r.Scan(&session.ID, &session.User, &created, &seen, &confirmed, &session.Address, &session.Program)
	session.CreatedAt, session.LastSeenAt, session.ConfirmedAt = fromMillis(created), fromMillis(seen), fromMillis(confirmed)
	return session, err
}

// seenEvery is how often a session in use is written down as such.
const seenEvery = time.Minute

// SessionByHash returns the session with the cookie, if it is not over, and
// notes that it is in use. Unknown and expired ones are NotFound.
func (s *Store) SessionByHash(ctx context.Context, hash secret.Hash) (domain.Session, error) {
	key := sessionKey(hash)
	session, generation, ok := s.caches.sessions.get(key)
	if !ok {
		var err error
		session, err = scanSession(s.queryRow(ctx, selectSession+` WHERE hash = $1`, hash.Bytes()))
		if err != nil {
			return domain.Session{}, fmt.Errorf("session: %w", noSuchSession(err))
		}
		s.caches.sessions.fill(key, generation, session)
	}
	now := s.now()
	if session.Expired(now) {
		return domain.Session{}, noSuchSession(errNoRows)
	}
	if now.Sub(session.LastSeenAt) < seenEvery {
		return session, nil
	}
	return s.seeSession(ctx, key, generation, session, now), nil
}

// seeSession writes that the session is in use. Nothing is invalidated; the
// cache gets the newer time unless something else changed meanwhile. That it
// could not be written is no reason to refuse the request.
func (s *Store) seeSession(ctx context.Context, key string, generation uint64, session domain.Session, now time.Time) domain.Session {
	const text = `UPDATE sessions SET last_seen_at = $1 WHERE id = $2 AND last_seen_at < $1`
	seen := millis(now)
	err := s.write(ctx, func(tx *Tx) error {
		_, err := tx.exec(text, seen, session.ID)
		return err
	})
	if err != nil {
		s.log.Warn("could not note that a session is in use", "error", err)
		return session
	}
	session.LastSeenAt = fromMillis(seen)
	s.caches.sessions.fill(key, generation, session)
	return session
}

func noSuchSession(err error) error {
	return notFound(err, "session_not_found", "There is no such session, or it is over.")
}

// sessionKey names a session in the cache and in changes, which travel as JSON.
func sessionKey(hash secret.Hash) string { return formatHash(hash) }

// ConfirmSession notes that the password was entered just now.
func (s *Store) ConfirmSession(ctx context.Context, id domain.SessionID, event domain.AuditEvent) error {
	const text = `UPDATE sessions SET confirmed_at = $1 WHERE id = $2 RETURNING hash`
	return s.write(ctx, func(tx *Tx) error {
		if err := tx.changeSession(text, millis(tx.s.now()), id); err != nil {
			return err
		}
		return tx.audit(event)
	})
}

// EndSession ends a session of the user. Somebody else's is NotFound.
func (s *Store) EndSession(ctx context.Context, user domain.UserID, id domain.SessionID, event domain.AuditEvent) error {
	const text = `DELETE FROM sessions WHERE user_id = $1 AND id = $2 RETURNING hash`
	return s.revoke(ctx, func(tx *Tx) error {
		if err := tx.changeSession(text, user, id); err != nil {
			return err
		}
		return tx.audit(event)
	})
}

// revoke runs an act that takes access away, and measures how long that took.
func (s *Store) revoke(ctx context.Context, do act) error {
	began := s.now()
	err := s.write(ctx, do)
	if err == nil {
		s.observe.Revocation(s.now().Sub(began))
	}
	return err
}

// changeSession runs a statement that changes one session and returns its hash.
func (tx *Tx) changeSession(text string, args ...any) error {
	var hash []byte
	err := tx.queryRow(text, args...).Scan(&hash)
	if isNoRows(err) {
		return noSuchSession(err)
	}
	if err != nil {
		return fmt.Errorf("change session: %w", err)
	}
	tx.note(topicSession, sessionKey(secret.HashFrom(hash)))
	return nil
}

// EndSessions ends the sessions of a user but one; zero ends all.
func (s *Store) EndSessions(ctx context.Context, user domain.UserID, except domain.SessionID, event domain.AuditEvent) error {
	return s.revoke(ctx, func(tx *Tx) error {
		if err := tx.endSessions(user, except); err != nil {
			return err
		}
		return tx.audit(event)
	})
}

func (tx *Tx) endSessions(user domain.UserID, except domain.SessionID) error {
	const text = `DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING hash`
	_, err := tx.deleteSessions(text, user, except)
	return err
}

func (tx *Tx) deleteSessions(text string, args ...any) (int, error) {
	rows, err := tx.query(text, args...)
	hashes, err := collect(rows, err, func(r row) (hash []byte, err error) { return hash, r.Scan(&hash) })
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	for _, hash := range hashes {
		tx.note(topicSession, sessionKey(secret.HashFrom(hash)))
	}
	return len(hashes), nil
}

// SessionsOf returns the live sessions of a user, the last used one first.
func (s *Store) SessionsOf(ctx context.Context, user domain.UserID) ([]domain.Session, error) {
	now := s.now()
	rows, err := s.query(ctx, selectSession+` WHERE user_id = $1 AND last_seen_at >= $2 AND created_at >= $3
		ORDER BY last_seen_at DESC, id DESC LIMIT 1000`,
		user, millis(now.Add(-domain.SessionIdle)), millis(now.Add(-domain.SessionAbsolute)))
	sessions, err := collect(rows, err, scanSession)
	if err != nil {
		return nil, fmt.Errorf("sessions of a user: %w", err)
	}
	return sessions, nil
}

// SweepSessions deletes the sessions that are over and says how many.
func (s *Store) SweepSessions(ctx context.Context) (int, error) {
	const text = `DELETE FROM sessions WHERE last_seen_at < $1 OR created_at < $2 RETURNING hash`
	var swept int
	err := s.write(ctx, func(tx *Tx) (err error) {
		now := tx.s.now()
		swept, err = tx.deleteSessions(text, millis(now.Add(-domain.SessionIdle)), millis(now.Add(-domain.SessionAbsolute)))
		return err
	})
	return swept, err
}
