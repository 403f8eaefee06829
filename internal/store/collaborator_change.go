package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// MaySet decides about a change of who works on a thing as it stands in the
// transaction. It may be asked more than once.
type MaySet = func(domain.Sharing) error

// SetCollaborator gives the user of the name exactly the rights on a thing, if
// allowed lets it through, and returns what he has now. The owner keeps his:
// fewer for him are a Conflict (owner_keeps_rights). More than
// domain.MaxCollaborators are a Conflict (too_many_collaborators). The mails
// go out where he is new.
func (s *Store) SetCollaborator(ctx context.Context, by domain.Caller, key domain.ThingKey, name string, rights domain.RightSet, allowed MaySet, mails ...domain.NewMail) (domain.Collaborator, error) {
	var set domain.Collaborator
	err := s.write(ctx, func(tx *Tx) error {
		thing, err := tx.lockedThing(key, by.User.ID)
		if err != nil {
			return err
		}
		before, err := tx.collaboratorNamed(thing, name)
		if err != nil {
			return err
		}
		set = before
		if err := allowed(domain.Sharing{Thing: thing.Thing, User: before.User, Owner: before.Owner, Before: before.Rights, After: rights}); err != nil {
			return err
		}
		if before.Owner {
			return keepsRights(thing, rights)
		}
		set.Rights = rights
		return tx.setCollaborator(by, thing, before, &set, mails)
	})
	if err != nil {
		return domain.Collaborator{}, err
	}
	return set, nil
}

// keepsRights lets pass what leaves the owner at least what he has.
func keepsRights(thing sharedThing, rights domain.RightSet) error {
	whole := domain.AllRights(thing.Noun)
	if thing.Noun.Leavable() {
		whole = domain.CreatorRights(thing.Noun)
	}
	if whole.Within(rights) {
		return nil
	}
	return domain.Errorf(domain.Conflict, "owner_keeps_rights", "The rights of the owner cannot be narrowed: the %s is his.", thing.Noun)
}

func (tx *Tx) setCollaborator(by domain.Caller, thing sharedThing, before domain.Collaborator, set *domain.Collaborator, mails []domain.NewMail) error {
	if before.Rights == set.Rights {
		return nil
	}
	if before.Rights != 0 {
		const text = `UPDATE collaborators SET rights = $1 WHERE noun = $2 AND thing_id = $3 AND user_id = $4`
		if _, err := tx.exec(text, set.Rights.PrintRights(), string(thing.Noun), thing.ID, set.User); err != nil {
			return fmt.Errorf("change a collaborator: %w", err)
		}
		if err := tx.endSubscription(thing, set.User, set.Rights); err != nil {
			return err
		}
		return tx.shared(by, "collaborator.change", thing, *set)
	}
	set.AddedAt = fromMillis(millis(tx.s.now()))
	if err := tx.roomForCollaborator(thing); err != nil {
		return err
	}
	const text = `INSERT INTO collaborators (noun, thing_id, user_id, rights, added_at) VALUES ($1, $2, $3, $4, $5)`
	if _, err := tx.exec(text, string(thing.Noun), thing.ID, set.User, set.Rights.PrintRights(), millis(set.AddedAt)); err != nil {
		return fmt.Errorf("add a collaborator: %w", err)
	}
	if err := tx.mail(mails...); err != nil {
		return err
	}
	return tx.shared(by, "collaborator.add", thing, *set)
}

func (tx *Tx) roomForCollaborator(thing sharedThing) error {
	var n int
	if err := tx.queryRow(`SELECT count(*) FROM collaborators WHERE noun = $1 AND thing_id = $2`, string(thing.Noun), thing.ID).Scan(&n); err != nil {
		return fmt.Errorf("count collaborators: %w", err)
	}
	if n >= domain.MaxCollaborators {
		return domain.Errorf(domain.Conflict, "too_many_collaborators", "At most %d people work on one %s. Remove somebody first.", domain.MaxCollaborators, thing.Noun)
	}
	return nil
}

// shared publishes that who works on a thing changed, and tells it to its
// owner and to the one it is about.
func (tx *Tx) shared(by domain.Caller, act string, thing sharedThing, about domain.Collaborator) error {
	tx.noteShare(thing.Key())
	text := thing.name + " for " + about.Name
	if about.Rights != 0 {
		text += ": " + about.Rights.PrintRights()
	}
	event := domain.NewAudit(by, tx.s.now(), act, text)
	subjects := []domain.UserID{domain.UserID(thing.Owner), about.User}
	for _, subject := range slices.Compact(subjects) {
		event.Subject = subject
		if err := tx.audit(event); err != nil {
			return err
		}
	}
	return nil
}

