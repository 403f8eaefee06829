// Package key holds what people do with API keys: create, view, edit, rotate
// and revoke them, and see what they did. Who may use a key is guard's matter.
package key

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Store keeps keys. Each method is one transaction that writes its event too.
type Store interface {
	CreateKey(ctx context.Context, key domain.Key, password domain.NewStoredSecret, event domain.AuditEvent) (domain.Key, error)
	EditKey(ctx context.Context, id domain.KeyID, edit func(domain.Key) (domain.Key, error), event domain.AuditEvent) error
	RotateKey(ctx context.Context, id domain.KeyID, password domain.NewStoredSecret, oldUntil time.Time, event domain.AuditEvent) error
	RevokeKey(ctx context.Context, id domain.KeyID, event domain.AuditEvent) error
	SealedKeyPassword(ctx context.Context, id domain.KeyID, event domain.AuditEvent) (sealed []byte, number int64, err error)
}

// Reader looks keys and what hangs on them up.
type Reader interface {
	Key(ctx context.Context, id domain.KeyID) (domain.Key, error)
	Keys(ctx context.Context, user domain.UserID, page domain.Page) (domain.Listed[domain.Key], error)
	CredentialUses(ctx context.Context, grant domain.GrantID, limit int) ([]domain.CredentialUse, error)
	SessionsOf(ctx context.Context, user domain.UserID) ([]domain.Session, error)
	SealedKeyPasswords(ctx context.Context, limit int) ([]domain.SealedKeyPassword, error)
}

// Service is the use cases of keys.
type Service struct {
	Store  Store
	Reader Reader
	Finder *guard.Finder
	Sealer *secret.Sealer // nil: secrets are shown once and never kept
	Now    func() time.Time
}

// NewKey is what a person says of a key to be made. Things in the scopes are
// named as the caller names them ("alice.greenhouse", "greenhouse", "17").
type NewKey struct {
	Name        string
	Description string
	Scopes      domain.ScopeSet
	ExpiresAt   time.Time // zero: never
	Allowed     []netip.Prefix
}

// Create makes a key for the caller's account and returns its password, which
// Thingward itself does not know in clear.
func (s *Service) Create(ctx context.Context, c domain.Caller, in NewKey) (domain.Key, secret.Secret, error) {
	key, err := s.draft(ctx, c, in)
	if err != nil {
		return domain.Key{}, secret.Secret{}, err
	}
	key.ID = domain.KeyID(secret.NewID())
	password := secret.Generate(secret.KeyPassword)
	event := domain.NewAudit(c, s.Now(), "key.create", "key "+string(key.ID))
	key, err = s.Store.CreateKey(ctx, key, s.stored(key.ID, password), event)
	if err != nil {
		return domain.Key{}, secret.Secret{}, fmt.Errorf("create key: %w", err)
	}
	key.Viewable = s.Sealer != nil
	named, err := s.named(ctx, key)
	return named, password, err
}

// Import stores a key of a former system, so that programs that hold it go on
// working. A password that looks chosen is hashed slowly. For operators.
func (s *Service) Import(ctx context.Context, c domain.Caller, id domain.KeyID, password secret.Secret, in NewKey) (domain.Key, error) {
	if err := domain.CheckImportedKeyID(string(id)); err != nil {
		return domain.Key{}, err
	}
	if len(password.Reveal()) < 8 || len(password.Reveal()) > 256 {
		return domain.Key{}, domain.InvalidField("password", "A key password to be imported has 8 to 256 characters.")
	}
	key, err := s.draft(ctx, c, in)
	if err != nil {
		return domain.Key{}, err
	}
	key.ID = id
	stored := s.stored(id, password)
	if secret.LooksChosen(password) {
		if stored.SlowHash, err = secret.HashPassword(ctx, password); err != nil {
			return domain.Key{}, err
		}
	}
	event := domain.NewAudit(c, s.Now(), "key.import", "key "+string(id))
	key, err = s.Store.CreateKey(ctx, key, stored, event)
	if err != nil {
		return domain.Key{}, fmt.Errorf("import key: %w", err)
	}
	return s.named(ctx, key)
}

