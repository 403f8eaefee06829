package client

import (
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// clientJSON is a client: what everybody may know, and for its owner and
// administrators the rest.
type clientJSON struct {
	ID          domain.ClientID    `json:"client_id"`
	Secret      string             `json:"client_secret,omitempty"` // only in the answer that made it
	Name        string             `json:"name"`
	Description string             `json:"description"`
	Kind        domain.ClientKind  `json:"kind"`
	Official    bool               `json:"official"`
	State       domain.ClientState `json:"state"`
	Owner       string             `json:"owner"`
	Website     string             `json:"website"`
	Icon        string             `json:"icon"`
	*registeredJSON
}

// registeredJSON is what only its owner and administrators see of a client.
type registeredJSON struct {
	Public         bool                  `json:"public"`
	Reason         string                `json:"reason"`
	PrivacyURL     string                `json:"privacy_url"`
	RedirectURIs   []string              `json:"redirect_uris"`
	Scopes         []string              `json:"scopes"` // in the words of the kind
	GrantTypes     []domain.GrantType    `json:"grant_types"`
	Switches       []domain.LegacySwitch `json:"switches"`
	Resources      []string              `json:"resources"`
	Testers        []string              `json:"testers"`
	Lives          livesJSON             `json:"lives"`
	Viewable       bool                  `json:"viewable"`
	OldSecretUntil *time.Time            `json:"old_secret_until,omitempty"`
	CreatedAt      time.Time             `json:"created_at"`
	ChangedAt      time.Time             `json:"changed_at"`
	History        []stageJSON           `json:"history,omitempty"` // where one client is shown
}

// livesJSON is in whole seconds; 0 in a request is the usual time.
type livesJSON struct {
	Access      int64 `json:"access_seconds"`
	RefreshIdle int64 `json:"refresh_idle_seconds"`
	RefreshEnd  int64 `json:"refresh_end_seconds"`
	Grace       int64 `json:"grace_seconds"`
}

func (s *Service) asJSON(c domain.Caller, client domain.Client) clientJSON {
	out := clientJSON{ID: client.ID, Name: client.Name, Description: client.Description, Kind: client.Kind, Official: client.Official,
		State: client.State, Owner: client.OwnerName, Website: client.Website, Icon: client.Letter()}
	if !Known(c, client) {
		return out
	}
	lives := client.UsualLives()
	out.registeredJSON = &registeredJSON{Public: client.Public, Reason: client.Reason, PrivacyURL: client.PrivacyURL, RedirectURIs: list(client.RedirectURIs),
		Scopes: list(client.ScopeWords()), GrantTypes: list(client.GrantTypes), Switches: list(client.Switches),
		Resources: list(client.Resources), Testers: []string{}, Viewable: client.Viewable, CreatedAt: client.CreatedAt, ChangedAt: client.ChangedAt,
		Lives: livesJSON{seconds(lives.Access), seconds(lives.RefreshIdle), seconds(lives.RefreshEnd), seconds(lives.Grace)}}
	for _, tester := range client.Testers {
		out.Testers = append(out.Testers, tester.Name)
	}
	if client.OldUntil.After(s.Now()) {
		until := client.OldUntil
		out.OldSecretUntil = &until
	}
	return out
}

// list is never null in JSON.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

type newClientJSON struct {
	ID           domain.ClientID       `json:"client_id"`
	Name         string                `json:"name"`
	Description  string                `json:"description"`
	Kind         domain.ClientKind     `json:"kind"`
	Public       bool                  `json:"public"`
	Official     *bool                 `json:"official"` // an administrator's to say
	Website      string                `json:"website"`
	PrivacyURL   string                `json:"privacy_url"`
	Icon         string                `json:"icon"`
	RedirectURIs []string              `json:"redirect_uris"`
	Scopes       []string              `json:"scopes"`
	GrantTypes   []domain.GrantType    `json:"grant_types"`
	Switches     []domain.LegacySwitch `json:"switches"`
	Resources    []string              `json:"resources"`
	Testers      []string              `json:"testers"`
	Lives        livesJSON             `json:"lives"`
}

func (in newClientJSON) read() (NewClient, error) {
	lives, err := in.Lives.read()
	return NewClient{ID: in.ID, Kind: in.Kind, Public: in.Public, Name: in.Name, Description: in.Description, Website: in.Website, PrivacyURL: in.PrivacyURL,
		Icon: in.Icon, RedirectURIs: in.RedirectURIs, Scopes: in.Scopes, GrantTypes: in.GrantTypes, Switches: in.Switches, Resources: in.Resources,
		Lives: lives, Testers: in.Testers}, err
}

// read refuses numbers that no time has room for; the other bounds are the
// domain's.
func (l livesJSON) read() (domain.TokenLives, error) {
	const most = int64(domain.MaxRefreshLife / time.Second)
	for name, n := range map[string]int64{"access_seconds": l.Access, "refresh_idle_seconds": l.RefreshIdle, "refresh_end_seconds": l.RefreshEnd, "grace_seconds": l.Grace} {
		if n < 0 || n > most {
			return domain.TokenLives{}, domain.InvalidField(name, "%s lies between 0 and %d.", name, most)
		}
	}
	return domain.TokenLives{Access: time.Duration(l.Access) * time.Second, RefreshIdle: time.Duration(l.RefreshIdle) * time.Second,
		RefreshEnd: time.Duration(l.RefreshEnd) * time.Second, Grace: time.Duration(l.Grace) * time.Second}, nil
}

type clientEditJSON struct {
	Name         *string                `json:"name"`
	Description  *string                `json:"description"`
	Official     *bool                  `json:"official"` // an administrator's to say
	Website      *string                `json:"website"`
	PrivacyURL   *string                `json:"privacy_url"`
	Icon         *string                `json:"icon"`
	RedirectURIs *[]string              `json:"redirect_uris"`
	Scopes       *[]string              `json:"scopes"`
	GrantTypes   *[]domain.GrantType    `json:"grant_types"`
	Switches     *[]domain.LegacySwitch `json:"switches"`
	Resources    *[]string              `json:"resources"`
	Testers      *[]string              `json:"testers"`
	Lives        *livesJSON             `json:"lives"`
}

func (in clientEditJSON) read() (ClientEdit, error) {
	edit := ClientEdit{Name: in.Name, Description: in.Description, Website: in.Website, PrivacyURL: in.PrivacyURL, Icon: in.Icon,
		RedirectURIs: in.RedirectURIs, Scopes: in.Scopes, GrantTypes: in.GrantTypes, Switches: in.Switches, Resources: in.Resources, Testers: in.Testers}
	if in.Lives != nil {
		lives, err := in.Lives.read()
		if err != nil {
			return ClientEdit{}, err
		}
		edit.Lives = &lives
	}
	return edit, nil
}