// endSubscription ends the subscription of somebody who may no longer see a
// private sensor.
func (tx *Tx) endSubscription(thing sharedThing, user domain.UserID, left domain.RightSet) error {
	if thing.Noun != domain.NounSensor || thing.Public || left.Has(domain.SensorRead) {
		return nil
	}
	if _, err := tx.exec(`DELETE FROM subscriptions WHERE user_id = $1 AND sensor_id = $2`, user, thing.ID); err != nil {
		return fmt.Errorf("end a subscription: %w", err)
	}
	return nil
}

// RemoveCollaborator takes all rights on a thing from the user of the name, if
// allowed lets it through; he loses his subscription with them. Whoever does
// not work on it is NotFound (collaborator_not_found). The owner can only leave
// of his own accord, and only an application, gateway or component: it becomes
// that collaborator's who has been there longest of those with all rights of
// a creator. Where there is none, it is a Conflict (last_collaborator).
func (s *Store) RemoveCollaborator(ctx context.Context, by domain.Caller, key domain.ThingKey, name string, allowed MaySet) error {
	return s.write(ctx, func(tx *Tx) error {
		thing, err := tx.lockedThing(key, by.User.ID)
		if err != nil {
			return err
		}
		leaving, err := tx.collaboratorNamed(thing, name)
		if domain.IsKind(err, domain.NotFound) || err == nil && leaving.Rights == 0 {
			return domain.Errorf(domain.NotFound, "collaborator_not_found", "Nobody of that name works on this %s.", thing.Noun)
		}
		if err != nil {
			return err
		}
		if err := allowed(domain.Sharing{Thing: thing.Thing, User: leaving.User, Owner: leaving.Owner, Before: leaving.Rights}); err != nil {
			return err
		}
		if leaving.Owner {
			if err := tx.handOver(by, thing, leaving); err != nil {
				return err
			}
		}
		return tx.removeCollaborator(by, thing, leaving)
	})
}

func (tx *Tx) removeCollaborator(by domain.Caller, thing sharedThing, leaving domain.Collaborator) error {
	if _, err := tx.exec(`DELETE FROM collaborators WHERE noun = $1 AND thing_id = $2 AND user_id = $3`, string(thing.Noun), thing.ID, leaving.User); err != nil {
		return fmt.Errorf("remove a collaborator: %w", err)
	}
	if err := tx.endSubscription(thing, leaving.User, 0); err != nil {
		return err
	}
	leaving.Rights = 0
	return tx.shared(by, "collaborator.remove", thing, leaving)
}

// handOver makes the thing of an owner who leaves another collaborator's.
func (tx *Tx) handOver(by domain.Caller, thing sharedThing, owner domain.Collaborator) error {
	if !thing.Noun.Leavable() || !by.Is(owner.User) {
		return domain.Errorf(domain.Conflict, "owner_stays", "The owner of %s cannot be removed from it.", thing.Noun.One())
	}
	rows, err := tx.query(`SELECT `+collaboratorColumns+` WHERE k.noun = $1 AND k.thing_id = $2 AND k.user_id <> $3 AND NOT u.suspended ORDER BY k.added_at, k.user_id`,
		string(thing.Noun), thing.ID, owner.User)
	others, err := collect(rows, err, scanCollaborator(thing.Noun))
	if err != nil {
		return fmt.Errorf("look for another owner: %w", err)
	}
	heir := slices.IndexFunc(others, func(c domain.Collaborator) bool { return c.Rights.Keeps(thing.Noun) })
	if heir < 0 {
		return domain.Errorf(domain.Conflict, "last_collaborator",
			"Nobody else has all rights on this %s, so it would be nobody's. Give them to another collaborator first (%s), or delete it.", thing.Noun, domain.CreatorRights(thing.Noun).PrintRights())
	}
	if err := tx.setOwner(thing, others[heir].User.Owner(), tx.s.now()); err != nil {
		return err
	}
	thing.Owner = others[heir].User.Owner()
	return tx.shared(by, "collaborator.hand_over", thing, others[heir])
}

// setOwner notes whose a thing is from now on. His row among its
// collaborators is there already.
func (tx *Tx) setOwner(thing sharedThing, owner domain.OwnerID, at time.Time) error {
	if _, err := tx.exec(`UPDATE `+networkTables[thing.Noun]+` SET owner_id = $1, changed_at = $2 WHERE id = $3`, owner, millis(at), thing.ID); err != nil {
		return fmt.Errorf("hand over a %s: %w", thing.Noun, err)
	}
	noteNetwork(tx, networkTopics[thing.Noun], thing.ID, thing.row)
	return nil
}

// networkTopics are the topics under which changes of things are published.
var networkTopics = map[domain.Noun]string{domain.NounApplication: topicApplication, domain.NounGateway: topicGateway, domain.NounComponent: topicComponent}
