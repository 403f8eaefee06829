package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runCLI runs a command with the environment given as NAME=value, and a home
// of its own unless one is given.
func runCLI(t *testing.T, env []string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, fault bytes.Buffer
	code = Main(t.Context(), args, append([]string{"HOME=" + t.TempDir()}, env...), strings.NewReader(stdin), &out, &fault)
	return code, out.String(), fault.String()
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	nobody := "THINGWARD_SERVER=http://127.0.0.1:1"
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"nothing given shows help", nil, exitOK, ""},
		{"version", []string{"version"}, exitOK, ""},
		{"help as a command", []string{"help", "keys", "create"}, exitOK, ""},
		{"restore of a file that is not there", []string{"restore", "/nowhere.backup", "--data", "/nowhere"}, exitFailed, "/nowhere.backup"},
		{"unknown command", []string{"frobnicate"}, exitUsage, "--help"},
		{"unknown flag", []string{"version", "--frob"}, exitUsage, "thingward version --help"},
		{"missing argument", []string{"keys", "show"}, exitUsage, "<id>"},
		{"unreachable server", []string{"whoami"}, exitFailed, "Cannot reach http://127.0.0.1:1"},
		{"missing password", []string{"whoami", "--key-id", "abc"}, exitUsage, "--key-password-file"},
		{"password file is not there", []string{"whoami", "--key-id", "abc", "--key-password-file", "/nowhere"}, exitFailed, "/nowhere"},
		{"bad scope", []string{"keys", "create", "x", "--scope", "fly"}, exitUsage, `There is no scope "fly"`},
		{"bad expiry", []string{"keys", "create", "x", "--expires", "soon"}, exitUsage, "90d"},
		{"nothing to edit", []string{"sensors", "edit", "x"}, exitUsage, "what to change"},
		{"delete without yes", []string{"sensors", "delete", "x"}, exitUsage, "--yes"},
		{"no client to edit", []string{"clients", "edit", "x"}, exitUsage, "what to change"},
		{"import without an id", []string{"clients", "import", "--user", "alice", "--data", "/nowhere"}, exitUsage, "--id"},
		{"import of neither a public client nor a secret", []string{"clients", "import", "--user", "alice", "--id", "x", "--data", "/nowhere"}, exitUsage, "--public"},
		{"a connection and all of them", []string{"connections", "revoke", "x", "--all"}, exitUsage, "or --all"},
		{"no token on standard input", []string{"tokens", "revoke", "-"}, exitFailed, "empty"},
		{"login at no server", []string{"login"}, exitFailed, "Cannot reach http://127.0.0.1:1"},
		{"value without a name", []string{"readings", "push", "x", "21.5"}, exitUsage, "FIELD=VALUE"},
		{"file is not there", []string{"readings", "import", "x", "/nowhere.csv", "--time-column", "t"}, exitFailed, "/nowhere.csv"},
		{"unknown zone", []string{"readings", "import", "x", "y.csv", "--time-column", "t", "--time-zone", "Mars/Base"}, exitUsage, "Mars/Base"},
		{"no server key", []string{"users", "list", "--database", "postgres://127.0.0.1:1/x", "--server-key", "/nowhere.key"}, exitFailed, "/nowhere.key"},
		{"no data folder", []string{"users", "list", "--data", "/nowhere"}, exitFailed, "/nowhere"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := runCLI(t, []string{nobody}, "", tt.args...)
			if code != tt.code || !strings.Contains(stderr, tt.says) {
				t.Errorf("got code %d, stderr %q; want %d and %q in it", code, stderr, tt.code, tt.says)
			}
			if code != exitOK && stdout != "" {
				t.Errorf("a failure wrote to stdout: %q", stdout)
			}
		})
	}
}

func TestServeReportsAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "thingward.toml")
	if err := os.WriteFile(file, []byte("listn = \"x\"\nsing-up = \"open\"\nsecrets = \"hidden\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := runCLI(t, []string{"THINGWARD_LISTEN=nowhere"}, "", "serve", "--config", file, "--sign-up", "never")
	if code != exitUsage {
		t.Errorf("got code %d, want %d", code, exitUsage)
	}
	for _, want := range []string{`unknown key "listn"`, `unknown key "sing-up"`, `--secrets is "hidden"`, `--listen is "nowhere"`, `--sign-up is "never"`} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, stderr)
		}
	}
}

func TestPublicURLFollowsTheListener(t *testing.T) {
	t.Parallel()
	for want, given := range map[string]serveCommand{
		"http://localhost:8080":  {Listen: "127.0.0.1:8080"},
		"http://localhost:9000":  {Listen: ":9000"},
		"https://localhost:8443": {Listen: "127.0.0.1:8443", TLSCert: "cert.pem"},
		"https://a.example":      {Listen: ":443", ACMEDomain: "a.example"},
		"https://b.example":      {Listen: ":9001", PublicURL: "https://b.example"},
	} {
		if got := given.publicURL(); got != want {
			t.Errorf("listening on %s: got %s, want %s", given.Listen, got, want)
		}
	}
}

func TestFlagsComeBeforeEnvironmentAndThatBeforeTheFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "thingward.toml")
	content := "listen = \"file:1\"\npublic_url = \"http://file.localhost\"\nsign-up = \"closed\"\ndemo = true\ntrusted-proxies = [\"10.0.0.0/8\", \"192.0.2.1\"]\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"THINGWARD_LISTEN": "env:1", "THINGWARD_PUBLIC_URL": "http://env.localhost", "THINGWARD_CONFIG": file, "THINGWARD_INSECURE_HTTP": "true"}
	grammar := &commands{}
	terminal := &terminal{Env: env, Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}}
	parser, err := newParser(grammar, terminal, &settings{env: env}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve", "--listen", "flag:1"}); err != nil {
		t.Fatal(err)
	}
	got := grammar.Serve.config(terminal)
	if got.Listen != "flag:1" || got.PublicURL != "http://env.localhost" || got.SignUp != "closed" || !got.Demo || !got.InsecureHTTP || len(got.TrustedProxies) != 2 {
		t.Errorf("got %+v", got)
	}
	if got.Secrets != "viewable" {
		t.Errorf("got secrets %q, want the default", got.Secrets)
	}
}

func TestCancelledCommandFails(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, fault bytes.Buffer
	if code := Main(ctx, []string{"whoami"}, nil, strings.NewReader(""), &out, &fault); code != exitFailed {
		t.Errorf("got code %d, want %d (%s)", code, exitFailed, fault.String())
	}
}
