package datatable

import (
	"strconv"
	"strings"
	"time"
)

// maxDepth is how deep conditions may be nested.
const maxDepth = 50

// operand is one side of a comparison: a column, or a literal where the
// column is negative.
type operand struct {
	column  int
	literal Cell
}

func (o operand) of(row Row) Cell {
	if o.column < 0 {
		return o.literal
	}
	return row[o.column]
}

func (p *parser) conditions() *Fault {
	where, fault := p.disjunction()
	p.query.where = where
	return fault
}

func (p *parser) disjunction() (condition, *Fault) {
	left, fault := p.conjunction()
	for fault == nil && p.accept("or") {
		var right condition
		first := left
		right, fault = p.conjunction()
		left = func(row Row) bool { return first(row) || right(row) }
	}
	return left, fault
}

func (p *parser) conjunction() (condition, *Fault) {
	left, fault := p.negation()
	for fault == nil && p.accept("and") {
		var right condition
		first := left
		right, fault = p.negation()
		left = func(row Row) bool { return first(row) && right(row) }
	}
	return left, fault
}

// negation reads "not", parentheses, or a comparison.
func (p *parser) negation() (condition, *Fault) {
	if p.depth++; p.depth > maxDepth {
		return nil, invalidQuery("The condition is nested deeper than %d levels.", maxDepth)
	}
	defer func() { p.depth-- }()
	switch {
	case p.accept("not"):
		inner, fault := p.negation()
		return func(row Row) bool { return !inner(row) }, fault
	case p.acceptSymbol("("):
		inner, fault := p.disjunction()
		if fault == nil && !p.acceptSymbol(")") {
			fault = p.unexpected(")")
		}
		return inner, fault
	}
	return p.comparison()
}

// comparisons say for each operator which results of compare satisfy it.
var comparisons = map[string]func(int) bool{
	"=":  func(c int) bool { return c == 0 },
	"!=": func(c int) bool { return c != 0 },
	"<>": func(c int) bool { return c != 0 },
	"<":  func(c int) bool { return c < 0 },
	"<=": func(c int) bool { return c <= 0 },
	">":  func(c int) bool { return c > 0 },
	">=": func(c int) bool { return c >= 0 },
}

func (p *parser) comparison() (condition, *Fault) {
	left, fault := p.operand()
	if fault != nil {
		return nil, fault
	}
	if p.accept("is") {
		return p.nullTest(left)
	}
	if compare, ok := comparisons[p.peek().text]; ok && p.peek().kind == symbolToken {
		p.at++
		right, fault := p.operand()
		return ordered(left, right, compare), fault
	}
	match, fault := p.textOperator()
	if fault != nil {
		return nil, fault
	}
	right, fault := p.operand()
	return texts(left, right, match), fault
}

func (p *parser) nullTest(o operand) (condition, *Fault) {
	not := p.accept("not")
	if !p.accept("null") {
		return nil, p.unexpected("null")
	}
	return func(row Row) bool { return (o.of(row).Kind == NullCell) != not }, nil
}

func (p *parser) textOperator() (func(text, pattern string) bool, *Fault) {
	switch {
	case p.accept("contains"):
		return strings.Contains, nil
	case p.accept("like"):
		return like, nil
	case p.accept("starts") && p.accept("with"):
		return strings.HasPrefix, nil
	case p.accept("ends") && p.accept("with"):
		return strings.HasSuffix, nil
	case p.peek().is("matches"):
		return nil, notSupported("The operator matches is not supported.")
	}
	return nil, p.unexpected("an operator")
}

// ordered compares cells of the same kind; nothing else satisfies it. A
// number beside a time is milliseconds.
func ordered(left, right operand, satisfied func(int) bool) condition {
	return func(row Row) bool {
		a, b := left.of(row), right.of(row)
		if a.Kind == TimeCell && b.Kind == NumberCell || a.Kind == NumberCell && b.Kind == TimeCell {
			a.Kind, b.Kind = TimeCell, TimeCell
		}
		return a.Kind == b.Kind && a.Kind != NullCell && satisfied(a.compare(b))
	}
}

func texts(left, right operand, match func(text, pattern string) bool) condition {
	return func(row Row) bool {
		a, b := left.of(row), right.of(row)
		return a.Kind == TextCell && b.Kind == TextCell && match(a.Text, b.Text)
	}
}

// like matches % with any text and _ with any one character. It goes back
// only to the last %, so that its time is bounded by the product of lengths.
func like(text, pattern string) bool {
	t, p := []rune(text), []rune(pattern)
	i, j, star, mark := 0, 0, -1, 0
	for i < len(t) {
		switch {
		case j < len(p) && p[j] == '%':
			star, mark = j, i
			j++
		case j < len(p) && (p[j] == '_' || p[j] == t[i]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	return strings.Trim(string(p[j:]), "%") == ""
}

// operand reads a literal or a column.
func (p *parser) operand() (operand, *Fault) {
	t := p.peek()
	switch {
	case t.symbol("-"):
		p.at++
		return p.number(p.next(), -1)
	case t.kind == numberToken:
		return p.number(p.next(), 1)
	case t.kind == textToken:
		p.at++
		return operand{-1, Cell{Kind: TextCell, Text: t.text}}, nil
	case t.kind == wordToken && p.at+1 < len(p.tokens) && p.tokens[p.at+1].kind == textToken:
		return p.timeLiteral()
	case t.is("true"):
		p.at++
		return operand{-1, Cell{Kind: BoolCell, Number: 1}}, nil
	case t.is("false"):
		p.at++
		return operand{-1, Cell{Kind: BoolCell}}, nil
	}
	column, fault := p.column()
	return operand{column: column}, fault
}

func (p *parser) number(t token, sign float64) (operand, *Fault) {
	n, err := strconv.ParseFloat(t.text, 64)
	if t.kind != numberToken || err != nil {
		return operand{}, invalidQuery("%q is no number.", t.text)
	}
	return operand{-1, Cell{Kind: NumberCell, Number: sign * n}}, nil
}

// timeLiteral reads date '2014-03-28' or datetime '2014-03-28 16:20:13.5'.
func (p *parser) timeLiteral() (operand, *Fault) {
	word, text := p.next(), p.next()
	layouts := []string{"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04"}
	switch {
	case word.is("date"):
		layouts = []string{"2006-01-02"}
	case word.is("timeofday"):
		return operand{}, notSupported("timeofday is not supported.")
	case !word.is("datetime") && !word.is("timestamp"):
		p.at -= 2
		return operand{}, p.unexpected("a value")
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, text.text, p.zone); err == nil {
			return operand{-1, Cell{Kind: TimeCell, Number: float64(at.UnixMilli())}}, nil
		}
	}
	return operand{}, invalidQuery("%q is no %s.", text.text, word.text)
}
