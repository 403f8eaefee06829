package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/reading"
)

const (
	sensorPageSize = 50
	shownReadings  = 50
)

type sensorsPage struct {
	layout
	Sought  string // text that the sensors shown have in common; empty: all are shown
	Sensors []shownSensor
	Pager   pager
	Curl    string
}

func (sensorsPage) template() string { return "sensors" }

type shownSensor struct {
	Href, LongName, FullName, Last, Visible string
	SharedBy                                string // its owner, where the viewer works on it for him
	Updated                                 moment
	Active                                  bool
}

type sensorPage struct {
	layout
	shownSensor
	ID                 int64
	Description, Owner string
	Place              string
	Tags               []string
	Fields             []shownField
	Columns            []column
	Readings           []shownReading
	Mine               bool // the viewer may send data
	Unread             bool // the viewer may not read its data
	People             int  // how many work on it; 0: the viewer does not
	SendCurl, ReadCurl string
}

func (sensorPage) template() string { return "sensor" }

type shownField struct {
	Name, LongName, Type, Last string
	Required                   bool
}

// column is a field that some of the shown readings have a value for.
type column struct {
	Title  string
	Number bool
	name   string
}

type shownReading struct {
	At     moment
	Values []cell
}

type cell struct {
	Text   string
	Number bool
}

