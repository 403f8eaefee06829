package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// Restore fills an empty store from a backup, all or nothing. A store that
// has users already, and a backup that is damaged or cut short, are refused.
func (s *Store) Restore(ctx context.Context, from io.Reader) error {
	any, err := s.AnyUsers(ctx)
	if err != nil {
		return err
	}
	if any {
		return domain.Errorf(domain.Conflict, "store_not_empty", "This store has users already. Restore into a new data folder or an empty database.")
	}
	unpacked, err := gzip.NewReader(from)
	if err != nil {
		return notABackup(err)
	}
	return s.write(ctx, func(tx *Tx) error {
		r := &backupReader{tx: tx, lines: bufio.NewReaderSize(unpacked, 1<<16)}
		if err := r.read(); err != nil {
			return err
		}
		tx.note(everything, "")
		return nil
	})
}

func notABackup(err error) error {
	return &domain.Error{Kind: domain.Invalid, Code: "not_a_backup", Err: err,
		Message: "The file is not a backup of Thingward, or it is damaged or cut short."}
}

type backupReader struct {
	tx     *Tx
	lines  *bufio.Reader
	insert string
	truths []bool // which columns hold truth values: SQLite backs them up as 0 and 1
	rows   int64
}

// read reads all lines; only the last one says that the backup is whole.
func (r *backupReader) read() error {
	if err := r.head(); err != nil {
		return err
	}
	for {
		text, err := r.lines.ReadBytes('\n')
		if err != nil {
			return notABackup(err)
		}
		if text[0] == '[' {
			if err := r.row(text); err != nil {
				return err
			}
			continue
		}
		var line backupLine
		if err := json.Unmarshal(text, &line); err != nil {
			return notABackup(err)
		}
		if line.End {
			return r.end(line)
		}
		if err := r.control(line); err != nil {
			return err
		}
	}
}

func (r *backupReader) head() error {
	text, err := r.lines.ReadBytes('\n')
	if err != nil {
		return notABackup(err)
	}
	var line backupLine
	if err := json.Unmarshal(text, &line); err != nil || line.Format != backupFormat {
		return notABackup(err)
	}
	if line.Version != backupVersion {
		return domain.Errorf(domain.Invalid, "backup_version", "The backup has version %d; this program reads version %d.", line.Version, backupVersion)
	}
	return nil
}

func (r *backupReader) end(line backupLine) error {
	if line.Rows != r.rows {
		return notABackup(fmt.Errorf("%d rows of %d", r.rows, line.Rows))
	}
	if _, err := r.lines.ReadByte(); !errors.Is(err, io.EOF) {
		return notABackup(errors.New("something behind the end"))
	}
	return nil
}

// control starts a table or sets a sequence. Names come from the file, so
// only known ones get into SQL.
func (r *backupReader) control(line backupLine) error {
	switch {
	case slices.Contains(backupTables, line.Table) && len(line.Columns) > 0:
		return r.startTable(line)
	case line.Sequence == readingSequence || slices.Contains(countedTables, line.Sequence):
		if err := r.tx.s.dialect.setNextID(r.tx, line.Sequence, line.Next); err != nil {
			return fmt.Errorf("restore sequence %s: %w", line.Sequence, err)
		}
		return nil
	}
	return notABackup(fmt.Errorf("unknown line %+v", line))
}

func (r *backupReader) startTable(line backupLine) error {
	places := make([]string, len(line.Columns))
	for i, column := range line.Columns {
		if strings.Trim(column, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
			return notABackup(fmt.Errorf("column %q", column))
		}
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	var err error
	if r.truths, err = r.tx.truthColumns(line); err != nil {
		return err
	}
	r.insert = "INSERT INTO " + line.Table + " (" + strings.Join(line.Columns, ", ") + ") VALUES (" + strings.Join(places, ", ") + ")"
	return nil
}

// truthColumns asks the database which columns of a table are of type BOOLEAN.
func (tx *Tx) truthColumns(line backupLine) ([]bool, error) {
	rows, err := tx.query("SELECT " + strings.Join(line.Columns, ", ") + " FROM " + line.Table + " WHERE 1 = 0")
	if err != nil {
		return nil, notABackup(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, fmt.Errorf("columns of %s: %w", line.Table, err)
	}
	truths := make([]bool, len(types))
	for i, column := range types {
		truths[i] = strings.HasPrefix(column.DatabaseTypeName(), "BOOL")
	}
	return truths, rows.Err()
}

func (r *backupReader) row(text []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil || len(raw) != len(r.truths) || r.insert == "" {
		return notABackup(err)
	}
	values := make([]any, len(raw))
	for i, cell := range raw {
		value, err := backupValue(cell)
		if err != nil {
			return notABackup(err)
		}
		if n, ok := value.(int64); ok && r.truths[i] {
			value = n != 0
		}
		values[i] = value
	}
	if _, err := r.tx.exec(r.insert, values...); err != nil {
		return fmt.Errorf("restore a row: %w", err)
	}
	r.rows++
	return nil
}

func backupValue(cell json.RawMessage) (any, error) {
	switch {
	case bytes.HasPrefix(cell, []byte(`{"b":`)):
		var v backupBytes
		err := json.Unmarshal(cell, &v)
		if v.B == nil {
			v.B = []byte{}
		}
		return v.B, err
	case bytes.HasPrefix(cell, []byte(`{"f":`)):
		var v backupFloat
		err := json.Unmarshal(cell, &v)
		return v.F, err
	case len(cell) > 0 && (cell[0] == '-' || cell[0] >= '0' && cell[0] <= '9'):
		var n int64
		err := json.Unmarshal(cell, &n)
		return n, err
	}
	var v any
	err := json.Unmarshal(cell, &v)
	return v, err
}
