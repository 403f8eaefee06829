package acceptance

import (
	"net/http"
	"testing"
)

func TestAChangedPasswordEndsTheOtherSessions(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		here := s.signUp(t, "alice")
		elsewhere := s.signIn(t, "alice", here.password)
		elsewhere.get("/api/v1/users/me").want(http.StatusOK)
		const changed = "a changed password of alice"
		s.keep(changed, "the changed password")
		here.open("/settings").submit(map[string]string{"current-password": here.password, "new-password": changed}).want(http.StatusSeeOther)
		here.get("/api/v1/users/me").want(http.StatusOK)
		elsewhere.get("/api/v1/users/me").want(http.StatusUnauthorized)
		old := s.browser(t).open("/login")
		if a := old.submit(map[string]string{"username": "alice", "current-password": here.password}); a.status == http.StatusSeeOther {
			t.Error("the old password still signs in")
		}
		s.signIn(t, "alice", changed).get("/api/v1/users/me").want(http.StatusOK)
	})
}

func TestSomebodyChangesHisOwnProfileAndNothingElse(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		c := alice.withKey("profile", "profile.write")
		c.patch("/api/v1/users/me", map[string]any{"display_name": "Alice A.", "time_zone": "Europe/Berlin"}).want(http.StatusOK)
		c.patch("/api/v1/users/me", map[string]any{"admin": true}).want(http.StatusBadRequest)
		var me struct {
			DisplayName string `json:"display_name"`
			TimeZone    string `json:"time_zone"`
			Admin       bool
		}
		c.get("/api/v1/users/me").want(http.StatusOK).decode(&me)
		if me.DisplayName != "Alice A." || me.TimeZone != "Europe/Berlin" || me.Admin {
			t.Errorf("got %+v", me)
		}
		alice.withKey("profile").patch("/api/v1/users/me", map[string]any{"display_name": "Mallory"}).wantCode(http.StatusForbidden, "insufficient_scope")
	})
}

func TestTheSetupLinkWorksOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin := s.administrator(t, "root-admin")
		admin.get("/api/v1/users").want(http.StatusOK)
		link := setupCode.FindString(s.out.String())
		second := s.browser(t).open(link)
		for _, form := range second.forms() {
			if _, asks := form.fill(map[string]string{"one-time-code": "x"}); asks {
				t.Errorf("the setup page still asks for the code: %.400s", second.page)
			}
		}
	})
}
