package domain

import (
	"strings"
	"testing"
)

func TestParseArea(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want Area
	}{
		{"56.89,-114.55:17.43,-106.219", Area{56.89, -114.55, 17.43, -106.219}},
		{"10,170:-10,-170", Area{10, 170, -10, -170}},
		{"90,-180:-90,180", Area{90, -180, -90, 180}},
		{"5,5:5,5", Area{5, 5, 5, 5}},
	}
	for _, test := range tests {
		if got, err := ParseArea(test.text); err != nil || got != test.want {
			t.Errorf("ParseArea(%q) = %+v, %v, want %+v", test.text, got, err, test.want)
		}
	}
}

func TestParseAreaFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"17.43,-114.55:56.89,-106.219": "smaller than",
		"91,0:0,0":                     "out of bound",
		"0,0:-90.5,0":                  "out of bound",
		"0,-181:0,0":                   "out of bound",
		"0,0:0,180.1":                  "out of bound",
		"":                             "N,W:S,E",
		"1,2":                          "N,W:S,E",
		"1,2:3":                        "N,W:S,E",
		"1,2:3,4,5":                    "N,W:S,E",
		"nan,0:0,0":                    "N,W:S,E",
		"1e400,0:0,0":                  "N,W:S,E",
	}
	for text, want := range tests {
		_, err := ParseArea(text)
		if !IsKind(err, Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseArea(%q): got %v, want Invalid with %q", text, err, want)
		}
	}
}

func TestAreaContains(t *testing.T) {
	t.Parallel()
	plain, dateLine := Area{10, 20, -10, 40}, Area{10, 170, -10, -170}
	tests := []struct {
		area                Area
		latitude, longitude float64
		want                bool
	}{
		{plain, 0, 30, true}, {plain, 10, 20, true}, {plain, 11, 30, false}, {plain, 0, 41, false}, {plain, 0, 19, false},
		{dateLine, 0, 180, true}, {dateLine, 0, -175, true}, {dateLine, 0, 170, true}, {dateLine, 0, 0, false}, {dateLine, -11, 175, false},
	}
	for _, test := range tests {
		if got := test.area.Contains(test.latitude, test.longitude); got != test.want {
			t.Errorf("%+v contains %g,%g = %t, want %t", test.area, test.latitude, test.longitude, got, test.want)
		}
	}
}

func FuzzParseArea(f *testing.F) {
	for _, seed := range []string{"56.89,-114.55:17.43,-106.219", "10,170:-10,-170", "1,2:3", "nan,0:0,0", ":,:"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		area, err := ParseArea(text)
		if err == nil && !area.Contains(area.North, area.West) {
			t.Errorf("%q is accepted but does not contain its own corner", text)
		}
	})
}
