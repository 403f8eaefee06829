package portal

import (
	"context"
	"slices"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// fakeConnections are the keys of the world and what it holds beside them.
type fakeConnections struct{ *world }

func (w fakeConnections) all(c domain.Caller) []domain.Connection {
	var own []domain.Connection
	for _, k := range w.keys {
		if k.Grant.User == c.User.ID {
			own = append(own, domain.Connection{Grant: k.Grant, Key: &k.Key})
		}
	}
	for _, grant := range w.grants {
		if grant.Grant.User == c.User.ID {
			own = append(own, grant)
		}
	}
	return own
}

// allow makes a grant of the person to an app.
func (w *world) allow(user *person, client domain.Client, name string, scopes ...domain.Scope) domain.Connection {
	made := domain.Connection{Client: &client, Grant: domain.Grant{ID: domain.GrantID(w.next()), User: user.ID, Client: client.ID, Name: name,
		Scopes: scopes, CreatedAt: w.now.Add(-48 * time.Hour), LastUse: domain.Use{At: w.now.Add(-time.Minute), Address: "192.0.2.9", Program: "okhttp/4.12"}}}
	w.grants = append(w.grants, made)
	return made
}

func (w fakeConnections) Connections(_ context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Connection], error) {
	return listed(w.all(c), page), nil
}

func (w fakeConnections) Find(_ context.Context, c domain.Caller, id domain.GrantID) (domain.Connection, error) {
	for _, connection := range w.all(c) {
		if connection.Grant.ID == id {
			return connection, nil
		}
	}
	return domain.Connection{}, domain.Errorf(domain.NotFound, "connection_not_found", "There is no such connection among yours.")
}

func (w fakeConnections) Uses(_ context.Context, _ domain.Caller, _ domain.GrantID) ([]domain.DayUse, error) {
	return []domain.DayUse{{Thing: "alice.greenhouse", Right: domain.ReadingsRead, Day: w.now.Truncate(day), Uses: 17, LastAt: w.now.Add(-time.Minute), Address: "192.0.2.9"}}, nil
}

func (w fakeConnections) Rename(ctx context.Context, c domain.Caller, id domain.GrantID, name string) (domain.Connection, error) {
	if err := domain.CheckConnectionName(name); err != nil {
		return domain.Connection{}, err
	}
	for i := range w.grants {
		if w.grants[i].Grant.ID == id {
			w.grants[i].Grant.Name = name
		}
	}
	return w.Find(ctx, c, id)
}

func (w fakeConnections) End(_ context.Context, _ domain.Caller, id domain.GrantID) error {
	w.world.grants = slices.DeleteFunc(w.grants, func(c domain.Connection) bool { return c.Grant.ID == id })
	w.world.keys = slices.DeleteFunc(w.keys, func(k *fakeKey) bool { return k.Grant.ID == id })
	return nil
}

func (w fakeConnections) EndAll(_ context.Context, c domain.Caller) (int, error) {
	ended := len(w.all(c))
	w.world.grants = slices.DeleteFunc(w.grants, func(g domain.Connection) bool { return g.Grant.User == c.User.ID })
	w.world.keys = slices.DeleteFunc(w.keys, func(k *fakeKey) bool { return k.Grant.User == c.User.ID })
	return ended, nil
}
