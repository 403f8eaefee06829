package apiclient

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// Connection is a living grant: a key or a client that acts for the user.
type Connection struct {
	ID        int64             `json:"id"`
	Kind      string            `json:"kind"` // "key" or "client"
	Name      string            `json:"name"`
	Scopes    []string          `json:"scopes"`
	CreatedAt time.Time         `json:"created_at"`
	ExpiresAt *time.Time        `json:"expires_at,omitempty"`
	Standing  bool              `json:"standing,omitempty"` // the client acts for its owner by itself, and can again after the end
	LastUse   *KeyUse           `json:"last_used,omitempty"`
	Key       *ConnectionKey    `json:"key,omitempty"`
	Client    *ConnectionClient `json:"client,omitempty"`
}

// ConnectionKey is what a connection says of its key.
type ConnectionKey struct {
	ID          string   `json:"id"`
	Description string   `json:"description,omitempty"`
	Allowed     []string `json:"allowed_addresses,omitempty"`
}

// ConnectionClient is what everybody may know of the client of a connection.
type ConnectionClient struct {
	ID       string `json:"client_id"`
	Name     string `json:"name"`
	Owner    string `json:"owner,omitempty"` // empty: Thingward itself
	Kind     string `json:"kind"`
	Official bool   `json:"official"`
	State    string `json:"state"`
	Website  string `json:"website,omitempty"`
}

// ConnectionUse says how often a connection did something with one thing on
// one day.
type ConnectionUse struct {
	Thing   string    `json:"thing"`
	Right   string    `json:"right"`
	Day     string    `json:"day"` // "2026-11-21", UTC
	Uses    int64     `json:"uses"`
	LastAt  time.Time `json:"last_at"`
	Address string    `json:"address,omitempty"`
}

func connectionPath(id int64, more ...string) string {
	return path(append([]string{"connections", strconv.FormatInt(id, 10)}, more...)...)
}

// Connections lists what acts for the user. It needs the scope account, as do
// the other methods about connections.
func (c *Client) Connections(ctx context.Context, page PageRequest) (Page[Connection], error) {
	var connections Page[Connection]
	return connections, c.do(ctx, call{method: http.MethodGet, path: "/connections", query: page.query()}, &connections)
}

// Connection returns one connection.
func (c *Client) Connection(ctx context.Context, id int64) (Connection, error) {
	var connection Connection
	return connection, c.do(ctx, call{method: http.MethodGet, path: connectionPath(id)}, &connection)
}

// ConnectionUses returns what a connection did.
func (c *Client) ConnectionUses(ctx context.Context, id int64) ([]ConnectionUse, error) {
	var answer struct {
		Items []ConnectionUse `json:"items"`
	}
	err := c.do(ctx, call{method: http.MethodGet, path: connectionPath(id, "uses")}, &answer)
	return answer.Items, err
}

// RenameConnection changes what the user calls a connection.
func (c *Client) RenameConnection(ctx context.Context, id int64, name string) (Connection, error) {
	var connection Connection
	body := map[string]string{"name": name}
	return connection, c.do(ctx, call{method: http.MethodPatch, path: connectionPath(id), body: body}, &connection)
}

// EndConnection ends a connection: when it returns, nothing acts by it any
// more.
func (c *Client) EndConnection(ctx context.Context, id int64) error {
	return c.do(ctx, call{method: http.MethodDelete, path: connectionPath(id)}, nil)
}

// EndConnections ends all connections but the one that asks, and returns how
// many there were.
func (c *Client) EndConnections(ctx context.Context) (int, error) {
	var answer struct {
		Ended int `json:"ended"`
	}
	err := c.do(ctx, call{method: http.MethodDelete, path: "/connections"}, &answer)
	return answer.Ended, err
}
