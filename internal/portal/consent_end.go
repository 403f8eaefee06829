package portal

import (
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/domain"
)

// consentEnds are until when a person may allow something.
var consentEnds = []expiryChoice{
	{Value: "never", Label: "until I take it back"},
	{Value: "1h", Label: "for one hour"},
	{Value: "1d", Label: "for one day"},
	{Value: "30d", Label: "for 30 days"},
	{Value: "90d", Label: "for 90 days"},
	{Value: "365d", Label: "for one year"},
	{Value: "date", Label: "until a date"},
}

// endAsItWas leaves the end of a connection that is continued.
const endAsItWas = "keep"

func consentEndChoices(question authorize.Question, chosen string) []expiryChoice {
	choices := []expiryChoice{}
	if len(question.Present) > 0 {
		choices = append(choices, expiryChoice{Value: endAsItWas, Label: "as long as the connection was to last"})
	}
	choices = append(choices, consentEnds...)
	for i := range choices {
		choices[i].Chosen = choices[i].Value == chosen
	}
	return choices
}

// consentEnd reads until when it is allowed; the zero time is until it is
// taken back.
func (p *Portal) consentEnd(c domain.Caller, f *form, question authorize.Question, renew domain.GrantID) (time.Time, error) {
	switch choice := f.text("expiry"); {
	case choice == "" && renew == 0:
		return time.Time{}, nil
	case choice == "" || choice == endAsItWas:
		for _, present := range question.Present {
			if present.ID == renew {
				return present.ExpiresAt, nil
			}
		}
		return time.Time{}, domain.InvalidField("expiry", "A new connection has no end yet: choose one.")
	}
	return expiryOf(f, p.Now(), c.User.Location())
}

// newConnection is the choice of a connection of its own.
const newConnection = "new"

// usualConnection is what is chosen at first: to continue the newest
// connection, unless every copy of the app has one of its own.
func usualConnection(question authorize.Question) string {
	if question.Request.Client.Public || len(question.Present) == 0 {
		return newConnection
	}
	return strconv.FormatInt(int64(question.Present[0].ID), 10)
}

// connectionChoice is a connection that can be continued.
type connectionChoice struct {
	Value, Name   string
	Since, LastAt moment
	Chosen        bool
}

func (p *Portal) connectionChoices(c domain.Caller, question authorize.Question, chosen string) []connectionChoice {
	choices := make([]connectionChoice, len(question.Present))
	now, zone := p.Now(), c.User.Location()
	for i, present := range question.Present {
		value := strconv.FormatInt(int64(present.ID), 10)
		choices[i] = connectionChoice{value, present.Name, momentOf(present.CreatedAt, now, zone), momentOf(present.LastUse.At, now, zone), value == chosen}
	}
	return choices
}

// consentDefaults fills the form as it is shown first: everything that is
// asked for is ticked, and a connection that is continued stays as narrow and
// as short as it was.
func consentDefaults(question authorize.Question) *form {
	f := filledForm(map[string]string{"expiry": "never", "connection": usualConnection(question)})
	for _, line := range question.Lines {
		f.Values.Add("scope", line.Name)
	}
	for _, noun := range domain.Nouns() {
		f.Values.Set(string(noun)+"s", "all")
	}
	if f.text("connection") == newConnection {
		return f
	}
	continued := question.Present[0]
	if !continued.ExpiresAt.IsZero() {
		f.Values.Set("expiry", endAsItWas)
	}
	for _, noun := range domain.Nouns() {
		if onlyThings(continued.Scopes, noun) {
			f.Values.Set(string(noun)+"s", "chosen")
		}
	}
	return f
}

// onlyThings reports whether a set allows something with things of the kind,
// but nothing with all of them.
func onlyThings(set domain.ScopeSet, noun domain.Noun) bool {
	some := false
	for _, scope := range set {
		if scope.ThingNoun() != noun {
			continue
		}
		if scope.Thing == "" {
			return false
		}
		some = true
	}
	return some
}
