package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPickTellsSameNamesApart(t *testing.T) {
	t.Parallel()
	things := []string{"1 roof", "2 cellar", "3 roof"}
	split := func(text string) (string, string) {
		id, name, _ := strings.Cut(text, " ")
		return id, name
	}
	if got, err := pick("device", "cellar", things, split); err != nil || got != "2 cellar" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := pick("device", "attic", things, split); err == nil || !strings.Contains(err.Error(), "thingward devices list") {
		t.Errorf("got %v, want where to look", err)
	}
	if _, err := pick("device", "roof", things, split); err == nil || !strings.Contains(err.Error(), "give one of 1, 3") {
		t.Errorf("got %v, want both ids", err)
	}
}

func TestFewWords(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{"": "", "a b c d e f": "a b c d e f", "a b c d e f g": "a b c d e and 2 more"} {
		if got := few(strings.Fields(words)); got != want {
			t.Errorf("%q: got %q, want %q", words, got, want)
		}
	}
}

func TestAListIsLeftReplacedOrEmptied(t *testing.T) {
	t.Parallel()
	if got := inPlaceOf(nil); got != nil {
		t.Errorf("got %v, want nothing to change", *got)
	}
	if got := inPlaceOf([]string{"none"}); got == nil || len(*got) != 0 {
		t.Errorf("got %v, want an empty list", got)
	}
	if got := inPlaceOf(listed([]string{"a,b c"})); got == nil || strings.Join(*got, "|") != "a|b|c" {
		t.Errorf("got %v", got)
	}
}

func TestProbeLeavesThisMachineAlone(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the loopback was asked") }))
	defer server.Close()
	for _, uri := range []string{server.URL + "/callback", "http://localhost:1/x", "org.example.app:/callback", "https://[broken"} {
		if got := probe(t.Context(), uri); got != "" {
			t.Errorf("%s: got %q", uri, got)
		}
	}
}
