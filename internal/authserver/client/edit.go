package client

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

// ClientEdit changes what is not nil. Id, kind, owner and whether it is public
// never change: programs and people rely on them.
type ClientEdit struct {
	Name         *string
	Description  *string
	Website      *string
	PrivacyURL   *string
	Icon         *string
	RedirectURIs *[]string
	Scopes       *[]string // in the words of the kind
	GrantTypes   *[]domain.GrantType
	Switches     *[]domain.LegacySwitch
	Resources    *[]string
	Lives        *domain.TokenLives
	Testers      *[]string // user names
}

// Edit changes a client of the caller's, or any for administrators. An
// approved client that its owner widens waits for approval again where its
// kind does; a rejected one that he changes always does. A suspended one
// stays so.
func (s *Service) Edit(ctx context.Context, c domain.Caller, id domain.ClientID, edit ClientEdit) (domain.Client, error) {
	client, err := s.manageable(ctx, c, id)
	if err != nil {
		return domain.Client{}, err
	}
	var testers []domain.Tester
	if edit.Testers != nil {
		if testers, err = s.testers(ctx, *edit.Testers); err != nil {
			return domain.Client{}, err
		}
	}
	change := func(before domain.Client) (domain.Client, error) {
		after, err := edit.apply(before)
		if err != nil {
			return domain.Client{}, err
		}
		if edit.Testers != nil {
			after.Testers = testers
		}
		if err := after.Check(); err != nil {
			return domain.Client{}, err
		}
		return s.judged(c, before, after), mayBecome(c, before, after)
	}
	next, err := change(client)
	if err != nil {
		return domain.Client{}, err
	}
	var mails []domain.NewMail
	if next.State != client.State {
		if mails, err = s.requested(c, next); err != nil {
			return domain.Client{}, err
		}
	}
	if err := s.Store.EditClient(ctx, id, change, s.event(c, "client.edit", client, ""), mails...); err != nil {
		return domain.Client{}, fmt.Errorf("edit client: %w", err)
	}
	return s.Reader.Client(ctx, id)
}

func (e ClientEdit) apply(client domain.Client) (domain.Client, error) {
	for _, text := range []struct{ given, field *string }{
		{e.Name, &client.Name}, {e.Description, &client.Description}, {e.Website, &client.Website}, {e.PrivacyURL, &client.PrivacyURL}, {e.Icon, &client.Icon},
	} {
		if text.given != nil {
			*text.field = *text.given
		}
	}
	replace(&client.RedirectURIs, e.RedirectURIs)
	replace(&client.Resources, e.Resources)
	replace(&client.GrantTypes, e.GrantTypes)
	replace(&client.Switches, e.Switches)
	if e.Lives != nil {
		client.Lives = *e.Lives
	}
	if e.Scopes == nil {
		return client, nil
	}
	scopes, err := client.Kind.ClientScopes(*e.Scopes)
	client.Scopes = scopes
	return client, err
}

func replace[T comparable](field *[]T, given *[]T) {
	if given != nil {
		*field = unique(*given)
	}
}

// judged says how a changed client stands. An administrator leaves that as it
// is. What somebody else makes of a client was seen by nobody: what it was
// vouched for is then no longer what it is.
func (s *Service) judged(c domain.Caller, before, after domain.Client) domain.Client {
	if decides(c) {
		return after
	}
	wider := before.WidensTo(after)
	if wider || before.Name != after.Name || before.Website != after.Website {
		after.Official = false
	}
	waits := wider && s.Approval.Waits(before.Kind) || before.AddsPlainRedirect(after)
	again := before.State == domain.ClientRejected || before.State == domain.ClientApproved && waits
	if again {
		after.State, after.Reason = domain.ClientRequested, ""
	}
	return after
}

// Delete ends a client and all that was issued through it: no token of it is
// accepted when Delete returns. Its id stays taken.
func (s *Service) Delete(ctx context.Context, c domain.Caller, id domain.ClientID) error {
	client, err := s.manageable(ctx, c, id)
	if err != nil {
		return err
	}
	if err := s.Store.DeleteClient(ctx, id, s.event(c, "client.delete", client, "")); err != nil {
		return fmt.Errorf("delete client: %w", err)
	}
	return nil
}
