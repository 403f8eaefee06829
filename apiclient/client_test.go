package apiclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/apiclient"
)

// answering returns a client of a server that answers every request by the
// function, which gets the number of the request from 1 on.
func answering(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, n int)) *apiclient.Client {
	t.Helper()
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		answer(w, r, n)
	}))
	t.Cleanup(server.Close)
	return &apiclient.Client{Server: server.URL, KeyID: "0123456789abcdef", KeyPassword: apiclient.NewPassword("hush"), MaxWait: 2 * time.Second}
}

func TestPasswordsCannotBePrinted(t *testing.T) {
	t.Parallel()
	password := apiclient.NewPassword("open sesame")
	client := apiclient.Client{KeyPassword: password}
	key := apiclient.Key{Password: password}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "password", password, "client", client, "key", key)
	encoded, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s %d %x %v %+v", password, password, password, password, password, password, client, &key) + log.String() + string(encoded)
	if strings.Contains(printed, "sesame") || strings.Contains(printed, fmt.Sprintf("%x", "sesame")) {
		t.Errorf("the password was printed: %s", printed)
	}
	if password.Reveal() != "open sesame" || password.Empty() || !(apiclient.Password{}).Empty() {
		t.Error("the password does not hold its text")
	}
}

func TestRequestCarriesTheKey(t *testing.T) {
	t.Parallel()
	client := answering(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		id, password, _ := r.BasicAuth()
		if id != "0123456789abcdef" || password != "hush" || r.URL.EscapedPath() != "/api/v1/sensors/alice.green%2Fhouse" {
			t.Errorf("got %s by %s:%s", r.URL.EscapedPath(), id, password)
		}
		_, _ = io.WriteString(w, `{"id":7,"full_name":"alice.greenhouse","fields":[{"name":"value","type":"number","value":21.5}]}`)
	})
	sensor, err := client.Sensor(t.Context(), "alice.green/house")
	if err != nil || sensor.ID != 7 || sensor.Fields[0].Value != 21.5 {
		t.Errorf("got %+v, %v", sensor, err)
	}
}

func TestProblemBecomesTypedError(t *testing.T) {
	t.Parallel()
	client := answering(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"type":"about:blank","status":400,"code":"invalid_key","detail":"No.","fields":{"name":"Too long."},"request":"r1"}`)
	})
	_, err := client.CreateKey(t.Context(), apiclient.NewKey{Name: "x"})
	var got *apiclient.Error
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want an Error", err)
	}
	want := &apiclient.Error{Status: 400, Code: "invalid_key", Detail: "No.", Fields: map[string]string{"name": "Too long."}, Request: "r1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestForeignErrorPageBecomesError(t *testing.T) {
	t.Parallel()
	client := answering(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		http.Error(w, "<html>Bad gateway</html>", http.StatusBadGateway)
	})
	if _, err := client.Me(t.Context()); apiclient.StatusOf(err) != 502 || apiclient.CodeOf(err) != "" || !strings.Contains(err.Error(), "502") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyRepeatableRequestsAreRepeated(t *testing.T) {
	t.Parallel()
	reading := apiclient.NewReading{Values: map[string]any{"value": 1}}
	for _, tt := range []struct {
		name       string
		status     int
		retryAfter string
		send       func(*apiclient.Client) error
		requests   int
	}{
		{"read that is put off", 503, "1", func(c *apiclient.Client) error { _, err := c.Me(context.Background()); return err }, 2},
		{"too many reads", 429, "1", func(c *apiclient.Client) error { _, err := c.Me(context.Background()); return err }, 2},
		{"read without a time to wait", 503, "", func(c *apiclient.Client) error { _, err := c.Me(context.Background()); return err }, 1},
		{"read with too long a wait", 503, "60", func(c *apiclient.Client) error { _, err := c.Me(context.Background()); return err }, 1},
		{"read that fails", 500, "1", func(c *apiclient.Client) error { _, err := c.Me(context.Background()); return err }, 1},
		{"write", 503, "1", func(c *apiclient.Client) error { _, err := c.Append(context.Background(), "x", reading); return err }, 1},
		{"write under a key", 503, "1", func(c *apiclient.Client) error {
			_, err := c.AppendBatch(context.Background(), "x", []apiclient.NewReading{reading}, "once")
			return err
		}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			client := answering(t, func(w http.ResponseWriter, _ *http.Request, n int) {
				if requests = n; n > 1 {
					_, _ = io.WriteString(w, `{}`)
					return
				}
				if tt.retryAfter != "" {
					w.Header().Set("Retry-After", tt.retryAfter)
				}
				w.WriteHeader(tt.status)
			})
			err := tt.send(client)
			if requests != tt.requests || (err == nil) != (tt.requests == 2) {
				t.Errorf("got %d requests and %v, want %d requests", requests, err, tt.requests)
			}
		})
	}
}

func TestAllWalksThePages(t *testing.T) {
	t.Parallel()
	client := answering(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		switch r.URL.Query().Get("cursor") {
		case "":
			_, _ = io.WriteString(w, `{"items":[{"id":"a"},{"id":"b"}],"next":"2","total":3}`)
		case "2":
			_, _ = io.WriteString(w, `{"items":[{"id":"c"}],"total":3}`)
		}
	})
	for most, want := range map[int]int{0: 3, 2: 2, 3: 3, 9: 3} {
		if keys, err := apiclient.All(t.Context(), most, client.Keys); err != nil || len(keys) != want {
			t.Errorf("at most %d: got %d keys, %v, want %d", most, len(keys), err, want)
		}
	}
}

func TestReadingsAreSentInMilliseconds(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 10, 0, 0, 123456789, time.UTC)
	for want, reading := range map[string]apiclient.NewReading{
		`{"at":1795255200123,"values":{"a":1,"b":"x"}}`: {At: at, Values: map[string]any{"b": "x", "a": 1.0}},
		`{"values":{"a":true}}`:                         {Values: map[string]any{"a": true}},
	} {
		if got, err := json.Marshal(reading); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := answering(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusServiceUnavailable)
		cancel()
	})
	if _, err := client.Me(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancelled context", err)
	}
}
