package cli

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/thingward/thingward/apiclient"
)

// importRow is a row on its way to the server.
type importRow struct {
	refusal // Reason is empty until it is refused
	reading apiclient.NewReading
}

// sender stores readings; *apiclient.Client does.
type sender interface {
	AppendBatch(ctx context.Context, sensor string, readings []apiclient.NewReading, once string) (apiclient.Stored, error)
}

// batchSender sends the rows of one batch.
//
// The batch goes out whole under one Idempotency-Key. Where the server refuses
// it and says which row is wrong, that row is taken out and the others are
// sent under the same key: a refused batch has stored nothing. Where the
// server does not say which, the batch is halved, each part with a key of its
// own, until the wrong rows stand alone.
type batchSender struct {
	server sender
	sensor string
	result batchResult
}

// send stores the rows. It returns an error where the server fails or refuses
// for a reason that lies not in the rows.
func (b *batchSender) send(ctx context.Context, rows []importRow, once string) error {
	for len(rows) > 0 {
		stored, err := b.server.AppendBatch(ctx, b.sensor, readingsOf(rows), once)
		switch {
		case err == nil:
			b.count(len(rows), stored)
			return nil
		case apiclient.CodeOf(err) == "idempotency_key_reused":
			// An earlier run stored this batch without the rows that were refused
			// then. Which they were is not known here, and nothing may be stored
			// twice.
			b.result.Unsure += len(rows)
			return nil
		case !aboutRows(err):
			return err
		}
		i, reason := faultyRow(err, len(rows))
		if len(rows) == 1 {
			i = 0
		}
		if i < 0 {
			return b.halve(ctx, rows, once)
		}
		b.refuse(rows[i], reason)
		rows = slices.Delete(slices.Clone(rows), i, i+1)
	}
	return nil
}

func (b *batchSender) halve(ctx context.Context, rows []importRow, once string) error {
	half := len(rows) / 2
	if err := b.send(ctx, rows[:half], once+"l"); err != nil {
		return err
	}
	return b.send(ctx, rows[half:], once+"r")
}

func (b *batchSender) count(sent int, answer apiclient.Stored) {
	if answer.Repeated {
		b.result.Before += sent
		return
	}
	b.result.Stored += sent
}

func (b *batchSender) refuse(row importRow, reason string) {
	row.Reason = reason
	b.result.Refused = append(b.result.Refused, row.refusal)
}

func readingsOf(rows []importRow) []apiclient.NewReading {
	readings := make([]apiclient.NewReading, len(rows))
	for i, row := range rows {
		readings[i] = row.reading
	}
	return readings
}

// aboutRows reports whether the server refuses what was sent, not who sends
// it or where to.
func aboutRows(err error) bool {
	switch apiclient.StatusOf(err) {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// rowIndex finds the index of an element in the name of an input field:
// "[17].value", "readings[17].at", "17.value".
var rowIndex = regexp.MustCompile(`^[a-z_]*\[?(\d{1,6})\]?(?:\.|$)`)

// faultyRow finds which of the rows a refusal means, and why. The index is -1
// where it does not say.
func faultyRow(err error, rows int) (int, string) {
	fault, ok := err.(*apiclient.Error)
	if !ok {
		return -1, err.Error()
	}
	for _, field := range sortedNames(fault.Fields) {
		match := rowIndex.FindStringSubmatch(field)
		if match == nil {
			continue
		}
		if i, err := strconv.Atoi(match[1]); err == nil && i < rows {
			return i, fault.Fields[field]
		}
	}
	return -1, fault.Error()
}

// batchKey is the Idempotency-Key of the n-th batch of a sensor.
func batchKey(identity string, n int) string { return fmt.Sprintf("import-%.40s-%d", identity, n) }
