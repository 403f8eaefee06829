package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// confirm asks before what cannot be undone.
func (t *terminal) confirm(question string) error {
	return t.ask(question, "This cannot be undone: give --yes if you mean it.")
}

// ask asks a question that only yes answers well. Where nobody is there to
// ask, it says what to give in its place.
func (t *terminal) ask(question, elsewhere string) error {
	file, ok := t.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return usagef("%s", elsewhere)
	}
	fmt.Fprintf(t.Stderr, "%s [yes/no] ", question)
	line, err := bufio.NewReader(file).ReadString('\n')
	if err != nil {
		return err
	}
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "yes" && answer != "y" {
		return errors.New("nothing was done")
	}
	return nil
}
