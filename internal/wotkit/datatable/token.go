package datatable

import (
	"strings"
	"unicode/utf8"
)

// tokenKind says what a token of tq is.
type tokenKind uint8

const (
	endToken    tokenKind = iota
	wordToken             // keyword or column id
	quotedToken           // column id in back quotes
	numberToken
	textToken   // string in quotes
	symbolToken // operator or punctuation
)

type token struct {
	kind tokenKind
	text string
}

// is reports whether the token is the keyword, in any letter case.
func (t token) is(keyword string) bool {
	return t.kind == wordToken && strings.EqualFold(t.text, keyword)
}

// symbol reports whether the token is the operator or punctuation.
func (t token) symbol(text string) bool { return t.kind == symbolToken && t.text == text }

const maxQuery = 4096 // bytes of tq

// tokenize cuts tq into tokens.
func tokenize(text string) ([]token, *Fault) {
	if len(text) > maxQuery {
		return nil, invalidQuery("The query is longer than %d bytes.", maxQuery)
	}
	if !utf8.ValidString(text) {
		return nil, invalidQuery("The query is not UTF-8.")
	}
	var tokens []token
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		if text == "" {
			return tokens, nil
		}
		next, length, fault := nextToken(text)
		if fault != nil {
			return nil, fault
		}
		tokens = append(tokens, next)
		text = text[length:]
	}
}

// nextToken reads the token that the text begins with and says how many bytes
// it takes.
func nextToken(text string) (token, int, *Fault) {
	c := text[0]
	switch {
	case c == '\'' || c == '"':
		return quoted(text, textToken)
	case c == '`':
		return quoted(text, quotedToken)
	case isLetter(c):
		n := 1
		for n < len(text) && (isLetter(text[n]) || isDigit(text[n])) {
			n++
		}
		return token{wordToken, text[:n]}, n, nil
	case isDigit(c) || c == '.' && len(text) > 1 && isDigit(text[1]):
		n := numberLength(text)
		return token{numberToken, text[:n]}, n, nil
	}
	for _, symbol := range []string{"!=", "<>", "<=", ">=", "<", ">", "=", "(", ")", ",", "*", "-", "+", "/"} {
		if strings.HasPrefix(text, symbol) {
			return token{symbolToken, symbol}, len(symbol), nil
		}
	}
	r, _ := utf8.DecodeRuneInString(text)
	return token{}, 0, invalidQuery("Unexpected character %q in the query.", r)
}

func quoted(text string, kind tokenKind) (token, int, *Fault) {
	end := strings.IndexByte(text[1:], text[0])
	if end < 0 {
		return token{}, 0, invalidQuery("A quote %c is not closed.", text[0])
	}
	return token{kind, text[1 : 1+end]}, end + 2, nil
}

// numberLength returns how many bytes the number at the beginning takes:
// digits, a fraction, an exponent.
func numberLength(text string) int {
	n := digits(text, 0)
	if n < len(text) && text[n] == '.' {
		n = digits(text, n+1)
	}
	if n < len(text) && (text[n] == 'e' || text[n] == 'E') {
		exponent := n + 1
		if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
			exponent++
		}
		if end := digits(text, exponent); end > exponent {
			return end
		}
	}
	return n
}

func digits(text string, from int) int {
	for from < len(text) && isDigit(text[from]) {
		from++
	}
	return from
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
