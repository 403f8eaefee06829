package authorize

import (
	"net/url"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// pair is one parameter of an authorization response.
type pair struct{ name, value string }

// refuse tells the client what is wrong (RFC 6749 §4.1.2.1, §4.2.2.1).
func (s *Service) refuse(r Request, err error, more ...pair) *Refusal {
	fault := web.OAuthFaultOf(err)
	pairs := append([]pair{{"error", fault.Error}, {"error_description", fault.Description}}, more...)
	return &Refusal{Redirect: s.answer(r, pairs...), SignInFirst: r.Client.State == domain.ClientRequested, Err: err}
}

// refusal is refuse where there is a client to be told. A device that waits
// goes on waiting: what is wrong is for the person to know.
func (s *Service) refusal(r Request, err error) error {
	if r.Device != nil {
		return err
	}
	return s.refuse(r, err)
}

// answer makes the redirect of an authorization response. state and iss come
// last (RFC 9207 §2). A query that the client's own URI has stays as it is.
func (s *Service) answer(r Request, pairs ...pair) Redirect {
	if r.HasState {
		pairs = append(pairs, pair{"state", r.State})
	}
	text := encodePairs(append(pairs, pair{"iss", s.Issuer}))
	if r.ResponseType == responseToken {
		return Redirect{r.RedirectURI + "#" + text}
	}
	_, query, asked := strings.Cut(r.RedirectURI, "?")
	switch {
	case !asked:
		return Redirect{r.RedirectURI + "?" + text}
	case query == "" || strings.HasSuffix(query, "&"):
		return Redirect{r.RedirectURI + text}
	}
	return Redirect{r.RedirectURI + "&" + text}
}

// encodePairs form-encodes what clients read with many different parsers:
// only the spaces between scopes become "+", as LaMetric and RFC 6749 have
// it, because not everybody takes a "+" for a space.
func encodePairs(pairs []pair) string {
	var text strings.Builder
	for i, p := range pairs {
		if i > 0 {
			text.WriteByte('&')
		}
		value := url.QueryEscape(p.value)
		if p.name != "scope" {
			value = strings.ReplaceAll(value, "+", "%20")
		}
		text.WriteString(p.name + "=" + value)
	}
	return text.String()
}
