package authorize

import (
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// takeChallenge takes the code challenge (RFC 7636 §4.3). Only S256 is
// offered; a request without a method means plain. Public clients must send
// one (RFC 9700 §2.1.1), and with a token in the fragment there would be
// nothing to prove with it.
func takeChallenge(r *Request, given parameters) error {
	challenge, method := given.text("code_challenge"), given.text("code_challenge_method")
	switch {
	case challenge == "" && method != "":
		return invalid("invalid_request", "There is a code_challenge_method without a code_challenge.")
	case challenge == "" && r.Client.ID == domain.TTNCommandID:
		return nil // older than PKCE: a person carries the code from one of our own pages to his terminal
	case challenge == "" && r.Client.Public && r.ResponseType == responseCode:
		return invalid("invalid_request", "This app must send a code_challenge (PKCE, S256).")
	case challenge == "":
		return nil
	case r.ResponseType == responseToken:
		return invalid("invalid_request", "A code_challenge is for response_type=code.")
	case method != "S256":
		return invalid("invalid_request", "The code_challenge_method must be S256.")
	case !isChallenge(challenge):
		return invalid("invalid_request", "The code_challenge is none: it has 43 to 128 letters, digits and -._~ (RFC 7636).")
	}
	r.Challenge = challenge
	return nil
}

// isChallenge holds the grammar of RFC 7636 §4.2.
func isChallenge(text string) bool {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	return len(text) >= 43 && len(text) <= 128 && strings.Trim(text, unreserved) == ""
}
