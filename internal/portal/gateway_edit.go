package portal

import (
	"net/http"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/gateway"
)

// gatewayFormPage is the form of a new gateway, and of one to be changed.
type gatewayFormPage struct {
	layout
	Form       *form
	Heading    string
	Name, Href string // empty: it is new
	Plans      []planChoice
	PlanFault  string
	Placements []planChoice
}

func (gatewayFormPage) template() string { return "gateway_edit" }

type planChoice struct {
	Value, Label string
	Chosen       bool
}

func (p *Portal) newGatewayForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f := filledForm(map[string]string{"location_public": "yes", "status_public": "yes", "owner_public": "", "auto_update": "yes"})
	return p.showGatewayForm(w, r, c, f, "")
}

// showGatewayForm shows the form of the gateway with the name; of a new one
// where there is none.
func (p *Portal) showGatewayForm(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, name string) error {
	shown := gatewayFormPage{Form: f, Heading: "Register a gateway", PlanFault: f.Faults["frequency_plan"]}
	if name != "" {
		shown.Heading, shown.Name, shown.Href = "Edit "+name, name, gatewayHref(name)
	}
	for _, plan := range p.Gateways.FrequencyPlans() {
		shown.Plans = append(shown.Plans, planChoice{plan.ID, plan.Name + " (" + plan.ID + ")", plan.ID == f.text("frequency_plan")})
	}
	for _, placement := range []string{"", "indoor", "outdoor"} {
		label := placement
		if label == "" {
			label = "not said"
		}
		shown.Placements = append(shown.Placements, planChoice{placement, label, placement == f.text("placement")})
	}
	shown.layout = p.layoutFor(r, c, "gateways", shown.Heading)
	return show(w, f.Status(), shown)
}

// gatewayTexts are the attributes that the form asks for.
var gatewayTexts = []string{"description", "brand", "model", "placement", "antenna_type", "antenna_model"}

func gatewayAttributes(f *form) map[string]string {
	attributes := map[string]string{}
	for _, name := range gatewayTexts {
		attributes[name] = f.text(name)
	}
	return attributes
}

func (p *Portal) newGateway(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	in := gateway.New{Name: f.text("id"), FrequencyPlan: f.text("frequency_plan"), Attributes: gatewayAttributes(f), Router: f.text("router"),
		LocationPublic: f.checked("location_public"), StatusPublic: f.checked("status_public"), OwnerPublic: f.checked("owner_public"), AutoUpdate: f.checked("auto_update")}
	for name, value := range in.Attributes {
		if value == "" {
			delete(in.Attributes, name)
		}
	}
	if in.Antenna, err = locationOf(f); err == nil {
		_, key, createErr := p.Gateways.Create(r.Context(), c, in)
		if createErr == nil {
			r.SetPathValue("gateway", in.Name)
			return p.showGatewayKey(w, r, c, key, "Gateway key", "The gateway is registered. Give it this key, with which it proves itself to the network.")
		}
		err = createErr
	}
	if !f.refuse(err) {
		return err
	}
	return p.showGatewayForm(w, r, c, f, "")
}

func (p *Portal) editGatewayForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	g, err := p.Gateways.Find(r.Context(), c, r.PathValue("gateway"))
	if err != nil {
		return err
	}
	values := map[string]string{"frequency_plan": g.FrequencyPlan, "router": g.Router}
	for _, name := range gatewayTexts {
		values[name] = g.Attributes[name]
	}
	for name, on := range map[string]bool{"location_public": g.LocationPublic, "status_public": g.StatusPublic, "owner_public": g.OwnerPublic, "auto_update": g.AutoUpdate} {
		if on {
			values[name] = "yes"
		}
	}
	if g.Antenna != nil {
		values["latitude"] = strconv.FormatFloat(g.Antenna.Latitude, 'f', -1, 64)
		values["longitude"] = strconv.FormatFloat(g.Antenna.Longitude, 'f', -1, 64)
		values["altitude"] = strconv.FormatInt(int64(g.Antenna.Altitude), 10)
	}
	return p.showGatewayForm(w, r, c, filledForm(values), g.Name)
}

func (p *Portal) editGateway(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	before, err := p.Gateways.Find(r.Context(), c, r.PathValue("gateway"))
	if err != nil {
		return err
	}
	edit, err := gatewayEditOf(before, f)
	if err == nil {
		_, err = p.Gateways.Edit(r.Context(), c, before.Name, edit)
	}
	if err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.showGatewayForm(w, r, c, f, before.Name)
	}
	return seeOther(w, r, gatewayHref(before.Name)+"?notice=gateway-saved")
}

// gatewayEditOf says what the form changes. Where it stands is left as it is
// if the form shows what it showed: for some it is only roughly known.
func gatewayEditOf(before domain.Gateway, f *form) (gateway.Edit, error) {
	plan, router := f.text("frequency_plan"), f.text("router")
	edit := gateway.Edit{FrequencyPlan: &plan, Router: &router, Attributes: gatewayAttributes(f)}
	for _, one := range []struct {
		to     **bool
		before bool
		name   string
	}{{&edit.LocationPublic, before.LocationPublic, "location_public"}, {&edit.StatusPublic, before.StatusPublic, "status_public"},
		{&edit.OwnerPublic, before.OwnerPublic, "owner_public"}, {&edit.AutoUpdate, before.AutoUpdate, "auto_update"}} {
		if now := f.checked(one.name); now != one.before {
			*one.to = &now
		}
	}
	place, err := locationOf(f)
	switch {
	case err != nil:
		return edit, err
	case place == nil && before.Antenna != nil:
		edit.NoAntenna = true
	case place != nil && (before.Antenna == nil || *place != *before.Antenna):
		edit.Antenna = place
	}
	return edit, nil
}
