package token

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// accessTokenType is the one kind of token that is exchanged here, for one of
// the same kind (RFC 8693 §3).
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token"

// Resources knows which resources clients serve.
type Resources interface {
	ResourceKnown(ctx context.Context, resource string) (bool, error)
}

// narrow makes of an access token one that may do less (RFC 8693): by scope,
// by authorization_details (RFC 9396), which add up, and by resource or
// audience (RFC 8707). A client may do this with its own tokens without being
// registered for it: it gets nothing that it does not have. There is never a
// refresh token. expires_in, in seconds, asks for a shorter life.
func (e exchange) narrow(ctx context.Context) (Answer, error) {
	if err := e.checkExchange(); err != nil {
		return Answer{}, err
	}
	live, err := guard.FindToken(ctx, e.Reader, e.form.Get("subject_token"), e.now)
	if guard.IsDead(err) || err == nil && live.Client.ID != e.client.ID {
		return Answer{}, domain.Errorf(domain.Invalid, "invalid_request", "The subject_token is not valid, or was not issued to this client.")
	}
	if err != nil {
		return Answer{}, err
	}
	wanted, err := e.readRestriction(ctx)
	if err != nil {
		return Answer{}, err
	}
	answer, err := e.restrict(ctx, live, wanted)
	if err != nil {
		return Answer{}, inOAuthWords(err)
	}
	answer.IssuedType, answer.Details = accessTokenType, wanted.Details
	return answer, nil
}

// checkExchange refuses what RFC 8693 §2.1 allows and this server does not
// have.
func (e exchange) checkExchange() error {
	message := ""
	switch requested := e.form.Get("requested_token_type"); {
	case e.form.Has("actor_token") || e.form.Has("actor_token_type"):
		message = "Tokens that act for two parties are not issued here: leave out actor_token."
	case !e.form.Has("subject_token"):
		message = "The parameter subject_token is missing."
	case e.form.Get("subject_token_type") != accessTokenType:
		message = "The subject_token_type must be " + accessTokenType + "."
	case requested != "" && requested != accessTokenType:
		message = "The requested_token_type can only be " + accessTokenType + "."
	default:
		return nil
	}
	return domain.Errorf(domain.Invalid, "invalid_request", "%s", message)
}

// readRestriction reads how the token shall be narrowed.
func (e exchange) readRestriction(ctx context.Context) (Restriction, error) {
	var r Restriction
	var err error
	if text := e.form.Get("scope"); text != "" {
		names, err := e.client.Kind.ParseScopeNames(text)
		if err != nil {
			return r, err
		}
		r.Scopes = domain.UnionOf(names)
	}
	if text := e.form.Get("authorization_details"); text != "" {
		if r.Details, err = domain.ParseAuthorizationDetails(text); err != nil {
			return r, err
		}
		r.Scopes = domain.Union(r.Scopes, domain.DetailScopes(r.Details))
	}
	if text := e.form.Get("expires_in"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 32)
		if err != nil || seconds <= 0 {
			return r, domain.Errorf(domain.Invalid, "invalid_request", "The parameter expires_in is a number of seconds.")
		}
		r.Life = time.Duration(seconds) * time.Second
	}
	return r, e.readResources(ctx, &r)
}

// readResources reads for what the token shall be: things of this server by
// their address, Thingward as a whole, or another server that is known here.
func (e exchange) readResources(ctx context.Context, r *Restriction) error {
	resources := slices.Clone(e.form["resource"])
	if audience := e.form.Get("audience"); audience != "" && !slices.Contains(resources, audience) {
		resources = append(resources, audience)
	}
	for _, resource := range resources {
		parsed, err := url.Parse(resource)
		if err != nil || !parsed.IsAbs() || strings.Contains(resource, "#") {
			return domain.Errorf(domain.Invalid, "invalid_target", "The resource is not an absolute URI without a fragment.")
		}
		if thing, ok := thingAt(resource, e.Issuer); ok {
			r.Things = append(r.Things, thing)
			continue
		}
		if r.Audience = guard.AudienceOf(resource, e.Issuer); len(resources) > 1 {
			return domain.Errorf(domain.Invalid, "invalid_target", "Ask for one resource at a time, or for several things of this server.")
		}
		if err := e.checkKnown(ctx, r.Audience); err != nil {
			return err
		}
	}
	return nil
}

func (e exchange) checkKnown(ctx context.Context, audience string) error {
	if audience == "" || slices.Contains(e.client.Resources, audience) {
		return nil
	}
	known, err := e.Store.ResourceKnown(ctx, audience)
	if err == nil && !known {
		err = domain.Errorf(domain.Invalid, "invalid_target", "The resource is not known here.")
	}
	return err
}

// thingAt reads the address of a thing in the native API.
func thingAt(resource, issuer string) (ThingName, bool) {
	path, ours := strings.CutPrefix(resource, issuer+"/api/v1/")
	kind, ref, found := strings.Cut(path, "/")
	if !ours || !found {
		return ThingName{}, false
	}
	name, err := url.PathUnescape(ref)
	if err != nil || name == "" || strings.ContainsAny(ref, "/?") {
		return ThingName{}, false
	}
	for _, noun := range domain.Nouns() {
		if kind == string(noun)+"s" {
			return ThingName{noun, name}, true
		}
	}
	return ThingName{}, false
}

// inOAuthWords says in the words of RFC 6749 §5.2 and RFC 8693 §2.2.2 why a
// token is not restricted.
func inOAuthWords(err error) error {
	switch domain.CodeOf(err) {
	case "invalid_scope":
		return domain.Errorf(domain.Invalid, "invalid_scope", "%s", err)
	case "not_restrictable", "invalid_token":
		return domain.Errorf(domain.Invalid, "invalid_request", "%s", err)
	}
	return err
}
