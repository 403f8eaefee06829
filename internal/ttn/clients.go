package ttn

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// clientActs are the caller's OAuth clients of this network.
func (d *Door) clientActs() []act {
	read, write := web.Scoped(domain.ScopeClientsRead), web.Scoped(domain.ScopeClientsWrite)
	return []act{
		{"GET api/v2/clients", read, "clients", d.listClients},
		{"POST api/v2/clients", write, "clients", d.requestClient},
		{"GET api/v2/clients/{name}", read, "clients", d.showClient},
		{"PATCH api/v2/clients/{name}", write, "clients", d.changeClient},
		{"DELETE api/v2/clients/{name}", write, "clients", d.deleteClient},
	}
}

// clientJSON is a client of the contract. It has one name, which is its id,
// and one address.
type clientJSON struct {
	Name        string             `json:"name"`
	Description string             `json:"description"`
	Secret      string             `json:"secret,omitempty"`
	URI         string             `json:"uri,omitempty"`
	Grants      []domain.GrantType `json:"grants"`
	Scope       []string           `json:"scope"`
	Accepted    bool               `json:"accepted"`
	Rejected    bool               `json:"rejected"`
	Official    bool               `json:"official"`
}

func clientAsJSON(c domain.Client) clientJSON {
	out := clientJSON{Name: string(c.ID), Description: c.Description, Grants: append([]domain.GrantType{}, c.GrantTypes...),
		Scope: append([]string{}, c.ScopeWords()...), Accepted: c.State == domain.ClientApproved, Rejected: c.State == domain.ClientRejected, Official: c.Official}
	if len(c.RedirectURIs) > 0 {
		out.URI = c.RedirectURIs[0]
	}
	return out
}

// clientIn is what a program may say of a client. accepted, rejected, official
// and secret are not among it: programs send back what they got, so these
// count for nothing, whoever sends them.
type clientIn struct {
	Name        *string             `json:"name"`
	Description *string             `json:"description"`
	URI         *string             `json:"uri"`
	Grants      *[]domain.GrantType `json:"grants"`
	Scope       *[]string           `json:"scope"`
}

// withSecret adds the secret, where it may be told.
func (d *Door) withSecret(ctx context.Context, c domain.Caller, found domain.Client) (clientJSON, error) {
	out := clientAsJSON(found)
	told, err := d.Clients.TellSecret(ctx, c, found)
	out.Secret = told.Reveal()
	return out, err
}

func (d *Door) listClients(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	list := []clientJSON{}
	for page := (domain.Page{Limit: domain.MaxPageLimit}); ; {
		listed, err := d.Clients.List(r.Context(), c, client.Filter{Which: domain.ClientsContributed}, page)
		if err != nil {
			return err
		}
		for _, found := range listed.Items {
			if found.Kind != domain.TTNClient {
				continue
			}
			out, err := d.withSecret(r.Context(), c, found)
			if err != nil {
				return err
			}
			list = append(list, out)
		}
		if page.Cursor = listed.Next; page.Cursor == "" {
			return answer(w, http.StatusOK, list)
		}
	}
}

// requestClient registers a client. Its secret is in the answer; whether it
// waits for an administrator is the operator's policy.
func (d *Door) requestClient(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in clientIn
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	wanted, err := in.registration()
	if err != nil {
		return err
	}
	made, password, err := d.Clients.Register(r.Context(), c, wanted)
	if err != nil {
		return err
	}
	out := clientAsJSON(made)
	out.Secret = password.Reveal()
	return answer(w, http.StatusCreated, out)
}

func (in clientIn) registration() (client.NewClient, error) {
	if in.Name == nil || *in.Name == "" {
		return client.NewClient{}, domain.InvalidField("name", "Say how the client is called, as name: 2 to 100 letters, digits, dots, underscores and hyphens.")
	}
	wanted := client.NewClient{ID: domain.ClientID(*in.Name), Kind: domain.TTNClient, Name: domain.Clip(*in.Name)}
	if in.Description != nil {
		wanted.Description = *in.Description
	}
	if in.URI == nil || *in.URI == "" {
		return client.NewClient{}, uriMissing()
	}
	wanted.RedirectURIs = []string{*in.URI}
	if in.Grants != nil && len(*in.Grants) > 0 {
		wanted.GrantTypes = *in.Grants
	}
	if in.Scope != nil {
		wanted.Scopes = *in.Scope
	}
	return wanted, nil
}

func uriMissing() error {
	return domain.InvalidField("uri", "Say to which address of its own the client gets people back, as uri. One that has none says %s: people copy a code there.", domain.CopyCodeURI)
}

// own finds a client of the caller's. Others are not there.
func (d *Door) own(r *http.Request, c domain.Caller) (domain.Client, error) {
	found, err := d.Clients.Find(r.Context(), c, domain.ClientID(r.PathValue("name")))
	if err == nil && (found.Kind != domain.TTNClient || found.Owner == 0 || !c.Is(found.Owner)) || domain.IsKind(err, domain.NotFound) {
		err = domain.Errorf(domain.NotFound, "client_not_found", "There is no such client of yours.")
	}
	return found, err
}

func (d *Door) showClient(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.own(r, c)
	if err != nil {
		return err
	}
	out, err := d.withSecret(r.Context(), c, found)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, out)
}

func (d *Door) changeClient(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	before, err := d.own(r, c)
	if err != nil {
		return err
	}
	var in clientIn
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	edit, err := in.edit(before)
	if err != nil {
		return err
	}
	_, err = d.Clients.Edit(r.Context(), c, before.ID, edit)
	return done(w, err)
}

// edit returns what of a whole client that comes back differs from what it is:
// what is the same is left alone, so that what the contract cannot say stays.
func (in clientIn) edit(before domain.Client) (client.ClientEdit, error) {
	edit := client.ClientEdit{Description: in.Description}
	if in.Name != nil && *in.Name != string(before.ID) {
		return edit, domain.InvalidField("name", "The name of a client stays as it is: programs know it by that.")
	}
	shown := clientAsJSON(before)
	if in.URI != nil && *in.URI != shown.URI {
		uris := slices.Clone(before.RedirectURIs)
		if len(uris) == 0 {
			uris = []string{""}
		}
		if uris[0] = *in.URI; uris[0] == "" {
			return edit, uriMissing()
		}
		edit.RedirectURIs = &uris
	}
	if in.Grants != nil && !slices.Equal(*in.Grants, shown.Grants) {
		edit.GrantTypes = in.Grants
	}
	if in.Scope != nil && !slices.Equal(*in.Scope, shown.Scope) {
		if strings.TrimSpace(strings.Join(*in.Scope, "")) == "" {
			return edit, domain.InvalidField("scope", "Say at least one scope that the client may ask for.")
		}
		edit.Scopes = in.Scope
	}
	return edit, nil
}

func (d *Door) deleteClient(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.own(r, c)
	if err != nil {
		return err
	}
	return done(w, d.Clients.Delete(r.Context(), c, found.ID))
}
