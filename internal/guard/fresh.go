package guard

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// SessionsOf lists the sessions of a user.
type SessionsOf interface {
	SessionsOf(ctx context.Context, user domain.UserID) ([]domain.Session, error)
}

// RequireFresh refuses whoever is not a person that entered his password a
// moment ago: Forbidden (password_needed). Secrets are shown again to nobody
// else, and nobody else says where mails with codes go.
func RequireFresh(ctx context.Context, in SessionsOf, c domain.Caller, now time.Time) error {
	needed := domain.Errorf(domain.Forbidden, "password_needed", "This needs your password again: it was entered more than five minutes ago.")
	if c.Credential != domain.SessionCredential {
		return needed
	}
	sessions, err := in.SessionsOf(ctx, c.User.ID)
	if err != nil {
		return fmt.Errorf("session of the viewer: %w", err)
	}
	for _, session := range sessions {
		if session.ID == c.Session && session.Fresh(now) {
			return nil
		}
	}
	return needed
}
