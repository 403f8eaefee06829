package acceptance

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// browser is a person's browser without JavaScript: it keeps cookies, reads
// forms and sends them.
type browser struct {
	client
	path string
	page []byte
}

func (s *server) browser(t testing.TB) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := s.anonymous(t)
	c.http.Jar = jar
	return &browser{client: c}
}

// open follows a link, and redirects.
func (b *browser) open(path string) *browser {
	b.t.Helper()
	a := b.get(path)
	for range 5 {
		if a.status < 300 || a.status > 399 {
			break
		}
		path = b.local(a.header.Get("Location"))
		a = b.get(path)
	}
	a.want(http.StatusOK)
	b.path, b.page = path, a.body
	return b
}

// local cuts the host from a URL: the public URL of a test server has another port.
func (b *browser) local(link string) string {
	b.t.Helper()
	parsed, err := url.Parse(link)
	if err != nil {
		b.t.Fatal(err)
	}
	base, err := url.Parse(b.path)
	if err != nil {
		b.t.Fatal(err)
	}
	resolved := base.ResolveReference(parsed)
	return (&url.URL{Path: resolved.Path, RawQuery: resolved.RawQuery}).RequestURI()
}

// submit fills the form of the page that has all the inputs and sends it.
// Inputs are named by their autocomplete attribute or by their name.
func (b *browser) submit(values map[string]string) answer {
	b.t.Helper()
	for _, form := range b.forms() {
		filled, ok := form.fill(values)
		if !ok {
			continue
		}
		action := b.local(form.action)
		a := b.form(action, filled.Encode())
		b.path, b.page = action, a.body
		return a
	}
	b.t.Fatalf("the page %s has no form with the inputs %v: %s", b.path, values, b.page)
	return answer{}
}

// pageForm is a form of a page.
type pageForm struct {
	action string
	inputs []input
}

type input struct {
	name, autocomplete, kind, value string
	checked                         bool
}

// fill returns what the form sends, and whether it has all inputs.
func (f pageForm) fill(values map[string]string) (url.Values, bool) {
	sent := url.Values{}
	used := map[string]bool{}
	for _, in := range f.inputs {
		value, filled := values[in.name]
		if filled {
			used[in.name] = true
		} else if value, filled = values[in.autocomplete]; filled {
			used[in.autocomplete] = true
		}
		switch {
		case filled:
			sent.Set(in.name, value)
		case (in.kind == "checkbox" || in.kind == "radio") && !in.checked, in.kind == "submit", in.name == "":
		default:
			sent.Add(in.name, in.value)
		}
	}
	return sent, len(used) == len(values)
}

// forms reads the forms of the page.
func (b *browser) forms() []pageForm {
	decoder := xml.NewDecoder(bytes.NewReader(b.page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var forms []pageForm
	inside := false
	for {
		token, err := decoder.Token()
		if err != nil {
			return forms
		}
		switch token := token.(type) {
		case xml.StartElement:
			attribute := attributes(token)
			switch strings.ToLower(token.Name.Local) {
			case "form":
				inside = true
				forms = append(forms, pageForm{action: attribute["action"]})
			case "input", "textarea", "select", "button":
				if inside {
					_, checked := attribute["checked"]
					forms[len(forms)-1].inputs = append(forms[len(forms)-1].inputs,
						input{attribute["name"], attribute["autocomplete"], attribute["type"], attribute["value"], checked})
				}
			case "option":
				if _, selected := attribute["selected"]; inside && selected {
					inputs := forms[len(forms)-1].inputs
					inputs[len(inputs)-1].value = attribute["value"]
				}
			}
		case xml.EndElement:
			if strings.EqualFold(token.Name.Local, "form") {
				inside = false
			}
		}
	}
}

func attributes(element xml.StartElement) map[string]string {
	all := map[string]string{}
	for _, a := range element.Attr {
		all[strings.ToLower(a.Name.Local)] = a.Value
	}
	return all
}
