package apiclient

import (
	"context"
	"net/http"
	"time"
)

// User is a person with an account.
type User struct {
	Name         string      `json:"name"`
	DisplayName  string      `json:"display_name,omitempty"`
	Email        string      `json:"email,omitempty"` // needs the scope email
	Admin        bool        `json:"admin"`
	Suspended    bool        `json:"suspended,omitempty"`
	TimeZone     string      `json:"time_zone,omitempty"`
	CreatedAt    time.Time   `json:"created_at"`
	LastSignInAt *time.Time  `json:"last_sign_in_at,omitempty"`
	Credential   *Credential `json:"credential,omitempty"` // of Me only
}

// Credential is what a request proved itself with.
type Credential struct {
	Kind       string     `json:"kind"` // "key", "session", …
	ID         string     `json:"id,omitempty"`
	Scopes     string     `json:"scopes"`
	Restricted bool       `json:"restricted,omitempty"` // a token that was made of another one
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
}

// NewUser is a user to be made by an administrator.
type NewUser struct {
	Name        string `json:"name"`
	Email       string `json:"email,omitempty"`
	DisplayName string `json:"display_name,omitempty"`
	TimeZone    string `json:"time_zone,omitempty"`
	Password    string `json:"password"`
	Admin       bool   `json:"admin,omitempty"`
}

// Me returns the user that the key acts for, and the key's scopes.
func (c *Client) Me(ctx context.Context) (User, error) {
	var user User
	return user, c.do(ctx, call{method: http.MethodGet, path: "/users/me"}, &user)
}

// Users lists users. It needs an administrator's key with the scope admin, as
// do the other methods about users.
func (c *Client) Users(ctx context.Context, page PageRequest) (Page[User], error) {
	var users Page[User]
	return users, c.do(ctx, call{method: http.MethodGet, path: "/users", query: page.query()}, &users)
}

// CreateUser makes a user.
func (c *Client) CreateUser(ctx context.Context, user NewUser) (User, error) {
	var created User
	return created, c.do(ctx, call{method: http.MethodPost, path: "/users", body: user}, &created)
}

// SuspendUser ends the sessions of a user and lets him and his keys in no more.
func (c *Client) SuspendUser(ctx context.Context, name string) error {
	return c.do(ctx, call{method: http.MethodPost, path: path("users", name, "suspend")}, nil)
}

// ResumeUser undoes SuspendUser.
func (c *Client) ResumeUser(ctx context.Context, name string) error {
	return c.do(ctx, call{method: http.MethodPost, path: path("users", name, "resume")}, nil)
}

// ResetPassword gives a user a new password and returns it.
func (c *Client) ResetPassword(ctx context.Context, name string) (Password, error) {
	var answer struct {
		Password Password `json:"password"`
	}
	err := c.do(ctx, call{method: http.MethodPost, path: path("users", name, "reset-password")}, &answer)
	return answer.Password, err
}
