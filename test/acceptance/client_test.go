package acceptance

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// client is somebody who sends requests, with one credential or none.
type client struct {
	t      testing.TB
	s      *server
	http   *http.Client
	header http.Header
}

// answer is what came back.
type answer struct {
	t      testing.TB
	about  string
	status int
	header http.Header
	body   []byte
}

// anonymous is a client without a credential.
func (s *server) anonymous(t testing.TB) client {
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	t.Cleanup(transport.CloseIdleConnections)
	return client{t: t, s: s, header: http.Header{}, http: &http.Client{
		Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// basic is a client that sends a name and a password with every request.
func (s *server) basic(t testing.TB, name, password string) client {
	s.keep(password, "the password of "+name)
	pair := base64.StdEncoding.EncodeToString([]byte(name + ":" + password))
	s.keep(pair, "the Basic credential of "+name)
	return s.anonymous(t).with("Authorization", "Basic "+pair)
}

// with returns a copy of the client that sends a header too.
func (c client) with(name, value string) client {
	c.header = c.header.Clone()
	c.header.Set(name, value)
	return c
}

// in returns the client for a subtest.
func (c client) in(t testing.TB) client {
	c.t = t
	return c
}

// send sends a request as it is.
func (c client) send(method, path, contentType, body string) answer {
	c.t.Helper()
	request, err := http.NewRequest(method, c.s.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	request.Header = c.header.Clone()
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	a := answer{t: c.t, about: method + " " + path, status: response.StatusCode, header: response.Header, body: text}
	c.s.checkContract(c.t, request, a)
	return a
}

func (c client) get(path string) answer { c.t.Helper(); return c.send("GET", path, "", "") }

func (c client) delete(path string) answer { c.t.Helper(); return c.send("DELETE", path, "", "") }

// post sends v as JSON; a string is sent as the JSON that it is.
func (c client) post(path string, v any) answer { c.t.Helper(); return c.json("POST", path, v) }

func (c client) patch(path string, v any) answer { c.t.Helper(); return c.json("PATCH", path, v) }

func (c client) put(path string, v any) answer { c.t.Helper(); return c.json("PUT", path, v) }

func (c client) json(method, path string, v any) answer {
	c.t.Helper()
	text, ok := v.(string)
	if !ok {
		encoded, err := json.Marshal(v)
		if err != nil {
			c.t.Fatal(err)
		}
		text = string(encoded)
	}
	return c.send(method, path, "application/json", text)
}

// form sends a form as curl -d does.
func (c client) form(path, body string) answer {
	c.t.Helper()
	return c.send("POST", path, "application/x-www-form-urlencoded", body)
}

// want fails the test unless the answer has the status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: got %d, want %d: %.600s", a.about, a.status, status, a.body)
	}
	return a
}

// wantCode wants the status and the code of a problem document.
func (a answer) wantCode(status int, code string) answer {
	a.t.Helper()
	a.want(status)
	if got := a.code(); got != code {
		a.t.Fatalf("%s: got the code %q, want %q: %.600s", a.about, got, code, a.body)
	}
	return a
}

func (a answer) code() string {
	var problem struct{ Code string }
	_ = json.Unmarshal(a.body, &problem)
	return problem.Code
}

// decode reads the JSON body.
func (a answer) decode(into any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		a.t.Fatalf("%s: %v: %.600s", a.about, err, a.body)
	}
}

func (a answer) contains(text string) bool { return bytes.Contains(a.body, []byte(text)) }
