package token

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// What the metrics call the way to a token that no grant type leads to.
const (
	byAccessKey domain.GrantType = "access_key"
	forThing    domain.GrantType = "thing"
)

// AccessKeyLife is how long a token lives that was got for an access key.
const AccessKeyLife = 24 * time.Hour

// ForAccessKey issues a token that may do what the access key may, in the
// shape of The Things Network. It hangs on the key alone and dies with it. by
// is who brought the key: a client or a component of the network.
func (s *Service) ForAccessKey(ctx context.Context, key domain.AccessKey, by domain.Caller) (Answer, error) {
	e := s.exchangeFor(by)
	e.client = domain.Client{ID: by.Client, Kind: domain.TTNClient}
	f := Forming{Key: key}
	if key.Thing.Noun == domain.NounGateway {
		gateway, err := s.Finder.Network.Gateway(ctx, domain.ThingRef(key.Thing.ID))
		if err != nil {
			return Answer{}, err
		}
		f.Gateway = &gateway
	}
	answer, err := e.issueForKey(ctx, f, AccessKeyLife)
	return s.counted(answer, err, byAccessKey, e.client.Kind)
}

// ForThing issues a token with which a gateway or component shows itself to
// the network. It hangs on the token or the access key of the caller, lives no
// longer than that, and does nothing here but see the thing and carry its
// messages. For sessions and keys there is none (Forbidden, not_restrictable).
func (s *Service) ForThing(ctx context.Context, c domain.Caller, thing domain.Thing, life time.Duration) (Answer, error) {
	answer, err := s.exchangeFor(c).forThing(ctx, thing, life)
	return s.counted(answer, err, forThing, domain.TTNClient)
}

func (e exchange) forThing(ctx context.Context, thing domain.Thing, life time.Duration) (Answer, error) {
	c := e.caller
	f, err := e.ofThing(ctx, thing)
	if err != nil {
		return Answer{}, err
	}
	if c.ActsForThing() {
		return e.ofCallingKey(ctx, f, life)
	}
	if c.Credential != domain.TokenCredential {
		return Answer{}, domain.Errorf(domain.Forbidden, "not_restrictable", "Ask with an access token: the token of a thing hangs on one.")
	}
	live, err := guard.TokenByRef(ctx, e.Reader, c.Token, e.now)
	if err != nil {
		return Answer{}, orInvalidToken(err)
	}
	e.client = live.Client
	if err := e.checkDepth(ctx, live.Token); err != nil {
		return Answer{}, err
	}
	f.Token = e.child(live, scopesOfThing(thing), "", life)
	return e.issueChild(ctx, live, f)
}

// ofCallingKey is ForThing where the access key of the thing calls, or a token
// that was got for it.
func (e exchange) ofCallingKey(ctx context.Context, f Forming, life time.Duration) (Answer, error) {
	key, err := e.Reader.AccessKey(ctx, e.caller.AccessKey)
	if err != nil {
		return Answer{}, err
	}
	f.Key = key
	if parent := e.caller.Token; parent.ID != 0 {
		from, err := e.Reader.AccessToken(ctx, parent.ID, parent.Hash)
		if err != nil {
			return Answer{}, err
		}
		if err := e.checkDepth(ctx, from); err != nil {
			return Answer{}, err
		}
		f.Token.Parent, life = &parent, min(life, e.caller.ExpiresAt.Sub(e.now))
	}
	e.client = domain.Client{ID: e.caller.Client, Kind: domain.TTNClient}
	return e.issueForKey(ctx, f, life)
}

func (s *Service) exchangeFor(c domain.Caller) exchange {
	return exchange{Service: s, caller: c, now: s.Now().Truncate(time.Millisecond)}
}

// ofThing finds the gateway or component again, with the right to act for it.
func (e exchange) ofThing(ctx context.Context, thing domain.Thing) (f Forming, err error) {
	ref, right := domain.ThingRef(thing.ID), domain.ComponentSettings
	switch {
	case thing.Noun == domain.NounComponent:
		component, err := e.Finder.Component(ctx, e.caller, ref, right)
		return Forming{Component: &component}, err
	case thing.Noun != domain.NounGateway:
		return Forming{}, guard.NotThere(thing.Noun)
	case e.caller.ActsForThing():
		right = domain.GatewaySee // it is the key of the gateway itself
		if e.caller.Acting != thing.Key() {
			return Forming{}, guard.NotThere(thing.Noun)
		}
	default:
		right = domain.GatewaySettings
	}
	gateway, err := e.Finder.Gateway(ctx, e.caller, ref, right)
	return Forming{Gateway: &gateway}, err
}

// scopesOfThing are what the token of a gateway or component may do here.
func scopesOfThing(thing domain.Thing) domain.ScopeSet {
	if thing.Noun == domain.NounGateway {
		return domain.ScopeSet{domain.ScopeGatewaysRead.On(thing.ID), domain.ScopeOf(domain.GatewayMessages).On(thing.ID)}
	}
	return domain.ScopeSet{domain.ScopeComponentsRead.On(thing.ID)}
}

// issueForKey issues a token that hangs on an access key and on no grant.
func (e exchange) issueForKey(ctx context.Context, f Forming, life time.Duration) (Answer, error) {
	scopes := f.Key.Scopes()
	f.Client = e.client
	parent := f.Token.Parent
	f.Token = grant.DraftAccess(domain.Grant{Scopes: scopes}, scopes, "", life, e.now)
	f.Token.Key, f.Token.Parent = f.Key.ID, parent
	minted, err := e.mint(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	if err := e.Store.IssueToken(ctx, minted.Token); err != nil {
		return Answer{}, err
	}
	return e.answer(ctx, minted.Text, minted.Token.ID, secret.Secret{}, minted.Token.Scopes)
}
