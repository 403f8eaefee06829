package apiclient

import (
	"context"
	"net/http"
	"time"
)

// Key is a long-lived credential of a user: an id and a password.
type Key struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Owner       string     `json:"owner,omitempty"`
	Scopes      []string   `json:"scopes"`
	Allowed     []string   `json:"allowed_addresses,omitempty"` // addresses and networks; empty: from anywhere
	CreatedAt   time.Time  `json:"created_at"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
	LastUse     *KeyUse    `json:"last_used,omitempty"`
	OldUntil    *time.Time `json:"old_password_until,omitempty"` // until when the password before the last rotation works
	Viewable    bool       `json:"viewable,omitempty"`
	Password    Password   `json:"password,omitzero"` // of CreateKey and RotateKey only
}

// KeyUse says when, from where and by which program a key was last used.
type KeyUse struct {
	At      time.Time `json:"at"`
	Address string    `json:"address,omitempty"`
	Program string    `json:"program,omitempty"`
}

// NewKey is a key to be made.
type NewKey struct {
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Scopes      []string   `json:"scopes"`
	Allowed     []string   `json:"allowed_addresses,omitempty"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
}

// KeyEdit changes a key. Nil leaves an attribute as it is.
type KeyEdit struct {
	Name        *string    `json:"name,omitempty"`
	Description *string    `json:"description,omitempty"`
	Allowed     *[]string  `json:"allowed_addresses,omitempty"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
}

// Keys lists the user's keys. It needs the scope account, as do the other
// methods about keys.
func (c *Client) Keys(ctx context.Context, page PageRequest) (Page[Key], error) {
	var keys Page[Key]
	return keys, c.do(ctx, call{method: http.MethodGet, path: "/keys", query: page.query()}, &keys)
}

// Key returns one key, without its password.
func (c *Client) Key(ctx context.Context, id string) (Key, error) {
	var key Key
	return key, c.do(ctx, call{method: http.MethodGet, path: path("keys", id)}, &key)
}

// CreateKey makes a key. Its answer carries the password.
func (c *Client) CreateKey(ctx context.Context, key NewKey) (Key, error) {
	var created Key
	return created, c.do(ctx, call{method: http.MethodPost, path: "/keys", body: key}, &created)
}

// EditKey changes a key.
func (c *Client) EditKey(ctx context.Context, id string, edit KeyEdit) (Key, error) {
	var key Key
	return key, c.do(ctx, call{method: http.MethodPatch, path: path("keys", id), body: edit}, &key)
}

// RotateKey gives a key a new password and returns it. The old one works on
// for the overlap, in whole seconds.
func (c *Client) RotateKey(ctx context.Context, id string, overlap time.Duration) (Password, error) {
	var answer struct {
		Password Password `json:"password"`
	}
	body := map[string]int64{"overlap_seconds": int64(overlap / time.Second)}
	err := c.do(ctx, call{method: http.MethodPost, path: path("keys", id, "rotate"), body: body}, &answer)
	return answer.Password, err
}

// RevokeKey ends a key. When it returns, the key lets nobody in any more.
func (c *Client) RevokeKey(ctx context.Context, id string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: path("keys", id)}, nil)
}
