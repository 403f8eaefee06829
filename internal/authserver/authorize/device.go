package authorize

import (
	"context"
	"net/netip"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// The way of a device without a browser (RFC 8628). What a person is asked
// and may answer is what any client's person is asked; only where the answer
// goes differs.
//
//	device ─► BeginDevice ─► device code, user code
//	                              │ shown on the device, typed by a person
//	person ─► EnterUserCode ─► Ask ─► a page ─► Allow or Deny
//	device ─► token endpoint, every few seconds ─► tokens

// DevicePage is the page on which people enter user codes, and the addresses
// to which answers lead from there.
const (
	DevicePage    = "/device"
	DeviceAllowed = DevicePage + "/allowed"
	DeviceDenied  = DevicePage + "/denied"
)

// DeviceCodes keeps devices that wait. Each method is one transaction.
type DeviceCodes interface {
	KeepDeviceCode(ctx context.Context, code domain.DeviceCode) (bool, error)
	WaitingDevice(ctx context.Context, userHash secret.Hash) (domain.DeviceCode, error)
	DenyDevice(ctx context.Context, hash secret.Hash, event domain.AuditEvent) error
}

// DeviceAnswer is what a device is told that begins to wait (RFC 8628 §3.2).
type DeviceAnswer struct {
	DeviceCode secret.Secret
	UserCode   secret.Secret // as people read it: WDJB-MJHT
	Life       time.Duration
	Pace       time.Duration // between polls
}

// deviceAsker is a client in a network.
type deviceAsker struct {
	client  domain.ClientID
	network netip.Prefix
}

// deviceBound is how often devices of one client in one network begin to wait.
var deviceBound = guard.Bound{Burst: 20, Every: 3 * time.Second, Code: "temporarily_unavailable",
	Message: "Too many devices in your network ask at once. Try again in a moment."}

// userBound and networkBound are how often user codes may be tried: of some
// 25,000,000,000 there is no finding one (RFC 8628 §5.1).
var (
	userBound    = guard.Bound{Burst: 10, Every: 20 * time.Second, Code: "too_many_attempts", Message: tooManyCodes}
	networkBound = guard.Bound{Burst: 40, Every: 5 * time.Second, Code: "too_many_attempts", Message: tooManyCodes}
)

const tooManyCodes = "Too many codes were tried. Wait a moment and try again."

// BeginDevice lets a device wait for a person's answer (RFC 8628 §3.1). The
// client proves itself as at the token endpoint. Errors carry the codes of
// RFC 6749 §5.2.
func (s *Service) BeginDevice(ctx context.Context, form guard.ClientForm) (DeviceAnswer, error) {
	if err := guard.CheckParameters(form.Values); err != nil {
		return DeviceAnswer{}, err
	}
	client, err := s.Gate.AuthenticateForm(ctx, form)
	if err != nil {
		return DeviceAnswer{}, err
	}
	if err := mayWait(client); err != nil {
		return DeviceAnswer{}, err
	}
	if err := s.waits.Admit(s.Now(), deviceAsker{client.ID, domain.NetworkOf(form.From)}, deviceBound); err != nil {
		return DeviceAnswer{}, err
	}
	var query parameters
	for _, name := range []string{"scope", "resource"} {
		for _, value := range form.Values[name] {
			query = append(query, parameter{name: name, value: value})
		}
	}
	if _, err := s.readDevice(ctx, client, query.encode()); err != nil {
		return DeviceAnswer{}, err
	}
	return s.keepDevice(ctx, domain.DeviceCode{Client: client.ID, Query: query.encode(), Address: form.From})
}

// mayWait refuses clients that cannot get tokens in this way.
func mayWait(client domain.Client) error {
	switch {
	case client.Kind != domain.StandardClient:
		return domain.Errorf(domain.Unauthenticated, "invalid_client", "This client was registered for a kind of program that has no device grant.")
	case !client.MayUse(domain.DeviceGrant):
		return invalid("unauthorized_client", "This client was not registered for the grant type %s.", domain.DeviceGrant)
	}
	return guard.RequireUsable(client)
}

// readDevice reads what the device asks for, as Begin does.
func (s *Service) readDevice(ctx context.Context, client domain.Client, query string) (Request, error) {
	if len(query) > MaxQuery {
		return Request{}, invalid("invalid_request", "The request is too long: 16 KiB is the most.")
	}
	r := Request{Client: client}
	given := parseParameters(query)
	if err := given.fault(); err != nil {
		return Request{}, err
	}
	if err := takeScope(&r, given); err != nil {
		return Request{}, err
	}
	return r, s.takeResource(ctx, &r, given.all("resource"))
}

// keepDevice makes the codes and keeps their hashes. Two user codes are the
// same once in a very long time; then there is another.
func (s *Service) keepDevice(ctx context.Context, code domain.DeviceCode) (DeviceAnswer, error) {
	now := s.Now()
	code.IssuedAt, code.ExpiresAt, code.Pace = now, now.Add(domain.DeviceCodeLife), domain.DeviceCodePace
	for range 5 {
		answer := DeviceAnswer{secret.Generate(secret.DeviceCode), secret.NewUserCode(), domain.DeviceCodeLife, domain.DeviceCodePace}
		code.Hash, code.UserHash = answer.DeviceCode.Hash(), answer.UserCode.Hash()
		kept, err := s.Store.KeepDeviceCode(ctx, code)
		if err != nil || kept {
			return answer, err
		}
	}
	return DeviceAnswer{}, domain.Errorf(domain.Unavailable, "temporarily_unavailable", "There is no code for the device at the moment. Try again.")
}

// EnterUserCode returns the request of the device that shows the code. Each
// call is a try, and tries are bounded for each person and network. A code
// that is wrong, expired, answered already, or of a client that is not for
// this person is Invalid in the same words.
func (s *Service) EnterUserCode(ctx context.Context, c domain.Caller, typed string) (Request, error) {
	if err := requirePerson(c); err != nil {
		return Request{}, err
	}
	now := s.Now()
	if err := s.tries.Admit(now, c.User.ID, userBound); err != nil {
		return Request{}, err
	}
	if err := s.networkTries.Admit(now, domain.NetworkOf(c.Address), networkBound); err != nil {
		return Request{}, err
	}
	return s.DeviceRequest(ctx, c, typed)
}

// DeviceRequest is EnterUserCode for a person who has shown before that he
// knows the code: it counts no try, so nobody else may get here.
func (s *Service) DeviceRequest(ctx context.Context, c domain.Caller, typed string) (Request, error) {
	code, ok := secret.ParseUserCode(typed)
	if !ok {
		return Request{}, wrongUserCode()
	}
	device, err := s.Store.WaitingDevice(ctx, code.Hash())
	if err != nil {
		return Request{}, orWrongCode(err)
	}
	check, err := s.Store.ClientCheck(ctx, device.Client)
	if err != nil {
		return Request{}, orWrongCode(err)
	}
	if mayWait(check.Client) != nil || !check.Client.WorksFor(c.User.ID) {
		return Request{}, wrongUserCode()
	}
	r, err := s.readDevice(ctx, check.Client, device.Query)
	if err != nil {
		return Request{}, err
	}
	r.Device, r.UserCode = &device, code.Reveal()
	return r, nil
}

func orWrongCode(err error) error {
	if domain.IsKind(err, domain.NotFound) {
		return wrongUserCode()
	}
	return err
}

// wrongUserCode is the one answer to codes that lead nowhere: which of the
// reasons it is, is not for whoever guesses to know.
func wrongUserCode() error {
	return domain.InvalidField("user_code", "No device waits with this code for you. It may be mistyped, expired or used, or its app is not open to you yet. Look at the device again; if it shows the same code, start again there.")
}

// handOutDevice lets the device find its tokens when it asks next.
func (s *Service) handOutDevice(ctx context.Context, r Request, yes domain.Allowed, scopes domain.ScopeSet, event domain.AuditEvent) (Redirect, error) {
	yes.Device = &domain.DeviceYes{Hash: r.Device.Hash, Scopes: scopes, Audience: r.Audience}
	if _, err := s.Store.Allow(ctx, yes, event); err != nil {
		return Redirect{}, err
	}
	return Redirect{DeviceAllowed}, nil
}

// denyDevice lets the device find a no when it asks next.
func (s *Service) denyDevice(ctx context.Context, r Request, event domain.AuditEvent) (Redirect, error) {
	if err := s.Store.DenyDevice(ctx, r.Device.Hash, event); err != nil {
		return Redirect{}, err
	}
	return Redirect{DeviceDenied}, nil
}
