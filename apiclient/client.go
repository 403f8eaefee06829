// Package apiclient is the Go client of Thingward's native API (/api/v1). It
// imports nothing internal, so any program can use it. It knows the wire
// format and when a request may be repeated, and leaves every decision to the
// server.
package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client calls the native API with a key, or with the access tokens of Tokens
// where that is set. Without either it reaches public things only. A Client is
// safe for use by several goroutines as long as its fields stay as they are.
type Client struct {
	Server      string // "https://things.example.org"
	KeyID       string
	KeyPassword Password
	Tokens      TokenSource   // in the place of a key
	HTTP        *http.Client  // nil: http.DefaultClient
	Program     string        // User-Agent; empty: "thingward-apiclient"
	MaxWait     time.Duration // longest single wait that a Retry-After may ask for; zero: one minute
}

// maxTries is how often a request is sent at most.
const maxTries = 5

// call is one request of the API, or of an OAuth endpoint beside it.
type call struct {
	method string
	path   string // below /api/v1, escaped
	beside string // the whole path of what lies beside /api/v1; it is called without the credential
	form   url.Values
	query  url.Values
	body   any    // nil, json.RawMessage or what encoding/json takes
	once   string // Idempotency-Key
	accept string // empty: JSON
}

// repeatable reports whether sending the call twice does what sending it once
// does.
func (c call) repeatable() bool {
	return c.once != "" || c.method == http.MethodGet || c.method == http.MethodPut || c.method == http.MethodDelete
}

// do sends the call and decodes the answer into into, unless that is nil.
func (c *Client) do(ctx context.Context, call call, into any) error {
	answer, err := c.send(ctx, call)
	if err != nil {
		return err
	}
	defer drain(answer.Body)
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer to %s %s: %w", call.method, call.where(), err)
	}
	return nil
}

// send returns an answer of status 2xx. A repeatable call that the server puts
// off (429 or 503 with Retry-After) is sent again after that time.
func (c *Client) send(ctx context.Context, call call) (*http.Response, error) {
	body, err := call.encode()
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		answer, err := c.sendOnce(ctx, call, body)
		if err != nil {
			return nil, err
		}
		if answer.StatusCode < 300 {
			return answer, nil
		}
		fault := readError(answer)
		wait, again := c.waitBefore(fault, call, try)
		if !again {
			return nil, fault
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func (c *Client) sendOnce(ctx context.Context, call call, body []byte) (*http.Response, error) {
	address := strings.TrimRight(c.Server, "/") + call.where()
	if len(call.query) > 0 {
		address += "?" + call.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, call.method, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make a request to %s: %w", c.Server, err)
	}
	c.setHeaders(request, call, body)
	if err := c.authorize(ctx, request, call); err != nil {
		return nil, err
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	return client.Do(request)
}

func (c *Client) setHeaders(request *http.Request, call call, body []byte) {
	accept, program := call.accept, c.Program
	if accept == "" {
		accept = "application/json"
	}
	if program == "" {
		program = "thingward-apiclient"
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("User-Agent", program)
	if call.form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if call.once != "" {
		request.Header.Set("Idempotency-Key", call.once)
	}
}

// authorize adds the credential. OAuth endpoints would take a key for the
// secret of a client, so they get none.
func (c *Client) authorize(ctx context.Context, request *http.Request, call call) error {
	switch {
	case call.beside != "":
	case c.Tokens != nil:
		token, err := c.Tokens.AccessToken(ctx)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+token.Reveal())
	case c.KeyID != "":
		request.SetBasicAuth(c.KeyID, c.KeyPassword.Reveal())
	}
	return nil
}

func (c *Client) waitBefore(fault *Error, call call, try int) (time.Duration, bool) {
	most := c.MaxWait
	if most == 0 {
		most = time.Minute
	}
	putOff := fault.Status == http.StatusTooManyRequests || fault.Status == http.StatusServiceUnavailable
	again := putOff && fault.RetryAfter > 0 && fault.RetryAfter <= most && call.repeatable() && try < maxTries
	return fault.RetryAfter, again
}

// where returns the path of the call, escaped.
func (c call) where() string {
	if c.beside != "" {
		return c.beside
	}
	return "/api/v1" + c.path
}

func (c call) encode() ([]byte, error) {
	if c.form != nil {
		return []byte(c.form.Encode()), nil
	}
	if c.body == nil {
		return nil, nil
	}
	if raw, ok := c.body.(json.RawMessage); ok {
		return raw, nil
	}
	encoded, err := json.Marshal(c.body)
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	return encoded, nil
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drain reads what is left of a body, so that its connection can be used
// again.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10)
	_ = body.Close()
}

// path joins escaped segments to a path.
func path(segments ...string) string {
	var b strings.Builder
	for _, segment := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(segment))
	}
	return b.String()
}

// PageRequest selects a page of a list.
type PageRequest struct {
	Limit  int    // zero: the server's default
	Cursor string // Page.Next of the page before; empty: the first page
}

func (p PageRequest) query() url.Values {
	query := url.Values{}
	if p.Limit > 0 {
		query.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.Cursor != "" {
		query.Set("cursor", p.Cursor)
	}
	return query
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // cursor; empty: this is the last page
	Total int    `json:"total"`          // counted up to 10,000
}

// All walks the pages of a list that list fetches, up to most entries (zero:
// all of them).
func All[T any](ctx context.Context, most int, list func(context.Context, PageRequest) (Page[T], error)) ([]T, error) {
	all, request := []T{}, PageRequest{}
	for {
		if request.Limit = 200; most > 0 {
			request.Limit = min(200, most-len(all))
		}
		page, err := list(ctx, request)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" || page.Next == request.Cursor || most > 0 && len(all) >= most {
			return all, nil
		}
		request.Cursor = page.Next
	}
}
