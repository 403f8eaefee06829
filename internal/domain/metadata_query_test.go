package domain

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestParseMetadataQuery(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []MetadataTerm
	}{
		{"", nil},
		{"room", []MetadataTerm{{Key: "room", AnyValue: true}}},
		{"room:4a", []MetadataTerm{{Key: "room", Value: "4a"}}},
		{"room:", []MetadataTerm{{Key: "room"}}},
		{"room:4*", []MetadataTerm{{Key: "room", Value: "4", Prefix: true}}},
		{"room:*", []MetadataTerm{{Key: "room", Prefix: true}}},
		{`room:4\*`, []MetadataTerm{{Key: "room", Value: "4*"}}},
		{"room:4*a", []MetadataTerm{{Key: "room", Value: "4*a"}}},
		{"k:;x", []MetadataTerm{{Key: "k"}, {Key: "x", AnyValue: true}}},
		{`a\:b\;c\\d\*:v`, []MetadataTerm{{Key: `a:b;c\d*`, Value: "v"}}},
		{"größe:9*;room", []MetadataTerm{{Key: "größe", Value: "9", Prefix: true}, {Key: "room", AnyValue: true}}},
	}
	for _, test := range tests {
		got, err := ParseMetadataQuery(test.text)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("ParseMetadataQuery(%q) = %+v, %v, want %+v", test.text, got, err, test.want)
		}
	}
}

func TestParseMetadataQueryFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"ke*y":     "asterisk found in key",
		"*":        "asterisk found in key",
		"key;":     "empty key",
		";key":     "empty key",
		":value":   "empty key",
		"a:b:c":    "unescaped colon found",
		`a\b`:      "Attempted to escape",
		`a:b\`:     "Attempted to escape",
		`a:\é`:     "Attempted to escape",
		"k:v;;x:y": "empty key",
	}
	for text, want := range tests {
		_, err := ParseMetadataQuery(text)
		var fault *Error
		if !errors.As(err, &fault) {
			t.Errorf("ParseMetadataQuery(%q): got %v, want an Error", text, err)
			continue
		}
		if fault.Kind != Invalid || fault.Code != "invalid_metadata_query" || fault.Fields["metadata"] != want ||
			!strings.Contains(fault.Message, "Unexpected format for metadata query") {
			t.Errorf("ParseMetadataQuery(%q): got %+v, want the fault %q", text, fault, want)
		}
	}
}

func FuzzParseMetadataQuery(f *testing.F) {
	for _, seed := range []string{"", "a", "a:b", "a:b*;c", `a\:b:c\*`, ";", "a:b:c", `\`, "a:*", "é:ü*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		terms, err := ParseMetadataQuery(text)
		if err != nil {
			return
		}
		again, err := ParseMetadataQuery(formatMetadataQuery(terms))
		if err != nil || !slices.Equal(again, terms) {
			t.Errorf("%q reads as %+v, which prints and reads as %+v, %v", text, terms, again, err)
		}
	})
}

// formatMetadataQuery writes terms as ParseMetadataQuery reads them.
func formatMetadataQuery(terms []MetadataTerm) string {
	escape := strings.NewReplacer(`\`, `\\`, `:`, `\:`, `;`, `\;`, `*`, `\*`).Replace
	pairs := make([]string, len(terms))
	for i, term := range terms {
		pairs[i] = escape(term.Key)
		if term.AnyValue {
			continue
		}
		pairs[i] += ":" + escape(term.Value)
		if term.Prefix {
			pairs[i] += "*"
		}
	}
	return strings.Join(pairs, ";")
}
