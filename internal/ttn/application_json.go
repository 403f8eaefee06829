package ttn

import (
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/application"
)

// applicationJSON is an application as programs read it. One program refuses
// the whole list where a list in it is missing or null.
type applicationJSON struct {
	ID            string             `json:"id"`
	Name          string             `json:"name"`
	EUIs          []string           `json:"euis"`
	Created       time.Time          `json:"created"`
	Rights        []string           `json:"rights"`
	Collaborators []collaboratorJSON `json:"collaborators"`
	AccessKeys    []accessKeyJSON    `json:"access_keys"`
	Deleted       *time.Time         `json:"deleted,omitempty"`
}

func applicationAsJSON(c domain.Caller, a domain.Application, keys []application.ShownKey, collaborators []collaboratorJSON) applicationJSON {
	out := applicationJSON{ID: a.Name, Name: a.Description, EUIs: append([]string{}, a.EUIs...), Created: a.CreatedAt.UTC(),
		Rights: application.RightsOn(c, a).Names(), Collaborators: collaborators, AccessKeys: make([]accessKeyJSON, len(keys))}
	for i, key := range keys {
		out.AccessKeys[i] = accessKeyAsJSON(key.AccessKey, key.Text)
	}
	if !a.DeletedAt.IsZero() {
		deleted := a.DeletedAt.UTC()
		out.Deleted = &deleted
	}
	return out
}

// accessKeyJSON has all four attributes always, as the strictest program asks.
type accessKeyJSON struct {
	ID     string   `json:"_id"`
	Name   string   `json:"name"`
	Key    string   `json:"key"` // masked where the caller may not see it
	Rights []string `json:"rights"`
}

func accessKeyAsJSON(key domain.AccessKey, text string) accessKeyJSON {
	return accessKeyJSON{strconv.FormatInt(int64(key.ID), 10), key.Name, text, key.Rights.Names()}
}
