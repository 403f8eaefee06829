package acceptance

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// TestAClientThatNeverEndsDoesNotSpoilTheStop leaves a sign-in half sent and
// stops the server: it ends within ten seconds, cleanly, and says what it did.
func TestAClientThatNeverEndsDoesNotSpoilTheStop(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /login HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n")
	if _, err := conn.Read(make([]byte, 10)); err != nil { // it waits for the body now
		t.Fatal(err)
	}
	began := time.Now()
	if err := s.stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the stop took %v", took)
	}
	if !strings.Contains(s.log.String(), "requests were cut off") {
		t.Error("the log does not say that a request was cut off")
	}
}
