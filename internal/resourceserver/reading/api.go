package reading

import (
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the readings of the native API. Readings of public sensors are
// open to everybody; the use cases decide about each sensor.
func (s *Service) Routes() []web.Route {
	anybody, write := web.Public(), web.Scoped(domain.ScopeOf(domain.ReadingsWrite))
	return []web.Route{
		{Pattern: "GET /api/v1/sensors/{sensor}/readings", Need: anybody, Handle: s.list},
		{Pattern: "POST /api/v1/sensors/{sensor}/readings", Need: write, Handle: s.send},
		{Pattern: "DELETE /api/v1/sensors/{sensor}/readings", Need: write, Handle: s.remove},
		{Pattern: "GET /api/v1/sensors/{sensor}/readings/summary", Need: anybody, Handle: s.summarize},
	}
}

// send stores one reading or an array of them.
func (s *Service) send(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := wantJSON(r); err != nil {
		return err
	}
	body, err := web.ReadBody(w, r, web.LargeBody)
	if err != nil {
		return err
	}
	once, err := readOnce(r, body)
	if err != nil {
		return err
	}
	readings, batch, err := decodeReadings(body, domain.MillisOf(s.Now()))
	if err != nil {
		return err
	}
	ids, err := s.Append(r.Context(), c, r.PathValue("sensor"), readings, once)
	if err != nil {
		return err
	}
	to := make([]byte, 0, 96)
	switch {
	case len(ids) < len(readings):
		return web.WriteBytes(w, http.StatusOK, "application/json", append(to, `{"stored":0,"repeated":true}`...))
	case batch:
		to = append(strconv.AppendInt(append(to, `{"stored":`...), int64(len(ids)), 10), '}')
	default:
		to = strconv.AppendInt(append(to, `{"id":`...), int64(ids[0]), 10)
		to = append(appendTime(append(to, `,"at":"`...), readings[0].At, time.UTC), `"}`...)
	}
	return web.WriteBytes(w, http.StatusCreated, "application/json", to)
}

func wantJSON(r *http.Request) error {
	given := r.Header.Get("Content-Type")
	if given == "application/json" {
		return nil
	}
	media, _, err := mime.ParseMediaType(given)
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return domain.Errorf(domain.UnsupportedMedia, "media_type", "Send the body as Content-Type: application/json.")
	}
	return nil
}

// readOnce reads the Idempotency-Key: up to 100 printable ASCII characters.
func readOnce(r *http.Request, body []byte) (Once, error) {
	name := r.Header.Get("Idempotency-Key")
	if name == "" {
		return Once{}, nil
	}
	const most = 100
	printable := strings.IndexFunc(name, func(c rune) bool { return c < ' ' || c > '~' }) < 0
	if len(name) > most || !printable {
		return Once{}, domain.InvalidField("idempotency_key", "An Idempotency-Key has at most %d printable characters.", most)
	}
	digest := sha256.Sum256(body)
	return Once{Name: name, Digest: digest[:]}, nil
}

// readRange reads "from" (exclusive) and "to" (inclusive). Besides them the
// query may have only the names given: to leave out what was misspelt would
// answer another question, or delete everything.
func readRange(r *http.Request, others ...string) (domain.Range, error) {
	within := domain.Everything()
	query := r.URL.Query()
	for name, values := range query {
		if name != "from" && name != "to" && !slices.Contains(others, name) || len(values) != 1 {
			return within, domain.Errorf(domain.Invalid, "unknown_parameter", "There is no parameter %q here, or it is there twice.", domain.Clip(name))
		}
	}
	if text := query.Get("from"); query.Has("from") {
		at, ok := domain.ParseTimestamp(text)
		if !ok {
			return within, domain.InvalidField("from", "from is a time, RFC 3339 or Unix milliseconds.")
		}
		within.From = at.AfterAll()
	}
	if text := query.Get("to"); query.Has("to") {
		at, ok := domain.ParseTimestamp(text)
		if !ok {
			return within, domain.InvalidField("to", "to is a time, RFC 3339 or Unix milliseconds.")
		}
		within.To = at.AfterAll()
	}
	return within, nil
}

// remove deletes a range, which the request must name: what is deleted does
// not come back.
func (s *Service) remove(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	within, err := readRange(r)
	if err != nil {
		return err
	}
	if within == domain.Everything() {
		return domain.Errorf(domain.Invalid, "range_missing", "Say which readings: give from, to or both. All since 1970 are from=0.")
	}
	deleted, err := s.DeleteRange(r.Context(), c, r.PathValue("sensor"), within)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string]int64{"deleted": deleted})
}

