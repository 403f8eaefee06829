package collaborator

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// Adding people tells which names there are and writes mails to them, so both
// are bounded.
var (
	addingBound = guard.Bound{Burst: 100, Every: 30 * time.Second, Code: "too_many_added",
		Message: "You added very many people in a short time. Go on in a while."}
	mailingBound = guard.Bound{Burst: 10, Every: 10 * time.Minute}
)

// introduce counts that somebody new is added and returns the mail to him.
// Whether there is such a user at all is the store's to say.
func (s *Service) introduce(ctx context.Context, c domain.Caller, thing domain.Thing, name string, rights domain.RightSet) ([]domain.NewMail, error) {
	user, err := s.Store.UserByName(ctx, name)
	missing := domain.IsKind(err, domain.NotFound)
	if err != nil && !missing {
		return nil, err
	}
	if !missing {
		before, err := s.Finder.Shares.GivenRights(ctx, thing.Key(), user.ID)
		if err != nil || before != 0 || user.ID.Owner() == thing.Owner {
			return nil, err
		}
	}
	if err := s.adding.Admit(s.Now(), c.User.ID, addingBound); err != nil || missing {
		return nil, err
	}
	return s.compose(ctx, c, thing, user, rights)
}

func (s *Service) compose(ctx context.Context, c domain.Caller, thing domain.Thing, user domain.User, rights domain.RightSet) ([]domain.NewMail, error) {
	if s.Notifier == nil || s.mailing.Admit(s.Now(), user.ID, mailingBound) != nil {
		return nil, nil
	}
	name, err := s.nameOf(ctx, thing)
	if err != nil {
		return nil, err
	}
	mail, err := s.Notifier.Compose(domain.MailCollaborator, domain.MailTo{User: user.ID}, map[string]string{"name": user.Shown(), "by": c.User.Name,
		"thing": string(thing.Noun) + " " + name, "rights": strings.Join(rights.Names(), ", "), "path": pageOf(thing, name)})
	if err != nil {
		return nil, err
	}
	return []domain.NewMail{mail}, nil
}

// pageOf returns the page of a thing, below the public URL.
func pageOf(thing domain.Thing, name string) string {
	if thing.Noun == domain.NounDevice {
		name = strconv.FormatInt(thing.ID, 10) // several may be called the same
	}
	return "/" + string(thing.Noun) + "s/" + url.PathEscape(name)
}
