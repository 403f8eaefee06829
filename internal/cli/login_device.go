package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
)

// askElsewhere lets a person sign in with the browser of another device
// (RFC 8628): he enters a code there, and the server is asked every few
// seconds whether he has. Nothing need reach this machine for that.
func (t *terminal) askElsewhere(ctx context.Context, scopes []string) (*oauth2.Token, error) {
	config := commandLineClient(serverName(t.Server))
	config.Scopes = scopes
	waiting, err := config.DeviceAuth(withProgram(ctx))
	if err != nil {
		return nil, fmt.Errorf("ask for a code: %w", tokenFault(err))
	}
	if waiting.Expiry.IsZero() {
		waiting.Expiry = t.Now().Add(loginPatience)
	}
	t.showCode(waiting)
	token, err := poll(ctx, config, waiting)
	if err != nil {
		return nil, pollFault(ctx, err)
	}
	return token, nil
}

// showCode prints where to go and what to enter, and where the terminal has
// room, the same as a picture for the camera of a phone.
func (t *terminal) showCode(waiting *oauth2.DeviceAuthResponse) {
	t.note("Open this address in a browser, on any device:\n\n    %s\n\nSign in and enter the code:\n\n    %s\n", oneLine(waiting.VerificationURI), oneLine(waiting.UserCode))
	if picture := qrFor(waiting.VerificationURIComplete, terminalWidth(t.Stderr)); picture != "" && t.Env["TERM"] != "dumb" {
		t.note("Or scan this, and compare the code:\n\n%s", picture)
	}
	minutes := int(waiting.Expiry.Sub(t.Now()).Round(time.Minute).Minutes())
	t.note("Waiting for your answer there, for at most %d min. Ctrl-C gives up.", minutes)
}

// poll asks until there is an answer. Where the server cannot be reached it
// asks on, but less often (RFC 8628 §3.5).
func poll(ctx context.Context, config *oauth2.Config, waiting *oauth2.DeviceAuthResponse) (*oauth2.Token, error) {
	if waiting.Interval <= 0 {
		waiting.Interval = 5
	}
	for {
		token, err := config.DeviceAccessToken(withProgram(ctx), waiting)
		if err == nil || ctx.Err() != nil || !passes(err) {
			return token, err
		}
		waiting.Interval = min(2*waiting.Interval, 60)
	}
}

// passes reports whether a request failed for a reason that may pass.
func passes(err error) bool {
	var lost *url.Error
	var refusal *oauth2.RetrieveError
	if errors.As(err, &refusal) && refusal.Response != nil {
		return refusal.Response.StatusCode >= http.StatusInternalServerError || refusal.Response.StatusCode == http.StatusTooManyRequests
	}
	return errors.As(err, &lost)
}

// pollFault says why nobody was signed in.
func pollFault(ctx context.Context, err error) error {
	var refusal *oauth2.RetrieveError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refusal) && refusal.ErrorCode == "access_denied":
		return errNotAllowed
	case errors.As(err, &refusal) && refusal.ErrorCode == "expired_token", errors.Is(err, context.DeadlineExceeded):
		return errNobodyCame
	}
	return fmt.Errorf("wait for the answer: %w", tokenFault(err))
}

var (
	errNotAllowed = errors.New("the command line was not allowed to act for you: nobody was signed in")
	errNobodyCame = errors.New("nobody signed in: run thingward login once more")
)
