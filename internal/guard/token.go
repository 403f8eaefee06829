package guard

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Tokens looks up access tokens and what they hang on. Unknown ones are NotFound.
type Tokens interface {
	AccessToken(ctx context.Context, id domain.TokenID, hash secret.Hash) (domain.AccessToken, error)
	Chain(ctx context.Context, id domain.ChainID) (domain.Chain, error)
	Grant(ctx context.Context, id domain.GrantID) (domain.Grant, error)
	ClientCheck(ctx context.Context, id domain.ClientID) (domain.ClientCheck, error)
	UserByID(ctx context.Context, id domain.UserID) (domain.User, error)
}

// LiveToken is an access token that holds, with all that it hangs on.
type LiveToken struct {
	Token  domain.AccessToken
	Grant  domain.Grant
	Client domain.Client
	User   domain.User     // the zero user where the client acts for itself
	Scopes domain.ScopeSet // what token, grant and client all still allow
}

// deadToken says why a token does not hold. The reason is for the metrics;
// whoever presented it learns only that it does not.
type deadToken struct{ reason string }

func (d *deadToken) Error() string { return "the token does not hold: " + d.reason }

// reasonOf returns the reason of a deadToken.
func reasonOf(err error) (string, bool) {
	var dead *deadToken
	if errors.As(err, &dead) {
		return dead.reason, true
	}
	return "", false
}

// IsDead reports whether FindToken found that a token does not hold, as
// against not finding out.
func IsDead(err error) bool {
	_, dead := reasonOf(err)
	return dead
}

// FindToken returns the access token if it holds at the time: it is known and
// not expired, its chain and grant are alive, its client works for its user,
// and the user is not suspended. IsDead tells refusals from failures.
func FindToken(ctx context.Context, tokens Tokens, text string, now time.Time) (LiveToken, error) {
	number, ok := secret.NumberOf(secret.AccessToken, text)
	if !ok {
		return LiveToken{}, &deadToken{"malformed"}
	}
	id := domain.TokenID(number)
	if !now.Before(id.ExpiresAt()) {
		return LiveToken{}, &deadToken{"expired"}
	}
	token, err := tokens.AccessToken(ctx, id, secret.New(text).Hash())
	if err != nil {
		return LiveToken{}, orDead(err, "unknown")
	}
	if token.Chain != 0 {
		chain, err := tokens.Chain(ctx, token.Chain)
		if err != nil {
			return LiveToken{}, orDead(err, "revoked")
		}
		if !chain.RevokedAt.IsZero() {
			return LiveToken{}, &deadToken{"revoked"}
		}
	}
	return onGrant(ctx, tokens, token, now)
}

// onGrant adds the grant, the client and the user of a token.
func onGrant(ctx context.Context, tokens Tokens, token domain.AccessToken, now time.Time) (LiveToken, error) {
	grant, err := tokens.Grant(ctx, token.Grant)
	if err != nil {
		return LiveToken{}, orDead(err, "revoked")
	}
	if !grant.Alive(now) {
		return LiveToken{}, &deadToken{"revoked"}
	}
	check, err := tokens.ClientCheck(ctx, grant.Client)
	if err != nil {
		return LiveToken{}, orDead(err, "client")
	}
	if !check.Client.WorksFor(grant.User) || grant.Standing() && !check.Client.MayKeep(grant) {
		return LiveToken{}, &deadToken{"client"}
	}
	user, err := tokens.UserByID(ctx, grant.User)
	if err != nil {
		return LiveToken{}, orDead(err, "user")
	}
	if user.Suspended {
		return LiveToken{}, &deadToken{"suspended"}
	}
	if grant.OfClient {
		user = domain.User{}
	}
	return LiveToken{token, grant, check.Client, user, token.Scopes.NarrowedTo(grant.Scopes, check.Client.Scopes)}, nil
}

func orDead(err error, reason string) error {
	if domain.IsKind(err, domain.NotFound) {
		return &deadToken{reason}
	}
	return err
}

// byToken identifies the caller behind an access token. A token for another
// audience does not count here.
func (g *Guard) byToken(ctx context.Context, caller domain.Caller, text string) (domain.Caller, error) {
	now := g.Now()
	live, err := FindToken(ctx, g.Tokens, text, now)
	if reason, dead := reasonOf(err); dead {
		return g.refuse("token", reason, badToken())
	}
	if err != nil {
		return domain.Caller{}, err
	}
	if live.Token.Audience != "" {
		return g.refuse("token", "audience", badToken())
	}
	caller.User, caller.Credential, caller.Client = live.User, domain.TokenCredential, live.Client.ID
	caller.Grant, caller.Scopes = live.Grant.ID, live.Scopes
	caller.ExpiresAt, caller.GrantEnds = live.Token.ID.ExpiresAt(), live.Grant.ExpiresAt
	g.Uses.Touch(caller, now)
	return caller, nil
}

// ownAPIs are the paths below the public URL where tokens without an audience
// count, at all of them alike.
var ownAPIs = []string{"", "/api/v1", "/wotkit/api", "/lametric"}

// AudienceOf returns what a token for a resource (RFC 8707) carries as its
// audience: nothing where the resource is Thingward, whose public URL the
// issuer is, or one of its APIs.
func AudienceOf(resource, issuer string) string {
	path, ours := strings.CutPrefix(strings.TrimSuffix(resource, "/"), issuer)
	if ours && slices.Contains(ownAPIs, path) {
		return ""
	}
	return resource
}

// badToken is the one answer to tokens that do not hold (RFC 6750 §3.1).
func badToken() error {
	return domain.Errorf(domain.Unauthenticated, "invalid_token", "The access token is not valid: it has expired, was revoked, or never was one. Get a new one.")
}
