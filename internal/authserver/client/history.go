package client

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// Mails writes mails.
type Mails interface {
	Compose(kind domain.MailKind, to domain.MailTo, about map[string]string) (domain.NewMail, error)
}

// askingBound is how often somebody's clients have administrators mailed.
var askingBound = guard.Bound{Burst: 10, Every: 10 * time.Minute}

// requested writes the mail that tells administrators of a client which waits
// for them. There is none where it does not wait, nor to who did it himself,
// nor beyond the bound: it waits in their list all the same.
func (s *Service) requested(c domain.Caller, client domain.Client) ([]domain.NewMail, error) {
	if s.Mails == nil || client.State != domain.ClientRequested || decides(c) {
		return nil, nil
	}
	if s.asking.Admit(s.Now(), c.User.ID, askingBound) != nil {
		return nil, nil
	}
	mail, err := s.Mails.Compose(domain.MailClientRequested, domain.MailTo{Admins: true, Except: c.User.ID}, map[string]string{
		"client": client.Name, "client_id": string(client.ID), "owner": client.OwnerName, "website": client.Website,
		"scopes": client.Kind.PrintScopes(client.Scopes)})
	return []domain.NewMail{mail}, err
}

// told writes the mail that tells the owner what was decided about his client,
// unless he decided it himself.
func (s *Service) told(c domain.Caller, client domain.Client, kind domain.MailKind, reason string) ([]domain.NewMail, error) {
	if s.Mails == nil || owns(c, client) {
		return nil, nil
	}
	mail, err := s.Mails.Compose(kind, domain.MailTo{User: client.Owner}, map[string]string{
		"name": client.OwnerName, "client": client.Name, "client_id": string(client.ID), "reason": reason, "by": c.User.Name})
	return []domain.NewMail{mail}, err
}

// History says how the registration of a client came to be where it is, oldest
// step first. It is for its owner and administrators.
func (s *Service) History(ctx context.Context, c domain.Caller, id domain.ClientID) ([]domain.ClientStage, error) {
	if err := mayRead(c); err != nil {
		return nil, err
	}
	client, err := s.find(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if !Known(c, client) {
		return nil, domain.Errorf(domain.Forbidden, "not_yours", "Only the owner of this app sees how it was decided about.")
	}
	return s.Reader.ClientHistory(ctx, id)
}

// stageJSON is a step of the history of a client.
type stageJSON struct {
	At     time.Time          `json:"at"`
	By     string             `json:"by"`
	State  domain.ClientState `json:"state"`
	Reason string             `json:"reason"`
}

func stagesAsJSON(stages []domain.ClientStage) []stageJSON {
	out := make([]stageJSON, 0, len(stages))
	for _, stage := range stages {
		out = append(out, stageJSON{stage.At, stage.ByName, stage.State, stage.Reason})
	}
	return out
}
