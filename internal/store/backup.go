package store

import (
	"bufio"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
)

// A backup is a gzip stream of JSON lines, the same for both databases, so
// that a backup of one restores into the other:
//
//	{"format":"thingward-backup","version":1}
//	{"table":"owners","columns":["id","kind","name"]}
//	[1,"user","alice"]                       bytes are {"b":"base64"}
//	…
//	{"sequence":"owners","next":2}           ids are never given out twice
//	{"end":true,"rows":12345}                without it the backup is cut short
//
// The server key is not in it: whoever has the backup alone cannot open
// sealed secrets.

const (
	backupFormat  = "thingward-backup"
	backupVersion = 1
)

// backupTables are all tables with data, parents before children.
var backupTables = []string{
	"owners", "users", "sessions", "sign_in_places", "once_codes", "audit_events", "facts",
	"clients", "client_secrets", "client_testers",
	"grants", "keys", "key_passwords", "credential_uses",
	"authorization_codes", "token_chains", "refresh_answers", "access_tokens", "authorization_requests",
	"client_history", "devices", "push_apps", "device_codes",
	"applications", "application_functions", "application_euis", "end_devices", "end_device_blocks", "gateways", "components", "access_keys", "collaborators",
	"signing_keys", "mails",
	"sensors", "sensor_tags", "sensor_metadata", "subscriptions",
	"sensor_states", "readings", "reading_chunks", "idempotency_keys",
}

// countedTables give out ids of their own.
var countedTables = []string{"owners", "sessions", "audit_events", "grants", "sensors", "devices",
	"applications", "end_devices", "gateways", "components", "access_keys", "signing_keys", "mails"}

// readingSequence is the name under which reading ids stand in a backup.
const readingSequence = "reading_ids"

// backupLine is every line of a backup that is not a row.
type backupLine struct {
	Format   string   `json:"format,omitempty"`
	Version  int      `json:"version,omitempty"`
	Table    string   `json:"table,omitempty"`
	Columns  []string `json:"columns,omitempty"`
	Sequence string   `json:"sequence,omitempty"`
	Next     int64    `json:"next,omitempty"`
	End      bool     `json:"end,omitempty"`
	Rows     int64    `json:"rows,omitempty"`
}

// Backup writes everything as it stands at one moment, while others go on
// reading and writing.
func (s *Store) Backup(ctx context.Context, to io.Writer) error {
	tx, err := s.reads.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: s.dialect.snapshot()})
	if err != nil {
		return fmt.Errorf("begin backup: %w", err)
	}
	defer tx.Rollback()
	packed := gzip.NewWriter(to)
	buffer := bufio.NewWriterSize(packed, 1<<16)
	b := &backupWriter{ctx: ctx, tx: tx, out: json.NewEncoder(buffer)}
	b.out.SetEscapeHTML(false)
	b.line(backupLine{Format: backupFormat, Version: backupVersion})
	for _, table := range backupTables {
		b.table(table)
	}
	b.sequences(s.dialect)
	b.line(backupLine{End: true, Rows: b.rows})
	if b.err != nil {
		return fmt.Errorf("backup: %w", b.err)
	}
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := packed.Close(); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// backupWriter writes lines until the first error, which it keeps.
type backupWriter struct {
	ctx  context.Context
	tx   *sql.Tx
	out  *json.Encoder
	rows int64
	err  error
}

func (b *backupWriter) line(v any) {
	if b.err == nil {
		b.err = b.out.Encode(v)
	}
}

func (b *backupWriter) table(name string) {
	if b.err != nil {
		return
	}
	rows, err := b.tx.QueryContext(b.ctx, "SELECT * FROM "+name)
	if err != nil {
		b.err = fmt.Errorf("table %s: %w", name, err)
		return
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		b.err = err
		return
	}
	b.line(backupLine{Table: name, Columns: columns})
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() && b.err == nil {
		if b.err = rows.Scan(into...); b.err != nil {
			return
		}
		b.line(backupRow(values))
		b.rows++
	}
	if b.err == nil {
		b.err = rows.Err()
	}
}

// backupBytes tells bytes from text in a row.
type backupBytes struct {
	B []byte `json:"b"`
}

// backupFloat tells a float from an integer in a row, as the text that reads
// back the same.
type backupFloat struct {
	F float64 `json:"f"`
}

func backupRow(values []any) []any {
	row := make([]any, len(values))
	for i, value := range values {
		switch v := value.(type) {
		case []byte:
			row[i] = backupBytes{v}
		case float64:
			row[i] = backupFloat{v}
		default:
			row[i] = v
		}
	}
	return row
}

func (b *backupWriter) sequences(d dialect) {
	for _, name := range append([]string{readingSequence}, countedTables...) {
		if b.err != nil {
			return
		}
		next, err := d.nextID(b.ctx, b.tx, name)
		if err != nil {
			b.err = fmt.Errorf("sequence %s: %w", name, err)
			return
		}
		b.line(backupLine{Sequence: name, Next: next})
	}
}
