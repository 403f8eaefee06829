package cli

import (
	"strings"
	"unicode"
)

// folded are the letters whose usual spelling without accents is not one
// letter less.
var folded = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "æ", "ae", "ø", "o", "å", "a",
	"á", "a", "à", "a", "â", "a", "ã", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i", "î", "i", "ï", "i",
	"ó", "o", "ò", "o", "ô", "o", "õ", "o", "ú", "u", "ù", "u", "û", "u", "ç", "c", "ñ", "n", "ł", "l", "š", "s", "ž", "z", "č", "c", "ř", "r")

const (
	leastSensorName = 4
	mostSensorName  = 50
)

// sensorSlug makes a sensor name of a prefix and any text: "New York" becomes
// new_york. Names that would be too short begin with sensor_. It returns ""
// where the text holds no letter or digit at all.
func sensorSlug(prefix, text string) string {
	slug := slugOf(text)
	if slug == "" {
		return ""
	}
	name := slug
	if prefix != "" {
		name = strings.TrimRight(prefix, "_") + "_" + slug
	}
	if len(name) < leastSensorName || name[0] >= '0' && name[0] <= '9' || name[0] == '-' {
		name = "sensor_" + name
	}
	if len(name) > mostSensorName {
		name = strings.TrimRight(name[:mostSensorName], "_-")
	}
	return name
}

// slugOf keeps a-z, 0-9 and -, and puts one _ in the place of everything else
// between them.
func slugOf(text string) string {
	var b strings.Builder
	gap := false
	for _, c := range folded.Replace(strings.ToLower(text)) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			b.WriteRune(c)
			gap = false
		} else if !unicode.Is(unicode.Mn, c) {
			gap = true
		}
	}
	return strings.Trim(b.String(), "-_")
}
