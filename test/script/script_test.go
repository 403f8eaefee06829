// Package script holds stories of the command line together with a server:
// one txtar file for each.
package script

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/internal/cli"
)

// TestMain makes this test binary the program thingward where a story runs it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"thingward": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := cli.Main(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}, "browser": browser, "elsewhere": elsewhere})
}

func TestStories(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 ".",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("SHARED", sharedData())
			env.Setenv("THINGWARD_KEYRING", "off")
			env.Values[serverKey{}] = &runningServer{}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "shared" {
				_, err := os.Stat(filepath.Join(sharedData(), "weather.csv"))
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %s", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serve, "stop": stop, "key": key, "rows": rows, "lines": lines, "await": await, "ready": ready, "token": token, "age": age, "signingkey": signingKey,
		},
	})
}

// sharedData is where the real data lies that tests read.
func sharedData() string {
	if folder := os.Getenv("THINGWARD_TEST_DATA"); folder != "" {
		return folder
	}
	folder, _ := filepath.Abs(filepath.Join("..", "..", "..", "shared", "data"))
	return folder
}

type serverKey struct{}

// runningServer is the server of a story.
type runningServer struct {
	cancel context.CancelFunc
	done   chan error
}

// serve starts a server on the folder data: serve [SIGN-UP]. It sets
// THINGWARD_SERVER.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("serve cannot be negated")
	}
	config := app.Defaults()
	config.Listen, config.Data, config.LogLevel = "127.0.0.1:0", ts.MkAbs("data"), "error"
	var log bytes.Buffer
	config.Log, config.Out = &log, &log
	ready := make(chan string, 1)
	config.Ready = func(address string) { ready <- address }
	ctx, cancel := context.WithCancel(context.Background())
	s := ts.Value(serverKey{}).(*runningServer)
	s.cancel, s.done = cancel, make(chan error, 1)
	go func() { s.done <- app.Run(ctx, config) }()
	select {
	case address := <-ready:
		ts.Setenv("THINGWARD_SERVER", "http://"+address)
		ts.Defer(func() { halt(s) })
	case err := <-s.done:
		cancel()
		ts.Fatalf("the server did not start: %v\n%s", err, log.String())
	}
}

// stop stops the server and fails unless it stops cleanly.
func stop(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(halt(ts.Value(serverKey{}).(*runningServer)))
}

func halt(s *runningServer) error {
	if s.cancel == nil {
		return nil
	}
	s.cancel()
	s.cancel = nil
	return <-s.done
}

// key makes a user, unless he is there, and a key for him, and lets the
// commands that follow use it: key USER SCOPE…
func key(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	config := app.Defaults()
	config.Data = ts.MkAbs("data")
	operator, err := app.OpenOperator(ctx, config)
	ts.Check(err)
	defer operator.Close()
	users, err := operator.Users(ctx)
	ts.Check(err)
	known := false
	for _, user := range users {
		known = known || user.Name == args[0]
	}
	if !known {
		_, err := operator.CreateUser(ctx, args[0], args[0]+"@example.org", false, userPassword)
		ts.Check(err)
	}
	made, err := operator.CreateKey(ctx, app.OperatorKey{User: args[0], Name: "story", Scopes: strings.Join(args[1:], " ")})
	ts.Check(err)
	ts.Setenv("THINGWARD_KEY_ID", made.ID)
	ts.Setenv("THINGWARD_KEY_PASSWORD", made.Password)
}

// rows writes a CSV file with a row for each second: rows FILE N.
func rows(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b strings.Builder
	b.WriteString("time,value\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%d.5\n", 1_700_000_000+i, i%40)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}

// lines fails unless a file has so many lines, and no line twice: lines FILE N.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.TrimRight(ts.ReadFile(args[0]), "\r\n")
	seen := map[string]bool{}
	for line := range strings.Lines(text + "\n") {
		if seen[line] {
			ts.Fatalf("%s has this line twice: %s", args[0], line)
		}
		seen[line] = true
	}
	if got := strconv.Itoa(len(seen)); got != args[1] {
		ts.Fatalf("%s has %s lines, want %s", args[0], got, args[1])
	}
}

// await waits until the progress file of an import has so many batches:
// await N.
func await(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	pattern := filepath.Join(ts.Getenv("XDG_STATE_HOME"), "thingward", "imports", "*.jsonl")
	waitUntil(ts, "the import gets on", func() bool {
		files, _ := filepath.Glob(pattern)
		if len(files) != 1 {
			return false
		}
		content, err := os.ReadFile(files[0])
		return err == nil && bytes.Count(content, []byte(`"batch"`)) >= want
	})
}

// ready waits until a server runs on a data folder: ready FOLDER.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	waitUntil(ts, "the server runs", func() bool {
		_, err := os.Stat(filepath.Join(ts.MkAbs(args[0]), "control.sock"))
		return err == nil
	})
}

func waitUntil(ts *testscript.TestScript, what string, done func() bool) {
	deadline := time.After(time.Minute)
	for !done() {
		select {
		case <-deadline:
			ts.Fatalf("waited in vain until %s", what)
		case <-time.After(time.Millisecond):
		}
	}
}
