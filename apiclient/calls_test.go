package apiclient_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/apiclient"
)

func TestCallsHaveTheirPathsAndBodies(t *testing.T) {
	t.Parallel()
	name, uris := "Wall", []string{}
	for _, tt := range []struct {
		want string
		call func(context.Context, *apiclient.Client) error
	}{
		{"GET /clients?limit=7&search=wall&state=requested&which=all ", func(ctx context.Context, c *apiclient.Client) error {
			_, err := c.OAuthClients(ctx, apiclient.OAuthClientFilter{Which: "all", State: "requested", Search: "wall"}, apiclient.PageRequest{Limit: 7})
			return err
		}},
		{`POST /clients {"client_id":"wall","name":"Wall","scopes":["sensors.read"]}`, func(ctx context.Context, c *apiclient.Client) error {
			_, err := c.CreateOAuthClient(ctx, apiclient.NewOAuthClient{ID: "wall", Name: name, Scopes: []string{"sensors.read"}})
			return err
		}},
		{`PATCH /clients/a%2Fb {"name":"Wall","redirect_uris":[]}`, func(ctx context.Context, c *apiclient.Client) error {
			_, err := c.EditOAuthClient(ctx, "a/b", apiclient.OAuthClientEdit{Name: &name, RedirectURIs: &uris})
			return err
		}},
		{`POST /clients/wall/rotate-secret {"overlap_seconds":90}`, func(ctx context.Context, c *apiclient.Client) error {
			secret, err := c.RotateOAuthClientSecret(ctx, "wall", 90*time.Second)
			if secret.Reveal() != "hush" {
				t.Errorf("got the secret %q", secret.Reveal())
			}
			return err
		}},
		{"DELETE /clients/wall ", func(ctx context.Context, c *apiclient.Client) error { return c.DeleteOAuthClient(ctx, "wall") }},
		{"POST /clients/wall/approve ", func(ctx context.Context, c *apiclient.Client) error { return c.ApproveOAuthClient(ctx, "wall") }},
		{`POST /clients/wall/reject {"reason":"No."}`, func(ctx context.Context, c *apiclient.Client) error { return c.RejectOAuthClient(ctx, "wall", "No.") }},
		{`POST /clients/wall/suspend {"reason":"No."}`, func(ctx context.Context, c *apiclient.Client) error { return c.SuspendOAuthClient(ctx, "wall", "No.") }},
		{"POST /clients/wall/resume ", func(ctx context.Context, c *apiclient.Client) error { return c.ResumeOAuthClient(ctx, "wall") }},
		{"GET /connections/7/uses ", func(ctx context.Context, c *apiclient.Client) error {
			_, err := c.ConnectionUses(ctx, 7)
			return err
		}},
		{`PATCH /connections/7 {"name":"Wall"}`, func(ctx context.Context, c *apiclient.Client) error {
			_, err := c.RenameConnection(ctx, 7, name)
			return err
		}},
		{"DELETE /connections/7 ", func(ctx context.Context, c *apiclient.Client) error { return c.EndConnection(ctx, 7) }},
		{"DELETE /connections ", func(ctx context.Context, c *apiclient.Client) error {
			_, err := c.EndConnections(ctx)
			return err
		}},
		{`POST /devices {"name":"Wall","serial_number":"SA1"}`, func(ctx context.Context, c *apiclient.Client) error {
			_, err := c.CreateDevice(ctx, apiclient.NewDevice{Name: name, SerialNumber: "SA1"})
			return err
		}},
		{`PATCH /devices/4 {"name":"Wall"}`, func(ctx context.Context, c *apiclient.Client) error {
			_, err := c.EditDevice(ctx, 4, apiclient.DeviceEdit{Name: &name})
			return err
		}},
		{"POST /devices/4/rotate-lan-key ", func(ctx context.Context, c *apiclient.Client) error {
			_, err := c.RotateLANKey(ctx, 4)
			return err
		}},
	} {
		client := answering(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			body, _ := io.ReadAll(r.Body)
			if got := r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), "/api/v1") + " " + string(body); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			_, _ = io.WriteString(w, `{"client_secret":"hush"}`)
		})
		if err := tt.call(t.Context(), client); err != nil {
			t.Errorf("%s: %v", tt.want, err)
		}
	}
}
