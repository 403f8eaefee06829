package demo

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Summary is who and what is in a demo store, passwords included.
type Summary struct {
	Users    []User
	Keys     []Key
	Clients  []Client
	Sensors  []string // "owner.name"
	Readings int      // stored by Fill; not written down
}

// User is a person of the demo.
type User struct {
	Name     string
	Password secret.Secret
	Admin    bool
}

// Key is a key of the demo.
type Key struct {
	ID       domain.KeyID
	Password secret.Secret
	Owner    string
	Scopes   []string
}

// Client is a client of the demo: approved, and its secret empty where it is
// public.
type Client struct {
	ID           domain.ClientID
	Secret       secret.Secret
	Kind         string // standard, public, wotkit, lametric, ttn
	RedirectURIs []string
	GrantTypes   []string
	Scopes       []string // all that it may ask for, in the words of its kind
}

// The shape of demo.json, which scripts start from.
type (
	summaryJSON struct {
		Users   []userJSON   `json:"users"`
		Keys    []keyJSON    `json:"keys"`
		Clients []clientJSON `json:"clients"`
		Sensors []string     `json:"sensors"`
	}
	userJSON struct {
		Name     string `json:"name"`
		Password string `json:"password"`
		Admin    bool   `json:"admin"`
	}
	keyJSON struct {
		ID       string   `json:"id"`
		Password string   `json:"password"`
		Owner    string   `json:"owner"`
		Scopes   []string `json:"scopes"`
	}
	clientJSON struct {
		ID           string   `json:"client_id"`
		Secret       string   `json:"client_secret"`
		RedirectURIs []string `json:"redirect_uris"`
		Kind         string   `json:"kind"`
		GrantTypes   []string `json:"grant_types"`
		Scopes       []string `json:"scopes"`
	}
)

// Write writes the summary for scripts, readable by its owner only. The file
// is there whole or not at all.
func Write(path string, s Summary) error {
	out := summaryJSON{Sensors: s.Sensors}
	for _, u := range s.Users {
		out.Users = append(out.Users, userJSON{u.Name, u.Password.Reveal(), u.Admin})
	}
	for _, k := range s.Keys {
		out.Keys = append(out.Keys, keyJSON{string(k.ID), k.Password.Reveal(), k.Owner, k.Scopes})
	}
	for _, c := range s.Clients {
		out.Clients = append(out.Clients, clientJSON{string(c.ID), c.Secret.Reveal(), c.RedirectURIs, c.Kind, c.GrantTypes, c.Scopes})
	}
	body, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the demo's passwords: %w", err)
	}
	if err := writeWhole(path, append(body, '\n')); err != nil {
		return fmt.Errorf("write the demo's passwords: %w", err)
	}
	return nil
}

// writeWhole writes a new file beside path, with mode 0600 as CreateTemp
// makes it, and puts it in its place.
func writeWhole(path string, body []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".demo-*.json")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // gone already when all went well
	if _, err := file.Write(body); err != nil {
		_ = file.Close()
		return err
	}
	if err := file.Sync(); err != nil {
		_ = file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// Read reads what Write wrote. A missing file is NotFound, in words that say
// how to get a demo back.
func Read(path string) (Summary, error) {
	body, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return Summary{}, domain.Errorf(domain.NotFound, "demo_json_missing",
			"The store is a demo, but %s is gone and its passwords with it. Give a person a new one with \"thingward users reset-password NAME --data %s\", or delete the folder for a new demo.",
			path, filepath.Dir(path))
	}
	if err != nil {
		return Summary{}, fmt.Errorf("read the demo's passwords: %w", err)
	}
	var in summaryJSON
	if err := json.Unmarshal(body, &in); err != nil {
		return Summary{}, fmt.Errorf("read the demo's passwords: %s: %w", path, err)
	}
	s := Summary{Sensors: in.Sensors}
	for _, u := range in.Users {
		s.Users = append(s.Users, User{u.Name, secret.New(u.Password), u.Admin})
	}
	for _, k := range in.Keys {
		s.Keys = append(s.Keys, Key{domain.KeyID(k.ID), secret.New(k.Password), k.Owner, k.Scopes})
	}
	for _, c := range in.Clients {
		s.Clients = append(s.Clients, Client{domain.ClientID(c.ID), secret.New(c.Secret), c.Kind, c.RedirectURIs, c.GrantTypes, c.Scopes})
	}
	return s, nil
}
