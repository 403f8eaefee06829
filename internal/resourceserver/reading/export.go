package reading

import (
	"bufio"
	"encoding/csv"
	"encoding/xml"
	"io"
	"iter"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Format is a format of export.
type Format string

// The formats of export.
const (
	CSV     Format = "csv"
	JSON    Format = "json"
	KML     Format = "kml"
	GeoJSON Format = "geojson"
)

var mediaTypes = map[Format]string{
	CSV:     "text/csv; charset=utf-8",
	JSON:    "application/json",
	KML:     "application/vnd.google-earth.kml+xml",
	GeoJSON: "application/geo+json",
}

// MediaType returns the Content-Type of the format.
func (f Format) MediaType() string { return mediaTypes[f] }

// formatOf picks the format that is asked for by name, else by Accept; JSON
// where neither says anything we know.
func formatOf(name, accept string) (Format, error) {
	if _, known := mediaTypes[Format(name)]; known {
		return Format(name), nil
	}
	if name != "" {
		return "", domain.InvalidField("format", "format is json, csv, geojson or kml.")
	}
	for part := range strings.SplitSeq(accept, ",") {
		media, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		for format, known := range mediaTypes {
			if known, _, _ = strings.Cut(known, ";"); media == known {
				return format, nil
			}
		}
	}
	return JSON, nil
}

// export streams all readings that the query selects. A fault on the way is
// answered if nothing was sent yet; else it cuts the connection, which is
// net/http's only way to say that what came is not the whole.
func (s *Service) export(w http.ResponseWriter, r *http.Request, c domain.Caller, q Query, as Format) error {
	sensor, readings, err := s.Query(r.Context(), c, r.PathValue("sensor"), q)
	if err != nil {
		return err
	}
	body := &exported{w: w, header: map[string]string{
		"Content-Type":        as.MediaType(),
		"Content-Disposition": `attachment; filename="` + sensor.FullName() + "." + string(as) + `"`,
	}}
	err = Export(body, as, sensor, time.UTC, readings)
	if err != nil && body.started && r.Context().Err() == nil {
		panic(http.ErrAbortHandler)
	}
	if body.started {
		return nil
	}
	return err
}

// exported is the body of an export, which sets its header with the first byte.
type exported struct {
	w       http.ResponseWriter
	header  map[string]string
	started bool
}

func (e *exported) Write(part []byte) (int, error) {
	if !e.started {
		e.started = true
		for name, value := range e.header {
			e.w.Header().Set(name, value)
		}
	}
	return e.w.Write(part)
}

// Export writes readings of a sensor as they come. Times are in the zone.
func Export(w io.Writer, as Format, sensor domain.Sensor, zone *time.Location, readings iter.Seq2[domain.Reading, error]) error {
	out := bufio.NewWriterSize(w, 16<<10)
	e := exporter{out: out, sensor: sensor, zone: zone}
	write := map[Format]func(iter.Seq2[domain.Reading, error]) error{CSV: e.csv, KML: e.kml, GeoJSON: e.geoJSON}[as]
	if write == nil {
		write = e.json
	}
	if err := write(readings); err != nil {
		return err
	}
	return out.Flush()
}

type exporter struct {
	out    *bufio.Writer
	sensor domain.Sensor
	zone   *time.Location
}

func (e *exporter) text(text string) { _, _ = e.out.WriteString(text) } // a fault stays in the writer and shows in Flush

// json writes an array of readings.
func (e *exporter) json(readings iter.Seq2[domain.Reading, error]) error {
	return e.list("[", "]\n", readings, func(to []byte, r domain.Reading) []byte { return appendReading(to, r, e.zone) })
}

// list writes items between an opening and an end, parted by commas.
func (e *exporter) list(opening, end string, readings iter.Seq2[domain.Reading, error], item func([]byte, domain.Reading) []byte) error {
	e.text(opening)
	buffer, separator := []byte{}, "\n"
	for r, err := range readings {
		if err != nil {
			return err
		}
		e.text(separator)
		separator = ",\n"
		buffer = item(buffer[:0], r)
		if _, err := e.out.Write(buffer); err != nil {
			return err
		}
	}
	e.text("\n" + end)
	return nil
}

// csv writes the time and one column for each field. Texts that a spreadsheet
// would take for a formula get an apostrophe in front.
func (e *exporter) csv(readings iter.Seq2[domain.Reading, error]) error {
	out := csv.NewWriter(e.out)
	row := []string{"timestamp"}
	for _, field := range e.sensor.Fields {
		row = append(row, harmless(field.Name))
	}
	if err := out.Write(row); err != nil {
		return err
	}
	for r, err := range readings {
		if err != nil {
			return err
		}
		row = append(row[:0], string(appendTime(nil, r.At, e.zone)))
		for _, field := range e.sensor.Fields {
			value, _ := r.Value(field.Name)
			cell := value.String()
			if value.Kind == domain.TextValue {
				cell = harmless(cell)
			}
			row = append(row, cell)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// place returns where a reading was taken: the lat and lng that it carries
// itself if it moves, else the place of its sensor.
func (e *exporter) place(r domain.Reading) (lat, lng float64) {
	a, _ := r.Value("lat")
	b, _ := r.Value("lng")
	if a.Kind == domain.NumberValue && b.Kind == domain.NumberValue && math.Abs(a.Number) <= 90 && math.Abs(b.Number) <= 180 {
		return a.Number, b.Number
	}
	return e.sensor.Latitude, e.sensor.Longitude
}

func appendPlace(to []byte, lat, lng float64) []byte {
	to = domain.Number(lng).AppendNumber(to)
	return domain.Number(lat).AppendNumber(append(to, ','))
}

// geoJSON writes a FeatureCollection (RFC 7946), one point for each reading.
func (e *exporter) geoJSON(readings iter.Seq2[domain.Reading, error]) error {
	return e.list(`{"type":"FeatureCollection","features":[`, "]}\n", readings, func(to []byte, r domain.Reading) []byte {
		to = append(to, `{"type":"Feature","id":`...)
		to = strconv.AppendInt(to, int64(r.ID), 10)
		lat, lng := e.place(r)
		to = appendPlace(append(to, `,"geometry":{"type":"Point","coordinates":[`...), lat, lng)
		to = web.AppendText(append(to, `]},"properties":{"sensor":`...), e.sensor.FullName())
		to = appendTime(append(to, `,"at":"`...), r.At, e.zone)
		to = appendValues(append(to, `","values":`...), r.Values)
		return append(to, `}}`...)
	})
}

// kml writes a Placemark with a TimeStamp for each reading (OGC KML 2.2).
func (e *exporter) kml(readings iter.Seq2[domain.Reading, error]) error {
	e.text(xml.Header + `<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>`)
	e.escaped(e.sensor.LongName)
	e.text("</name><description>")
	e.escaped(e.sensor.Description)
	e.text("</description>\n")
	for r, err := range readings {
		if err != nil {
			return err
		}
		e.placemark(r)
	}
	e.text("</Document></kml>\n")
	return nil
}

func (e *exporter) placemark(r domain.Reading) {
	e.text("<Placemark><TimeStamp><when>")
	e.text(string(appendTime(nil, r.At, e.zone)))
	e.text("</when></TimeStamp><ExtendedData>")
	for _, v := range r.Values {
		e.text(`<Data name="`)
		e.escaped(v.Name)
		e.text(`"><value>`)
		e.escaped(v.Value.String())
		e.text("</value></Data>")
	}
	lat, lng := e.place(r)
	e.text("</ExtendedData><Point><coordinates>")
	e.text(string(appendPlace(nil, lat, lng)))
	e.text("</coordinates></Point></Placemark>\n")
}

func (e *exporter) escaped(text string) { _ = xml.EscapeText(e.out, []byte(text)) }
