package acceptance

import (
	"strings"
	"testing"
)

// TestProofKeys holds RFC 7636.
func TestProofKeys(t *testing.T) {
	holdRules(t, []rule{
		{"RFC 7636 §4.1 a verifier has 43 to 128 characters", func(t *testing.T, w oauthWorld) {
			for _, text := range []string{strings.Repeat("a", 42), strings.Repeat("a", 129)} {
				code := w.native.code(w.alice, "code_challenge", s256(text))
				w.native.redeem(code, "code_verifier", text).wantFault(400, "invalid_grant")
			}
			for _, text := range []string{strings.Repeat("a", 43), strings.Repeat("-._~", 32)} {
				code := w.native.code(w.alice, "code_challenge", s256(text))
				w.native.take(w.native.redeem(code, "code_verifier", text))
			}
		}},
		{"RFC 7636 §4.2 S256 is there, plain is not", func(t *testing.T, w oauthWorld) {
			for _, method := range []string{"plain", "s256", "S512", "", none} { // without a method it means plain (§4.3)
				for _, a := range []oauthApp{w.native, w.web} {
					values := a.decide(w.alice, "allow", "code_challenge", challenge, "code_challenge_method", method)
					if values.Get("error") != "invalid_request" {
						t.Errorf("%s with the method %q: got %v", a.ID, method, values)
					}
				}
			}
		}},
		{"RFC 7636 §4.2 a challenge has its form", func(t *testing.T, w oauthWorld) {
			for _, text := range []string{"short", strings.Repeat("a", 42), strings.Repeat("a", 129), strings.Repeat("+", 43), strings.Repeat("=", 43), challenge + " "} {
				if values := w.native.decide(w.alice, "allow", "code_challenge", text); values.Get("error") != "invalid_request" {
					t.Errorf("challenge %.50q: got %v", text, values)
				}
			}
		}},
		{"RFC 7636 §4.4 the challenge is not told to whoever has the code", func(t *testing.T, w oauthWorld) {
			values := w.native.decide(w.alice, "allow")
			for name := range values {
				if strings.Contains(values.Get(name), challenge) || strings.Contains(name, "challenge") {
					t.Errorf("the answer has the challenge in %s", name)
				}
			}
		}},
		{"RFC 7636 §4.4.1 a public client must send one", func(t *testing.T, w oauthWorld) {
			values := w.native.decide(w.alice, "allow", "code_challenge", none, "code_challenge_method", none)
			if values.Get("error") != "invalid_request" || !strings.Contains(values.Get("error_description"), "code_challenge") {
				t.Errorf("got %v", values)
			}
		}},
		{"RFC 7636 §4.4.1 a method without a challenge is none", func(t *testing.T, w oauthWorld) {
			if values := w.web.decide(w.alice, "allow", "code_challenge_method", "S256"); values.Get("error") != "invalid_request" {
				t.Errorf("got %v", values)
			}
		}},
		{"RFC 7636 §4.6 a verifier that does not fit is invalid_grant, and the right one still counts", func(t *testing.T, w oauthWorld) {
			code := w.native.code(w.alice)
			for _, text := range []string{none, "", challenge, strings.Repeat("a", 43), verifier + "a", verifier[:42], strings.ToUpper(verifier)} {
				w.native.redeem(code, "code_verifier", text).wantFault(400, "invalid_grant")
			}
			w.native.take(w.native.redeem(code))
		}},
		{"RFC 7636 §4.6 a confidential client that sent a challenge proves it too", func(t *testing.T, w oauthWorld) {
			code := w.web.code(w.alice, "code_challenge", challenge, "code_challenge_method", "S256")
			w.web.redeem(code).wantFault(400, "invalid_grant")
			w.web.take(w.web.redeem(code, "code_verifier", verifier))
		}},
		{"RFC 7636 §5 a confidential client need not send one", func(t *testing.T, w oauthWorld) {
			w.web.tokens(w.alice)
		}},
	})
}
