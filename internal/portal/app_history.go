package portal

import (
	"github.com/thingward/thingward/internal/domain"
)

// shownStage is a step of the way that the registration of an app took.
type shownStage struct {
	At         moment
	State      state
	By, Reason string
}

// shownHistory shows the newest step first.
func (p *Portal) shownHistory(c domain.Caller, stages []domain.ClientStage) []shownStage {
	shown := make([]shownStage, 0, len(stages))
	for i := len(stages) - 1; i >= 0; i-- {
		stage := stages[i]
		shown = append(shown, shownStage{At: momentOf(stage.At, p.Now(), c.User.Location()), State: appStates[stage.State], By: stage.ByName, Reason: stage.Reason})
	}
	return shown
}
