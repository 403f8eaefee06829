package acceptance

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// askingApp is an app that a story registered, and what its program knows.
type askingApp struct {
	t        testing.TB
	s        *server
	endpoint string // its authorization endpoint
	ID       string
	Secret   string // empty: a public client
	Redirect string // its only redirect URI
}

// authorizeAt are the authorization endpoints of the kinds.
var authorizeAt = map[string]string{
	"standard": "/oauth/authorize",
	"wotkit":   "/wotkit/api/oauth/authorize",
	"lametric": "/lametric/api/v2/oauth2/authorize",
	"ttn":      "/ttn/users/authorize",
}

// registers registers an app as its developer, through the native API. The
// fields are added to what every app has; "kind" is standard where it is
// missing.
func (p person) registers(id string, fields map[string]any) askingApp {
	p.t.Helper()
	app := askingApp{t: p.t, s: p.s, Redirect: "https://app.example/callback"}
	body := map[string]any{"client_id": id, "kind": "standard", "name": "App " + id, "description": "Made by a story.", "redirect_uris": []string{app.Redirect}}
	for name, value := range fields {
		body[name] = value
	}
	if uris, ok := body["redirect_uris"].([]string); ok && len(uris) == 1 {
		app.Redirect = uris[0]
	}
	app.endpoint = authorizeAt[body["kind"].(string)]
	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	p.post("/api/v1/clients", body).want(http.StatusCreated).decode(&made)
	app.ID, app.Secret = made.ID, made.Secret
	p.s.keep(made.Secret, "the secret of the app "+id)
	return app
}

// request is an authorization request of the app. The pairs are added to the
// client id, the redirect URI and response_type=code, or replace them; an
// empty value takes one away.
func (a askingApp) request(pairs ...string) string {
	query := url.Values{"client_id": {a.ID}, "response_type": {"code"}, "redirect_uri": {a.Redirect}}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			query.Del(pairs[i])
		}
	}
	return a.endpoint + "?" + query.Encode()
}

// question is the page on which a person is asked, with its form as it is
// shown: what a story does not change is posted as it is.
type question struct {
	who    person
	page   []byte
	action string
	Values url.Values
}

// asked opens an authorization request and wants to be asked.
func (p person) asked(request string) *question {
	p.t.Helper()
	return p.questionIn(p.get(request).want(http.StatusOK))
}

// questionIn reads the form of a page that asks.
func (p person) questionIn(a answer) *question {
	p.t.Helper()
	p.path, p.page = "/oauth/authorize", a.body
	for _, form := range p.forms() {
		values, ok := form.fill(map[string]string{"decision": ""})
		if !ok {
			continue
		}
		values.Del("decision")
		return &question{who: p, page: a.body, action: form.action, Values: values}
	}
	p.t.Fatalf("%s: got a page that asks nothing: %.2000s", a.about, a.body)
	return nil
}

// untick takes one of the ticked boxes away.
func (q *question) untick(name, value string) *question {
	q.who.t.Helper()
	before := len(q.Values[name])
	q.Values[name] = slices.DeleteFunc(q.Values[name], func(v string) bool { return v == value })
	if len(q.Values[name]) == before {
		q.who.t.Fatalf("the box %s=%s is not ticked: %v", name, value, q.Values[name])
	}
	return q
}

// choose sets an input to the values.
func (q *question) choose(name string, values ...string) *question {
	q.Values[name] = values
	return q
}

// says fails the test unless the page holds the texts.
func (q *question) says(texts ...string) *question {
	q.who.t.Helper()
	for _, text := range texts {
		if !strings.Contains(string(q.page), text) {
			q.who.t.Errorf("the page does not say %q:\n%s", text, q.page)
		}
	}
	return q
}

// post sends the answer and returns what comes back as it is.
func (q *question) post(decision string) answer {
	q.who.t.Helper()
	sent := url.Values{"decision": {decision}}
	for name, values := range q.Values {
		sent[name] = values
	}
	return q.who.form(q.action, sent.Encode())
}

// allow and deny answer the question and return where it leads.
func (q *question) allow() redirect { q.who.t.Helper(); return q.who.s.redirectIn(q.post("allow")) }

func (q *question) deny() redirect { q.who.t.Helper(); return q.who.s.redirectIn(q.post("deny")) }

// redirect is an authorization response.
type redirect struct {
	URI        string // up to the parameters: a registered one
	Values     url.Values
	InFragment bool
	Whole      string
}

// redirectIn reads an authorization response, and keeps what is secret in it.
func (s *server) redirectIn(a answer) redirect {
	a.t.Helper()
	a.want(http.StatusSeeOther)
	whole := a.header.Get("Location")
	got := redirect{URI: whole, Whole: whole}
	for i, mark := range []string{"#", "?"} {
		uri, text, found := strings.Cut(whole, mark)
		if !found {
			continue
		}
		values, err := url.ParseQuery(text)
		if err != nil {
			a.t.Fatalf("got sent to %s: %v", whole, err)
		}
		got.URI, got.Values, got.InFragment = uri, values, i == 0
		break
	}
	s.keep(got.Values.Get("code"), "an authorization code")
	s.keep(got.Values.Get("access_token"), "an access token of the implicit flow")
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Referrer-Policy") != "no-referrer" || len(a.body) > 0 {
		a.t.Errorf("%s: got the headers %v and %d bytes beside a redirect with a code or an error", a.about, a.header, len(a.body))
	}
	return got
}

// sentBack opens an authorization request that is answered without a page.
func (p person) sentBack(request string) redirect {
	p.t.Helper()
	return p.s.redirectIn(p.get(request))
}
