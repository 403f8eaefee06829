package datatable

import "slices"

// maxSorted is how many cells "order by" keeps in memory.
const maxSorted = 200_000

// Run applies the query to the rows of its source.
func (q *Query) Run(source Rows) Rows {
	rows := q.filtered(source)
	if len(q.order) > 0 {
		rows = q.sorted(rows)
	}
	return q.cut(rows)
}

// Columns returns the columns of what Run returns.
func (q *Query) Columns() []Column { return q.columns }

func (q *Query) filtered(source Rows) Rows {
	if q.where == nil {
		return source
	}
	return func(yield func(Row, error) bool) {
		for row, err := range source {
			if (err != nil || q.where(row)) && !yield(row, err) {
				return
			}
		}
	}
}

func (q *Query) sorted(source Rows) Rows {
	return func(yield func(Row, error) bool) {
		var all []Row
		for row, err := range source {
			if err == nil && (len(all)+1)*len(row) > maxSorted {
				err = invalidQuery("There are more than %d rows to sort. Narrow the range.", len(all))
			}
			if err != nil {
				yield(nil, err)
				return
			}
			all = append(all, slices.Clone(row))
		}
		slices.SortStableFunc(all, q.compare)
		for _, row := range all {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (q *Query) compare(a, b Row) int {
	for _, by := range q.order {
		c := a[by.column].compare(b[by.column])
		if by.descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// cut applies offset and limit and picks the columns.
func (q *Query) cut(source Rows) Rows {
	return func(yield func(Row, error) bool) {
		skip, left := q.offset, q.limit
		picked := make(Row, len(q.picks))
		if left == 0 {
			return
		}
		for row, err := range source {
			if err != nil {
				yield(nil, err)
				return
			}
			if skip > 0 {
				skip--
				continue
			}
			for i, from := range q.picks {
				picked[i] = row[from]
			}
			if !yield(picked, nil) {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}
}
