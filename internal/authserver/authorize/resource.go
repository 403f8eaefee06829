package authorize

import (
	"context"
	"net/url"
	"slices"
	"strings"
)

// takeResource takes the resource that the tokens are for (RFC 8707 §2.1):
// Thingward itself, or one that a registered client is.
func (s *Service) takeResource(ctx context.Context, r *Request, resources []string) error {
	switch {
	case len(resources) == 0:
		return nil
	case len(resources) > 1:
		return invalid("invalid_target", "Ask for one resource at a time: a token is good for one.")
	}
	resource := resources[0]
	parsed, err := url.Parse(resource)
	if err != nil || !parsed.IsAbs() || strings.Contains(resource, "#") {
		return invalid("invalid_target", "The resource is not an absolute URI without a fragment.")
	}
	if s.isOurs(resource) {
		return nil
	}
	known := slices.Contains(r.Client.Resources, resource)
	if !known {
		if known, err = s.Store.ResourceKnown(ctx, resource); err != nil {
			return err
		}
	}
	if !known {
		return invalid("invalid_target", "The resource is not known here.")
	}
	r.Audience = resource
	return nil
}

// isOurs reports whether a resource is Thingward, or one of its APIs: tokens
// are good at all of them alike.
func (s *Service) isOurs(resource string) bool {
	path, ours := strings.CutPrefix(strings.TrimSuffix(resource, "/"), s.Issuer)
	return ours && slices.Contains([]string{"", "/api/v1", "/wotkit/api", "/lametric"}, path)
}
