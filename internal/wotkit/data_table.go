package wotkit

import (
	"errors"
	"iter"
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/wotkit/datatable"
)

// dataTable is GET /sensors/{sensor}/dataTable (V1, Querying Sensor Data).
func (d *Door) dataTable(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	q := queryOf(r)
	asked, fault := datatable.ParseRequest(q["tqx"])
	for _, key := range []string{"reqId", "out"} { // separate in release 1.3
		if bad := asked.Set(key, q[key]); bad != nil {
			fault = bad
		}
	}
	if isScriptTag(r) {
		c = domain.Caller{Address: c.Address, Program: c.Program}
	}
	if fault != nil {
		return writeFault(w, asked, fault)
	}
	if c.InQuery {
		if err := d.mustBePublic(r, c); err != nil {
			return err
		}
	}
	return d.writeTable(w, r, c, asked)
}

// mustBePublic refuses a token in the query where the data is not everybody's:
// an address with a token in it is copied and kept, and a page of any origin
// can include this answer as a script.
func (d *Door) mustBePublic(r *http.Request, c domain.Caller) error {
	s, err := d.Sensors.Find(r.Context(), c, r.PathValue("sensor"), domain.ReadingsRead)
	if err == nil && s.Visibility != domain.Public {
		return guard.NotThere(domain.NounSensor)
	}
	return err
}

// isScriptTag reports whether a page of another origin includes the answer as
// a script. A browser then adds a password that its user once typed into its
// own dialog, of which the page must not profit.
func isScriptTag(r *http.Request) bool {
	mode, site := r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Site")
	return mode == "no-cors" && site != "same-origin"
}

// writeTable answers the records that range parameters and tq select, in the
// form that was asked for.
func (d *Door) writeTable(w http.ResponseWriter, r *http.Request, c domain.Caller, asked datatable.Request) error {
	q := queryOf(r)
	selected, err := parseSpan(q, d.Now())
	if err != nil {
		return err
	}
	s, readings, err := d.readingsOf(r, c, selected.query(), selected.nothing)
	if err != nil {
		return err
	}
	columns := columnsOf(s)
	query, fault := datatable.ParseQuery(q["tq"], columns, zoneOf(c))
	if fault != nil {
		return writeFault(w, asked, fault)
	}
	source := tableSource{sensor: &s, readings: readings}
	table := datatable.Table{Columns: query.Columns(), Rows: query.Run(source.rows), Zone: zoneOf(c)}
	if asked.Sig != "" && asked.Out == datatable.JSON {
		if same, err := hasSignature(table, asked.Sig); err != nil || same {
			return tableFault(w, asked, err)
		}
	}
	out := tableStream(w, asked)
	err = asked.Write(out, table, source.lastID)
	if errors.As(err, &fault) && !out.started {
		out.release()
		return writeFault(w, asked, fault)
	}
	return out.end(err)
}

func hasSignature(table datatable.Table, sig string) (bool, error) {
	now, err := datatable.Signature(table)
	return now == sig, err
}

// tableFault answers an error of a table; none means that nothing changed.
func tableFault(w http.ResponseWriter, asked datatable.Request, err error) error {
	fault := &datatable.Fault{Reason: datatable.NotModified, Message: "The data has not changed."}
	if err != nil && !errors.As(err, &fault) {
		return err
	}
	return writeFault(w, asked, fault)
}

func writeFault(w http.ResponseWriter, asked datatable.Request, fault *datatable.Fault) error {
	out := tableStream(w, asked)
	return out.end(asked.WriteFault(out, fault))
}

func tableStream(w http.ResponseWriter, asked datatable.Request) *stream {
	header := w.Header()
	if disposition := asked.Disposition(); disposition != "" {
		header.Set("Content-Disposition", disposition)
	}
	// An HTML answer is data: nothing in it may run, load or be framed.
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	header.Set("X-Content-Type-Options", "nosniff")
	return newStream(w, asked.ContentType())
}

// columnsOf are the columns of a sensor's table.
func columnsOf(s domain.Sensor) []datatable.Column {
	columns := []datatable.Column{
		{ID: "sensor_id", Label: "Sensor Id", Type: datatable.NumberColumn},
		{ID: "sensor_name", Label: "Sensor Name", Type: datatable.StringColumn},
		{ID: "timestamp", Label: "Timestamp", Type: datatable.DatetimeColumn},
	}
	for _, field := range s.Fields {
		column := datatable.Column{ID: field.Name, Label: field.LongName, Type: datatable.NumberColumn}
		if field.Type == domain.StringField {
			column.Type = datatable.StringColumn
		}
		columns = append(columns, column)
	}
	return columns
}

// tableSource turns readings into rows and remembers the newest time.
type tableSource struct {
	sensor   *domain.Sensor
	readings iter.Seq2[domain.Reading, error]
	newest   domain.Millis
	seen     bool
}

func (t *tableSource) rows(yield func(datatable.Row, error) bool) {
	row := make(datatable.Row, 3+len(t.sensor.Fields))
	row[0] = datatable.Cell{Kind: datatable.NumberCell, Number: float64(t.sensor.ID)}
	row[1] = datatable.Cell{Kind: datatable.TextCell, Text: t.sensor.FullName()}
	for r, err := range t.readings {
		if err != nil {
			yield(nil, err)
			return
		}
		t.newest, t.seen = max(t.newest, r.At), true
		row[2] = datatable.Cell{Kind: datatable.TimeCell, Number: float64(r.At)}
		for i, field := range t.sensor.Fields {
			row[3+i] = cellOf(r, field)
		}
		if !yield(row, nil) {
			return
		}
	}
}

// lastID returns the newest time of the range.
func (t *tableSource) lastID() datatable.Cell {
	if !t.seen {
		return datatable.Cell{}
	}
	return datatable.Cell{Kind: datatable.TimeCell, Number: float64(t.newest)}
}

// cellOf returns the value of a field. What does not fit its type any more is
// no value.
func cellOf(r domain.Reading, field domain.Field) datatable.Cell {
	stored, there := r.Value(field.Name)
	if !there {
		return datatable.Cell{}
	}
	value, ok := stored.As(field.Type)
	switch {
	case !ok:
		return datatable.Cell{}
	case value.Kind == domain.NumberValue:
		return datatable.Cell{Kind: datatable.NumberCell, Number: value.Number}
	}
	return datatable.Cell{Kind: datatable.TextCell, Text: value.Text}
}
