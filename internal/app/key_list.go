package app

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// ListedKey is a key of a user as an operator sees it: all but its password.
type ListedKey struct {
	ID          string
	Name        string
	Description string
	Owner       string
	Scopes      []string // things by name
	Allowed     []string // addresses and networks; empty: anywhere
	CreatedAt   time.Time
	ExpiresAt   time.Time // zero: never
	OldUntil    time.Time // until when the password before the last rotation works; zero: there is none
	LastUse     domain.Use
	Viewable    bool
}

// Keys returns the keys of a user that are not revoked, newest first.
func (o *Operator) Keys(ctx context.Context, user string) (keys []ListedKey, err error) {
	return keys, o.call(ctx, "keys", named{user}, &keys)
}

func listKeys(ctx context.Context, s *server, in named) ([]ListedKey, error) {
	caller, err := s.onBehalf(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	keys := []ListedKey{}
	page := domain.Page{Limit: domain.MaxPageLimit}
	for {
		listed, err := s.keys.List(ctx, caller, page)
		if err != nil {
			return nil, err
		}
		for _, k := range listed.Items {
			keys = append(keys, listedKeyOf(k))
		}
		if page.Cursor = listed.Next; listed.Next == "" {
			return keys, nil
		}
	}
}

func listedKeyOf(k domain.Key) ListedKey {
	out := ListedKey{ID: string(k.ID), Name: k.Grant.Name, Description: k.Description, Owner: k.Owner, CreatedAt: k.Grant.CreatedAt,
		ExpiresAt: k.Grant.ExpiresAt, LastUse: k.Grant.LastUse, Viewable: k.Viewable}
	if k.OldUntil.After(Now()) {
		out.OldUntil = k.OldUntil
	}
	for _, scope := range k.Grant.Scopes {
		out.Scopes = append(out.Scopes, scope.String())
	}
	for _, prefix := range k.Allowed {
		out.Allowed = append(out.Allowed, prefix.String())
	}
	return out
}
