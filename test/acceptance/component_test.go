package acceptance

import (
	"net/http"
	"testing"
)

func TestAComponentLivesAndIsRestored(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		if a := alice.post("/api/v1/components", map[string]any{"kind": "handler", "id": "my-handler"}).want(http.StatusCreated); a.header.Get("Location") != "/api/v1/components/my-handler" {
			t.Errorf("it is said to be at %q", a.header.Get("Location"))
		}
		for _, bad := range []map[string]any{{"kind": "gateway", "id": "x1"}, {"kind": "router", "id": "X"}, {"kind": "router"}, {"kind": "router", "id": "x1", "owner": "bob"}} {
			alice.post("/api/v1/components", bad).want(http.StatusBadRequest)
		}
		if a := alice.get("/api/v1/components/my-handler").want(http.StatusOK); !a.contains(`"kind":"handler"`) || !a.contains(`"owner":"alice"`) {
			t.Errorf("got %s", a.body)
		}
		foreign, unknown := bob.get("/api/v1/components/my-handler").want(http.StatusNotFound), bob.get("/api/v1/components/unknown").want(http.StatusNotFound)
		if wording(foreign) != wording(unknown) {
			t.Errorf("a stranger's answers %s, an unknown one %s", foreign.body, unknown.body)
		}
		alice.put("/api/v1/components/my-handler/collaborators/bob", map[string]any{"rights": []string{"component:settings"}})
		if a := bob.get("/api/v1/components/my-handler/rights").want(http.StatusOK); string(a.body) != `{"rights":["component:settings"]}` {
			t.Errorf("got %s", a.body)
		}
		if a := bob.get("/api/v1/components").want(http.StatusOK); !a.contains("my-handler") {
			t.Errorf("got %s", a.body)
		}
		bob.delete("/api/v1/components/my-handler").want(http.StatusForbidden)
		alice.delete("/api/v1/components/my-handler").want(http.StatusNoContent)
		bob.get("/api/v1/components/my-handler").want(http.StatusNotFound)
		if a := alice.get("/api/v1/components?deleted=true").want(http.StatusOK); !a.contains("my-handler") {
			t.Errorf("got %s", a.body)
		}
		alice.post("/api/v1/components/my-handler/restore", nil).want(http.StatusOK)
		bob.get("/api/v1/components/my-handler").want(http.StatusOK)
	})
}
