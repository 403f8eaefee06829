package wotkit_test

import (
	"fmt"
	"net/http"
	"testing"
)

func TestSubscribing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice, bobby := w.as("alice"), w.as("bobby")
	alice.sensor("open-one", public)
	alice.sensor("closed-one", private)
	if a := bobby.get("subscribe").want(http.StatusOK); a.body != "[]" {
		t.Errorf("got %s, want []", a.body)
	}
	bobby.put("subscribe/alice.open-one", "").want(http.StatusNoContent)
	bobby.put("subscribe/alice.open-one/", "").wantError(http.StatusForbidden, "Cannot perform action", "")
	bobby.put("subscribe/alice.closed-one", "").wantError(http.StatusNotFound, "Could not locate this resource.", "closed-one")
	alice.put("subscribe/closed-one", "").want(http.StatusNoContent)
	if got := bobby.get("subscribe/").column("name"); got != "open-one" {
		t.Errorf("got %s, want open-one", got)
	}
	if got := fmt.Sprint(bobby.get("subscribe").items()[0]["subscriberNames"]); got != "[bobby]" {
		t.Errorf("got the subscribers %s, want [bobby]", got)
	}
	bobby.delete("subscribe/alice.open-one").want(http.StatusNoContent)
	bobby.delete("subscribe/alice.open-one").wantError(http.StatusForbidden, "Cannot perform action", "")
}

func TestTighteningVisibilityUnsubscribesEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice, bobby := w.as("alice"), w.as("bobby")
	alice.sensor("greenhouse", public)
	alice.put("subscribe/greenhouse", "").want(http.StatusNoContent)
	bobby.put("subscribe/alice.greenhouse", "").want(http.StatusNoContent)
	alice.put("sensors/greenhouse", `{"visibility":"PRIVATE"}`).want(http.StatusNoContent)
	if got := alice.get("sensors/greenhouse").want(http.StatusOK).body; !containsFold(got, `"subscriberNames":[]`) {
		t.Errorf("got %s, want no subscribers", got)
	}
	alice.put("subscribe/greenhouse", "").want(http.StatusNoContent)
	alice.put("sensors/greenhouse", `{"visibility":"PUBLIC"}`).want(http.StatusNoContent)
	if got := alice.get("subscribe").column("name"); got != "greenhouse" {
		t.Errorf("loosening ended the subscription: got %q", got)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("one-sensor", public, `"tags":["bike","city"]`)
	w.clock.Advance(1000_000_000)
	alice.sensor("two-sensor", public, `"tags":["bike"]`)
	alice.sensor("three-sensor", private, `"tags":["bike","secret"]`)
	last := w.now()
	if got, want := w.nobody().get("tags/").body, fmt.Sprintf(`[{"name":"bike","count":2,"lastUsed":%d},{"name":"city","count":1,"lastUsed":%d}]`, last, last-1000); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := alice.get("tags?visibility=private&tags=city&metadata=*").column("name"); got != "bike secret" {
		t.Errorf("got %s, want bike secret", got)
	}
	if got := alice.get("tags?limit=1&offset=1").column("name"); got != "city" && got != "secret" {
		t.Errorf("got %s, want the second tag", got)
	}
}
