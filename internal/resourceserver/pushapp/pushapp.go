// Package pushapp holds the apps on LaMetric clocks that are given what they
// show: a token with which their maker pushes frames, and the frames that he
// pushed last. Each app is an OAuth client of the LaMetric kind.
package pushapp

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// Store keeps what is pushed, and looks clients up.
type Store interface {
	Client(ctx context.Context, id domain.ClientID) (domain.Client, error)
	CountClientsOf(ctx context.Context, owner domain.UserID) (all, private int, err error)
	SetPushToken(ctx context.Context, client domain.ClientID, pkg string, token secret.Hash, event domain.AuditEvent) (domain.PushApp, error)
	PushApp(ctx context.Context, client domain.ClientID) (domain.PushApp, error)
	PushAppByPackage(ctx context.Context, pkg string) (domain.PushApp, error)
	SetFrames(ctx context.Context, pkg string, token secret.Hash, version, frames string, at time.Time) (kept bool, err error)
}

// Service is the use cases of apps that are pushed to.
type Service struct {
	Store   Store
	BaseURL string // of the LaMetric door, without a slash at its end
	Now     func() time.Time
	rates   guard.Rates[string]
}

// namePrefix stands before the package of an app in its full name.
const namePrefix = "com.lametric."

// FullName returns the name of an app as clocks know it.
func FullName(app domain.PushApp) string { return namePrefix + app.Package }

// URL returns the address to which the maker of an app pushes.
func (s *Service) URL(app domain.PushApp) string {
	return s.BaseURL + "/api/v1/dev/widget/update/" + FullName(app) + "/1"
}

// RotateToken makes a push token for an app of the caller and returns it; it
// is not to be seen again. The one before stops at once. It needs the scope
// account, as all secrets of clients do.
func (s *Service) RotateToken(ctx context.Context, c domain.Caller, id domain.ClientID) (domain.PushApp, secret.Secret, error) {
	if err := web.Scoped(domain.ScopeAccount).Check(c); err != nil {
		return domain.PushApp{}, secret.Secret{}, err
	}
	client, err := s.own(ctx, c, id)
	if err != nil {
		return domain.PushApp{}, secret.Secret{}, err
	}
	if client.Kind != domain.LametricClient {
		return domain.PushApp{}, secret.Secret{}, domain.Errorf(domain.Conflict, "not_a_push_app", "Only apps of the LaMetric kind are pushed to.")
	}
	token := secret.GeneratePushToken()
	event := domain.NewAudit(c, s.Now(), "client.push_token", "client "+string(id))
	app, err := s.Store.SetPushToken(ctx, id, secret.NewPackage(), token.Hash(), event)
	if err != nil {
		return domain.PushApp{}, secret.Secret{}, err
	}
	return app, token, nil
}

// Find returns what was pushed to an app of the caller. One without a push
// token is NotFound (push_app_not_found).
func (s *Service) Find(ctx context.Context, c domain.Caller, id domain.ClientID) (domain.PushApp, error) {
	if err := web.Scoped(domain.ScopeClientsRead).Check(c); err != nil {
		return domain.PushApp{}, err
	}
	if _, err := s.own(ctx, c, id); err != nil {
		return domain.PushApp{}, err
	}
	return s.Store.PushApp(ctx, id)
}

// own returns a client of the caller. Others are not found.
func (s *Service) own(ctx context.Context, c domain.Caller, id domain.ClientID) (domain.Client, error) {
	client, err := s.Store.Client(ctx, id)
	if err != nil && !domain.IsKind(err, domain.NotFound) {
		return domain.Client{}, err
	}
	if err != nil || c.User.ID == 0 || client.Owner != c.User.ID {
		return domain.Client{}, domain.Errorf(domain.NotFound, "client_not_found", "There is no such app, or it is not yours.")
	}
	return client, nil
}

// Made counts the clients of the caller's user, as his profile tells
// (LaMetric): all of them, and those that are not for everybody yet.
func (s *Service) Made(ctx context.Context, c domain.Caller) (all, private int, err error) {
	if err := web.Scoped(domain.ScopeProfile).Check(c); err != nil || c.User.ID == 0 {
		return 0, 0, err
	}
	return s.Store.CountClientsOf(ctx, c.User.ID)
}

// Push is what the maker of an app sends.
type Push struct {
	App     string // full name
	Version string // may be empty
	Token   secret.Secret
	Body    []byte // JSON with the frames
}

// Push keeps the frames that an app shows from now on. Unknown apps, wrong
// tokens, and apps that may not be used are Unauthenticated in the same words.
func (s *Service) Push(ctx context.Context, p Push) error {
	pkg, named := strings.CutPrefix(p.App, namePrefix)
	if !named || !isPackage(pkg) || p.Token.Empty() {
		return badToken()
	}
	app, err := s.Store.PushAppByPackage(ctx, strings.ToLower(pkg))
	if err != nil && !domain.IsKind(err, domain.NotFound) {
		return err
	}
	if err != nil || !app.Token.Matches(p.Token.Hash()) {
		return badToken()
	}
	if err := s.rates.Admit(s.Now(), app.Package, pushBound); err != nil {
		return err
	}
	frames, err := readFrames(p.Body)
	if err != nil {
		return err
	}
	if err := checkVersion(p.Version); err != nil {
		return err
	}
	kept, err := s.Store.SetFrames(ctx, app.Package, app.Token, p.Version, frames, s.Now())
	if err == nil && !kept {
		return badToken() // it was rotated in between
	}
	return err
}

func badToken() error {
	return domain.Errorf(domain.Unauthenticated, "invalid_credential", "The push token is not valid for this app.")
}

func isPackage(pkg string) bool {
	return len(pkg) == 32 && strings.Trim(pkg, "0123456789abcdefABCDEF") == ""
}

func checkVersion(version string) error {
	const allowed = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-"
	if len(version) > 20 || strings.Trim(version, allowed) != "" {
		return domain.InvalidField("version", "The version of an app has at most 20 letters, digits and dots.")
	}
	return nil
}
