package gateway

import (
	"context"
	"slices"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// Edit changes what is not nil of a gateway. Its id cannot change.
type Edit struct {
	FrequencyPlan   *string
	Antenna         *domain.Location
	NoAntenna       bool              // nobody says any more where it stands
	Attributes      map[string]string // changes these and leaves the others; an empty one is taken away
	Router          *string
	FallbackRouters *[]string
	LocationPublic  *bool
	StatusPublic    *bool
	OwnerPublic     *bool
	AutoUpdate      *bool
	BetaUpdates     *bool
	Owner           *string // the name of the collaborator whose it becomes
}

// rights returns what an edit needs beyond the right to change settings.
func (e Edit) rights() []domain.Right {
	rights := []domain.Right{}
	if e.Antenna != nil || e.NoAntenna || e.LocationPublic != nil {
		rights = append(rights, domain.GatewayLocation)
	}
	if e.StatusPublic != nil {
		rights = append(rights, domain.GatewayStatus) // else he lets himself see what he may not
	}
	if e.Owner != nil || e.OwnerPublic != nil {
		rights = append(rights, domain.GatewayOwner)
	}
	return rights
}

func (e Edit) apply(to *domain.Gateway) {
	set(&to.FrequencyPlan, e.FrequencyPlan)
	set(&to.Router, e.Router)
	set(&to.LocationPublic, e.LocationPublic)
	set(&to.StatusPublic, e.StatusPublic)
	set(&to.OwnerPublic, e.OwnerPublic)
	set(&to.AutoUpdate, e.AutoUpdate)
	set(&to.BetaUpdates, e.BetaUpdates)
	set(&to.OwnerName, e.Owner)
	if e.FallbackRouters != nil {
		to.FallbackRouters = slices.Clone(*e.FallbackRouters)
	}
	if e.Antenna != nil || e.NoAntenna {
		to.Antenna = e.Antenna
	}
	to.Attributes = merged(to.Attributes, e.Attributes)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Edit changes a gateway. It needs the right gateway:settings; to say where it
// stands, or who is told, gateway:location besides, and to let everybody know its
// status or its owner gateway:status or gateway:owner. Handing it over needs
// gateway:owner and every other right, because nobody gives what he lacks; the
// new owner must be a collaborator, and the former one stays one.
func (s *Service) Edit(ctx context.Context, c domain.Caller, ref string, e Edit) (domain.Gateway, error) {
	gateway, err := s.Finder.Gateway(ctx, c, ref, domain.GatewaySettings)
	if err != nil {
		return domain.Gateway{}, err
	}
	changed, err := s.Store.UpdateGateway(ctx, c, gateway.ID, func(now *domain.Gateway) error {
		if err := e.allowed(c, now.Thing()); err != nil {
			return err
		}
		e.apply(now)
		*now = now.Tidy()
		return now.Check()
	})
	if err != nil {
		return domain.Gateway{}, err
	}
	return Seen(c, changed), nil
}

func (e Edit) allowed(c domain.Caller, thing domain.Thing) error {
	for _, right := range append(e.rights(), domain.GatewaySettings) {
		if err := guard.Require(c, right, thing); err != nil {
			return err
		}
	}
	if e.Owner != nil && !domain.AllRights(domain.NounGateway).Within(guard.RightsOf(c, thing)) {
		return domain.Errorf(domain.Forbidden, "right_missing", "Only who holds every right on a gateway can hand it over.")
	}
	return nil
}
