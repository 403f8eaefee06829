package cli

import (
	"errors"
	"os/exec"
	"runtime"
)

// errNoBrowser says that there is nothing to open a page with.
var errNoBrowser = errors.New("there is no browser here")

// openBrowser opens a page: with the program that BROWSER names, or as the
// desktop does it. It does not wait for the program.
func (t *terminal) openBrowser(address string) error {
	words := t.browser()
	if words == nil {
		return errNoBrowser
	}
	program := exec.Command(words[0], append(words[1:], address)...)
	for _, name := range sortedNames(t.Env) {
		program.Env = append(program.Env, name+"="+t.Env[name])
	}
	if err := program.Start(); err != nil {
		return err
	}
	go func() { _ = program.Wait() }()
	return nil
}

// browser returns the words of the command that opens a page; nil where there
// is no screen to open it on.
func (t *terminal) browser() []string {
	if program := t.Env["BROWSER"]; program != "" {
		return []string{program}
	}
	switch runtime.GOOS {
	case "darwin":
		return []string{"open"}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	if t.Env["DISPLAY"] == "" && t.Env["WAYLAND_DISPLAY"] == "" {
		return nil
	}
	return []string{"xdg-open"}
}
