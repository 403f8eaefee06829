package cli

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/zalando/go-keyring"
)

// secretRing is where an operating system keeps the secrets of a person. Get
// and Delete of what is not there return keyring.ErrNotFound.
type secretRing interface {
	Get(service, user string) (string, error)
	Set(service, user, password string) error
	Delete(service, user string) error
}

// ringService is the name under which keyrings list our logins.
const ringService = "thingward"

// errRingSilent says that a keyring is there but waits for somebody.
var errRingSilent = errors.New("the keyring does not answer: unlock it, or set THINGWARD_KEYRING=off and run thingward login")

// ring returns the keyring of the operating system; nil where there is none or
// THINGWARD_KEYRING=off.
func (t *terminal) ring() secretRing {
	switch {
	case t.Env["THINGWARD_KEYRING"] == "off":
		return nil
	case t.Keyring != nil:
		return t.Keyring
	case runtime.GOOS == "darwin" || runtime.GOOS == "windows" || t.hasSessionBus():
		return systemRing{}
	}
	return nil
}

// hasSessionBus reports whether there is a bus to find a keyring on. Asking
// where there is none would start one.
func (t *terminal) hasSessionBus() bool {
	if t.Env["DBUS_SESSION_BUS_ADDRESS"] != "" {
		return true
	}
	folder := t.Env["XDG_RUNTIME_DIR"]
	if !filepath.IsAbs(folder) {
		return false
	}
	_, err := os.Stat(filepath.Join(folder, "bus"))
	return err == nil
}

// systemRing is the keyring of the operating system. It gives up on one that
// waits to be unlocked where nobody sees it: that would hold up every command.
type systemRing struct{}

const ringPatience = 10 * time.Second

// Get returns a secret.
func (systemRing) Get(service, user string) (string, error) {
	return patiently(func() (string, error) { return keyring.Get(service, user) })
}

// Set stores a secret.
func (systemRing) Set(service, user, password string) error {
	_, err := patiently(func() (string, error) { return "", keyring.Set(service, user, password) })
	return err
}

// Delete removes a secret.
func (systemRing) Delete(service, user string) error {
	_, err := patiently(func() (string, error) { return "", keyring.Delete(service, user) })
	return err
}

func patiently(ask func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		text, err := ask()
		answered <- answer{text, err}
	}()
	timer := time.NewTimer(ringPatience)
	defer timer.Stop()
	select {
	case a := <-answered:
		return a.text, a.err
	case <-timer.C:
		return "", errRingSilent
	}
}
