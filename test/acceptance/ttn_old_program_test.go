package acceptance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/app"
)

// TestAProgramOf2017StillWorks runs the program of test/foreign/ttn, which
// is built with the libraries of that year, on tokens of either signature.
func TestAProgramOf2017StillWorks(t *testing.T) {
	t.Parallel()
	program := builtOldProgram(t)
	for _, algorithm := range []string{"es256", "rs256"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			s := start(t, publicHere(t), func(c *app.Config) { c.TTNSigning = algorithm })
			alice := s.signUp(t, "alice")
			ttnctl := oauthApp{askingApp{t: t, s: s, ID: "ttnctl", Secret: "ttnctl"}}
			runProgramWith(t, exec.CommandContext(t.Context(), program), ttnctl, func(address string) string {
				// People were told this redirect URI, which the program does not say again with the code.
				return alice.copiesTheCode(address + "&redirect_uri=/oauth/callback/ttnctl")
			})
		})
	}
}

// builtOldProgram builds the program, which is a module of its own. Where its
// modules cannot be fetched, there is nothing to test.
func builtOldProgram(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	folder := filepath.Join("..", "foreign", "ttn")
	goes := func(arguments ...string) ([]byte, error) {
		command := exec.CommandContext(ctx, "go", arguments...)
		command.Dir, command.Env = folder, append(os.Environ(), "GOWORK=off")
		return command.CombinedOutput()
	}
	if out, err := goes("mod", "download"); err != nil {
		t.Skipf("SKIPPED: this test needs the modules of test/foreign/ttn: %v: %s", err, out)
	}
	binary := filepath.Join(t.TempDir(), "program")
	if out, err := goes("build", "-o", binary, "."); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}
