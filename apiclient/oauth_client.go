package apiclient

import (
	"context"
	"net/http"
	"time"
)

// OAuthClient is a program registered to act for users: an app, on the pages.
// Whoever neither owns nor administers it learns its id, kind, name,
// description, icon, owner, website, state and whether it is official.
type OAuthClient struct {
	ID           string     `json:"client_id"`
	Secret       Password   `json:"client_secret,omitzero"` // of CreateOAuthClient only; empty for public clients
	Name         string     `json:"name"`
	Description  string     `json:"description,omitempty"`
	Kind         string     `json:"kind,omitempty"` // "standard", "wotkit", "lametric" or "ttn"
	Public       bool       `json:"public,omitempty"`
	Official     bool       `json:"official,omitempty"`
	State        string     `json:"state,omitempty"`  // "requested", "approved", "rejected" or "suspended"
	Reason       string     `json:"reason,omitempty"` // of a rejection or suspension
	Owner        string     `json:"owner,omitempty"`
	Website      string     `json:"website,omitempty"`
	PrivacyURL   string     `json:"privacy_url,omitempty"`
	Icon         string     `json:"icon,omitempty"`
	RedirectURIs []string   `json:"redirect_uris,omitempty"`
	Scopes       []string   `json:"scopes,omitempty"` // in the words of its kind
	GrantTypes   []string   `json:"grant_types,omitempty"`
	Switches     []string   `json:"switches,omitempty"`
	Resources    []string   `json:"resources,omitempty"`
	Testers      []string   `json:"testers,omitempty"`
	Lives        TokenLives `json:"lives,omitzero"`
	Viewable     bool       `json:"viewable,omitempty"`
	OldUntil     *time.Time `json:"old_secret_until,omitempty"` // until when the secret before the last rotation works
	CreatedAt    time.Time  `json:"created_at,omitzero"`
	ChangedAt    time.Time  `json:"changed_at,omitzero"`
	// History is how the registration came to be where it is, oldest step first.
	// Only OAuthClient returns it, to the owner and administrators.
	History []OAuthClientStage `json:"history,omitempty"`
}

