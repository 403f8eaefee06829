package introspect

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the endpoints of RFC 7662 and RFC 7009. They serve clients of
// every kind.
func (s *Service) Routes() []web.Route {
	return []web.Route{
		{Pattern: "POST /oauth/introspect", Need: web.ClientAuth(), Handle: s.introspect},
		{Pattern: "POST /oauth/revoke", Need: web.ClientAuth(), Handle: s.revoke},
	}
}

func (s *Service) introspect(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	form, err := guard.ReadClientForm(w, r)
	if err != nil {
		return err
	}
	found, active, err := s.Introspect(r.Context(), form)
	if err != nil {
		return err
	}
	web.NotKept(w)
	if !active {
		return web.WriteBytes(w, http.StatusOK, "application/json", []byte(`{"active":false}`))
	}
	return web.WriteBytes(w, http.StatusOK, "application/json", s.appendFound(make([]byte, 0, 384), found))
}

// appendFound writes without reflection what resource servers ask for at
// every request of theirs.
func (s *Service) appendFound(to []byte, f Found) []byte {
	to = web.AppendText(append(to, `{"active":true,"scope":`...), f.Scope)
	to = web.AppendText(append(to, `,"client_id":`...), string(f.Client))
	if f.Username != "" {
		to = web.AppendText(append(to, `,"username":`...), f.Username)
	}
	if f.Kind == "access_token" {
		to = append(to, `,"token_type":"Bearer"`...)
	}
	to = strconv.AppendInt(append(to, `,"exp":`...), f.ExpiresAt.Unix(), 10)
	to = strconv.AppendInt(append(to, `,"iat":`...), f.IssuedAt.Unix(), 10)
	to = web.AppendText(append(to, `,"sub":`...), f.Subject)
	audience := f.Audience
	if audience == "" {
		audience = s.Issuer
	}
	to = web.AppendText(append(to, `,"aud":`...), audience)
	to = web.AppendText(append(to, `,"iss":`...), s.Issuer)
	return append(to, '}')
}

// subject names a user for ever, whatever he is called.
func subject(user domain.UserID) string { return strconv.FormatInt(int64(user), 10) }

// clientSubject names a client that acts for itself: by its id, unless that
// could be taken for the number of a user (RFC 9700 §4.15).
func clientSubject(id domain.ClientID) string {
	if strings.Trim(string(id), "0123456789") == "" {
		return "client:" + string(id)
	}
	return string(id)
}

// revoke answers 200 with an empty JSON document: strict programs refuse an
// empty body of another type.
func (s *Service) revoke(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	form, err := guard.ReadClientForm(w, r)
	if err != nil {
		return err
	}
	if err := s.Revoke(r.Context(), form, c); err != nil {
		return err
	}
	web.NeverCached(w)
	return web.WriteBytes(w, http.StatusOK, "application/json", []byte("{}"))
}
