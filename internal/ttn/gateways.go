package ttn

import (
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// gatewayActs are the gateways and their collaborators.
func (d *Door) gatewayActs() []act {
	const scope, one = "gateways", "api/v2/gateways/{thing}"
	read, write := web.Scoped(domain.ScopeGatewaysRead), web.Scoped(domain.ScopeGatewaysWrite)
	acts := []act{
		{"GET api/v2/gateways", read, scope, d.listGateways},
		{"POST api/v2/gateways", write, scope, d.registerGateway},
		{"GET " + one, read, scope, d.showGateway},
		{"PATCH " + one, write, scope, d.editGateway},
		{"DELETE " + one, write, scope, d.deleteGateway},
		{"GET " + one + "/token", read, scope, d.gatewayToken},
		{"GET " + one + "/rights", read, scope, d.gatewayRights},
	}
	return append(acts, d.collaboratorActs(one, scope, read, write, d.gatewayThing)...)
}

// listGateways answers an array of all of them: the contract has no pages.
func (d *Door) listGateways(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	list := func(page domain.Page) (domain.Listed[domain.Gateway], error) {
		return d.Gateways.List(r.Context(), c, domain.Living, page)
	}
	return writeArray(w, "[", "]", paged(list, func(some []domain.Gateway) ([]gatewayJSON, error) { return d.gatewaysAsJSON(r, c, some) }))
}

// gatewaysAsJSON adds to gateways what the caller may know beside them.
func (d *Door) gatewaysAsJSON(r *http.Request, c domain.Caller, gateways []domain.Gateway) ([]gatewayJSON, error) {
	keys, err := d.Gateways.Keys(r.Context(), c, gateways)
	if err != nil {
		return nil, err
	}
	things := make([]domain.Thing, len(gateways))
	for i, g := range gateways {
		things[i] = g.Thing()
	}
	collaborators, err := d.collaboratorsOf(r.Context(), c, domain.NounGateway, things...)
	if err != nil {
		return nil, err
	}
	list := make([]gatewayJSON, len(gateways))
	for i, g := range gateways {
		list[i] = d.gatewayAsJSON(g, keys[g.ID], collaborators[int64(g.ID)])
	}
	return list, nil
}

func (d *Door) registerGateway(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var body gatewayBody
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	in, err := body.asNew()
	if err != nil {
		return err
	}
	made, key, err := d.Gateways.Create(r.Context(), c, in)
	if err != nil {
		return err
	}
	collaborators, err := d.collaboratorsOf(r.Context(), c, domain.NounGateway, made.Thing())
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, d.gatewayAsJSON(made, key, collaborators[int64(made.ID)]))
}

// findGateway finds the gateway that a request names. Ids that are none are
// told so; who asks for a number of ours asks for nothing.
func (d *Door) findGateway(r *http.Request, c domain.Caller) (domain.Gateway, error) {
	name := r.PathValue("thing")
	if err := domain.CheckNetworkName("id", name); err != nil {
		return domain.Gateway{}, err
	}
	return d.Gateways.Find(r.Context(), c, name)
}

func (d *Door) showGateway(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.findGateway(r, c)
	if err != nil {
		return err
	}
	list, err := d.gatewaysAsJSON(r, c, []domain.Gateway{found})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, list[0])
}

func (d *Door) editGateway(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.findGateway(r, c)
	if err != nil {
		return err
	}
	var body gatewayBody
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	edit, err := body.asEdit(found.Antenna)
	if err != nil {
		return err
	}
	_, err = d.Gateways.Edit(r.Context(), c, found.Name, edit)
	return done(w, err)
}

func (d *Door) deleteGateway(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.findGateway(r, c)
	if err != nil {
		return err
	}
	return done(w, d.Gateways.Delete(r.Context(), c, found.Name))
}

// thingTokenLife is how long the token of a gateway or component lives, where
// what it was got with lives as long.
const thingTokenLife = token.AccessKeyLife

type thingTokenJSON struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int64  `json:"expires_in"` // seconds
}

func (d *Door) gatewayToken(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.findGateway(r, c)
	if err != nil {
		return err
	}
	made, err := d.Tokens.ForThing(r.Context(), c, found.Thing(), thingTokenLife)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, thingTokenJSON{made.AccessToken.Reveal(), int64(made.ExpiresIn / time.Second)})
}

func (d *Door) gatewayRights(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.findGateway(r, c)
	if err != nil {
		return err
	}
	rights, err := d.Gateways.Rights(r.Context(), c, found.Name)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, rights.Names())
}

// gatewayThing finds the gateway whose collaborators are asked for.
func (d *Door) gatewayThing(r *http.Request, c domain.Caller) (domain.Thing, error) {
	found, err := d.findGateway(r, c)
	return found.Thing(), err
}
