package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/domain"
)

// batchRows is how many rows of one sensor make a batch. It belongs to the
// identity of an import.
const batchRows = 1000

// importRun sends the rows of one file.
type importRun struct {
	Server   sender
	File     string
	Options  importOptions
	Survey   csvSurvey
	Times    *timeReader
	Now      func() time.Time
	Journal  *importJournal
	Progress func(rows int) // called with how many rows are done

	buckets []*importBucket
	byValue map[string]*importBucket
	batches int // sent so far, over all sensors
	rows    int
	Refused []refusal // in the order of the file, but for rows of a later batch
}

// importBucket gathers the rows of one sensor. What a batch holds depends on
// the file alone, so that every run makes the same batches.
type importBucket struct {
	target   sensorTarget
	fields   []domain.Field // nil: not known
	identity string
	rows     []importRow
	batches  int
	Stored   int
	Before   int
	Unsure   int
	Refused  int
}

// identityOf makes the identity of what an import does to one sensor. A sensor
// that was deleted and made again is another one.
func identityOf(survey csvSurvey, options importOptions, target sensorTarget, sensor apiclient.Sensor) string {
	parts, _ := json.Marshal([]any{hex.EncodeToString(survey.Digest[:]), options, target, batchRows, sensor.ID, sensor.CreatedAt.UnixMilli()})
	digest := sha256.Sum256(parts)
	return hex.EncodeToString(digest[:])
}

func (r *importRun) add(bucket *importBucket) {
	if r.byValue == nil {
		r.byValue = map[string]*importBucket{}
	}
	r.buckets = append(r.buckets, bucket)
	r.byValue[bucket.target.Value] = bucket
}

// run reads the file from its beginning and sends batch by batch. Batches that
// the journal has are passed over.
func (r *importRun) run(ctx context.Context) error {
	file, err := os.Open(r.File)
	if err != nil {
		return err
	}
	defer file.Close()
	table, err := openTable(file, r.Options.Delimiter)
	if err != nil {
		return err
	}
	for {
		row, err := table.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := r.take(ctx, row); err != nil {
			return err
		}
	}
	for _, bucket := range r.buckets {
		if err := r.flush(ctx, bucket); err != nil {
			return err
		}
	}
	return nil
}

// take puts a row into its bucket and sends the bucket when it is full.
func (r *importRun) take(ctx context.Context, row csvRow) error {
	taken := importRow{refusal: refusal{Line: row.Line, From: row.From, To: row.To, Reason: row.Fault}}
	bucket := r.buckets0()
	if row.Fault == "" {
		if named, reason := r.bucketOf(row.Cells); reason == "" {
			bucket = named
			taken.reading, taken.Reason = r.reading(bucket, row.Cells)
		} else {
			taken.Reason = reason
		}
	}
	if bucket == nil { // a file of which no row names a sensor
		r.Refused = append(r.Refused, taken.refusal)
		r.rows++
		return nil
	}
	bucket.rows = append(bucket.rows, taken)
	if len(bucket.rows) < batchRows {
		return nil
	}
	return r.flush(ctx, bucket)
}

// buckets0 is where rows go that name no sensor, to be refused there.
func (r *importRun) buckets0() *importBucket {
	if len(r.buckets) == 0 {
		return nil
	}
	return r.buckets[0]
}

func (r *importRun) bucketOf(cells []string) (*importBucket, string) {
	value := ""
	if i := r.Survey.Mapping.Sensor; i >= 0 {
		if value = strings.TrimSpace(cells[i]); value == "" {
			return nil, "the column " + r.Options.SensorColumn + " is empty: the row names no sensor"
		}
	}
	bucket, ok := r.byValue[value]
	if !ok {
		return nil, "the file changed while it was read"
	}
	return bucket, ""
}

// reading makes a reading of a row, or says why it is none. It holds the
// rules of the server, so that the server seldom has to refuse a batch.
func (r *importRun) reading(bucket *importBucket, cells []string) (apiclient.NewReading, string) {
	at, err := r.Times.read(cells[r.Survey.Mapping.Time])
	if err != nil {
		return apiclient.NewReading{}, err.Error()
	}
	reading := domain.Reading{At: at, Values: r.Survey.Mapping.values(cells)}
	if len(reading.Values) == 0 {
		return apiclient.NewReading{}, "the row has no value"
	}
	if bucket.fields != nil {
		if reading, err = reading.Conform(bucket.fields, r.Now()); err != nil {
			return apiclient.NewReading{}, err.Error()
		}
	}
	return apiclient.NewReading{At: at.Time(), Values: plainValues(reading.Values)}, ""
}

func plainValues(values []domain.NamedValue) map[string]any {
	plain := make(map[string]any, len(values))
	for _, v := range values {
		if v.Value.Kind == domain.NumberValue {
			plain[v.Name] = v.Value.Number
		} else {
			plain[v.Name] = v.Value.Text
		}
	}
	return plain
}

// flush sends what is in the bucket, unless an earlier run did.
func (r *importRun) flush(ctx context.Context, bucket *importBucket) error {
	if len(bucket.rows) == 0 {
		return nil
	}
	result, done := r.Journal.done[r.batches]
	if !done {
		var err error
		if result, err = r.send(ctx, bucket); err != nil {
			return err
		}
		if err := r.Journal.record(result); err != nil {
			return err
		}
	}
	bucket.Stored += result.Stored
	bucket.Before += result.Before
	bucket.Unsure += result.Unsure
	bucket.Refused += len(result.Refused)
	r.Refused = append(r.Refused, result.Refused...)
	r.rows += len(bucket.rows)
	r.batches++
	bucket.batches++
	bucket.rows = bucket.rows[:0]
	r.Progress(r.rows)
	return nil
}

func (r *importRun) send(ctx context.Context, bucket *importBucket) (batchResult, error) {
	if err := ctx.Err(); err != nil {
		return batchResult{}, err
	}
	sending := batchSender{server: r.Server, sensor: bucket.target.Ref, result: batchResult{Batch: r.batches}}
	good := make([]importRow, 0, len(bucket.rows))
	for _, row := range bucket.rows {
		if row.Reason != "" {
			sending.result.Refused = append(sending.result.Refused, row.refusal)
		} else {
			good = append(good, row)
		}
	}
	err := sending.send(ctx, good, batchKey(bucket.identity, bucket.batches))
	return sending.result, err
}
