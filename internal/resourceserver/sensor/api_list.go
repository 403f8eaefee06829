package sensor

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

func (s *Service) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := s.readFilter(r)
	if err != nil {
		return err
	}
	return s.answerList(w, r, c, f)
}

// listSubscriptions is the list of sensors with the relation fixed.
func (s *Service) listSubscriptions(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := s.readFilter(r)
	if err != nil {
		return err
	}
	f.Relation = domain.Subscribed
	return s.answerList(w, r, c, f)
}

func (s *Service) answerList(w http.ResponseWriter, r *http.Request, c domain.Caller, f domain.SensorFilter) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	after, err := readCursor(sensorCursor, page.Cursor)
	if err != nil {
		return err
	}
	f.After, f.Limit = domain.SensorID(after), page.Limit+1
	sensors, err := s.List(r.Context(), c, f)
	if err != nil {
		return err
	}
	total, err := s.Count(r.Context(), c, f)
	if err != nil {
		return err
	}
	listed := domain.Listed[domain.Sensor]{Items: sensors, Total: total}
	if len(sensors) > page.Limit {
		listed.Items = sensors[:page.Limit]
		listed.Next = cursor(sensorCursor, int64(sensors[page.Limit-1].ID))
	}
	states, err := s.StatesFor(r.Context(), c, listed.Items...)
	if err != nil {
		return err
	}
	web.LinkNext(w, r, listed.Next)
	return writeSensors(w, http.StatusOK, listed, states)
}

type tagJSON struct {
	Name     string    `json:"name"`
	Count    int       `json:"count"`
	LastUsed time.Time `json:"last_used"` // creation of the newest sensor with the tag
}

// listTags pages by offset, because tags stand in the order of their use.
func (s *Service) listTags(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := s.readFilter(r)
	if err != nil {
		return err
	}
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	offset, err := readCursor(tagCursor, page.Cursor)
	if err != nil {
		return err
	}
	f.Offset, f.Limit = int(offset), page.Limit+1
	tags, err := s.Tags(r.Context(), c, f)
	if err != nil {
		return err
	}
	total, err := s.CountTags(r.Context(), c, f)
	if err != nil {
		return err
	}
	listed := domain.Listed[domain.Tag]{Items: tags, Total: total}
	if len(tags) > page.Limit {
		listed.Items, listed.Next = tags[:page.Limit], cursor(tagCursor, offset+int64(page.Limit))
	}
	return web.WriteList(w, r, listed, func(t domain.Tag) tagJSON { return tagJSON(t) })
}

// What cursors count: a cursor of one list is none of another.
const (
	sensorCursor = "s"
	tagCursor    = "t"
)

func cursor(kind string, n int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + strconv.FormatInt(n, 10)))
}

func readCursor(kind, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	digits, ok := strings.CutPrefix(string(plain), kind)
	n, notNumber := strconv.ParseInt(digits, 10, 64)
	if err != nil || !ok || notNumber != nil || n < 0 {
		return 0, domain.InvalidField("cursor", "The cursor is not one of this list.")
	}
	return n, nil
}

// filterNames are the query parameters of lists of sensors and tags.
var filterNames = []string{"text", "tags", "owner", "visibility", "relation", "active", "bbox", "metadata", "limit", "cursor"}

// checkNames refuses parameters that are not known: to leave one out would
// answer another question.
func checkNames(query url.Values) error {
	for name, values := range query {
		if !slices.Contains(filterNames, name) {
			return domain.Errorf(domain.Invalid, "unknown_parameter", "There is no query parameter %q here. There are: %s.", name, strings.Join(filterNames, ", "))
		}
		if len(values) > 1 {
			return domain.InvalidField(name, "%s is there more than once.", name)
		}
	}
	return nil
}

// readFilter reads the query but its paging.
func (s *Service) readFilter(r *http.Request) (domain.SensorFilter, error) {
	query := r.URL.Query()
	if err := checkNames(query); err != nil {
		return domain.SensorFilter{}, err
	}
	f := domain.SensorFilter{Text: query.Get("text"), Tags: domain.ParseTagQuery(query.Get("tags"))}
	for owner := range strings.SplitSeq(query.Get("owner"), ",") {
		if owner = strings.TrimSpace(owner); owner != "" {
			f.Owners = append(f.Owners, owner)
		}
	}
	for _, part := range []struct {
		name string
		read func(*domain.SensorFilter, string) error
	}{{"visibility", readVisibility}, {"relation", readRelation}, {"active", s.readActive}, {"bbox", readBox}, {"metadata", readMetadata}} {
		if !query.Has(part.name) {
			continue
		}
		if err := part.read(&f, query.Get(part.name)); err != nil {
			return domain.SensorFilter{}, err
		}
	}
	return f, f.Check()
}

// visibilities are the visibilities in the words of the native API.
var visibilities = map[string]domain.Visibility{"public": domain.Public, "private": domain.Private}

func readVisibility(f *domain.SensorFilter, text string) error {
	visibility, ok := visibilities[text]
	if !ok {
		return domain.InvalidField("visibility", "visibility is public or private.")
	}
	f.Visibility = visibility
	return nil
}

func readRelation(f *domain.SensorFilter, text string) error {
	relations := map[string]domain.SensorRelation{"all": domain.AnyRelation, "subscribed": domain.Subscribed, "contributed": domain.Contributed, "shared": domain.Shared, "workable": domain.Workable}
	relation, ok := relations[text]
	if !ok {
		return domain.InvalidField("relation", "relation is all, subscribed, contributed, shared or workable.")
	}
	f.Relation = relation
	return nil
}

func (s *Service) readActive(f *domain.SensorFilter, text string) error {
	since := s.Now().Add(-domain.ActiveWithin)
	switch text {
	case "true":
		f.ActiveSince = since
	case "false":
		f.InactiveSince = since
	default:
		return domain.InvalidField("active", "active is true or false.")
	}
	return nil
}

// readBox reads west,south,east,north as GeoJSON orders them (RFC 7946 §5).
func readBox(f *domain.SensorFilter, text string) error {
	var degrees []float64
	for part := range strings.SplitSeq(text, ",") {
		if n, ok := domain.ParseNumber(part); ok && len(degrees) < 5 {
			degrees = append(degrees, n)
			continue
		}
		degrees = nil
		break
	}
	if len(degrees) != 4 {
		return domain.InvalidField("bbox", "bbox is west,south,east,north in degrees, as in -123.3,49.2,-123,49.3.")
	}
	area := domain.Area{West: degrees[0], South: degrees[1], East: degrees[2], North: degrees[3]}
	if err := area.Check(); err != nil {
		return domain.InvalidField("bbox", "%s", err)
	}
	f.Area = &area
	return nil
}

func readMetadata(f *domain.SensorFilter, text string) (err error) {
	f.Metadata, err = domain.ParseMetadataQuery(text)
	return err
}
