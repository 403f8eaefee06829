package apiclient

import (
	"context"
	"net/http"
	"time"
)

// Thing names something that can be shared: its kind ("sensor", "device",
// "application", "gateway", "component") and what it is called there.
type Thing struct {
	Kind string
	Name string // "alice.greenhouse", "12", "apitest"
}

// Collaborator is a user with rights on somebody's thing.
type Collaborator struct {
	User    string     `json:"user"`
	Email   string     `json:"email,omitempty"` // for those who share the thing
	Rights  []string   `json:"rights"`          // "read", "settings", "gateway:location"
	Owner   bool       `json:"owner"`           // whose it is
	You     bool       `json:"you"`             // the user of the credential
	AddedAt *time.Time `json:"added_at,omitempty"`
}

func (t Thing) path(more ...string) string {
	return path(append([]string{t.Kind + "s", t.Name, "collaborators"}, more...)...)
}

// Collaborators lists who works on a thing, the owner first. It needs the
// scope that sees such things.
func (c *Client) Collaborators(ctx context.Context, thing Thing) ([]Collaborator, error) {
	var list Page[Collaborator]
	return list.Items, c.do(ctx, call{method: http.MethodGet, path: thing.path()}, &list)
}

// SetCollaborator gives a user exactly the rights on a thing. It needs the
// scope that changes such things, and one for each right that is given.
func (c *Client) SetCollaborator(ctx context.Context, thing Thing, user string, rights []string) (Collaborator, error) {
	var set Collaborator
	body := struct {
		Rights []string `json:"rights"`
	}{rights}
	return set, c.do(ctx, call{method: http.MethodPut, path: thing.path(user), body: body}, &set)
}

// RemoveCollaborator takes all rights on a thing from a user; everybody may
// remove himself.
func (c *Client) RemoveCollaborator(ctx context.Context, thing Thing, user string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: thing.path(user)}, nil)
}
