package store

import (
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

// sharedThing is a thing that no other transaction changes until this one ends.
type sharedThing struct {
	domain.Thing
	name string // as audit events say it: "sensor alice.greenhouse"
	row  string // what programs call it; of applications, gateways and components
}

// sharedTables say where things of each kind stand and how to lock one there.
var sharedTables = map[domain.Noun]struct{ lock, read string }{
	domain.NounSensor: {`UPDATE sensors SET updated_at = updated_at WHERE id = $1`,
		`SELECT t.owner_id, t.public, o.name || '.' || t.name FROM sensors t JOIN owners o ON o.id = t.owner_id WHERE t.id = $1`},
	domain.NounDevice: {`UPDATE devices SET updated_at = updated_at WHERE id = $1`,
		`SELECT t.owner_id, FALSE, CAST(t.id AS TEXT) FROM devices t WHERE t.id = $1`},
	domain.NounApplication: {`UPDATE applications SET changed_at = changed_at WHERE id = $1 AND deleted_at = 0`,
		`SELECT t.owner_id, FALSE, t.name FROM applications t WHERE t.id = $1`},
	domain.NounGateway: {`UPDATE gateways SET changed_at = changed_at WHERE id = $1 AND deleted_at = 0`,
		`SELECT t.owner_id, t.location_public OR t.status_public OR t.owner_public, t.name FROM gateways t WHERE t.id = $1`},
	domain.NounComponent: {`UPDATE components SET changed_at = changed_at WHERE id = $1 AND deleted_at = 0`,
		`SELECT t.owner_id, FALSE, t.name FROM components t WHERE t.id = $1`},
}

// lockedThing reads a thing, with what the user was given on it, and keeps
// others from changing it or who works on it. What is deleted is NotFound.
func (tx *Tx) lockedThing(key domain.ThingKey, user domain.UserID) (sharedThing, error) {
	thing := sharedThing{Thing: domain.Thing{Noun: key.Noun, ID: key.ID}}
	table := sharedTables[key.Noun]
	there, err := tx.execOne(table.lock, key.ID)
	if err == nil && !there {
		err = errNoRows
	}
	if err == nil {
		err = tx.queryRow(table.read, key.ID).Scan(&thing.Owner, &thing.Public, &thing.row)
	}
	if err != nil {
		return sharedThing{}, notFound(err, string(key.Noun)+"_not_found", "There is no such %s, or it is not yours to see.", key.Noun)
	}
	thing.name = string(key.Noun) + " " + thing.row
	thing.Given, err = tx.given(thing.Key(), user)
	return thing, err
}

// noSuchCollaborator says no more of a user than that no name is his: names
// are shown wherever somebody's things are, addresses are not.
func noSuchCollaborator() error {
	return domain.Errorf(domain.NotFound, "user_not_found", "There is no user of that name. Collaborators are added by user name, not by e-mail address.")
}

// collaboratorNamed returns the user of the name, whose rights on the thing
// are empty where he does not work on it. Whoever is not there is NotFound, as
// is somebody suspended who would be new.
func (tx *Tx) collaboratorNamed(thing sharedThing, name string) (domain.Collaborator, error) {
	if !storable(name) {
		return domain.Collaborator{}, noSuchCollaborator()
	}
	c := domain.Collaborator{}
	var suspended bool
	var names string
	var added int64
	const text = `SELECT u.id, o.name, u.email, u.suspended, COALESCE(k.rights, ''), COALESCE(k.added_at, 0) FROM owners o JOIN users u ON u.id = o.id
		LEFT JOIN collaborators k ON k.noun = $1 AND k.thing_id = $2 AND k.user_id = u.id WHERE o.name = $3`
	err := tx.queryRow(text, string(thing.Noun), thing.ID, name).Scan(&c.User, &c.Name, &c.Email, &suspended, &names, &added)
	c.Owner = err == nil && c.User.Owner() == thing.Owner
	if isNoRows(err) || suspended && names == "" && !c.Owner {
		return domain.Collaborator{}, noSuchCollaborator()
	}
	if err != nil {
		return domain.Collaborator{}, fmt.Errorf("look for a collaborator: %w", err)
	}
	c.AddedAt = fromMillis(added)
	c.Rights, err = parseRights(thing.Noun, names)
	if c.Owner && names == "" {
		c.Rights = domain.AllRights(thing.Noun)
	}
	return c, err
}
