package cli

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const byteOrderMark = "\uFEFF"

// csvTable reads a CSV file with a header row by row (RFC 4180; LF or CRLF; a
// byte order mark in front is skipped). A row that is not well-formed is
// returned with what is wrong, and reading goes on behind it.
type csvTable struct {
	header []string
	csv    *csv.Reader
	base   int64 // bytes before what csv reads
}

// csvRow is one row of data. Its cells are valid until the next row is read.
type csvRow struct {
	Line     int      // of its first byte, from 1
	From, To int64    // where its bytes stand in the file
	Cells    []string // as many as the header has, unless Fault is set
	Fault    string   // empty: the row is well-formed
}

// openTable reads the header.
func openTable(r io.Reader, delimiter rune) (*csvTable, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	t := &csvTable{}
	if start, _ := buffered.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		t.base = int64(len(byteOrderMark))
		_, _ = buffered.Discard(len(byteOrderMark))
	}
	t.csv = csv.NewReader(buffered)
	t.csv.Comma = delimiter
	t.csv.ReuseRecord = true
	header, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: the first line must name the columns")
	}
	if err != nil {
		return nil, fmt.Errorf("read the first line, which must name the columns: %w", err)
	}
	return t, t.setHeader(header)
}

func (t *csvTable) setHeader(header []string) error {
	seen := map[string]bool{}
	for _, name := range header {
		name = strings.TrimSpace(name)
		if !utf8.ValidString(name) {
			return errors.New("the names of the columns are not UTF-8: save the file as UTF-8")
		}
		if name != "" && seen[name] {
			return fmt.Errorf("the column %q is there twice: rename one of them", name)
		}
		seen[name] = true
		t.header = append(t.header, name)
	}
	return nil
}

// next returns the next row, or io.EOF behind the last one. Other errors are
// faults of reading the file itself.
func (t *csvTable) next() (csvRow, error) {
	row := csvRow{From: t.base + t.csv.InputOffset()}
	cells, err := t.csv.Read()
	row.To = t.base + t.csv.InputOffset()
	var malformed *csv.ParseError
	switch {
	case errors.As(err, &malformed):
		row.Line, row.Fault = malformed.StartLine, t.fault(malformed, len(cells))
		return row, nil
	case err != nil:
		return csvRow{}, err
	}
	row.Line, _ = t.csv.FieldPos(0)
	row.Cells = cells
	return row, nil
}

func (t *csvTable) fault(err *csv.ParseError, cells int) string {
	switch {
	case errors.Is(err.Err, csv.ErrFieldCount):
		return fmt.Sprintf("the row has %d columns, the first line names %d", cells, len(t.header))
	case errors.Is(err.Err, csv.ErrBareQuote):
		return "there is a \" inside a cell that is not in quotes"
	case errors.Is(err.Err, csv.ErrQuote):
		return "a quoted cell does not end, or goes on behind its closing \""
	}
	return err.Err.Error()
}

// column returns the index of the column with the name.
func (t *csvTable) column(name string) (int, error) {
	for i, header := range t.header {
		if header == name {
			return i, nil
		}
	}
	hint := ""
	if len(t.header) == 1 && strings.ContainsAny(t.header[0], ";\t|") {
		hint = ". --delimiter says what stands between the cells"
	}
	return 0, fmt.Errorf("there is no column %q. The file has: %s%s", name, strings.Join(t.header, ", "), hint)
}