func (p *Portal) sensors(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page := pageOf(r, sensorPageSize)
	after, _ := strconv.ParseInt(page.Cursor, 10, 64)
	sought := strings.TrimSpace(r.URL.Query().Get("q"))
	filter := domain.SensorFilter{Relation: domain.Workable, Text: sought, After: domain.SensorID(after), Limit: sensorPageSize + 1}
	sensors, err := p.Sensors.List(r.Context(), c, filter)
	if err != nil {
		return err
	}
	next := ""
	if len(sensors) > sensorPageSize {
		sensors = sensors[:sensorPageSize]
		next = strconv.FormatInt(int64(sensors[sensorPageSize-1].ID), 10)
	}
	states, err := p.Sensors.StatesFor(r.Context(), c, sensors...)
	if err != nil {
		return err
	}
	shown := sensorsPage{layout: p.layoutFor(r, c, "sensors", "Sensors"), Sought: sought,
		Pager: pagerOf("/sensors", page, next).with("q", sought), Curl: p.curl().create("KEYID", "KEYPASSWORD")}
	for _, sensor := range sensors {
		shown.Sensors = append(shown.Sensors, p.shownSensorOf(c, sensor, states[sensor.ID]))
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) shownSensorOf(c domain.Caller, s domain.Sensor, state domain.SensorState) shownSensor {
	visible := "everybody"
	if s.Visibility == domain.Private {
		visible = "who works on it"
	}
	shared := ""
	if s.Given != 0 && !c.Is(domain.UserID(s.Owner)) {
		shared = s.OwnerName
	}
	now := p.Now()
	return shownSensor{SharedBy: shared, Href: "/sensors/" + s.FullName(), LongName: s.LongName, FullName: s.FullName(), Visible: visible,
		Last: lastOf(s, state), Updated: momentOf(state.LastUpdate, now, c.User.Location()),
		Active: !state.LastUpdate.IsZero() && now.Sub(state.LastUpdate) <= domain.ActiveWithin}
}

// lastOf says the newest value of the first field that has one.
func lastOf(s domain.Sensor, state domain.SensorState) string {
	for _, field := range s.Fields {
		if last, ok := state.Last[field.Name]; ok {
			return valueOf(last.Value, field.Units)
		}
	}
	return ""
}

func valueOf(v domain.Value, units string) string {
	text := v.String()
	if r := []rune(text); len(r) > 80 {
		text = string(r[:80]) + "…"
	}
	if units != "" && text != "" {
		text += "\u00a0" + units // kept on one line
	}
	return text
}

// sensor shows a sensor to whoever may see it; public ones to everybody.
func (p *Portal) sensor(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	ref := r.PathValue("sensor")
	found, err := p.Sensors.Find(r.Context(), c, ref, domain.SensorRead)
	if err != nil {
		return err
	}
	states, err := p.Sensors.StatesFor(r.Context(), c, found)
	if err != nil {
		return err
	}
	state := states[found.ID]
	shown := sensorPage{layout: p.layoutFor(r, c, "sensors", found.LongName), shownSensor: p.shownSensorOf(c, found, state),
		ID: int64(found.ID), Description: found.Description, Owner: found.OwnerName, Tags: found.Tags,
		Place:    placeOf(found),
		SendCurl: p.curl().send("KEYID", "KEYPASSWORD", found.FullName(), found.Fields), ReadCurl: p.curl().readPublic(found.FullName())}
	if found.Visibility == domain.Private {
		shown.ReadCurl = p.curl().read("KEYID", "KEYPASSWORD", found.FullName())
	}
	for _, field := range found.Fields {
		last := state.Last[field.Name]
		shown.Fields = append(shown.Fields, shownField{Name: field.Name, LongName: field.LongName,
			Type: fieldWords[field.Type], Last: valueOf(last.Value, field.Units), Required: field.Required})
	}
	if err := p.showWorkers(r, c, found, &shown); err != nil {
		return err
	}
	newest, err := p.newestReadings(r, c, found)
	if shown.Unread = domain.IsKind(err, domain.Forbidden); err != nil && !shown.Unread {
		return err
	}
	shown.Columns, shown.Readings = tableOf(found.Fields, newest, c.User.Location())
	return show(w, http.StatusOK, shown)
}

// showWorkers says what the viewer may do with a sensor that he works on.
func (p *Portal) showWorkers(r *http.Request, c domain.Caller, found domain.Sensor, shown *sensorPage) error {
	if !signedIn(c) {
		return nil
	}
	view, err := p.Collaborators.View(r.Context(), c, domain.NounSensor, strconv.FormatInt(int64(found.ID), 10))
	if domain.IsKind(err, domain.Forbidden) || domain.IsKind(err, domain.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	shown.People, shown.Mine = len(view.List), guard.May(c, domain.ReadingsWrite, view.Thing)
	if shown.People == 1 && c.Is(domain.UserID(found.Owner)) && found.Visibility == domain.Private {
		shown.Visible = "you"
	}
	return nil
}

// placeOf says where a sensor stands. Nobody puts one where the equator meets
// the meridian of Greenwich: there, no place was given.
func placeOf(s domain.Sensor) string {
	if s.Latitude == 0 && s.Longitude == 0 {
		return "not given"
	}
	return fmt.Sprintf("%.7g°, %.7g°", s.Latitude, s.Longitude)
}

var fieldWords = map[domain.FieldType]string{domain.NumberField: "number", domain.StringField: "text"}

func (p *Portal) newestReadings(r *http.Request, c domain.Caller, s domain.Sensor) ([]domain.Reading, error) {
	query := reading.Query{Range: domain.Everything(), Newest: shownReadings, Limit: shownReadings, Descending: true}
	_, readings, err := p.Readings.Query(r.Context(), c, strconv.FormatInt(int64(s.ID), 10), query)
	if err != nil {
		return nil, err
	}
	var newest []domain.Reading
	for one, err := range readings {
		if err != nil {
			return nil, err
		}
		newest = append(newest, one)
	}
	return newest, nil
}

// tableOf lays readings out in the columns that hold anything.
func tableOf(fields []domain.Field, readings []domain.Reading, zone *time.Location) ([]column, []shownReading) {
	var columns []column
	for _, field := range fields {
		used := slices.ContainsFunc(readings, func(r domain.Reading) bool { _, ok := r.Value(field.Name); return ok })
		if used {
			columns = append(columns, column{Title: titleOf(field), Number: field.Type == domain.NumberField, name: field.Name})
		}
	}
	rows := make([]shownReading, len(readings))
	for i, one := range readings {
		rows[i].At = exactMoment(one.At.Time(), zone)
		for _, column := range columns {
			value, _ := one.Value(column.name)
			rows[i].Values = append(rows[i].Values, cell{valueOf(value, ""), column.Number})
		}
	}
	return columns, rows
}

func titleOf(f domain.Field) string {
	if f.Units != "" {
		return f.LongName + " (" + f.Units + ")"
	}
	return f.LongName
}

// exactMoment is a time to the second.
func exactMoment(t time.Time, zone *time.Location) moment {
	return moment{ISO: t.UTC().Format(time.RFC3339), Exact: t.In(zone).Format("2 Jan 2006, 15:04:05")}
}
