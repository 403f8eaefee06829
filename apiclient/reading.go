package apiclient

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Reading is the values of a sensor at one time.
type Reading struct {
	ID     int64          `json:"id"`
	At     time.Time      `json:"at"`
	Values map[string]any `json:"values"`
}

// NewReading is a reading to be stored. Values are float64, string or bool,
// or whatever encodes to such JSON.
type NewReading struct {
	At     time.Time // cut to milliseconds; zero: the server's now
	Values map[string]any
}

// MarshalJSON writes the time in Unix milliseconds. Equal readings give equal
// bytes, which is what an Idempotency-Key needs.
func (r NewReading) MarshalJSON() ([]byte, error) {
	if r.At.IsZero() {
		return json.Marshal(map[string]any{"values": r.Values})
	}
	return json.Marshal(struct {
		At     int64          `json:"at"`
		Values map[string]any `json:"values"`
	}{r.At.UnixMilli(), r.Values})
}

// Stored says what became of readings that were sent.
type Stored struct {
	Stored   int  `json:"stored"`
	Repeated bool `json:"repeated"` // the same batch was stored before, under the same Idempotency-Key
}

// Range selects readings by time: after From (exclusive) up to To (inclusive).
// Zero times do not bound it.
type Range struct {
	From, To time.Time
}

func (r Range) query() url.Values {
	query := url.Values{}
	if !r.From.IsZero() {
		query.Set("from", strconv.FormatInt(r.From.UnixMilli(), 10))
	}
	if !r.To.IsZero() {
		query.Set("to", strconv.FormatInt(r.To.UnixMilli(), 10))
	}
	return query
}

// Format is a format of Export. For JSON there is AllReadings.
type Format string

// The formats of Export.
const (
	CSV     Format = "csv"
	KML     Format = "kml"
	GeoJSON Format = "geojson"
)

// ReadingQuery selects readings and their order.
type ReadingQuery struct {
	Range  Range
	Oldest bool // oldest first; else newest first
}

// Summary is what the values of a field were like in one interval.
type Summary struct {
	Start time.Time `json:"start"`
	Count int64     `json:"count"`
	Mean  float64   `json:"mean"`
	Min   float64   `json:"min"`
	Max   float64   `json:"max"`
	Sum   float64   `json:"sum"`
}

// Append stores one reading and returns its id and time.
func (c *Client) Append(ctx context.Context, sensor string, reading NewReading) (Reading, error) {
	var stored Reading
	return stored, c.do(ctx, call{method: http.MethodPost, path: path("sensors", sensor, "readings"), body: reading}, &stored)
}

// AppendBatch stores all of the readings or none. once is the Idempotency-Key,
// up to 100 printable characters: the same key with the same readings stores
// them a single time, however often it is sent. Empty means none.
func (c *Client) AppendBatch(ctx context.Context, sensor string, readings []NewReading, once string) (Stored, error) {
	var stored Stored
	err := c.do(ctx, call{method: http.MethodPost, path: path("sensors", sensor, "readings"), body: readings, once: once}, &stored)
	return stored, err
}

// Readings lists readings of a sensor.
func (c *Client) Readings(ctx context.Context, sensor string, query ReadingQuery, page PageRequest) (Page[Reading], error) {
	values := query.Range.query()
	for name, value := range page.query() {
		values[name] = value
	}
	if query.Oldest {
		values.Set("order", "asc")
	}
	var readings Page[Reading]
	return readings, c.do(ctx, call{method: http.MethodGet, path: path("sensors", sensor, "readings"), query: values}, &readings)
}

// AllReadings walks all readings that the query selects, page by page. It ends
// after the first error.
func (c *Client) AllReadings(ctx context.Context, sensor string, query ReadingQuery) iter.Seq2[Reading, error] {
	return func(yield func(Reading, error) bool) {
		request := PageRequest{Limit: 1000}
		for {
			page, err := c.Readings(ctx, sensor, query, request)
			if err != nil {
				yield(Reading{}, err)
				return
			}
			for _, reading := range page.Items {
				if !yield(reading, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			request.Cursor = page.Next
		}
	}
}

// Export streams all readings of the range. The caller closes the stream.
func (c *Client) Export(ctx context.Context, sensor string, within Range, format Format) (io.ReadCloser, error) {
	query := within.query()
	query.Set("format", string(format))
	answer, err := c.send(ctx, call{method: http.MethodGet, path: path("sensors", sensor, "readings"), query: query, accept: "*/*"})
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// DeleteReadings deletes the readings of the range and returns how many there
// were. A range without bounds deletes all of them.
func (c *Client) DeleteReadings(ctx context.Context, sensor string, within Range) (int64, error) {
	var answer struct {
		Deleted int64 `json:"deleted"`
	}
	err := c.do(ctx, call{method: http.MethodDelete, path: path("sensors", sensor, "readings"), query: within.query()}, &answer)
	return answer.Deleted, err
}

// Summaries returns what a number field was like in each step of the range.
func (c *Client) Summaries(ctx context.Context, sensor, field string, within Range, step time.Duration) ([]Summary, error) {
	query := within.query()
	query.Set("field", field)
	query.Set("step", step.String())
	var answer struct {
		Items []Summary `json:"items"`
	}
	err := c.do(ctx, call{method: http.MethodGet, path: path("sensors", sensor, "readings", "summary"), query: query}, &answer)
	return answer.Items, err
}
