package acceptance

import (
	"net/http"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/store/storetest"
)

// TestAKilledServerKeepsItsWordAboutTokens kills the program with SIGKILL
// while codes are redeemed, refresh tokens rotated, tokens issued and revoked
// over sixteen connections, starts it again and holds it to what it answered.
func TestAKilledServerKeepsItsWordAboutTokens(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killInTokenTraffic(t, buildVictim(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		killInTokenTraffic(t, buildVictim(t, "--database", storetest.PostgresURL(t)))
	})
}

func killInTokenTraffic(t *testing.T, v *victim) {
	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	const back = "https://tokens.example/back"
	v.run(t, &made, "clients", "create", "tokens", "--user", "crash", "--uri", back, "--scope", "readings.read,offline_access",
		"--grants", "authorization_code,refresh_token,client_credentials")
	for round := range crashRounds(t) {
		s := v.start(t).s
		app := oauthApp{askingApp{t: t, s: s, endpoint: authorizeAt["standard"], ID: made.ID, Secret: made.Secret, Redirect: back}}
		load := newTokenLoad(s.signIn(t, "crash", passwordOf+"crash"), app)
		wait := load.work(t, 4)
		eventually(t, 30*time.Second, func() bool { return load.count() > 600+137*round })
		v.kill(t)
		wait()
		v.start(t)
		load.hold(t, round+1)
		v.kill(t)
	}
}

// hold holds a server that came back to what it answered before.
func (l *tokenLoad) hold(t *testing.T, round int) {
	t.Helper()
	var open, revoked, lost []*heldChain
	live, dead := l.live, l.dead
	for _, chain := range l.chains {
		switch {
		case chain.revoked:
			revoked = append(revoked, chain)
			dead = append(dead, chain.access...)
		case chain.revoking: // either way is right
		default:
			open = append(open, chain)
			live = append(live, chain.access...)
			if chain.sent {
				lost = append(lost, chain)
			}
		}
	}
	forgotten := atOnce(t, live, l.active)
	undone := atOnce(t, dead, func(token string) (bool, error) { active, err := l.active(token); return !active, err })
	undone += atOnce(t, revoked, func(c *heldChain) (bool, error) { return l.refused("refresh_token", "refresh_token", c.refresh) })
	stuck := atOnce(t, open, l.goesOn)
	twice := atOnce(t, l.codes, l.worksOnce)
	twice += atOnce(t, open, l.isSpent)
	t.Logf("round %d: of %d access tokens %d are forgotten; of %d revocations %d are undone; of %d refresh tokens (%d sent without an answer) %d do not go on; of %d codes (%d sent without an answer) %d work twice",
		round, len(live), forgotten, len(dead)+len(revoked), undone, len(open), len(lost), stuck, len(l.codes)+len(open), len(l.codes), twice)
	if forgotten+undone+stuck+twice > 0 {
		t.Errorf("round %d: the server does not keep its word", round)
	}
}

// refused reports whether a token request is an invalid_grant.
func (l *tokenLoad) refused(grantType, name, value string) (bool, error) {
	_, status, err := l.tokens("grant_type", grantType, name, value, "redirect_uri", l.app.Redirect)
	return status == http.StatusBadRequest, err
}

// goesOn refreshes a chain with the last token that its program has. Twice the
// same, within the grace, must give the same successor: also where an answer
// to it was lost. The successor and the token beside it work.
func (l *tokenLoad) goesOn(chain *heldChain) (bool, error) {
	first, _, err := l.tokens("grant_type", "refresh_token", "refresh_token", chain.refresh)
	if err != nil {
		return false, err
	}
	again, _, err := l.tokens("grant_type", "refresh_token", "refresh_token", chain.refresh)
	if err != nil || first.Refresh == "" || again.Refresh != first.Refresh || again.Access != first.Access {
		return false, err
	}
	next, _, err := l.tokens("grant_type", "refresh_token", "refresh_token", first.Refresh)
	if err != nil || next.Refresh == "" || next.Refresh == first.Refresh {
		return false, err
	}
	chain.access, chain.refresh = append(chain.access, first.Access, next.Access), next.Refresh
	return l.active(next.Access)
}

// worksOnce presents a code whose redemption had no answer: it may work or
// not, but not twice, and what it gave is dead then.
func (l *tokenLoad) worksOnce(code string) (bool, error) {
	first, _, err := l.tokens("grant_type", "authorization_code", "code", code, "redirect_uri", l.app.Redirect)
	if err != nil {
		return false, err
	}
	refused, err := l.refused("authorization_code", "code", code)
	if err != nil || !refused || first.Access == "" {
		return refused, err
	}
	active, err := l.active(first.Access)
	return !active, err
}

// isSpent presents the code of a chain again: it is refused, and the chain is
// dead then.
func (l *tokenLoad) isSpent(chain *heldChain) (bool, error) {
	refused, err := l.refused("authorization_code", "code", chain.code)
	if err != nil || !refused {
		return false, err
	}
	for _, token := range chain.access {
		if active, err := l.active(token); active || err != nil {
			return false, err
		}
	}
	return l.refused("refresh_token", "refresh_token", chain.refresh)
}
