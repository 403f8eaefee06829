package consent

import (
	"context"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
)

// describe says the things in the scopes by the names that they have now,
// with one look-up for all connections together, and marks standing ones.
func (s *Service) describe(ctx context.Context, connections []domain.Connection) error {
	var named []domain.CredentialUse
	for _, c := range connections {
		for _, noun := range domain.Nouns() {
			for _, id := range c.Grant.Scopes.ThingIDs(noun) {
				named = append(named, domain.CredentialUse{Thing: domain.ThingKey{Noun: noun, ID: id}})
			}
		}
	}
	names, err := s.Finder.ThingNames(ctx, named)
	if err != nil {
		return err
	}
	byNoun := map[domain.Noun]map[int64]string{}
	for thing, name := range names {
		if byNoun[thing.Noun] == nil {
			byNoun[thing.Noun] = map[int64]string{}
		}
		byNoun[thing.Noun][thing.ID] = name
	}
	for i := range connections {
		nameThings(&connections[i], byNoun)
		connections[i].Standing = standing(connections[i])
	}
	return nil
}

// nameThings puts things by name, and devices by number, with what people
// call them beside.
func nameThings(c *domain.Connection, names map[domain.Noun]map[int64]string) {
	numbers := map[int64]string{}
	for _, id := range c.Grant.Scopes.ThingIDs(domain.NounDevice) {
		number := strconv.FormatInt(id, 10)
		numbers[id] = number
		if name := names[domain.NounDevice][id]; name != "" {
			if c.Things == nil {
				c.Things = map[string]string{}
			}
			c.Things[number] = name
		}
	}
	c.Grant.Scopes = c.Grant.Scopes.Named(domain.NounDevice, numbers)
	for _, noun := range domain.Nouns() {
		if noun != domain.NounDevice {
			c.Grant.Scopes = c.Grant.Scopes.Named(noun, names[noun])
		}
	}
	if c.Key != nil {
		c.Key.Grant = c.Grant
	}
}

// standing reports whether a client acts for its own owner by its own
// credentials (RFC 6749 §4.4): nobody was asked for that grant.
func standing(c domain.Connection) bool {
	return c.Client != nil && c.Grant.Standing() && c.Client.MayKeep(c.Grant)
}

const shownUses = 500

// Uses returns what a connection of the caller did with which thing, newest
// first. Counts are at most a few seconds behind.
func (s *Service) Uses(ctx context.Context, c domain.Caller, id domain.GrantID) ([]domain.DayUse, error) {
	found, err := s.own(ctx, c, id)
	if err != nil {
		return nil, err
	}
	counted, err := s.Store.CredentialUses(ctx, found.Grant.ID, shownUses)
	if err != nil {
		return nil, err
	}
	return s.Finder.DayUses(ctx, counted)
}
