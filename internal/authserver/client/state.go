package client

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// decision is what an administrator decides about a client.
type decision struct {
	act  string
	from []domain.ClientState
	to   domain.ClientState
	mail domain.MailKind // to the owner
}

var (
	approval   = decision{"client.approve", []domain.ClientState{domain.ClientRequested, domain.ClientRejected}, domain.ClientApproved, domain.MailClientApproved}
	rejection  = decision{"client.reject", []domain.ClientState{domain.ClientRequested}, domain.ClientRejected, domain.MailClientRejected}
	suspension = decision{"client.suspend", []domain.ClientState{domain.ClientApproved}, domain.ClientSuspended, domain.MailClientSuspended}
	resumption = decision{"client.resume", []domain.ClientState{domain.ClientSuspended}, domain.ClientApproved, domain.MailClientResumed}
)

// Approve lets everybody use a requested client, or one that was rejected.
// For administrators, as are all decisions. One that is in no state for the
// decision is a Conflict (client_state).
func (s *Service) Approve(ctx context.Context, c domain.Caller, id domain.ClientID) error {
	return s.ApproveSeen(ctx, c, id, time.Time{})
}

// ApproveSeen approves a client as it was when the administrator saw it, at
// its ChangedAt. If its owner changed it since, that is a Conflict
// (client_changed): nobody can have approved what it is now.
func (s *Service) ApproveSeen(ctx context.Context, c domain.Caller, id domain.ClientID, seen time.Time) error {
	return s.decide(ctx, c, id, approval, "", seen)
}

// Reject refuses a requested client and tells its owner why. He can change it
// and so ask again.
func (s *Service) Reject(ctx context.Context, c domain.Caller, id domain.ClientID, reason string) error {
	if err := domain.CheckClientReason(reason); err != nil {
		return err
	}
	return s.decide(ctx, c, id, rejection, reason, time.Time{})
}

// Suspend stops an approved client at once: none of its tokens is accepted
// until it is resumed.
func (s *Service) Suspend(ctx context.Context, c domain.Caller, id domain.ClientID, reason string) error {
	if err := domain.CheckClientReason(reason); err != nil {
		return err
	}
	return s.decide(ctx, c, id, suspension, reason, time.Time{})
}

// Resume lets a suspended client work again.
func (s *Service) Resume(ctx context.Context, c domain.Caller, id domain.ClientID) error {
	return s.ResumeSeen(ctx, c, id, time.Time{})
}

// ResumeSeen is Resume for a client as the administrator saw it, as in
// ApproveSeen: it may have been given more while it was suspended.
func (s *Service) ResumeSeen(ctx context.Context, c domain.Caller, id domain.ClientID, seen time.Time) error {
	return s.decide(ctx, c, id, resumption, "", seen)
}

func (s *Service) decide(ctx context.Context, c domain.Caller, id domain.ClientID, d decision, reason string, seen time.Time) error {
	client, err := s.decided(ctx, c, id)
	if err != nil {
		return err
	}
	change := domain.ClientStateChange{From: d.from, To: d.to, Reason: reason, Seen: seen}
	mails, err := s.told(c, client, d.mail, reason)
	if err != nil {
		return err
	}
	if err := s.Store.SetClientState(ctx, id, change, s.event(c, d.act, client, reason), mails...); err != nil {
		return fmt.Errorf("decide about client: %w", err)
	}
	return nil
}

// decided returns a client about which the caller may decide.
func (s *Service) decided(ctx context.Context, c domain.Caller, id domain.ClientID) (domain.Client, error) {
	if !decides(c) {
		return domain.Client{}, domain.Errorf(domain.Forbidden, "admin_only", "Only an administrator decides about apps.")
	}
	return s.manageable(ctx, c, id)
}

// MakeOfficial marks a client as one that the administrators vouch for.
func (s *Service) MakeOfficial(ctx context.Context, c domain.Caller, id domain.ClientID) error {
	return s.vouch(ctx, c, id, "client.official", func(client *domain.Client) { client.Official = true })
}

// MakeUnofficial takes that mark away.
func (s *Service) MakeUnofficial(ctx context.Context, c domain.Caller, id domain.ClientID) error {
	return s.vouch(ctx, c, id, "client.unofficial", func(client *domain.Client) { client.Official = false })
}

func (s *Service) vouch(ctx context.Context, c domain.Caller, id domain.ClientID, act string, mark func(*domain.Client)) error {
	client, err := s.decided(ctx, c, id)
	if err != nil {
		return err
	}
	change := func(client domain.Client) (domain.Client, error) {
		mark(&client)
		return client, nil
	}
	if err := s.Store.EditClient(ctx, id, change, s.event(c, act, client, "")); err != nil {
		return fmt.Errorf("vouch for client: %w", err)
	}
	return nil
}
