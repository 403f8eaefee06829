package wotkit

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAnErrorBeforeAnythingWasSentIsAnswered(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	out := newStream(w, jsonType)
	if err := out.text(`[{"id":1}`); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("disk gone")
	if err := out.end(broken); !errors.Is(err, broken) || w.Body.Len() > 0 || w.Header().Get("Content-Type") != "" {
		t.Errorf("got %v and the body %q, want the error and nothing sent", err, w.Body)
	}
	WriteError(w, httptest.NewRequest("GET", "/", nil), broken)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "disk gone") {
		t.Errorf("got %d %s, want 500 without the cause", w.Code, w.Body)
	}
}

func TestAnErrorInTheMiddleBreaksTheConnection(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := newStream(w, jsonType)
		if err := out.text(strings.Repeat("x", 2*streamBuffer)); err != nil {
			t.Error(err)
		}
		WriteError(w, r, out.end(errors.New("disk gone")))
	}))
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		return // broken before the head arrived
	}
	defer response.Body.Close()
	var text strings.Builder
	if err := response.Write(&text); err == nil {
		t.Errorf("the part was taken for the whole: %d bytes", text.Len())
	}
}
