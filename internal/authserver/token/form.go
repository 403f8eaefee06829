package token

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/secret"
)

// Forming is an access token that has all but its text.
type Forming struct {
	Token     domain.AccessToken // its number says when it expires; its scopes are what it may do as things stand
	Client    domain.Client      // to which it is issued
	User      domain.User        // zero: it acts for nobody
	Grant     domain.Grant       // zero for an access key
	Key       domain.AccessKey   // for which it was got; zero: for none
	Gateway   *domain.Gateway    // that it is for, to be shown to the network; nil: for none
	Component *domain.Component  // likewise
}

// Former gives access tokens their text, where a contract says how that is
// built. The text must carry the number of the token (secret.NumberText).
type Former interface {
	Form(ctx context.Context, f Forming) (secret.Secret, error)
}

// mint gives a drafted token its text: opaque, or in the words of the kind of
// client. What is in words tells its expiry in whole seconds, and then the row
// has it so.
func (s *Service) mint(ctx context.Context, f Forming) (grant.Minted, error) {
	former := s.Forms[f.Client.Kind]
	if former == nil {
		return grant.Opaque(f.Token), nil
	}
	f.Token.ID = domain.NewTokenID(f.Token.ID.ExpiresAt().Truncate(time.Second))
	text, err := former.Form(ctx, f)
	if err != nil {
		return grant.Minted{}, err
	}
	f.Token.Hash = text.Hash()
	return grant.Minted{Text: text, Token: f.Token}, nil
}
