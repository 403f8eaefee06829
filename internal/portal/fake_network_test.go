package portal

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

// fakeApplications and fakeGateways are those of people without a radio
// network: the home page counts them, and nothing else is asked here.
type fakeApplications struct{ Applications }

func (fakeApplications) List(context.Context, domain.Caller, domain.Which, domain.Page) (domain.Listed[domain.Application], error) {
	return domain.Listed[domain.Application]{}, nil
}

type fakeGateways struct{ Gateways }

func (fakeGateways) List(context.Context, domain.Caller, domain.Which, domain.Page) (domain.Listed[domain.Gateway], error) {
	return domain.Listed[domain.Gateway]{}, nil
}
