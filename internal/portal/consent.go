package portal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"

	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// consent takes a person's answer to an authorization request. The form
// carries the request whole, so that nothing is remembered between the pages
// and every tab and every way back leads on.
func (p *Portal) consent(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	easeHeaders(w)
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	if f.Values.Has("user_code") {
		return p.consentDevice(w, r, c, f)
	}
	kind := domain.ClientKind(f.Values.Get("kind"))
	if _, ok := authorizePath(kind); !ok {
		return domain.Errorf(domain.Invalid, "invalid_request", "The form does not say what it answers. Go back to the app and start again.")
	}
	request, err := p.Authorize.Begin(r.Context(), kind, f.Values.Get("query"))
	if err != nil {
		return p.refused(w, r, c, err)
	}
	if c.Anonymous() {
		return p.signInFirst(w, r, c, request)
	}
	if !p.proves(r, consentAbout(request), f.Values.Get("token")) {
		return p.askAnew(w, r, c, request, "Since this page was opened, somebody signed in here anew. Please answer again.")
	}
	return p.decide(w, r, c, request, f)
}

// decide does what the person chose.
func (p *Portal) decide(w http.ResponseWriter, r *http.Request, c domain.Caller, request authorize.Request, f *form) error {
	switch f.text("decision") {
	case "allow":
		return p.allow(w, r, c, request, f)
	case "deny":
		redirect, err := p.Authorize.Deny(r.Context(), c, request)
		if err != nil {
			return p.refused(w, r, c, err)
		}
		return leave(w, redirect)
	}
	return p.askAnew(w, r, c, request, "Choose whether to allow it or not.")
}

// askAnew shows the question as if it had not been answered.
func (p *Portal) askAnew(w http.ResponseWriter, r *http.Request, c domain.Caller, request authorize.Request, fault string) error {
	question, err := p.Authorize.Ask(r.Context(), c, request)
	if err != nil {
		return p.refused(w, r, c, err)
	}
	f := consentDefaults(question)
	f.Fault, f.status = fault, http.StatusForbidden
	return p.showConsent(w, r, c, question, f)
}

func (p *Portal) allow(w http.ResponseWriter, r *http.Request, c domain.Caller, request authorize.Request, f *form) error {
	question, err := p.Authorize.Ask(r.Context(), c, request)
	if err != nil {
		return p.refused(w, r, c, err)
	}
	decision, err := p.decisionOf(c, f, question)
	if err != nil {
		return p.refuseConsent(w, r, c, question, f, err)
	}
	redirect, err := p.Authorize.Allow(r.Context(), c, request, decision)
	if err != nil {
		return p.refuseConsent(w, r, c, question, f, err)
	}
	return leave(w, redirect)
}

// refuseConsent shows the form again with what is to be corrected.
func (p *Portal) refuseConsent(w http.ResponseWriter, r *http.Request, c domain.Caller, question authorize.Question, f *form, err error) error {
	if isRefusal(err) || domain.CodeOf(err) == "device_over" || !f.refuse(err) {
		return p.refused(w, r, c, err)
	}
	f.rename("expires_at", "expiry")
	f.rename("name", "label")
	return p.showConsent(w, r, c, question, f)
}

// consentAbout is what the form with an answer is about.
func consentAbout(request authorize.Request) string {
	if request.Device != nil {
		return aboutDevice(request.UserCode)
	}
	return "consent\n" + string(request.Client.Kind) + "\n" + request.Query
}

// proof proves that a form or an address came from a page of this very session
// about this very thing: nobody else can make or carry it over.
func (p *Portal) proof(r *http.Request, about string) string {
	cookie, err := r.Cookie(guard.SessionCookie(p.https()))
	if err != nil {
		return "" // nobody is signed in, so nobody is asked
	}
	mac := hmac.New(sha256.New, []byte(cookie.Value))
	mac.Write([]byte(about))
	return hex.EncodeToString(mac.Sum(nil))
}

// decisionOf reads what the person chose.
func (p *Portal) decisionOf(c domain.Caller, f *form, question authorize.Question) (authorize.Decision, error) {
	decision := authorize.Decision{Names: f.Values["scope"], Label: f.text("label"), Things: map[domain.Noun][]string{}}
	for _, noun := range domain.Nouns() {
		choice, name := string(noun)+"s", string(noun)
		if err := checkTicked(f, choice, name); err != nil {
			return authorize.Decision{}, err
		}
		if f.text(choice) == "chosen" {
			decision.Things[noun] = f.Values[name]
		}
	}
	connection := f.text("connection")
	if connection == "" {
		connection = usualConnection(question)
	}
	if connection != newConnection {
		id, err := strconv.ParseInt(connection, 10, 64)
		if err != nil || id <= 0 {
			return decision, domain.InvalidField("connection", "Choose which connection to continue, or a new one.")
		}
		decision.Renew = domain.GrantID(id)
	}
	var err error
	decision.ExpiresAt, err = p.consentEnd(c, f, question, decision.Renew)
	return decision, err
}

// checkTicked refuses single things that were ticked next to "all of mine".
// Whoever ticks them means them alone, and without scripts nothing tells him
// that they do not count.
func checkTicked(f *form, choice, name string) error {
	if f.text(choice) == "chosen" || len(f.Values[name]) == 0 {
		return nil
	}
	return domain.InvalidField(choice, "You ticked some, but not “Only chosen ones”. Tick that as well, or untick them.")
}
