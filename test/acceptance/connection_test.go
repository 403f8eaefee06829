package acceptance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// connection is something that acts for a person, as the native API shows it.
type connection struct {
	ID       int64
	Kind     string
	Name     string
	Scopes   []string
	LastUsed *struct{ Address, Program string } `json:"last_used"`
	Key      *struct{ ID string }
	Client   *struct {
		ID       string `json:"client_id"`
		Official bool
	}
}

func (c client) connections() []connection {
	c.t.Helper()
	var page struct{ Items []connection }
	c.get("/api/v1/connections").want(http.StatusOK).decode(&page)
	return page.Items
}

func TestAPersonSeesWhatActsForHimAndEndsIt(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("greenhouse", private)
		k := alice.makeKey(keyOptions{}, "readings.write:alice.greenhouse")
		gateway := s.use(t, k)
		gateway.form("/wotkit/api/sensors/alice.greenhouse/data", "value=1").want(http.StatusCreated)

		list := alice.connections()
		if len(list) != 1 || list[0].Kind != "key" || list[0].Key == nil || list[0].Key.ID != k.ID || !slices.Equal(list[0].Scopes, []string{"readings.write:alice.greenhouse"}) {
			t.Fatalf("got %+v, want the key", list)
		}
		path := fmt.Sprintf("/api/v1/connections/%d", list[0].ID)
		eventually(t, 15*time.Second, func() bool {
			var uses struct {
				Items []struct{ Thing, Right, Address string }
			}
			alice.get(path + "/uses").want(http.StatusOK).decode(&uses)
			return len(uses.Items) == 1 && uses.Items[0].Thing == "alice.greenhouse" && strings.HasSuffix(uses.Items[0].Right, "readings.write") && uses.Items[0].Address == "127.0.0.1"
		})
		if used := alice.connections()[0].LastUsed; used == nil || used.Address != "127.0.0.1" {
			t.Errorf("last use: got %+v, want 127.0.0.1", used)
		}

		alice.patch(path, map[string]any{"name": "Balcony"}).want(http.StatusOK)
		if got := alice.connections()[0].Name; got != "Balcony" {
			t.Errorf("got the name %q, want Balcony", got)
		}
		alice.patch(path, map[string]any{"name": "Balcony", "scopes": []string{"admin"}}).wantCode(http.StatusBadRequest, "unknown_field")

		mallory := s.signUp(t, "mallory")
		mallory.get(path).wantCode(http.StatusNotFound, "connection_not_found")
		mallory.delete(path).wantCode(http.StatusNotFound, "connection_not_found")
		mallory.get("/api/v1/connections/x").wantCode(http.StatusNotFound, "connection_not_found")

		alice.delete(path).want(http.StatusNoContent)
		gateway.form("/wotkit/api/sensors/alice.greenhouse/data", "value=2").want(http.StatusUnauthorized)
		alice.delete(path).wantCode(http.StatusNotFound, "connection_not_found")
		alice.get("/api/v1/keys/"+k.ID).wantCode(http.StatusNotFound, "key_not_found")
	})
}

func TestAPersonEndsEverythingThatActsForHim(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		others := []client{alice.withKey("profile"), alice.withKey("profile", "sensors.read")}
		ofBob := bob.withKey("profile")
		manager := alice.withKey("account", "profile")
		var answer struct{ Ended int }
		manager.delete("/api/v1/connections").want(http.StatusOK).decode(&answer)
		if answer.Ended != 2 {
			t.Errorf("got %d ended, want 2", answer.Ended)
		}
		for _, other := range others {
			other.get("/api/v1/users/me").want(http.StatusUnauthorized)
		}
		manager.get("/api/v1/users/me").want(http.StatusOK)
		ofBob.get("/api/v1/users/me").want(http.StatusOK)
		alice.delete("/api/v1/connections").want(http.StatusOK).decode(&answer)
		manager.get("/api/v1/users/me").want(http.StatusUnauthorized)
		alice.get("/api/v1/users/me").want(http.StatusOK)
	})
}

// use counts what a connection did with a thing.
type use struct{ Thing, Right, Address string }

// used returns what the connections of a person did, which is some seconds behind.
func (c client) used() []use {
	c.t.Helper()
	var all []use
	for _, one := range c.connections() {
		var found struct{ Items []use }
		c.get(fmt.Sprintf("/api/v1/connections/%d/uses", one.ID)).want(http.StatusOK).decode(&found)
		all = append(all, found.Items...)
	}
	return all
}

func TestAnAppIsAmongWhatActsForAPersonUntilItIsEnded(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		gardening := s.signUp(t, "bob").registerApp("gardening")
		alice := s.signUp(t, "alice")
		alice.makeSensor("greenhouse", private)
		phone, tablet := gardening.tokens(alice, "prompt", "consent"), gardening.tokens(alice, "prompt", "consent")
		reader := s.bearer(t, phone.Access)
		reader.get("/api/v1/sensors/alice.greenhouse/readings").want(http.StatusOK)

		list := alice.connections()
		if len(list) == 0 || list[0].Kind != "client" || list[0].Client == nil || list[0].Client.ID != "gardening" || list[0].Client.Official {
			t.Fatalf("got %+v, want the app", list)
		}
		eventually(t, 15*time.Second, func() bool { return len(alice.used()) > 0 })
		if read := alice.used(); read[0].Thing != "alice.greenhouse" || read[0].Address != "127.0.0.1" {
			t.Errorf("got %+v, want that alice.greenhouse was read from here", read)
		}
		for _, one := range alice.connections() {
			alice.delete(fmt.Sprintf("/api/v1/connections/%d", one.ID)).want(http.StatusNoContent)
		}
		reader.get("/api/v1/sensors/alice.greenhouse/readings").want(http.StatusUnauthorized)
		for _, tokens := range []oauthTokens{phone, tablet} {
			gardening.refresh(tokens.Refresh).wantFault(http.StatusBadRequest, "invalid_grant")
			if gardening.active(tokens.Access) {
				t.Error("a token of an ended connection is active")
			}
		}
		if got := gardening.visit(alice.client); got.status != http.StatusOK {
			t.Errorf("after the end: got %d, want to be asked again", got.status)
		}
	})
}

func TestAnAppThatActsForItsOwnerByItselfIsMarked(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		robot := alice.registerApp("robot", appOptions{"switches": []string{"owner_credentials"}})
		plain := alice.registerApp("plain")
		acting := robot.take(robot.exchange("grant_type", "client_credentials"))
		plain.take(plain.exchange("grant_type", "client_credentials"))
		var page struct {
			Items []struct {
				ID       int64
				Standing bool
				Client   struct {
					ID string `json:"client_id"`
				}
			}
		}
		alice.get("/api/v1/connections").want(http.StatusOK).decode(&page)
		if len(page.Items) != 1 || !page.Items[0].Standing || page.Items[0].Client.ID != "robot" {
			t.Fatalf("got %+v, want the app that acts for alice alone, marked", page.Items)
		}
		path := fmt.Sprintf("/api/v1/connections/%d", page.Items[0].ID)
		alice.patch(path, map[string]any{"name": "mine"}).wantCode(http.StatusConflict, "standing_connection")
		bearer := s.bearer(t, acting.Access)
		bearer.get("/api/v1/users/me").want(http.StatusOK)
		alice.delete(path).want(http.StatusNoContent)
		bearer.get("/api/v1/users/me").want(http.StatusUnauthorized)
		again := robot.take(robot.exchange("grant_type", "client_credentials"))
		s.bearer(t, again.Access).get("/api/v1/users/me").want(http.StatusOK)
	})
}
