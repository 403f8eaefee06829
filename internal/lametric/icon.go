package lametric

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// icon is a drawing of eight by eight pixels. Its id is for ever: programs and
// caches keep it, so a drawing that changes becomes another icon.
type icon struct {
	ID     int
	Title  string
	Frames []drawing // more than one: it moves
}

// Code is the name under which frames refer to the icon.
func (i icon) Code() string {
	if i.moves() {
		return "a" + strconv.Itoa(i.ID)
	}
	return "i" + strconv.Itoa(i.ID)
}

func (i icon) moves() bool { return len(i.Frames) > 1 }

// thumbs are the sizes in which images of an icon are served, by the ending
// of their name.
var thumbs = []struct {
	name          string
	width, height int
}{{"original", 45, 45}, {"small", 40, 40}, {"large", 99, 99}, {"xlarge", 150, 149}}

type iconsJSON struct {
	Meta iconMeta       `json:"meta"`
	Data []orderedPairs `json:"data"`
}

type iconMeta struct {
	Total     int `json:"total_icon_count"`
	Page      int `json:"page"`
	PageSize  int `json:"page_size"`
	PageCount int `json:"page_count"`
}

// listIcons answers a page of icons. What a program asks too much of is cut
// to what there is, never refused.
func (d *Door) listIcons(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	query := r.URL.Query()
	ordered := orderedIcons(query.Get("order"))
	total := len(ordered)
	size := clamped(query.Get("page_size"), 1, total, total)
	meta := iconMeta{Total: total, PageSize: size, PageCount: (total + size - 1) / size}
	meta.Page = clamped(query.Get("page"), 0, meta.PageCount, 0) // the one behind the last is empty
	from := min(meta.Page*size, total)
	list := iconsJSON{Meta: meta, Data: []orderedPairs{}}
	for _, one := range ordered[from:min(from+size, total)] {
		list.Data = append(list.Data, d.pairsOf(one, wantedFields(query)))
	}
	w.Header().Set("Cache-Control", "public, max-age=3600")
	return writeJSON(w, list)
}

// clamped reads a number and keeps it within bounds; what is none is usual.
func clamped(text string, least, most, usual int) int {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return usual
	}
	return int(max(int64(least), min(n, int64(most))))
}

// orderedIcons sorts the icons; the order in which they are drawn below is
// that of their popularity.
func orderedIcons(order string) []icon {
	ordered := slices.Clone(icons)
	switch order {
	case "newest":
		slices.SortFunc(ordered, func(a, b icon) int { return cmp.Compare(b.ID, a.ID) })
	case "title":
		slices.SortFunc(ordered, func(a, b icon) int { return cmp.Or(strings.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID)) })
	}
	return ordered
}

// wantedFields returns the names of the parameter fields; nil: all of them.
func wantedFields(query url.Values) []string {
	if query.Get("fields") == "" {
		return nil
	}
	fields := strings.Split(query.Get("fields"), ",")
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	return fields
}

// pairsOf returns the wanted fields of an icon in the order of the contract.
func (d *Door) pairsOf(i icon, wanted []string) orderedPairs {
	kind := "picture"
	if i.moves() {
		kind = "movie"
	}
	images := orderedPairs{}
	for _, thumb := range thumbs {
		images = append(images, pair{thumb.name, d.imageURL(i, thumb.name)})
	}
	all := orderedPairs{{"id", i.ID}, {"title", i.Title}, {"code", i.Code()}, {"type", kind}, {"category", nil}, {"url", d.imageURL(i, "")}, {"thumb", images}}
	if wanted == nil {
		return all
	}
	return slices.DeleteFunc(all, func(p pair) bool { return !slices.Contains(wanted, p.name) })
}

// orderedPairs is a JSON object that keeps the order of its attributes.
type orderedPairs []pair

type pair struct {
	name  string
	value any
}

// MarshalJSON writes the object.
func (o orderedPairs) MarshalJSON() ([]byte, error) {
	body := []byte{'{'}
	for i, p := range o {
		if i > 0 {
			body = append(body, ',')
		}
		value, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		body = append(append(web.AppendText(body, p.name), ':'), value...)
	}
	return append(body, '}'), nil
}
