package authorize

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// requestURIPrefix begins the request_uri of requests that are kept here
// (RFC 9126 §2.2).
const requestURIPrefix = "urn:ietf:params:oauth:request_uri:"

// keptFor is how long a request is kept.
const keptFor = 10 * time.Minute

// keepBound is how many requests one network has kept: anybody can send them,
// and the room for all is bounded.
var keepBound = guard.Bound{Burst: 100, Every: 2 * time.Second, Code: "temporarily_unavailable",
	Message: "Too many requests for access come from your network. Go back to the app and try again in a moment."}

// Keep keeps a request and returns the query that stands for it at the same
// endpoint, with a request_uri.
func (s *Service) Keep(ctx context.Context, c domain.Caller, r Request) (string, error) {
	now := s.Now()
	if err := s.keeps.Admit(now, domain.NetworkOf(c.Address), keepBound); err != nil {
		return "", err
	}
	token := secret.Generate(secret.RequestURI)
	if err := s.Store.KeepRequest(ctx, token.Hash(), r.Query, now.Add(keptFor)); err != nil {
		return "", err
	}
	return "client_id=" + url.QueryEscape(string(r.Client.ID)) + "&request_uri=" + url.QueryEscape(requestURIPrefix+token.Reveal()), nil
}

// unfold puts a request that Keep kept in the place of the request_uri that
// stands for it. Nothing else of the query counts (RFC 9126 §4).
func (s *Service) unfold(ctx context.Context, given parameters) (parameters, error) {
	uri, _ := given.single("request_uri")
	token, ours := strings.CutPrefix(uri, requestURIPrefix)
	if !ours {
		return given, nil
	}
	if !secret.WellFormed(secret.RequestURI, token) {
		return nil, requestOver()
	}
	query, err := s.Store.KeptRequest(ctx, secret.New(token).Hash())
	if domain.IsKind(err, domain.NotFound) {
		return nil, requestOver()
	}
	if err != nil {
		return nil, err
	}
	kept := parseParameters(query)
	if id, ok := given.single("client_id"); !ok || id != kept.text("client_id") {
		return nil, invalid("invalid_request", "The request_uri was handed out to another app.")
	}
	return kept, nil
}

func requestOver() error {
	return invalid("invalid_request", "This request for access is over. Go back to the app and start again.")
}
