package portal

import (
	"net/http"
	"net/url"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/application"
)

// applicationFormPage is the form of a new application, and of one to be
// changed.
type applicationFormPage struct {
	layout
	Form       *form
	Heading    string
	Name, Href string // empty: it is new
	Formats    []formatChoice
	Functions  bool // one of them is there already
}

func (applicationFormPage) template() string { return "application_edit" }

type formatChoice struct {
	Value  domain.PayloadFormat
	Label  string
	Chosen bool
}

func formatChoices(chosen string) []formatChoice {
	var choices []formatChoice
	for _, format := range []domain.PayloadFormat{domain.PayloadNone, domain.PayloadCayenne, domain.PayloadCustom} {
		choices = append(choices, formatChoice{format, formatWords[format], string(format) == chosen})
	}
	return choices
}

func (p *Portal) newApplicationForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showApplicationForm(w, r, c, filledForm(nil), "")
}

// showApplicationForm shows the form of the application with the name; of a
// new one where there is none.
func (p *Portal) showApplicationForm(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, name string) error {
	shown := applicationFormPage{Form: f, Heading: "New application", Formats: formatChoices(f.text("payload_format"))}
	if name != "" {
		shown.Heading, shown.Name, shown.Href = "Edit "+name, name, applicationHref(name)
		shown.Functions = f.text("decoder")+f.text("converter")+f.text("validator")+f.text("encoder") != ""
	}
	shown.layout = p.layoutFor(r, c, "applications", shown.Heading)
	return show(w, f.Status(), shown)
}

func (p *Portal) newApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	in := application.New{Name: f.text("id"), Description: f.text("description")}
	if eui := f.text("eui"); eui != "" {
		in.EUIs = []string{eui}
	}
	made, err := p.Applications.Create(r.Context(), c, in)
	if err != nil {
		if !f.refuse(err) {
			return err
		}
		f.rename("euis", "eui")
		return p.showApplicationForm(w, r, c, f, "")
	}
	// Who makes one here has no program that registers it.
	if err := p.Applications.Register(r.Context(), c, made.Name); err != nil {
		return err
	}
	return seeOther(w, r, applicationHref(made.Name)+"?notice=application-created")
}

func (p *Portal) editApplicationForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	a, err := p.Applications.Find(r.Context(), c, r.PathValue("application"))
	if err != nil {
		return err
	}
	f := filledForm(map[string]string{"description": a.Description, "payload_format": string(a.Payload.Format), "decoder": a.Payload.Decoder,
		"converter": a.Payload.Converter, "validator": a.Payload.Validator, "encoder": a.Payload.Encoder})
	return p.showApplicationForm(w, r, c, f, a.Name)
}

func (p *Portal) editApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	name, description := r.PathValue("application"), f.text("description")
	payload := domain.Payload{Format: domain.PayloadFormat(f.text("payload_format")), Decoder: f.text("decoder"), Converter: f.text("converter"),
		Validator: f.text("validator"), Encoder: f.text("encoder")}
	if _, err := p.Applications.Edit(r.Context(), c, name, application.Edit{Description: &description, Payload: &payload}); err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.showApplicationForm(w, r, c, f, name)
	}
	return seeOther(w, r, applicationHref(name)+"?notice=application-saved")
}

// addEUI adds the EUI that is given, or one from the network's own block.
func (p *Portal) addEUI(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	if _, err := p.Applications.AddEUI(r.Context(), c, r.PathValue("application"), f.text("eui")); err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.showApplication(w, r, c, f)
	}
	return seeOther(w, r, applicationHref(r.PathValue("application"))+"?notice=eui-added")
}

func (p *Portal) removeEUIForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	a, err := p.Applications.Find(r.Context(), c, r.PathValue("application"))
	if err != nil {
		return err
	}
	href, eui := applicationHref(a.Name), r.PathValue("eui")
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "applications", "Remove "+eui), Form: filledForm(nil),
		Question: "Remove the EUI " + eui + " from " + a.Name + "?", Consequence: "End devices that join with it are not recognised any more. You can add it again.",
		Action: href + "/euis/" + url.PathEscape(eui) + "/remove", Yes: "Remove the EUI", Back: href, Danger: true})
}

func (p *Portal) removeEUI(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Applications.RemoveEUI(r.Context(), c, r.PathValue("application"), r.PathValue("eui")); err != nil {
		return err
	}
	return seeOther(w, r, applicationHref(r.PathValue("application"))+"?notice=eui-removed")
}
