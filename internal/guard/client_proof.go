package guard

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// BasicProof is what a client says of itself in an Authorization header. Name
// and secret are form-encoded within it (RFC 6749 §2.3.1), but many programs
// send them raw.
type BasicProof struct {
	Name   string
	Secret secret.Secret
}

// ClientForm is a form-encoded request of a client to the token endpoint or
// its neighbours.
type ClientForm struct {
	Basic  *BasicProof // the credentials in the header; nil: there are none
	Values url.Values
	From   netip.Addr
}

// ReadBasicProof reads the client credentials from the header; nil where
// there is no header. Other schemes, doubled and malformed headers are
// refused.
func ReadBasicProof(r *http.Request) (*BasicProof, error) {
	headers := r.Header["Authorization"]
	if len(headers) == 0 {
		return nil, nil
	}
	if len(headers) > 1 {
		return nil, domain.Errorf(domain.Invalid, "invalid_request", "There is more than one Authorization header.")
	}
	scheme, rest := SplitAuthorization(headers[0])
	name, password, ok := ParseBasic(rest)
	if scheme != "basic" || !ok {
		return nil, domain.Errorf(domain.Unauthenticated, "invalid_client", "Clients authenticate by HTTP Basic with client id and secret, or by client_id and client_secret in the body.")
	}
	return &BasicProof{name, password}, nil
}

// ReadClientForm reads a form-encoded request of a client.
func ReadClientForm(w http.ResponseWriter, r *http.Request) (ClientForm, error) {
	basic, err := ReadBasicProof(r)
	if err != nil {
		return ClientForm{}, err
	}
	values, err := web.ReadFormBody(w, r)
	return ClientForm{basic, values, web.Address(r)}, err
}

// AuthenticateForm authenticates the client of a form-encoded request to the
// token endpoint or its neighbours: by the header, or by client_id and
// client_secret in the form. Both at once are refused, but for a client_id
// that says the same as the header (RFC 6749 §2.3).
func (g *ClientGate) AuthenticateForm(ctx context.Context, form ClientForm) (domain.Client, error) {
	id, inForm := form.Values.Get("client_id"), form.Values.Get("client_secret")
	if form.Basic == nil {
		return g.Authenticate(ctx, ClientProof{domain.ClientID(id), secret.New(inForm), form.From})
	}
	if inForm != "" {
		return domain.Client{}, domain.Errorf(domain.Invalid, "invalid_request", "The client authenticates in the header and in the body at once. Use one of them.")
	}
	client, err := g.byBasic(ctx, *form.Basic, form.From)
	if err == nil && id != "" && id != string(client.ID) {
		return domain.Client{}, domain.Errorf(domain.Invalid, "invalid_request", "The client_id in the body is not that of the header.")
	}
	return client, err
}

// byBasic tries name and secret decoded first, then as they came.
func (g *ClientGate) byBasic(ctx context.Context, basic BasicProof, from netip.Addr) (domain.Client, error) {
	raw := ClientProof{domain.ClientID(basic.Name), basic.Secret, from}
	name, nameErr := url.QueryUnescape(basic.Name)
	text, textErr := url.QueryUnescape(basic.Secret.Reveal())
	if nameErr != nil || textErr != nil || name == basic.Name && text == basic.Secret.Reveal() {
		return g.Authenticate(ctx, raw)
	}
	client, err := g.Authenticate(ctx, ClientProof{domain.ClientID(name), secret.New(text), from})
	if domain.CodeOf(err) == "invalid_client" {
		return g.Authenticate(ctx, raw)
	}
	return client, err
}

// CheckParameters refuses repeated parameters (RFC 6749 §3.2) and drops those
// without a value, which count as left out. "resource" may be repeated
// (RFC 8707 §2); whoever reads it decides.
func CheckParameters(form url.Values) error {
	for name, values := range form {
		if len(values) > 1 && name != "resource" {
			return domain.Errorf(domain.Invalid, "invalid_request", "The parameter %s is there more than once.", domain.Clip(name))
		}
		if len(values) == 1 && values[0] == "" {
			delete(form, name)
		}
	}
	return nil
}
