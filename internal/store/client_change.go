package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// CreateClient stores a client with its testers and its first secret; a
// public one has none. An id that is taken, or was by a client that is
// deleted now, is a Conflict (client_id_taken).
func (s *Store) CreateClient(ctx context.Context, c domain.Client, first *domain.NewStoredSecret, event domain.AuditEvent, mails ...domain.NewMail) (domain.Client, error) {
	if _, builtIn := domain.BuiltInClient(c.ID); builtIn {
		return domain.Client{}, clientIDTaken(c.ID)
	}
	c.CreatedAt = fromMillis(millis(event.At))
	c.ChangedAt = c.CreatedAt
	err := s.write(ctx, func(tx *Tx) error {
		if err := tx.insertClient(c); err != nil {
			return err
		}
		if err := tx.insertTesters(c.ID, c.Testers); err != nil {
			return err
		}
		if first != nil {
			if err := tx.insertClientSecret(c.ID, 1, *first, c.CreatedAt); err != nil {
				return err
			}
		}
		tx.note(topicClient, string(c.ID))
		if err := tx.stage(c.ID, c.State, c.Reason, event); err != nil {
			return err
		}
		if err := tx.mail(mails...); err != nil {
			return err
		}
		return tx.audit(event)
	})
	return c, err
}

func clientIDTaken(id domain.ClientID) error {
	return domain.Errorf(domain.Conflict, "client_id_taken", "The client id %s is taken, or was once. Choose another one.", id)
}

func (tx *Tx) insertClient(c domain.Client) error {
	_, err := tx.exec(`INSERT INTO clients (id, owner_id, kind, public, official, state, reason, name, description, website, privacy_url, icon,
		redirect_uris, scopes, grant_types, switches, resources, access_life, refresh_idle, refresh_end, refresh_grace, created_at, changed_at, deleted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $22, 0)`,
		string(c.ID), c.Owner, string(c.Kind), c.Public, c.Official, string(c.State), c.Reason, c.Name, c.Description, c.Website, c.PrivacyURL, c.Icon,
		strings.Join(c.RedirectURIs, "\n"), c.Scopes.String(), joined(c.GrantTypes), joined(c.Switches), strings.Join(c.Resources, "\n"),
		c.Lives.Access.Milliseconds(), c.Lives.RefreshIdle.Milliseconds(), c.Lives.RefreshEnd.Milliseconds(), c.Lives.Grace.Milliseconds(), millis(c.CreatedAt))
	if isTaken(err) {
		return clientIDTaken(c.ID)
	}
	if err != nil {
		return fmt.Errorf("insert client: %w", err)
	}
	return nil
}

// joined stores words with spaces between them.
func joined[T ~string](words []T) string {
	var text strings.Builder
	for i, word := range words {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(string(word))
	}
	return text.String()
}

