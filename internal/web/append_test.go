package web_test

import (
	"encoding/json"
	"math"
	"testing"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

func FuzzAppendText(f *testing.F) {
	for _, text := range []string{"", "plain", `"\`, "\x00\n", "größe", "</script>", "\u2028", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got string
		if err := json.Unmarshal(web.AppendText(nil, text), &got); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(text) && got != text {
			t.Errorf("%q reads back as %q", text, got)
		}
	})
}

func TestAppendValue(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]domain.Value{
		"21.5": domain.Number(21.5), "1e+300": domain.Number(1e300), "-0": domain.Number(math.Copysign(0, -1)), `"a\"b"`: domain.Text(`a"b`),
		"true": domain.Bool(true), "false": domain.Bool(false), "null": {},
	} {
		if got := string(web.AppendValue(nil, value)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
