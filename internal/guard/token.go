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
	AccessKeys
}

// AccessKeys looks up access keys. Unknown ones, and those of things that were
// deleted, are NotFound.
type AccessKeys interface {
	AccessKey(ctx context.Context, id domain.AccessKeyID) (domain.AccessKey, error)
	AccessKeyByHash(ctx context.Context, hash secret.Hash) (domain.AccessKey, error)
}

// LiveToken is an access token that holds, with all that it hangs on.
type LiveToken struct {
	Token  domain.AccessToken
	Grant  domain.Grant
	Client domain.Client
	User   domain.User      // the zero user where the client acts for itself, or the token for an access key
	Key    domain.AccessKey // of a token that was got for one
	Scopes domain.ScopeSet  // what token, grant, client and the tokens that it was restricted from all still allow
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
// and the user is not suspended. A restricted token holds only as long as the
// one that it was made of. IsDead tells refusals from failures.
func FindToken(ctx context.Context, tokens Tokens, text string, now time.Time) (LiveToken, error) {
	id, ok := TokenNumber(text)
	if !ok {
		return LiveToken{}, &deadToken{"malformed"}
	}
	return TokenByRef(ctx, tokens, domain.TokenRef{ID: id, Hash: secret.New(text).Hash()}, now)
}

// TokenNumber reads from an access token, opaque or signed, where its row
// stands. It reports false for text that is none of ours.
func TokenNumber(text string) (domain.TokenID, bool) {
	number, ok := secret.NumberOf(secret.AccessToken, text)
	if !ok && strings.HasPrefix(text, signedBegin) {
		number, ok = secret.NumberOfSigned(text)
	}
	return domain.TokenID(number), ok
}

// signedBegin is how every signed token begins: with {" in base64.
const signedBegin = "eyJ"

// TokenByRef is FindToken for the row of a token that was looked at before.
func TokenByRef(ctx context.Context, tokens Tokens, ref domain.TokenRef, now time.Time) (LiveToken, error) {
	if !now.Before(ref.ID.ExpiresAt()) {
		return LiveToken{}, &deadToken{"expired"}
	}
	token, err := tokens.AccessToken(ctx, ref.ID, ref.Hash)
	if err != nil {
		return LiveToken{}, orDead(err, "unknown")
	}
	live, err := hanging(ctx, tokens, token, now)
	if err != nil || token.Parent == nil {
		return live, err
	}
	parent, err := TokenByRef(ctx, tokens, *token.Parent, now)
	if err != nil {
		return LiveToken{}, err
	}
	live.Scopes = live.Scopes.NarrowedTo(parent.Scopes)
	return live, nil
}

// hanging adds what a token hangs on besides its parent.
func hanging(ctx context.Context, tokens Tokens, token domain.AccessToken, now time.Time) (LiveToken, error) {
	if token.Key != 0 {
		return onAccessKey(ctx, tokens, token)
	}
	if token.Chain == 0 {
		return onGrant(ctx, tokens, token, now)
	}
	chain, err := tokens.Chain(ctx, token.Chain)
	if err != nil {
		return LiveToken{}, orDead(err, "revoked")
	}
	if !chain.RevokedAt.IsZero() {
		return LiveToken{}, &deadToken{"revoked"}
	}
	return onGrant(ctx, tokens, token, now)
}

// onAccessKey adds the access key of a token that was got for one.
func onAccessKey(ctx context.Context, tokens AccessKeys, token domain.AccessToken) (LiveToken, error) {
	key, err := tokens.AccessKey(ctx, token.Key)
	if err != nil {
		return LiveToken{}, orDead(err, "revoked")
	}
	return LiveToken{Token: token, Key: key, Scopes: token.Scopes.NarrowedTo(key.Scopes())}, nil
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
	return LiveToken{Token: token, Grant: grant, Client: check.Client, User: user, Scopes: token.Scopes.NarrowedTo(grant.Scopes, check.Client.Scopes)}, nil
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
	caller.Token, caller.ExpiresAt = live.Token.Ref(), live.Token.ID.ExpiresAt()
	if live.Key.ID != 0 {
		return asAccessKey(caller, live.Key), nil
	}
	caller.Unnarrowed = live.Token.Parent == nil
	caller.User, caller.Credential, caller.Client = live.User, domain.TokenCredential, live.Client.ID
	caller.Grant, caller.Scopes = live.Grant.ID, live.Scopes
	caller.GrantEnds = live.Grant.ExpiresAt
	g.Uses.Touch(caller, now)
	return caller, nil
}

// byAccessKey identifies the caller behind the access key of an application or
// gateway. A key says in front who issued it; others are not looked up.
func (g *Guard) byAccessKey(ctx context.Context, caller domain.Caller, text string) (domain.Caller, error) {
	if issuer, _, dotted := strings.Cut(text, "."); !dotted || issuer != g.KeyIssuer {
		return g.refuse("access_key", "issuer", badAccessKey())
	}
	key, err := g.Tokens.AccessKeyByHash(ctx, secret.New(text).Hash())
	if domain.IsKind(err, domain.NotFound) {
		return g.refuse("access_key", "unknown", badAccessKey())
	}
	if err != nil {
		return domain.Caller{}, err
	}
	return asAccessKey(caller, key), nil
}

func asAccessKey(caller domain.Caller, key domain.AccessKey) domain.Caller {
	caller.Credential, caller.AccessKey, caller.Acting = domain.AccessCredential, key.ID, key.Thing
	caller.Rights, caller.Scopes = key.Rights, key.Scopes()
	return caller
}

func badAccessKey() error {
	return domain.Errorf(domain.Unauthenticated, "invalid_access_key", "The access key is not valid: it was deleted, or never was one of this network.")
}

// ownAPIs are the paths below the public URL where tokens without an audience
// count, at all of them alike.
var ownAPIs = []string{"", "/api/v1", "/wotkit/api", "/lametric", "/ttn"}

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
