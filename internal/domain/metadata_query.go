package domain

import "strings"

// ParseMetadataQuery reads "key[:value]" pairs between semicolons, all of
// which must match (WoTKit V1, Sensors): a key alone must exist, a value may
// end in * to match beginnings, and \ escapes \ : ; and *. The empty text asks
// for nothing. A fault is Invalid with the code invalid_metadata_query; its
// Fields say which, in WoTKit's words.
func ParseMetadataQuery(text string) ([]MetadataTerm, error) {
	if text == "" {
		return nil, nil
	}
	q := metadataQuery{rest: text}
	for {
		more, err := q.term()
		if err != nil {
			return nil, err
		}
		if !more {
			return q.terms, nil
		}
	}
}

// metadataQuery is a query that is being read.
type metadataQuery struct {
	rest  string
	terms []MetadataTerm
}

// term reads one pair and reports whether a semicolon followed.
func (q *metadataQuery) term() (more bool, err error) {
	key, stop, err := q.key()
	if err != nil {
		return false, err
	}
	if key == "" {
		return false, metadataFault("empty key")
	}
	term := MetadataTerm{Key: key, AnyValue: stop != ':'}
	if stop == ':' {
		if stop, err = q.value(&term); err != nil {
			return false, err
		}
	}
	q.terms = append(q.terms, term)
	return stop == ';', nil
}

// key reads up to an unescaped ':' or ';' or the end (0).
func (q *metadataQuery) key() (key string, stop byte, err error) {
	var read strings.Builder
	for {
		c, escaped, err := q.next()
		switch {
		case err != nil:
			return "", 0, err
		case escaped:
			read.WriteByte(c)
		case c == 0 || c == ':' || c == ';':
			return read.String(), c, nil
		case c == '*':
			return "", 0, metadataFault("asterisk found in key")
		default:
			read.WriteByte(c)
		}
	}
}

// value reads up to an unescaped ';' or the end (0). Only an asterisk at the
// end of the value is special.
func (q *metadataQuery) value(term *MetadataTerm) (stop byte, err error) {
	var read strings.Builder
	for {
		c, escaped, err := q.next()
		switch {
		case err != nil:
			return 0, err
		case escaped:
			read.WriteByte(c)
		case c == 0 || c == ';':
			term.Value = read.String()
			return c, nil
		case c == ':':
			return 0, metadataFault("unescaped colon found")
		case c == '*' && (q.rest == "" || q.rest[0] == ';'):
			term.Prefix = true
		default:
			read.WriteByte(c)
		}
	}
}

// next returns the next byte and whether a backslash protects it; 0 at the
// end. The special characters are ASCII, so bytes are enough.
func (q *metadataQuery) next() (c byte, escaped bool, err error) {
	if q.rest == "" {
		return 0, false, nil
	}
	c, q.rest = q.rest[0], q.rest[1:]
	switch {
	case c == 0:
		return 0, false, InvalidField("metadata", "A metadata query is text.")
	case c != '\\':
		return c, false, nil
	case q.rest == "" || !strings.ContainsRune(`\:;*`, rune(q.rest[0])):
		return 0, false, metadataFault("Attempted to escape")
	}
	c, q.rest = q.rest[0], q.rest[1:]
	return c, true, nil
}

func metadataFault(fault string) error {
	return &Error{Kind: Invalid, Code: "invalid_metadata_query",
		Message: "Unexpected format for metadata query: " + fault + ".", Fields: map[string]string{"metadata": fault}}
}