// mayManage refuses credentials that manage no others.
func mayManage(c domain.Caller) error {
	if !c.Holds(domain.ScopeAccount) {
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "Managing keys needs a credential with the scope account.")
	}
	return nil
}

func (s *Service) draft(ctx context.Context, c domain.Caller, in NewKey) (domain.Key, error) {
	if err := mayManage(c); err != nil {
		return domain.Key{}, err
	}
	if err := domain.CheckKeyName(in.Name); err != nil {
		return domain.Key{}, err
	}
	if err := domain.CheckDescription(in.Description); err != nil {
		return domain.Key{}, err
	}
	scopes, err := s.Finder.StoredScopes(ctx, c, in.Scopes)
	if err != nil {
		return domain.Key{}, err
	}
	issued, err := grant.Issue(c, in.Name, scopes, in.ExpiresAt, s.Now().Truncate(time.Millisecond))
	if err != nil {
		return domain.Key{}, err
	}
	key := domain.Key{Grant: issued, Owner: c.User.Name, Description: in.Description, Allowed: in.Allowed}
	return key, grant.RequireWithin(c, key)
}

// stored hashes a random password and seals it where secrets are viewable.
func (s *Service) stored(id domain.KeyID, password secret.Secret) domain.NewStoredSecret {
	return domain.NewStoredSecret{Hash: password.Hash(), Seal: func(number int64) []byte {
		if s.Sealer == nil {
			return nil
		}
		return s.Sealer.Seal(password, sealRow(id, number))
	}}
}

func sealRow(id domain.KeyID, number int64) string { return fmt.Sprintf("key:%s:%d", id, number) }

// List returns the caller's keys, newest first.
func (s *Service) List(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Key], error) {
	if err := mayManage(c); err != nil {
		return domain.Listed[domain.Key]{}, err
	}
	listed, err := s.Reader.Keys(ctx, c.User.ID, page)
	if err != nil {
		return domain.Listed[domain.Key]{}, err
	}
	for i, key := range listed.Items {
		if listed.Items[i], err = s.named(ctx, key); err != nil {
			return domain.Listed[domain.Key]{}, err
		}
	}
	return listed, nil
}

// Find returns a key of the caller. Somebody else's is not found.
func (s *Service) Find(ctx context.Context, c domain.Caller, id domain.KeyID) (domain.Key, error) {
	key, err := s.own(ctx, c, id)
	if err != nil {
		return domain.Key{}, err
	}
	return s.named(ctx, key)
}

// own returns a living key that the caller may manage: his own, or any for
// an operator.
func (s *Service) own(ctx context.Context, c domain.Caller, id domain.KeyID) (domain.Key, error) {
	if err := mayManage(c); err != nil {
		return domain.Key{}, err
	}
	key, err := s.Reader.Key(ctx, id)
	if err != nil && !domain.IsKind(err, domain.NotFound) {
		return domain.Key{}, err
	}
	mine := key.Grant.User == c.User.ID || c.Credential == domain.OperatorCredential
	if err != nil || !mine || !key.Grant.RevokedAt.IsZero() {
		message := "There is no such key among yours."
		if c.Credential == domain.OperatorCredential {
			message = "There is no such key, or it is revoked already."
		}
		return domain.Key{}, domain.Errorf(domain.NotFound, "key_not_found", "%s", message)
	}
	return key, nil
}

// ownWithin returns a living key of the caller that can do no more than the
// credential with which he manages it: else a narrow credential could give a
// wide key a new password, and have it.
func (s *Service) ownWithin(ctx context.Context, c domain.Caller, id domain.KeyID) (domain.Key, error) {
	key, err := s.own(ctx, c, id)
	if err != nil {
		return domain.Key{}, err
	}
	return key, grant.RequireWithin(c, key)
}

