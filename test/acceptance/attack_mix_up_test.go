package acceptance

import (
	"testing"
)

// TestACodeIsSentToTheWrongServer: a program knows two servers, and an
// attacker who runs one of them makes it believe that Alice's answer came
// from his (RFC 9700 §4.4). Here two honest ones stand for them: each names
// itself in its answers, its errors too, and what is sent to the other by
// mistake is worth nothing there.
func TestACodeIsSentToTheWrongServer(t *testing.T) {
	t.Parallel()
	one, two := start(t, publicHere(t)), start(t, publicHere(t))
	worlds := map[*server]oauthWorld{one: newOAuthWorld(t, one), two: newOAuthWorld(t, two)}
	for here, there := range map[*server]*server{one: two, two: one} {
		w := worlds[here]
		values := w.native.decide(w.alice, "allow")
		for _, answer := range []map[string][]string{values, w.native.decide(w.alice, "deny"), w.native.decide(w.alice, "allow", "scope", "sensors.fly")} {
			if got := answer["iss"]; len(got) != 1 || got[0] != here.config.PublicURL || got[0] == there.config.PublicURL {
				t.Errorf("got the issuer %v, want %s alone", got, here.config.PublicURL)
			}
		}
		there.keep(values.Get("code"), "a code of another server")
		worlds[there].native.redeem(values.Get("code")).wantFault(400, "invalid_grant")
		tokens := w.native.take(w.native.redeem(values.Get("code")))
		there.bearer(t, tokens.Access).get("/api/v1/users/me").want(401)
		there.keep(tokens.Refresh, "a refresh token of another server")
		worlds[there].native.refresh(tokens.Refresh).wantFault(400, "invalid_grant")
		if d := readMetadata(t, w); d.Issuer != here.config.PublicURL || d.Token != here.config.PublicURL+"/oauth/token" {
			t.Errorf("the metadata of %s: %+v", here.config.PublicURL, d)
		}
	}
}
