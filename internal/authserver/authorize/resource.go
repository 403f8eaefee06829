package authorize

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/guard"
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
	if guard.AudienceOf(resource, s.Issuer) == "" {
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
