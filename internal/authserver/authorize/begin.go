package authorize

import (
	"context"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// Begin reads an authorization request that came to the endpoint of a kind of
// clients: its query, or the body of a POST. Until client and redirect URI
// are proven, what is wrong is an error for a page. From then on it is a
// *Refusal, which is to be followed (RFC 6749 §4.1.2.1).
func (s *Service) Begin(ctx context.Context, kind domain.ClientKind, query string) (Request, error) {
	given, err := s.unfold(ctx, parseParameters(query))
	if err != nil {
		return Request{}, err
	}
	r, err := s.prove(ctx, kind, given)
	if err != nil {
		return Request{}, err
	}
	if err := s.read(ctx, &r, given, len(query)); err != nil {
		return Request{}, s.refuse(r, err)
	}
	return r, nil
}

// prove finds out who asks and where the answer goes.
func (s *Service) prove(ctx context.Context, kind domain.ClientKind, given parameters) (Request, error) {
	id, ok := given.single("client_id")
	if !ok || id == "" {
		return Request{}, invalid("invalid_request", "The request must say once, as client_id, which app it is of.")
	}
	check, err := s.Store.ClientCheck(ctx, domain.ClientID(id))
	if domain.IsKind(err, domain.NotFound) || err == nil && check.Client.Kind != kind {
		return Request{}, invalid("invalid_request", "There is no app %q at this address. Whoever sent you here must correct the client_id, or the address: each kind of app has its own.", domain.Clip(id))
	}
	if err != nil {
		return Request{}, err
	}
	r := Request{Client: check.Client, Query: given.encode()}
	if r.Client.State != domain.ClientApproved && r.Client.State != domain.ClientRequested {
		return Request{}, invalid("invalid_request", "The app %s may not be used here at present.", r.Client.Name)
	}
	if r.Given, ok = given.single("redirect_uri"); !ok {
		return Request{}, invalid("invalid_request", "The request must give its redirect_uri once, and form-encoded.")
	}
	if r.RedirectURI, err = r.Client.MatchRedirect(r.Given); err != nil {
		return Request{}, err
	}
	if r.RedirectURI == domain.CopyCodeURI {
		r.RedirectURI = s.Issuer + domain.CopyCodePage
	}
	r.ResponseType, _ = given.single("response_type")
	if state, ok := given.single("state"); ok && state != "" && len(state) <= MaxState {
		r.State, r.HasState = state, true
	}
	return r, nil
}

// read takes the rest of the request, in the order in which faults are told.
func (s *Service) read(ctx context.Context, r *Request, given parameters, length int) error {
	if length > MaxQuery || len(r.Query) > MaxQuery || len(given.text("state")) > MaxState {
		return invalid("invalid_request", "The request is too long: 16 KiB is the most, and 4 KiB for its state.")
	}
	if err := given.fault(); err != nil {
		return err
	}
	for _, take := range []func(*Request, parameters) error{takeResponseType, takeObject, takeChallenge, takeScope, takePrompt} {
		if err := take(r, given); err != nil {
			return err
		}
	}
	return s.takeResource(ctx, r, given.all("resource"))
}

func takeResponseType(r *Request, _ parameters) error {
	needed := map[string]domain.GrantType{responseCode: domain.CodeGrant, responseToken: domain.ImplicitGrant}[r.ResponseType]
	switch {
	case r.ResponseType == "":
		return invalid("invalid_request", "The request must give a response_type.")
	case needed == "":
		return invalid("unsupported_response_type", "The response_type must be code.")
	case !r.Client.MayUse(needed):
		return invalid("unauthorized_client", "The app is not registered for this response_type.")
	}
	return nil
}

// takeObject refuses requests that come as a signed object (RFC 9101), or
// wait at an address that is not ours.
func takeObject(_ *Request, given parameters) error {
	switch {
	case given.text("request") != "":
		return invalid("request_not_supported", "Signed requests are not supported: send the parameters themselves.")
	case given.text("request_uri") != "":
		return invalid("request_uri_not_supported", "The request_uri is none that was handed out here.")
	}
	return nil
}

// takeScope takes the scope, or what a request without one asks for. A client
// may ask for no more than it is registered for.
func takeScope(r *Request, given parameters) error {
	text := given.text("scope")
	if text == "" {
		text = r.Client.DefaultScope()
	}
	names, err := r.Client.Kind.ParseScopeNames(text)
	if err != nil {
		return err
	}
	own := r.Client.ID == domain.CommandLineID
	for _, name := range names {
		forbidden := slices.ContainsFunc(name.Scopes, func(s domain.Scope) bool { return !own && !s.ForThirdParties() })
		if forbidden || !name.Scopes.Within(r.Client.Scopes) {
			return invalid("invalid_scope", "The app is not registered for the scope %s.", domain.Clip(name.Name))
		}
	}
	r.Asked = names
	return nil
}

// takePrompt understands none, login and consent. Somebody who is signed in
// is asked for login as he is for consent.
func takePrompt(r *Request, given parameters) error {
	words := strings.Fields(given.text("prompt"))
	if slices.Contains(words, promptNone) && len(words) > 1 {
		return invalid("invalid_request", "The prompt none stands alone.")
	}
	for _, word := range words {
		if word == promptNone || word == promptLogin || word == promptConsent {
			r.Prompt = append(r.Prompt, word)
		}
	}
	return nil
}

const (
	promptNone    = "none"
	promptLogin   = "login"
	promptConsent = "consent"
)

// Silent reports whether the person must not be shown a page.
func (r Request) Silent() bool { return slices.Contains(r.Prompt, promptNone) }

// Insists reports whether the person is to be asked even if he answered before.
func (r Request) Insists() bool {
	return slices.Contains(r.Prompt, promptLogin) || slices.Contains(r.Prompt, promptConsent)
}