// OAuthClientStage is a step of the way that a registration took.
type OAuthClientStage struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`    // a user, or "operator"
	State  string    `json:"state"` // what it became
	Reason string    `json:"reason,omitempty"`
}

// TokenLives are how long what a client gets lives, in seconds. Zero is the
// usual time of its kind.
type TokenLives struct {
	Access      int64 `json:"access_seconds,omitempty"`
	RefreshIdle int64 `json:"refresh_idle_seconds,omitempty"`
	RefreshEnd  int64 `json:"refresh_end_seconds,omitempty"`
	Grace       int64 `json:"grace_seconds,omitempty"`
}

// NewOAuthClient is a client to be registered.
type NewOAuthClient struct {
	ID           string   `json:"client_id,omitempty"` // empty: one is made
	Kind         string   `json:"kind,omitempty"`      // empty: "standard"
	Public       bool     `json:"public,omitempty"`    // it cannot keep a secret, and gets none
	Name         string   `json:"name"`
	Description  string   `json:"description,omitempty"`
	Website      string   `json:"website,omitempty"`
	PrivacyURL   string   `json:"privacy_url,omitempty"`
	Icon         string   `json:"icon,omitempty"`
	RedirectURIs []string `json:"redirect_uris,omitempty"`
	Scopes       []string `json:"scopes,omitempty"`      // in the words of its kind; none: all of an old contract
	GrantTypes   []string `json:"grant_types,omitempty"` // none: authorization_code and refresh_token
	Switches     []string `json:"switches,omitempty"`
	Resources    []string `json:"resources,omitempty"`
	Testers      []string `json:"testers,omitempty"`
}

// OAuthClientEdit changes a client. Nil leaves an attribute as it is.
type OAuthClientEdit struct {
	Name         *string   `json:"name,omitempty"`
	Description  *string   `json:"description,omitempty"`
	Website      *string   `json:"website,omitempty"`
	PrivacyURL   *string   `json:"privacy_url,omitempty"`
	Icon         *string   `json:"icon,omitempty"`
	RedirectURIs *[]string `json:"redirect_uris,omitempty"`
	Scopes       *[]string `json:"scopes,omitempty"`
	GrantTypes   *[]string `json:"grant_types,omitempty"`
	Switches     *[]string `json:"switches,omitempty"`
	Resources    *[]string `json:"resources,omitempty"`
	Testers      *[]string `json:"testers,omitempty"`
	Official     *bool     `json:"official,omitempty"` // an administrator's to say
}

// OAuthClientFilter selects clients. Zero parts select everything.
type OAuthClientFilter struct {
	Which  string // "visible" (the default), "contributed", "installed", or for administrators "all"
	State  string
	Search string // part of the name or description
}

// OAuthClients lists clients. It needs clients.read.
func (c *Client) OAuthClients(ctx context.Context, filter OAuthClientFilter, page PageRequest) (Page[OAuthClient], error) {
	query := page.query()
	setUnlessEmpty(query, "which", filter.Which)
	setUnlessEmpty(query, "state", filter.State)
	setUnlessEmpty(query, "search", filter.Search)
	var clients Page[OAuthClient]
	return clients, c.do(ctx, call{method: http.MethodGet, path: "/clients", query: query}, &clients)
}

// OAuthClient returns one client, without its secret.
func (c *Client) OAuthClient(ctx context.Context, id string) (OAuthClient, error) {
	var client OAuthClient
	return client, c.do(ctx, call{method: http.MethodGet, path: path("clients", id)}, &client)
}

// CreateOAuthClient registers a client. Its answer carries the secret.
func (c *Client) CreateOAuthClient(ctx context.Context, client NewOAuthClient) (OAuthClient, error) {
	var created OAuthClient
	return created, c.do(ctx, call{method: http.MethodPost, path: "/clients", body: client}, &created)
}

// EditOAuthClient changes a client. One that may do more than before may have
// to be approved anew: see its state.
func (c *Client) EditOAuthClient(ctx context.Context, id string, edit OAuthClientEdit) (OAuthClient, error) {
	var client OAuthClient
	return client, c.do(ctx, call{method: http.MethodPatch, path: path("clients", id), body: edit}, &client)
}

// DeleteOAuthClient deletes a client and ends everything issued through it.
func (c *Client) DeleteOAuthClient(ctx context.Context, id string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: path("clients", id)}, nil)
}

// RotateOAuthClientSecret gives a client a new secret and returns it. The old
// one works on for the overlap, in whole seconds. It needs the scope account.
func (c *Client) RotateOAuthClientSecret(ctx context.Context, id string, overlap time.Duration) (Password, error) {
	var answer struct {
		Secret Password `json:"client_secret"`
	}
	body := map[string]int64{"overlap_seconds": int64(overlap / time.Second)}
	err := c.do(ctx, call{method: http.MethodPost, path: path("clients", id, "rotate-secret"), body: body}, &answer)
	return answer.Secret, err
}

// ApproveOAuthClient lets everybody use a client. It needs an administrator
// with the scope admin, as do the other methods about its state.
func (c *Client) ApproveOAuthClient(ctx context.Context, id string) error {
	return c.judge(ctx, id, "approve", "")
}

// RejectOAuthClient refuses a requested client. Its owner reads the reason.
func (c *Client) RejectOAuthClient(ctx context.Context, id, reason string) error {
	return c.judge(ctx, id, "reject", reason)
}

// SuspendOAuthClient stops a client until it is resumed. Its owner reads the
// reason.
func (c *Client) SuspendOAuthClient(ctx context.Context, id, reason string) error {
	return c.judge(ctx, id, "suspend", reason)
}

// ResumeOAuthClient undoes SuspendOAuthClient.
func (c *Client) ResumeOAuthClient(ctx context.Context, id string) error {
	return c.judge(ctx, id, "resume", "")
}

func (c *Client) judge(ctx context.Context, id, act, reason string) error {
	var body any
	if reason != "" {
		body = map[string]string{"reason": reason}
	}
	return c.do(ctx, call{method: http.MethodPost, path: path("clients", id, act), body: body}, nil)
}
