package token

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// Routes is the standard token endpoint.
func (s *Service) Routes() []web.Route {
	return []web.Route{{Pattern: "POST /oauth/token", Need: web.ClientAuth(), Handle: s.endpoint}}
}

type answerJSON struct {
	AccessToken  string                       `json:"access_token"`
	IssuedType   string                       `json:"issued_token_type,omitempty"` // RFC 8693 §2.2.1
	TokenType    string                       `json:"token_type"`
	ExpiresIn    int64                        `json:"expires_in"`
	RefreshToken string                       `json:"refresh_token,omitempty"`
	Scope        string                       `json:"scope,omitempty"`
	Details      []domain.AuthorizationDetail `json:"authorization_details,omitempty"` // RFC 9396 §7
}

func (s *Service) endpoint(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	form, err := guard.ReadClientForm(w, r)
	if err != nil {
		return err
	}
	answer, err := s.Exchange(r.Context(), Request{Kind: domain.StandardClient, Form: form.Values, Basic: form.Basic, Caller: c})
	if err != nil {
		return err
	}
	web.NeverCached(w)
	return web.WriteJSON(w, http.StatusOK, answerJSON{answer.AccessToken.Reveal(), answer.IssuedType, "Bearer", answer.Seconds(),
		answer.RefreshToken.Reveal(), answer.Scope, answer.Details})
}

// Seconds is the parameter expires_in.
func (a Answer) Seconds() int64 { return int64(a.ExpiresIn.Seconds()) }
