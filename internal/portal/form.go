package portal

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// form is what somebody entered and what is wrong with it.
type form struct {
	Values url.Values
	Faults map[string]string // input → what is wrong
	Fault  string            // what is wrong with the whole
	status int
}

// readForm reads the body of a POST. Nothing is taken from the query.
func readForm(w http.ResponseWriter, r *http.Request) (*form, error) {
	body, err := web.ReadBody(w, r, web.SmallBody)
	if err != nil {
		return nil, err
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, &domain.Error{Kind: domain.Invalid, Code: "invalid_form", Message: "The form could not be read.", Err: err}
	}
	return &form{Values: values, Faults: map[string]string{}}, nil
}

// filledForm makes a form that nobody sent yet.
func filledForm(values map[string]string) *form {
	f := &form{Values: url.Values{}, Faults: map[string]string{}}
	for name, value := range values {
		f.Values.Set(name, value)
	}
	return f
}

func (f *form) text(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// secret takes a password as it is, spaces and all.
func (f *form) secret(name string) secret.Secret { return secret.New(f.Values.Get(name)) }

func (f *form) checked(name string) bool { return f.Values.Get(name) != "" }

// refuse notes what is wrong, so that the form can be shown again with what
// was entered. It returns false for errors that no entry can mend: those are
// for the error page.
func (f *form) refuse(err error) bool {
	var shown *domain.Error
	if !errors.As(err, &shown) || shown.Kind == domain.Internal || shown.Kind == domain.NotFound {
		return false
	}
	f.status = web.StatusOf(err)
	f.Fault = shown.Message
	for name, fault := range shown.Fields {
		f.Faults[name] = fault
	}
	if len(shown.Fields) > 0 {
		f.Fault = "Please correct what is marked below."
	}
	return true
}

// about says what is wrong at an input of the form: in the words for people,
// without those that were put before them for the log.
func about(input string, err error) error {
	var known *domain.Error
	if !errors.As(err, &known) {
		return err
	}
	return domain.InvalidField(input, "%s", known.Message)
}

// rename moves a fault to the input that stands for it on the page.
func (f *form) rename(from, to string) {
	if fault, ok := f.Faults[from]; ok {
		delete(f.Faults, from)
		f.Faults[to] = fault
	}
}

// Status is that of the answer which shows the form.
func (f *form) Status() int {
	if f.status == 0 {
		return http.StatusOK
	}
	return f.status
}

// field is one labelled input.
type field struct {
	ID, Name, Label, Type, Value, Hint, Fault string
	Autocomplete, List, Max, Rows             string
	Required, Optional, Plain, Focus          bool
	GuessZone                                 bool
}

// DescribedBy names the elements that explain the input to a screen reader.
func (f field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Fault != "" {
		ids = append(ids, f.ID+"-fault")
	}
	return strings.Join(ids, " ")
}

// fieldOf makes an input of a form for the template "field". The options are
// names with a value ("hint", "type", "autocomplete", "list", "max", "rows")
// and words that stand alone ("required", "optional", "plain", "focus",
// "guess-zone"). A password is never filled in.
func fieldOf(f *form, name, label string, options ...string) (field, error) {
	made := field{ID: name, Name: name, Label: label, Type: "text", Value: f.Values.Get(name), Fault: f.Faults[name]}
	texts := map[string]*string{"type": &made.Type, "hint": &made.Hint, "autocomplete": &made.Autocomplete,
		"list": &made.List, "max": &made.Max, "rows": &made.Rows}
	words := map[string]*bool{"required": &made.Required, "optional": &made.Optional, "plain": &made.Plain,
		"focus": &made.Focus, "guess-zone": &made.GuessZone}
	for len(options) > 0 {
		option := options[0]
		options = options[1:]
		if word, ok := words[option]; ok {
			*word = true
			continue
		}
		text, ok := texts[option]
		if !ok || len(options) == 0 {
			return field{}, fmt.Errorf("input %s: unknown option %q, or one without its value", name, option)
		}
		*text, options = options[0], options[1:]
	}
	if made.Type == "password" {
		made.Value = ""
	}
	return made, nil
}
