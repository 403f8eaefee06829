package portal

import (
	"context"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/collaborator"
)

// fakeCollaborators knows owners alone: nothing is shared.
type fakeCollaborators struct{ *world }

func (w fakeCollaborators) View(ctx context.Context, c domain.Caller, noun domain.Noun, ref string) (collaborator.View, error) {
	sensor, err := fakeSensors(w).Find(ctx, c, ref, domain.SensorRead)
	if err == nil && !c.Is(domain.UserID(sensor.Owner)) {
		err = domain.Errorf(domain.Forbidden, "not_yours", "No.")
	}
	return collaborator.View{Thing: sensor.Thing(), Name: sensor.FullName(), List: []domain.Collaborator{{Name: sensor.OwnerName, Owner: true}}}, err
}

func (fakeCollaborators) Set(context.Context, domain.Caller, domain.Noun, string, string, domain.RightSet) (domain.Collaborator, error) {
	return domain.Collaborator{}, domain.Errorf(domain.Forbidden, "not_yours", "No.")
}

func (fakeCollaborators) Remove(context.Context, domain.Caller, domain.Noun, string, string) error {
	return domain.Errorf(domain.Forbidden, "not_yours", "No.")
}

func TestEveryRightHasWordsOnPages(t *testing.T) {
	t.Parallel()
	for _, noun := range domain.Nouns() {
		for _, right := range domain.GivableRights(noun) {
			if rightSentences[right] == "" {
				t.Errorf("%s: nobody is told what it is for", right)
			}
		}
		if nounPlurals[noun] == "" {
			t.Errorf("%s has no heading", noun)
		}
	}
}
