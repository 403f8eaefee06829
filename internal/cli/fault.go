package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/thingward/thingward/apiclient"
)

// Exit codes of every command; scripts rely on them.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a fault of how the command was called.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// exitCode returns the code that goes with an error.
func exitCode(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailed
}

// explain says an error in a sentence, with what to do about it.
func (t *terminal) explain(err error) string {
	var answer *apiclient.Error
	var unreachable *url.Error
	switch {
	case errors.As(err, &answer):
		return t.explainAnswer(answer)
	case errors.Is(err, context.Canceled):
		return "Interrupted."
	case errors.As(err, &unreachable):
		return fmt.Sprintf("Cannot reach %s: %s. Is the server running there? --server or THINGWARD_SERVER says where it is.", t.Server, rootCause(unreachable))
	}
	return sentence(lineBreaks.ReplaceAllString(err.Error(), "; "))
}

// lineBreaks stand in the errors of some libraries.
var lineBreaks = regexp.MustCompile(`:?\s*\n\s*`)

func (t *terminal) explainAnswer(answer *apiclient.Error) string {
	switch {
	case answer.Status == http.StatusUnauthorized && t.signedIn:
		return sentence(endedLogin{t.Server}.Error())
	case answer.Status == http.StatusUnauthorized && t.KeyID == "":
		return "This needs a login or a key: run thingward login, or give --key-id and --key-password-file, or set THINGWARD_KEY_ID and " +
			"THINGWARD_KEY_PASSWORD_FILE. Keys are made at " + t.page("/keys") + "."
	case answer.Status == http.StatusUnauthorized:
		return fmt.Sprintf("%s The key given is %s; keys are listed at %s.", sentence(answer.Error()), oneLine(t.KeyID), t.page("/keys"))
	case answer.Code == "" && answer.Status == http.StatusNotFound:
		return fmt.Sprintf("There is no Thingward API at %s. --server or THINGWARD_SERVER says where it is.", t.Server)
	case answer.Code == "admin_only":
		return sentence(answer.Error()) + " Administrators sign in for it with thingward login --admin."
	case answer.Status >= 500 && answer.Request != "":
		return fmt.Sprintf("%s (request %s)", sentence(answer.Error()), answer.Request)
	case answer.RetryAfter > 0:
		return fmt.Sprintf("%s Try again in %s.", sentence(answer.Error()), answer.RetryAfter)
	}
	return sentence(answer.Error())
}

// rootCause drops what the Go client wraps around a network fault: it repeats
// the address.
func rootCause(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	if inner := errors.Unwrap(err); inner != nil {
		return inner.Error()
	}
	return err.Error()
}

// sentence writes a full stop at the end. The first letter stays as it is: it
// may be that of a file name.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?)") {
		return text
	}
	return text + "."
}
