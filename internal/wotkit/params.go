package wotkit

import (
	"math"
	"net/http"
	"net/url"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// pair is one parameter of a query or form.
type pair struct{ name, value string }

// parsePairs reads a query or a form. Only & separates, because clients send
// raw semicolons inside of values; what is not escaped properly is taken as
// it is.
func parsePairs(text string) []pair {
	var pairs []pair
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, pair{unescape(name), unescape(value)})
	}
	return pairs
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// params are the parameters of a query. The first of a name counts; an empty
// value is as good as none.
type params map[string]string

func queryOf(r *http.Request) params {
	q := params{}
	for _, p := range parsePairs(r.URL.RawQuery) {
		if _, there := q[p.name]; !there && p.value != "" {
			q[p.name] = p.value
		}
	}
	return q
}

// has reports whether one of the names is there.
func (q params) has(names ...string) bool {
	for _, name := range names {
		if _, there := q[name]; there {
			return true
		}
	}
	return false
}

// truth reads a boolean as clients write it; false where it is missing.
func (q params) truth(name string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(q[name])) {
	case "true", "1":
		return true, nil
	case "false", "0", "":
		return false, nil
	}
	return false, domain.InvalidField(name, "%s must be true or false.", name)
}

// count reads a number of records; decimals are cut.
func (q params) count(name string) (int, error) {
	n, ok := domain.ParseNumber(q[name])
	if !ok || n < 0 {
		return 0, domain.InvalidField(name, "%s must be a number, 0 or more.", name)
	}
	return int(min(math.Floor(n), math.MaxInt32)), nil
}

// maxList is the default and the greatest number of things in one list.
const maxList = 1000

// page reads limit and offset.
func (q params) page() (limit, offset int, err error) {
	limit = maxList
	if q.has("limit") {
		if limit, err = q.count("limit"); err != nil {
			return 0, 0, err
		}
	}
	if q.has("offset") {
		if offset, err = q.count("offset"); err != nil {
			return 0, 0, err
		}
	}
	return min(limit, maxList), offset, nil
}

// list reads names between commas, with or without spaces.
func list(text string) []string {
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}
