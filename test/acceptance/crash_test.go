package acceptance

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// TestAKilledServerKeepsEveryAcknowledgedReadingOnce kills the program with
// SIGKILL while sixteen connections send readings, starts it again and counts.
// THINGWARD_CRASH_ROUNDS says how often (make bench-crash: twenty times).
func TestAKilledServerKeepsEveryAcknowledgedReadingOnce(t *testing.T) {
	t.Parallel()
	rounds := crashRounds(t)
	victim := buildVictim(t)
	next := 0
	var acknowledged []int
	for round := range rounds {
		c := victim.start(t)
		acknowledged = append(acknowledged, victim.loadAndKill(t, c, &next)...)
		c = victim.start(t)
		stored := storedValues(t, c, "crash.meter")
		missing, doubled := compareValues(acknowledged, stored)
		t.Logf("round %d: %d acknowledged so far, %d stored, %d missing, %d twice", round+1, len(acknowledged), len(stored), len(missing), len(doubled))
		if len(missing)+len(doubled) > 0 {
			t.Fatalf("missing %.10v, twice %.10v", missing, doubled)
		}
		victim.kill(t) // also while idle
	}
	if len(acknowledged) < 100*rounds {
		t.Errorf("only %d readings were acknowledged in %d rounds: that proves little", len(acknowledged), rounds)
	}
}

// crashRounds is how often a program is killed.
func crashRounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("THINGWARD_CRASH_ROUNDS")
	if text == "" {
		return 3
	}
	rounds, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return rounds
}

// victim is a built program that is started and killed on one data folder.
type victim struct {
	binary, data, address string
	flags                 []string // besides --data
	serve                 []string // of serve alone
	key                   key
	cmd                   *exec.Cmd
}

// programFolder holds the program that buildVictim builds; "" until then.
var programFolder string

// program builds the program once for all tests.
var program = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "thingward-acceptance")
	if err != nil {
		return "", err
	}
	programFolder = folder
	binary := filepath.Join(folder, "thingward")
	if output, err := exec.Command("go", "build", "-o", binary, "../../cmd/thingward").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, output)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if programFolder != "" {
		_ = os.RemoveAll(programFolder)
	}
	os.Exit(status)
}

func buildVictim(t *testing.T, flags ...string) *victim {
	t.Helper()
	binary, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	v := &victim{binary: binary, data: filepath.Join(dir, "data"), flags: flags}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v.address = listener.Addr().String()
	_ = listener.Close()
	if err := os.Mkdir(v.data, 0o700); err != nil {
		t.Fatal(err)
	}
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(passwordOf+"crash\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	v.run(t, nil, "users", "create", "crash", "--email", "crash@example.org", "--password-file", password)
	v.run(t, &v.key, "keys", "create", "crash", "--user", "crash", "--scope", "sensors.* readings.*")
	c := v.start(t)
	c.makeSensor("meter", private)
	v.kill(t)
	return v
}

// run runs an operator command and decodes what it prints.
func (v *victim) run(t *testing.T, into any, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, v.binary, slices.Concat(args, []string{"--json", "--data", v.data}, v.flags)...)
	output, err := cmd.Output()
	if err != nil {
		var stderr []byte
		if exit, ok := err.(*exec.ExitError); ok {
			stderr = exit.Stderr
		}
		t.Fatalf("thingward %s %s: %v\n%s", args[0], args[1], err, stderr)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(output, into); err != nil {
		t.Fatalf("thingward %s %s: %v\n%s", args[0], args[1], err, output)
	}
}

// start starts the program and returns a client when it answers.
func (v *victim) start(t *testing.T) client {
	t.Helper()
	v.cmd = exec.Command(v.binary, slices.Concat([]string{"serve", "--listen", v.address, "--public-url", "http://" + v.address, "--data", v.data}, v.flags, v.serve)...)
	errors, err := v.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd := v.cmd
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	go func() {
		for lines := bufio.NewScanner(errors); lines.Scan(); { // the pipe must not fill up
		}
	}()
	s := &server{URL: "http://" + v.address, log: &shared{}, secrets: map[string]string{}}
	eventually(t, 30*time.Second, func() bool {
		response, err := http.Get(s.URL + "/readyz")
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return s.use(t, v.key)
}

func (v *victim) kill(t *testing.T) {
	t.Helper()
	if err := v.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = v.cmd.Wait() // it was killed, and says so
}

// loadAndKill sends different values over sixteen connections, kills the
// program in the middle of it and returns what was acknowledged.
func (v *victim) loadAndKill(t *testing.T, c client, next *int) []int {
	t.Helper()
	const connections, each = 16, 10_000_000
	var mu sync.Mutex
	var acknowledged []int
	var group sync.WaitGroup
	first := *next
	*next++
	for n := range connections {
		group.Go(func() {
			for i := 0; ; i++ {
				value := first*connections*each + n*each + i
				status, err := c.tryPost("/api/v1/sensors/crash.meter/readings", value)
				if err != nil {
					return
				}
				if status != http.StatusCreated {
					t.Error(fmt.Errorf("got %d", status))
					return
				}
				mu.Lock()
				acknowledged = append(acknowledged, value)
				mu.Unlock()
			}
		})
	}
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(acknowledged) }
	eventually(t, 30*time.Second, func() bool { return count() > 400+137*first })
	v.kill(t)
	group.Wait()
	return acknowledged
}
