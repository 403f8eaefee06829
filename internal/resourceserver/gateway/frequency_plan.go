package gateway

import "github.com/thingward/thingward/internal/domain"

// FrequencyPlans lists the frequency plans that a gateway can follow. They are
// the same for everybody.
func (s *Service) FrequencyPlans() []domain.FrequencyPlan { return domain.FrequencyPlans() }

// PlanURL returns where a frequency plan is described.
func (s *Service) PlanURL(id string) string { return s.PublicURL + "/api/v1/frequency-plans/" + id }
