package domain

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseTagQuery(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want [][]string
	}{
		{"", nil},
		{" , ;", nil},
		{"a,b", [][]string{{"a"}, {"b"}}},
		{"a;b", [][]string{{"a", "b"}}},
		{"a;b,c", [][]string{{"a", "b"}, {"c"}}},
		{" old town ; b ,, c;", [][]string{{"old town", "b"}, {"c"}}},
	}
	for _, test := range tests {
		if got := ParseTagQuery(test.text); !reflect.DeepEqual(got, test.want) {
			t.Errorf("ParseTagQuery(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func FuzzParseTagQuery(f *testing.F) {
	for _, seed := range []string{"", "a;b,c", ",;,", " a b ;c", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		groups := ParseTagQuery(text)
		printed := make([]string, len(groups))
		for i, group := range groups {
			printed[i] = strings.Join(group, ";")
		}
		if again := ParseTagQuery(strings.Join(printed, ",")); !reflect.DeepEqual(again, groups) {
			t.Errorf("%q reads as %q, which prints and reads as %q", text, groups, again)
		}
	})
}