func (tx *Tx) insertTesters(id domain.ClientID, testers []domain.Tester) error {
	for _, tester := range testers {
		_, err := tx.exec(`INSERT INTO client_testers (client_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, string(id), tester.ID)
		if err != nil {
			return fmt.Errorf("insert tester: %w", err)
		}
	}
	return nil
}

func (tx *Tx) insertClientSecret(id domain.ClientID, number int64, p domain.NewStoredSecret, now time.Time) error {
	hash := []byte{}
	if p.SlowHash == "" {
		hash = p.Hash.Bytes()
	}
	_, err := tx.exec(`INSERT INTO client_secrets (client_id, number, hash, slow_hash, sealed, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0)`, string(id), number, hash, p.SlowHash, p.Seal(number), millis(now))
	if err != nil {
		return fmt.Errorf("insert client secret: %w", err)
	}
	return nil
}

// lockClient reads a client that is there and keeps others from changing it
// until the transaction ends: the update is what locks it on PostgreSQL.
func (tx *Tx) lockClient(id domain.ClientID, at time.Time) (domain.Client, error) {
	if !storable(string(id)) {
		return domain.Client{}, clientMissing(errNoRows)
	}
	locked, err := tx.execOne(`UPDATE clients SET changed_at = $1 WHERE id = $2 AND deleted_at = 0`, millis(at), string(id))
	if err != nil {
		return domain.Client{}, fmt.Errorf("lock client: %w", err)
	}
	if !locked {
		return domain.Client{}, clientMissing(errNoRows)
	}
	c, err := scanClient(tx.queryRow(`SELECT `+clientColumns+` WHERE c.id = $1`, string(id)))
	if err != nil {
		return domain.Client{}, fmt.Errorf("read client: %w", err)
	}
	rows, err := tx.query(selectTesters, string(id))
	c.Testers, err = collect(rows, err, scanTester)
	if err != nil {
		return domain.Client{}, fmt.Errorf("testers of a client: %w", err)
	}
	return c, nil
}

// EditClient changes a client. edit gets it as it is and returns it as it
// shall be; id, owner, kind and secrets do not change. Where edit sends it
// back to be approved, that is recorded as an act of its own, and the mails
// are sent.
func (s *Store) EditClient(ctx context.Context, id domain.ClientID, edit func(domain.Client) (domain.Client, error), event domain.AuditEvent, mails ...domain.NewMail) error {
	return s.write(ctx, func(tx *Tx) error {
		before, err := tx.lockClient(id, event.At)
		if err != nil {
			return err
		}
		after, err := edit(before)
		if err != nil {
			return err
		}
		if err := tx.updateClient(id, after); err != nil {
			return err
		}
		if _, err := tx.exec(`DELETE FROM client_testers WHERE client_id = $1`, string(id)); err != nil {
			return fmt.Errorf("drop testers: %w", err)
		}
		if err := tx.insertTesters(id, after.Testers); err != nil {
			return err
		}
		tx.note(topicClient, string(id))
		if err := tx.audit(event); err != nil || before.State == after.State {
			return err
		}
		if err := tx.stage(id, after.State, after.Reason, event); err != nil {
			return err
		}
		if err := tx.mail(mails...); err != nil {
			return err
		}
		event := event
		event.Act = "client.request"
		return tx.audit(event)
	})
}

func (tx *Tx) updateClient(id domain.ClientID, c domain.Client) error {
	_, err := tx.exec(`UPDATE clients SET official = $1, state = $2, reason = $3, name = $4, description = $5, website = $6, privacy_url = $7, icon = $8,
		redirect_uris = $9, scopes = $10, grant_types = $11, switches = $12, resources = $13, access_life = $14, refresh_idle = $15, refresh_end = $16, refresh_grace = $17
		WHERE id = $18`, c.Official, string(c.State), c.Reason, c.Name, c.Description, c.Website, c.PrivacyURL, c.Icon,
		strings.Join(c.RedirectURIs, "\n"), c.Scopes.String(), joined(c.GrantTypes), joined(c.Switches), strings.Join(c.Resources, "\n"),
		c.Lives.Access.Milliseconds(), c.Lives.RefreshIdle.Milliseconds(), c.Lives.RefreshEnd.Milliseconds(), c.Lives.Grace.Milliseconds(), string(id))
	if err != nil {
		return fmt.Errorf("change client: %w", err)
	}
	return nil
}

// SetClientState moves a client from one of some states to another. When
// several try, the first moves it and the rest meet a Conflict (client_state),
// as does whoever saw another version of the client (client_changed).
func (s *Store) SetClientState(ctx context.Context, id domain.ClientID, change domain.ClientStateChange, event domain.AuditEvent, mails ...domain.NewMail) error {
	return s.revoke(ctx, func(tx *Tx) error {
		moved := false
		for _, from := range change.From {
			text, args := `UPDATE clients SET state = $1, reason = $2, changed_at = $3 WHERE id = $4 AND deleted_at = 0 AND state = $5`,
				[]any{string(change.To), change.Reason, millis(event.At), string(id), string(from)}
			if !change.Seen.IsZero() {
				text, args = text+` AND changed_at = $6`, append(args, millis(change.Seen))
			}
			did, err := tx.execOne(text, args...)
			if err != nil {
				return fmt.Errorf("set state of a client: %w", err)
			}
			if moved = did; moved {
				break
			}
		}
		if !moved {
			return tx.wrongState(id, change)
		}
		tx.note(topicClient, string(id))
		if err := tx.stage(id, change.To, change.Reason, event); err != nil {
			return err
		}
		if err := tx.mail(mails...); err != nil {
			return err
		}
		return tx.audit(event)
	})
}

func (tx *Tx) wrongState(id domain.ClientID, change domain.ClientStateChange) error {
	var state string
	err := tx.queryRow(`SELECT state FROM clients WHERE id = $1 AND deleted_at = 0`, string(id)).Scan(&state)
	if err != nil {
		return clientMissing(err)
	}
	if slices.Contains(change.From, domain.ClientState(state)) {
		return domain.Errorf(domain.Conflict, "client_changed", "The app was changed since you looked at it. Look at it again before you decide.")
	}
	return domain.Errorf(domain.Conflict, "client_state", "That cannot be done with this app as it stands: it is %s.", state)
}