// View returns the password of a key again. It needs a person whose last
// password entry is fresh (Forbidden "password_needed" otherwise) and leaves
// an audit event (SECURITY.md, Viewable secrets).
func (s *Service) View(ctx context.Context, c domain.Caller, id domain.KeyID) (secret.Secret, error) {
	key, err := s.ownWithin(ctx, c, id)
	if err != nil {
		return secret.Secret{}, err
	}
	if err := s.requireFresh(ctx, c); err != nil {
		return secret.Secret{}, err
	}
	if !key.Viewable || s.Sealer == nil {
		return secret.Secret{}, domain.Errorf(domain.Conflict, "not_viewable", "The password of this key was shown once and not kept. Rotate the key to get a new one.")
	}
	event := domain.NewAudit(c, s.Now(), "key.view", "key "+string(id))
	sealed, number, err := s.Store.SealedKeyPassword(ctx, id, event)
	if err != nil {
		return secret.Secret{}, fmt.Errorf("view key: %w", err)
	}
	return s.Sealer.Open(sealed, sealRow(id, number))
}

func (s *Service) requireFresh(ctx context.Context, c domain.Caller) error {
	return guard.RequireFresh(ctx, s.Reader, c, s.Now())
}

// KeyEdit changes what is not nil.
type KeyEdit struct {
	Name        *string
	Description *string
	Allowed     *[]netip.Prefix
	ExpiresAt   *time.Time // the zero time: never
}

// Edit changes a key. Its scopes cannot change: programs rely on them, and a
// wider key is a new key.
func (s *Service) Edit(ctx context.Context, c domain.Caller, id domain.KeyID, edit KeyEdit) (domain.Key, error) {
	if _, err := s.ownWithin(ctx, c, id); err != nil {
		return domain.Key{}, err
	}
	event := domain.NewAudit(c, s.Now(), "key.edit", "key "+string(id))
	if err := s.Store.EditKey(ctx, id, edit.apply(c, s.Now()), event); err != nil {
		return domain.Key{}, fmt.Errorf("edit key: %w", err)
	}
	return s.Find(ctx, c, id)
}

func (e KeyEdit) apply(c domain.Caller, now time.Time) func(domain.Key) (domain.Key, error) {
	return func(key domain.Key) (domain.Key, error) {
		if e.Name != nil {
			key.Grant.Name = *e.Name
		}
		if e.Description != nil {
			key.Description = *e.Description
		}
		if e.Allowed != nil {
			key.Allowed = *e.Allowed
		}
		if e.ExpiresAt != nil {
			key.Grant.ExpiresAt = *e.ExpiresAt
			if err := grant.CheckExpiry(*e.ExpiresAt, now); err != nil {
				return domain.Key{}, err
			}
		}
		if err := domain.CheckKeyName(key.Grant.Name); err != nil {
			return domain.Key{}, err
		}
		if err := grant.RequireWithin(c, key); err != nil {
			return domain.Key{}, err
		}
		return key, domain.CheckDescription(key.Description)
	}
}

// Rotate gives the key a new password. The old one works for the overlap, so
// that programs can be changed one after the other; with zero it stops at once.
func (s *Service) Rotate(ctx context.Context, c domain.Caller, id domain.KeyID, overlap time.Duration) (secret.Secret, error) {
	if err := domain.CheckOverlap(overlap); err != nil {
		return secret.Secret{}, err
	}
	if _, err := s.ownWithin(ctx, c, id); err != nil {
		return secret.Secret{}, err
	}
	var oldUntil time.Time
	if overlap > 0 {
		oldUntil = s.Now().Add(overlap)
	}
	password := secret.Generate(secret.KeyPassword)
	event := domain.NewAudit(c, s.Now(), "key.rotate", "key "+string(id))
	if err := s.Store.RotateKey(ctx, id, s.stored(id, password), oldUntil, event); err != nil {
		return secret.Secret{}, fmt.Errorf("rotate key: %w", err)
	}
	return password, nil
}

// Revoke ends a key for good. It is dead when Revoke returns. Any credential
// that manages the account may end any key of it, as it may every connection:
// less can be done afterwards, never more.
func (s *Service) Revoke(ctx context.Context, c domain.Caller, id domain.KeyID) error {
	if _, err := s.own(ctx, c, id); err != nil {
		return err
	}
	event := domain.NewAudit(c, s.Now(), "key.revoke", "key "+string(id))
	if err := s.Store.RevokeKey(ctx, id, event); err != nil {
		return fmt.Errorf("revoke key: %w", err)
	}
	return nil
}
