package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/internal/domain"
)

// renewBefore is how long before its end an access token is renewed, so that
// it does not end on the way.
const renewBefore = 30 * time.Second

// loginTokens gives the access tokens of a login and renews them. Each new
// refresh token is stored before the access token that came with it is used:
// whatever happens later, the login is not lost.
type loginTokens struct {
	store *loginStore
	now   func() time.Time
	ahead time.Duration // for how long the token must hold, if it can; zero: for a request

	mu   sync.Mutex
	held login
}

// endedLogin says that a server takes nothing of a login any more.
type endedLogin struct{ server string }

func (e endedLogin) Error() string {
	return fmt.Sprintf("the login at %s has ended: run thingward login", e.server)
}

// AccessToken returns an access token that holds for a while yet.
func (s *loginTokens) AccessToken(ctx context.Context) (apiclient.Password, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fresh(s.held) {
		return s.held.AccessToken, nil
	}
	err := s.store.locked(ctx, func() error { return s.renew(ctx) })
	return s.held.AccessToken, err
}

func (s *loginTokens) fresh(l login) bool { return s.lasts(l, max(renewBefore, s.ahead)) }

func (s *loginTokens) lasts(l login, ahead time.Duration) bool {
	return s.now().Add(ahead).Before(l.ExpiresAt)
}

// renew takes what another process renewed meanwhile, or redeems the refresh
// token.
func (s *loginTokens) renew(ctx context.Context) error {
	stored, err := s.store.load()
	if err != nil {
		return err
	}
	if s.held = stored; s.fresh(stored) {
		return nil
	}
	if stored.RefreshToken.Empty() {
		if s.lasts(stored, renewBefore) {
			return nil
		}
		return endedLogin{s.store.server}
	}
	// An interruption must not come between redeeming and storing.
	steady, cancel := context.WithTimeout(context.WithoutCancel(ctx), 40*time.Second)
	defer cancel()
	token, err := redeemRefreshToken(steady, stored)
	if err != nil {
		return s.refused(err)
	}
	renewed := stored.with(token)
	if err := s.store.save(&renewed); err != nil {
		return err
	}
	s.held = renewed
	return nil
}

// refused forgets a login that the server has ended.
func (s *loginTokens) refused(err error) error {
	var fault *apiclient.Error
	if !errors.As(err, &fault) || fault.Code != "invalid_grant" && fault.Code != "invalid_client" && fault.Code != "unauthorized_client" {
		return fmt.Errorf("renew the login: %w", err)
	}
	if err := s.store.forget(); err != nil {
		return err
	}
	return endedLogin{s.store.server}
}

// redeemRefreshToken sends the request again where the answer was lost: for a
// while the server gives the same successor.
func redeemRefreshToken(ctx context.Context, l login) (*oauth2.Token, error) {
	config := commandLineClient(l.Server)
	for try := 1; ; try++ {
		source := config.TokenSource(withProgram(ctx), &oauth2.Token{RefreshToken: l.RefreshToken.Reveal()})
		token, err := source.Token()
		var lost *url.Error
		if err == nil || try == 3 || !errors.As(err, &lost) || ctx.Err() != nil {
			return token, tokenFault(err)
		}
		timer := time.NewTimer(time.Second)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// commandLineClient is the client that every server has built in (RFC 8252):
// a public one, which proves itself by PKCE.
func commandLineClient(server string) *oauth2.Config {
	return &oauth2.Config{ClientID: string(domain.CommandLineID),
		Endpoint: oauth2.Endpoint{AuthURL: server + "/oauth/authorize", TokenURL: server + "/oauth/token", DeviceAuthURL: server + "/oauth/device_authorization", AuthStyle: oauth2.AuthStyleInParams}}
}

// with returns the login with the tokens of an answer. An answer without a
// refresh token leaves the present one in use (RFC 6749 §6).
func (l login) with(token *oauth2.Token) login {
	l.AccessToken, l.ExpiresAt = apiclient.NewPassword(token.AccessToken), token.Expiry
	if token.RefreshToken != "" {
		l.RefreshToken = apiclient.NewPassword(token.RefreshToken)
	}
	if scope, ok := token.Extra("scope").(string); ok {
		l.Scope = scope
	}
	return l
}

// tokenFault turns a refusal of the token endpoint into the error that other
// refusals of the server are.
func tokenFault(err error) error {
	var refusal *oauth2.RetrieveError
	if !errors.As(err, &refusal) {
		return err
	}
	fault := &apiclient.Error{Code: refusal.ErrorCode, Detail: refusal.ErrorDescription}
	if refusal.Response != nil {
		fault.Status, fault.Request = refusal.Response.StatusCode, refusal.Response.Header.Get("X-Request-Id")
	}
	return fault
}

// programName is the User-Agent of the command line.
func programName() string { return "thingward/" + app.Version() }

// withProgram makes token requests say which program they come from.
func withProgram(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: namedTransport{}, Timeout: 15 * time.Second})
}

type namedTransport struct{}

// RoundTrip sends a request with our name on it.
func (namedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", programName())
	return http.DefaultTransport.RoundTrip(r)
}
