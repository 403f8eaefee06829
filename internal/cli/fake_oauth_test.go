package cli

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// oauthServer is an authorization server whose person says yes at once. Tests
// make it fail on purpose.
type oauthServer struct {
	*httptest.Server
	mu        sync.Mutex
	challenge string
	asked     url.Values // the last authorization request
	refresh   int        // number of the refresh token that is good
	access    int        // number of the newest access token
	revoked   []string
	life      int // seconds of an access token
	redeemed  int // how often a refresh token was redeemed
	before    func(w http.ResponseWriter, try int) bool
	issuer    string   // of the answer; empty: the right one
	denied    string   // error of the answer
	polls     []string // what polls of a device are answered, in their order; then tokens
	polled    func()   // is called at each poll
}

func newOAuthServer(t *testing.T) *oauthServer {
	t.Helper()
	s := &oauthServer{life: 3600}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/oauth-authorization-server", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"issuer":%q}`, s.URL)
	})
	mux.HandleFunc("GET /oauth/authorize", s.authorize)
	mux.HandleFunc("POST /oauth/token", s.token)
	mux.HandleFunc("POST /oauth/device_authorization", s.device)
	mux.HandleFunc("POST /oauth/revoke", func(_ http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.revoked = append(s.revoked, r.FormValue("token"))
	})
	mux.HandleFunc("GET /api/v1/users/me", s.me)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *oauthServer) authorize(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = r.URL.Query()
	s.challenge = s.asked.Get("code_challenge")
	answer := url.Values{"state": {s.asked.Get("state")}, "iss": {s.URL}, "code": {"the-code"}}
	if s.issuer != "" {
		answer.Set("iss", s.issuer)
	}
	if s.denied != "" {
		answer.Del("code")
		answer.Set("error", s.denied)
	}
	http.Redirect(w, r, s.asked.Get("redirect_uri")+"?"+answer.Encode(), http.StatusSeeOther)
}

// device lets a device wait (RFC 8628 §3.2).
func (s *oauthServer) device(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = r.ParseForm()
	s.asked = r.PostForm
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"device_code":"the-device","user_code":"WDJB-\u001b[31mMJHT","verification_uri":"%[1]s/device","verification_uri_complete":"%[1]s/device?user_code=WDJB-MJHT","expires_in":600,"interval":1}`, s.URL)
}

func (s *oauthServer) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	verified := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	switch {
	case r.FormValue("client_id") != "thingward-cli" || r.Header.Get("Authorization") != "":
		refuse(w, "invalid_client")
		return
	case r.FormValue("grant_type") == "refresh_token":
		s.redeemed++
		if s.before != nil && s.before(w, s.redeemed) {
			return
		}
		if r.FormValue("refresh_token") != fmt.Sprint("refresh-", s.refresh) {
			refuse(w, "invalid_grant")
			return
		}
	case r.FormValue("grant_type") == "urn:ietf:params:oauth:grant-type:device_code":
		if r.FormValue("device_code") != "the-device" {
			refuse(w, "invalid_grant")
			return
		}
		if s.polled != nil {
			s.polled()
		}
		if len(s.polls) > 0 {
			said := s.polls[0]
			s.polls = s.polls[1:]
			if said == "lost" {
				panic(http.ErrAbortHandler)
			}
			refuse(w, said)
			return
		}
	case r.FormValue("code") != "the-code" || base64.RawURLEncoding.EncodeToString(verified[:]) != s.challenge:
		refuse(w, "invalid_grant")
		return
	}
	s.refresh++
	s.access++
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": fmt.Sprint("access-", s.access), "token_type": "Bearer",
		"expires_in": s.life, "refresh_token": fmt.Sprint("refresh-", s.refresh), "scope": "profile account"})
}

func refuse(w http.ResponseWriter, code string) {
	w.WriteHeader(http.StatusBadRequest)
	_, _ = fmt.Fprintf(w, `{"error":%q,"error_description":"No."}`, code)
}

func (s *oauthServer) me(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != fmt.Sprint("Bearer access-", s.access) {
		problem(w, http.StatusUnauthorized, "credential_invalid", "The credential is not valid.", nil)
		return
	}
	_, _ = io.WriteString(w, `{"name":"alice","admin":false,"credential":{"kind":"token","id":"thingward-cli","scopes":"profile account"}}`)
}

// lastAsked returns the last authorization request.
func (s *oauthServer) lastAsked() url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *oauthServer) wasRevoked() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.revoked, " ")
}
