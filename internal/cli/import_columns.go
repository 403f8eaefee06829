package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// importOptions say how a CSV file is read. All of them belong to the
// identity of an import: the same file read otherwise is another import.
type importOptions struct {
	TimeColumn   string
	SensorColumn string
	Rename       map[string]string // column → field
	Skip         []string          // columns that are left out
	Missing      []string          // cells that mean no value, besides empty ones
	Delimiter    rune
	Zone         string
	Unit         timeUnit
	Change       clockChange
	Label        string
}

// csvColumn is a column that becomes a field.
type csvColumn struct {
	Index   int
	Field   string
	Numeric bool // every value in the file is a number
	seen    bool // there is a value at all
}

// csvMapping says what the columns of a file are.
type csvMapping struct {
	Time    int
	Sensor  int // -1: all rows are of one sensor
	Columns []csvColumn
	missing []string
}

// mapColumns finds the columns that the options name in the header.
func mapColumns(t *csvTable, o importOptions) (csvMapping, error) {
	m := csvMapping{Sensor: -1, missing: o.Missing}
	var err error
	if m.Time, err = t.column(o.TimeColumn); err != nil {
		return m, err
	}
	if o.SensorColumn != "" {
		if m.Sensor, err = t.column(o.SensorColumn); err != nil {
			return m, err
		}
	}
	for _, name := range slices.Concat(o.Skip, sortedNames(o.Rename)) {
		if _, err := t.column(name); err != nil {
			return m, err
		}
	}
	for i, name := range t.header {
		if i == m.Time || i == m.Sensor || slices.Contains(o.Skip, name) {
			continue
		}
		field := name
		if renamed, ok := o.Rename[name]; ok {
			field = renamed
		}
		m.Columns = append(m.Columns, csvColumn{Index: i, Field: field})
	}
	return m, m.check(t.header)
}

func (m csvMapping) check(header []string) error {
	seen := map[string]bool{}
	for _, column := range m.Columns {
		if err := domain.CheckFieldName(column.Field); err != nil {
			return fmt.Errorf("the column %q cannot be a field: %w Rename it with --map '%s=FIELD' or leave it out with --skip '%s'",
				header[column.Index], err, header[column.Index], header[column.Index])
		}
		if seen[column.Field] {
			return fmt.Errorf("two columns would become the field %q", column.Field)
		}
		seen[column.Field] = true
	}
	if len(m.Columns) == 0 {
		return fmt.Errorf("the file has no column with values besides the time")
	}
	return nil
}

// empty reports whether the cell holds no value.
func (m csvMapping) empty(cell string) bool {
	cell = strings.TrimSpace(cell)
	return cell == "" || slices.Contains(m.missing, cell)
}

// learn narrows the types of the columns by one more row.
func (m csvMapping) learn(cells []string) {
	for i := range m.Columns {
		column := &m.Columns[i]
		cell := cells[column.Index]
		if m.empty(cell) {
			continue
		}
		numeric := isQuantity(cell)
		column.Numeric = numeric && (column.Numeric || !column.seen)
		column.seen = true
	}
}

// isQuantity reports whether a cell is a number, and not a sign made of
// digits: "007" keeps its zeros.
func isQuantity(cell string) bool {
	cell = strings.TrimSpace(cell)
	if _, ok := domain.ParseNumber(cell); !ok {
		return false
	}
	digits := strings.TrimLeft(cell, "+-")
	return len(digits) < 2 || digits[0] != '0' || digits[1] < '0' || digits[1] > '9'
}

// fields returns the fields of a sensor that is made for the file.
func (m csvMapping) fields() []domain.Field {
	fields := make([]domain.Field, len(m.Columns))
	for i, column := range m.Columns {
		fields[i] = domain.Field{Name: column.Field, LongName: column.Field, Type: domain.StringField}
		if column.Numeric {
			fields[i].Type = domain.NumberField
		}
	}
	return fields
}

// values returns what a row holds, as text under the names of its fields;
// numbers only where the whole column is numeric.
func (m csvMapping) values(cells []string) []domain.NamedValue {
	values := make([]domain.NamedValue, 0, len(m.Columns))
	for _, column := range m.Columns {
		cell := cells[column.Index]
		if m.empty(cell) {
			continue
		}
		value := domain.Text(strings.Clone(cell)) // the reader uses the cell's memory again
		if number, ok := domain.ParseNumber(cell); ok && column.Numeric {
			value = domain.Number(number)
		}
		values = append(values, domain.NamedValue{Name: column.Field, Value: value})
	}
	return values
}