// pageLimit is how many readings a page has unless the request says so.
const pageLimit = 100

// list answers with a page of readings, or exports the whole range.
func (s *Service) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	within, err := readRange(r, "limit", "cursor", "order", "format")
	if err != nil {
		return err
	}
	q := Query{Range: within, Descending: true}
	query := r.URL.Query()
	order, format := query.Get("order"), query.Get("format")
	if order != "" && order != "asc" && order != "desc" {
		return domain.InvalidField("order", "order is asc or desc.")
	}
	as, err := formatOf(format, r.Header.Get("Accept"))
	if err != nil {
		return err
	}
	if as != JSON {
		q.Descending = order == "desc"
		return s.export(w, r, c, q, as)
	}
	q.Descending = order != "asc"
	return s.listPage(w, r, c, q)
}

func (s *Service) listPage(w http.ResponseWriter, r *http.Request, c domain.Caller, q Query) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("limit") == "" {
		page.Limit = pageLimit
	}
	if page.Cursor != "" {
		last, err := readCursor(page.Cursor)
		if err != nil {
			return err
		}
		if rest := q.Range.After(last, q.direction()); q.Range.Contains(last) {
			q.Range = rest
		}
	}
	q.Limit = page.Limit + 1
	_, readings, err := s.Query(r.Context(), c, r.PathValue("sensor"), q)
	if err != nil {
		return err
	}
	to, n, next := append(make([]byte, 0, 64+page.Limit*80), `{"items":[`...), 0, ""
	var last domain.Position
	for reading, err := range readings {
		if err != nil {
			return err
		}
		if n == page.Limit {
			next = cursorOf(last)
			break
		}
		if n++; n > 1 {
			to = append(to, ',')
		}
		to = appendReading(to, reading, time.UTC)
		last = reading.Position()
	}
	to = append(to, ']')
	if next != "" {
		to = append(append(append(to, `,"next":"`...), next...), '"')
	}
	web.LinkNext(w, r, next)
	return web.WriteBytes(w, http.StatusOK, "application/json", append(to, '}'))
}

func cursorOf(p domain.Position) string {
	plain := strconv.FormatInt(int64(p.At), 10) + "." + strconv.FormatInt(int64(p.ID), 10)
	return base64.RawURLEncoding.EncodeToString([]byte(plain))
}

func readCursor(text string) (domain.Position, error) {
	plain, err := base64.RawURLEncoding.DecodeString(text)
	at, id, ok := strings.Cut(string(plain), ".")
	ms, atErr := strconv.ParseInt(at, 10, 64)
	n, idErr := strconv.ParseInt(id, 10, 64)
	if err != nil || !ok || atErr != nil || idErr != nil || n < 1 {
		return domain.Position{}, domain.InvalidField("cursor", "The cursor is not one of this list.")
	}
	return domain.Position{At: domain.Millis(ms), ID: domain.ReadingID(n)}, nil
}

type summaryJSON struct {
	Start time.Time `json:"start"`
	Count int64     `json:"count"`
	Mean  float64   `json:"mean"`
	Min   float64   `json:"min"`
	Max   float64   `json:"max"`
	Sum   float64   `json:"sum"`
}

func (s *Service) summarize(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	within, err := readRange(r, "field", "step")
	if err != nil {
		return err
	}
	field, step := r.URL.Query().Get("field"), time.Hour
	if field == "" {
		field = "value"
	}
	if text := r.URL.Query().Get("step"); text != "" {
		if step, err = time.ParseDuration(text); err != nil || step < time.Millisecond || step%time.Millisecond != 0 {
			return domain.InvalidField("step", "step is a length of time of whole milliseconds: 15m, 1h, 24h.")
		}
	}
	summaries, err := s.Summaries(r.Context(), c, r.PathValue("sensor"), field, within, step)
	if err != nil {
		return err
	}
	items := make([]summaryJSON, len(summaries))
	for i, one := range summaries {
		items[i] = summaryJSON{one.Start.Time(), one.Count, finite(one.Mean()), one.Min, one.Max, finite(one.Sum)}
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"field": field, "step_seconds": step.Seconds(), "items": items})
}
