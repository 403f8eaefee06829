package datatable

import (
	"slices"
	"strconv"
	"time"
)

// Query is a parsed tq: which columns of which rows, in which order.
type Query struct {
	columns []Column // what comes out
	picks   []int    // where each of them stands in the source
	where   condition
	order   []ordering
	limit   int // negative: no limit
	offset  int
}

// ordering is one column of "order by".
type ordering struct {
	column     int
	descending bool
}

// condition reports whether a row is wanted.
type condition func(Row) bool

// ParseQuery reads tq for a table with the columns. Times without a zone are
// in the zone. An empty text selects everything.
func ParseQuery(text string, columns []Column, zone *time.Location) (*Query, *Fault) {
	tokens, fault := tokenize(text)
	if fault != nil {
		return nil, fault
	}
	p := &parser{tokens: tokens, source: columns, zone: zone, query: &Query{limit: -1}}
	p.selectAll()
	if fault := p.clauses(); fault != nil {
		return nil, fault
	}
	return p.query, nil
}

// parser reads the clauses of a query.
type parser struct {
	tokens []token
	at     int
	depth  int
	source []Column
	zone   *time.Location
	query  *Query
}

func (p *parser) peek() token {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return token{}
}

func (p *parser) next() token {
	t := p.peek()
	p.at++
	return t
}

// accept takes the keyword if it is next.
func (p *parser) accept(keyword string) bool {
	if p.peek().is(keyword) {
		p.at++
		return true
	}
	return false
}

func (p *parser) acceptSymbol(text string) bool {
	if p.peek().symbol(text) {
		p.at++
		return true
	}
	return false
}

// unexpected says what stands where something else was wanted.
func (p *parser) unexpected(wanted string) *Fault {
	if t := p.peek(); t.kind != endToken {
		return invalidQuery("Expected %s but found %q.", wanted, t.text)
	}
	return invalidQuery("Expected %s but the query ends.", wanted)
}

// clauses reads each clause at most once. Labels come last, because they name
// columns of the selection.
func (p *parser) clauses() *Fault {
	seen := map[string]bool{}
	for p.peek().kind != endToken {
		name, read, fault := p.clause()
		if fault != nil {
			return fault
		}
		if seen[name] {
			return invalidQuery("The clause %s is there twice.", name)
		}
		seen[name] = true
		if fault := read(); fault != nil {
			return fault
		}
	}
	return nil
}

func (p *parser) clause() (string, func() *Fault, *Fault) {
	switch {
	case p.accept("select"):
		return "select", p.selection, nil
	case p.accept("where"):
		return "where", p.conditions, nil
	case p.accept("order"):
		return "order by", p.ordering, nil
	case p.accept("limit"):
		return "limit", func() *Fault { return p.count(&p.query.limit) }, nil
	case p.accept("offset"):
		return "offset", func() *Fault { return p.count(&p.query.offset) }, nil
	case p.accept("label"):
		return "label", p.labels, nil
	}
	for _, keyword := range []string{"group", "pivot", "format", "options", "skipping", "from"} {
		if p.peek().is(keyword) {
			return "", nil, notSupported("The clause %s is not supported.", keyword)
		}
	}
	return "", nil, p.unexpected("a clause")
}

func (p *parser) selectAll() {
	p.query.columns = slices.Clone(p.source)
	p.query.picks = make([]int, len(p.source))
	for i := range p.query.picks {
		p.query.picks[i] = i
	}
}

func (p *parser) selection() *Fault {
	if p.acceptSymbol("*") {
		return nil
	}
	p.query.columns, p.query.picks = nil, nil
	for {
		column, fault := p.column()
		if fault != nil {
			return fault
		}
		if slices.Contains(p.query.picks, column) {
			return invalidQuery("The column %s is selected twice.", p.source[column].ID)
		}
		p.query.picks = append(p.query.picks, column)
		p.query.columns = append(p.query.columns, p.source[column])
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

// column reads the id of a column of the source.
func (p *parser) column() (int, *Fault) {
	t := p.peek()
	if t.kind != wordToken && t.kind != quotedToken {
		return 0, p.unexpected("a column")
	}
	p.at++
	if p.peek().symbol("(") {
		return 0, notSupported("Functions are not supported.")
	}
	i := slices.IndexFunc(p.source, func(c Column) bool { return c.ID == t.text })
	if i < 0 {
		return 0, invalidQuery("There is no column %q.", t.text)
	}
	if s := p.peek(); s.symbol("+") || s.symbol("-") || s.symbol("*") || s.symbol("/") {
		return 0, notSupported("Arithmetic is not supported.")
	}
	return i, nil
}

func (p *parser) ordering() *Fault {
	if !p.accept("by") {
		return p.unexpected("by")
	}
	for {
		column, fault := p.column()
		if fault != nil {
			return fault
		}
		descending := p.accept("desc")
		if !descending {
			p.accept("asc")
		}
		p.query.order = append(p.query.order, ordering{column, descending})
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

// count reads a number of rows.
func (p *parser) count(into *int) *Fault {
	t := p.next()
	n, err := strconv.Atoi(t.text)
	if t.kind != numberToken || err != nil || n < 0 {
		return invalidQuery("limit and offset need a whole number.")
	}
	*into = n
	return nil
}

func (p *parser) labels() *Fault {
	for {
		column, fault := p.column()
		if fault != nil {
			return fault
		}
		label := p.next()
		if label.kind != textToken {
			p.at--
			return p.unexpected("a label in quotes")
		}
		i := slices.Index(p.query.picks, column)
		if i < 0 {
			return invalidQuery("The column %s has a label but is not selected.", p.source[column].ID)
		}
		p.query.columns[i].Label = label.text
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}
