package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// List is a page of a list of the native API.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // cursor of the next page
	Total int    `json:"total"`          // counted up to 10,000
}

// ReadPage reads "limit" (1 … 1000, default 50) and "cursor" from the query.
func ReadPage(r *http.Request) (domain.Page, error) {
	query := r.URL.Query()
	page := domain.Page{Cursor: query.Get("cursor")}
	if text := query.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 || limit > domain.MaxPageLimit {
			return domain.Page{}, domain.InvalidField("limit", "limit is a number from 1 to %d.", domain.MaxPageLimit)
		}
		page.Limit = limit
	}
	return page.Clamped(), nil
}

// ReadWhich reads from the query whether a list holds what there is, or
// ("deleted=true") what was deleted and can still be restored.
func ReadWhich(r *http.Request) (domain.Which, error) {
	switch r.URL.Query().Get("deleted") {
	case "", "false":
		return domain.Living, nil
	case "true":
		return domain.OnlyDeleted, nil
	}
	return domain.Living, domain.InvalidField("deleted", "deleted is true or false.")
}

// WriteList answers with a page of a list, and with a Link to the next one
// (RFC 8288).
func WriteList[T, J any](w http.ResponseWriter, r *http.Request, listed domain.Listed[T], asJSON func(T) J) error {
	list := List[J]{Items: make([]J, len(listed.Items)), Next: listed.Next, Total: listed.Total}
	for i, item := range listed.Items {
		list.Items[i] = asJSON(item)
	}
	LinkNext(w, r, listed.Next)
	return WriteJSON(w, http.StatusOK, list)
}

// LinkNext sets the Link header to the page behind the cursor, if there is one.
func LinkNext(w http.ResponseWriter, r *http.Request, cursor string) {
	if cursor == "" {
		return
	}
	query := r.URL.Query()
	query.Set("cursor", cursor)
	next := url.URL{Path: r.URL.Path, RawQuery: query.Encode()}
	w.Header().Set("Link", "<"+next.String()+`>; rel="next"`)
}

// WriteUses answers with what a key or another credential did.
func WriteUses(w http.ResponseWriter, uses []domain.DayUse) error {
	type useJSON struct {
		Thing   string       `json:"thing"`
		Right   domain.Right `json:"right"`
		Day     string       `json:"day"`
		Uses    int64        `json:"uses"`
		LastAt  time.Time    `json:"last_at"`
		Address string       `json:"address"`
	}
	items := make([]useJSON, len(uses))
	for i, use := range uses {
		items[i] = useJSON{use.Thing, use.Right, use.Day.Format(time.DateOnly), use.Uses, use.LastAt, use.Address}
	}
	return WriteJSON(w, http.StatusOK, map[string]any{"items": items})
}
