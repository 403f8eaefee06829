package datatable

import (
	"bytes"
	"io"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
)

// writeDelimited writes a header of labels and the rows (RFC 4180).
func writeDelimited(w io.Writer, table Table, separator byte) error {
	var line []byte
	for i, column := range table.Columns {
		if i > 0 {
			line = append(line, separator)
		}
		line = appendDelimited(line, Cell{Kind: TextCell, Text: column.Label}, table.Zone, separator)
	}
	line = append(line, "\r\n"...)
	if _, err := w.Write(line); err != nil {
		return err
	}
	for row, err := range table.Rows {
		if err != nil {
			return err
		}
		line = line[:0]
		for i, cell := range row {
			if i > 0 {
				line = append(line, separator)
			}
			line = appendDelimited(line, cell, table.Zone, separator)
		}
		if _, err := w.Write(append(line, "\r\n"...)); err != nil {
			return err
		}
	}
	return nil
}

func appendDelimited(to []byte, cell Cell, zone *time.Location, separator byte) []byte {
	if cell.Kind == TextCell {
		cell.Text = unformula(cell.Text)
	}
	begin := len(to)
	to = cell.appendText(to, zone)
	text := to[begin:]
	if bytes.IndexByte(text, separator) < 0 && !bytes.ContainsAny(text, "\"\r\n") {
		return to
	}
	quoted := append([]byte{'"'}, bytes.ReplaceAll(text, []byte{'"'}, []byte{'"', '"'})...)
	return append(append(to[:begin], quoted...), '"')
}

// unformula puts an apostrophe before text that a spreadsheet would run as a
// formula. Numbers stay numbers.
func unformula(text string) string {
	if text == "" || !bytes.ContainsRune([]byte("=+-@\t\r\n"), rune(text[0])) {
		return text
	}
	if _, number := domain.ParseNumber(text); number && text[0] != '\t' {
		return text
	}
	return "'" + text
}

// writeExcel writes tab-separated UTF-16LE with a byte order mark, which is
// what Excel opens without asking.
func writeExcel(w io.Writer, table Table) error {
	if _, err := w.Write([]byte{0xff, 0xfe}); err != nil {
		return err
	}
	return writeDelimited(&utf16Writer{next: w}, table, '\t')
}

// utf16Writer turns UTF-8 into UTF-16LE. Each Write must hold whole runes.
type utf16Writer struct {
	next   io.Writer
	buffer []byte
}

func (u *utf16Writer) Write(text []byte) (int, error) {
	u.buffer = u.buffer[:0]
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		for _, unit := range utf16.AppendRune(nil, r) {
			u.buffer = append(u.buffer, byte(unit), byte(unit>>8))
		}
	}
	if _, err := u.next.Write(u.buffer); err != nil {
		return 0, err
	}
	return len(text), nil
}
