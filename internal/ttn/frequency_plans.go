package ttn

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

type frequencyPlanJSON struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Description   string `json:"description"`
	URL           string `json:"url"`
	BaseFrequency int    `json:"base_freq"` // MHz
}

// listFrequencyPlans answers an object of all plans by their ids.
func (d *Door) listFrequencyPlans(w http.ResponseWriter, _ *http.Request, _ domain.Caller) error {
	plans := map[string]frequencyPlanJSON{}
	for _, plan := range d.Gateways.FrequencyPlans() {
		plans[plan.ID] = frequencyPlanJSON{plan.ID, plan.Name, plan.Description, d.Gateways.PlanURL(plan.ID), plan.BaseFrequency}
	}
	return web.WriteJSON(w, http.StatusOK, plans)
}
