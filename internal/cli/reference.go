package cli

import (
	"fmt"
	"strings"
)

// pick finds the one thing of a list that a person means by its name. Of
// several with the same name he is told the ids.
func pick[T any](noun, wanted string, things []T, idAndName func(T) (id, name string)) (T, error) {
	var none T
	var found []T
	var ids []string
	for _, thing := range things {
		if id, name := idAndName(thing); name == wanted {
			found = append(found, thing)
			ids = append(ids, id)
		}
	}
	switch len(found) {
	case 0:
		return none, fmt.Errorf("there is no %s %s: thingward %ss list shows what there is", noun, oneLine(wanted), noun)
	case 1:
		return found[0], nil
	}
	return none, fmt.Errorf("%d %ss are called %s: give one of %s", len(found), noun, oneLine(wanted), strings.Join(ids, ", "))
}

// few joins the first words of many, so that a table keeps to its width, and
// says how many more there are.
func few(words []string) string {
	const most = 5
	if len(words) <= most+1 {
		return strings.Join(words, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], " "), len(words)-most)
}
