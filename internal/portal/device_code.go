package portal

import (
	"crypto/hmac"
	"net/http"
	"net/url"

	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// A device without a browser shows a code, and a person enters it here
// (RFC 8628 §3.3). A link may fill the code in, but only the person sends it:
// whoever else sent the link wants his own device to be let in (§5.4).
//
//	GET /device ─► POST /device ─► GET /device/consent ─► POST /oauth/consent ─► /device/allowed, /device/denied

// deviceConsent is where a person is asked about a device.
const deviceConsent = authorize.DevicePage + "/consent"

func (p *Portal) deviceCodeRoutes() []web.Route {
	person := web.Person()
	return []web.Route{
		{Pattern: "GET " + authorize.DevicePage, Need: person, Handle: p.userCodeForm},
		{Pattern: "POST " + authorize.DevicePage, Need: person, Handle: p.enterUserCode},
		{Pattern: "GET " + deviceConsent, Need: person, Handle: p.askAboutDevice},
		{Pattern: "GET " + authorize.DeviceAllowed, Need: person, Handle: p.deviceAllowed},
		{Pattern: "GET " + authorize.DeviceDenied, Need: person, Handle: p.deviceDenied},
	}
}

type deviceCodePage struct {
	layout
	Form   *form
	Filled bool // by a link
}

func (deviceCodePage) template() string { return "device_code" }

type deviceAnsweredPage struct {
	layout
	Allowed bool
}

func (deviceAnsweredPage) template() string { return "device_answered" }

// askingDevice is what is known of the device that asks.
type askingDevice struct {
	Code    string
	Address string // empty: not known
	Near    bool   // it asked from the network in which the person is
	Asked   moment
}

// userCodePage is the address of the page with the code filled in.
func userCodePage(code string) string {
	return authorize.DevicePage + "?" + url.Values{"user_code": {code}}.Encode()
}

func (p *Portal) userCodeForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	given, ok := secret.ParseUserCode(r.URL.Query().Get("user_code"))
	return p.showUserCode(w, r, c, deviceCodePage{Form: filledForm(map[string]string{"user_code": given.Reveal()}), Filled: ok})
}

func (p *Portal) showUserCode(w http.ResponseWriter, r *http.Request, c domain.Caller, shown deviceCodePage) error {
	shown.layout = p.layoutFor(r, c, "", "Connect a device")
	return show(w, shown.Form.Status(), shown)
}

func (p *Portal) enterUserCode(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	request, err := p.Authorize.EnterUserCode(r.Context(), c, f.text("user_code"))
	if err != nil {
		return p.refuseUserCode(w, r, c, f, err)
	}
	query := url.Values{"user_code": {request.UserCode}, "entered": {p.proof(r, "entered\n"+request.UserCode)}}
	return seeOther(w, r, deviceConsent+"?"+query.Encode())
}

// refuseUserCode shows the form with what is wrong with the code.
func (p *Portal) refuseUserCode(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, err error) error {
	if !f.refuse(err) {
		return err
	}
	p.sayRetry(w, f, err)
	return p.showUserCode(w, r, c, deviceCodePage{Form: f})
}

// askAboutDevice asks the person who has just entered the code.
func (p *Portal) askAboutDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	code := r.URL.Query().Get("user_code")
	if !p.proves(r, "entered\n"+code, r.URL.Query().Get("entered")) {
		return seeOther(w, r, userCodePage(code))
	}
	request, err := p.Authorize.DeviceRequest(r.Context(), c, code)
	if err != nil {
		return p.refuseUserCode(w, r, c, filledForm(map[string]string{"user_code": code}), err)
	}
	question, err := p.Authorize.Ask(r.Context(), c, request)
	if err != nil {
		return err
	}
	return p.showConsent(w, r, c, question, consentDefaults(question))
}

// consentDevice takes a person's answer to a device. The page that asked him
// proves that he entered the code.
func (p *Portal) consentDevice(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	code := f.text("user_code")
	if !signedIn(c) {
		return seeOther(w, r, withNext("/login", userCodePage(code)))
	}
	entered := filledForm(map[string]string{"user_code": code})
	if !p.proves(r, aboutDevice(code), f.Values.Get("token")) {
		entered.Fault, entered.status = "Since this page was opened, somebody signed in here anew. Please enter the code again.", http.StatusForbidden
		return p.showUserCode(w, r, c, deviceCodePage{Form: entered})
	}
	request, err := p.Authorize.DeviceRequest(r.Context(), c, code)
	if err != nil {
		return p.refuseUserCode(w, r, c, entered, err)
	}
	return p.decide(w, r, c, request, f)
}

// aboutDevice is what the form with the answer to a device is about.
func aboutDevice(code string) string { return "device\n" + code }

// proves reports whether text is the proof of the present session about
// something.
func (p *Portal) proves(r *http.Request, about, text string) bool {
	proof := p.proof(r, about)
	return proof != "" && hmac.Equal([]byte(text), []byte(proof))
}

func (p *Portal) askingDeviceOf(c domain.Caller, request authorize.Request) *askingDevice {
	if request.Device == nil {
		return nil
	}
	asking := &askingDevice{Code: request.UserCode, Asked: momentOf(request.Device.IssuedAt, p.Now(), c.User.Location())}
	if address := request.Device.Address; address.IsValid() {
		asking.Address, asking.Near = address.String(), domain.NetworkOf(address) == domain.NetworkOf(c.Address)
	}
	return asking
}

func (p *Portal) deviceAllowed(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return show(w, http.StatusOK, deviceAnsweredPage{p.layoutFor(r, c, "", "The device is connected"), true})
}

func (p *Portal) deviceDenied(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return show(w, http.StatusOK, deviceAnsweredPage{p.layoutFor(r, c, "", "The device gets nothing"), false})
}
