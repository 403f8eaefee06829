package secret

// A user code is what a person reads off a device and types into a page:
// eight letters in two groups, WDJB-MJHT. The alphabet has no vowels, so that
// no words come about, and nothing that looks like a digit (RFC 8628 §6.1). It
// has 34 bits, which is enough only because it holds for minutes and tries are
// counted (RFC 8628 §5.1).
const (
	userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"
	userCodeChars   = 8
	userCodeGroup   = 4
	mostTyped       = 64 // bytes of what somebody typed that are looked at
)

// NewUserCode makes a user code.
func NewUserCode() Secret {
	const fair = 256 / len(userCodeLetters) * len(userCodeLetters)
	var random [64]byte
	letters := make([]byte, 0, userCodeChars)
	for len(letters) < userCodeChars {
		fill(random[:])
		for _, b := range random {
			if int(b) < fair && len(letters) < userCodeChars {
				letters = append(letters, userCodeLetters[int(b)%len(userCodeLetters)])
			}
		}
	}
	return grouped(letters)
}

// ParseUserCode reads a user code as people type it: in capitals or not, with
// or without hyphens and blanks, whichever those are. It reports false for
// what cannot be one.
func ParseUserCode(typed string) (Secret, bool) {
	if len(typed) > mostTyped {
		return Secret{}, false
	}
	letters := make([]byte, 0, userCodeChars)
	for _, c := range typed {
		if isFiller(c) {
			continue
		}
		letter, known := userCodeLetter(c)
		if !known || len(letters) == userCodeChars {
			return Secret{}, false
		}
		letters = append(letters, letter)
	}
	if len(letters) != userCodeChars {
		return Secret{}, false
	}
	return grouped(letters), true
}

// isFiller reports whether people, keyboards and text fields may put the
// character between the letters: a blank, a hyphen or a dash.
func isFiller(c rune) bool {
	switch {
	case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '-' || c == 0xa0:
		return true
	case c >= 0x2000 && c <= 0x200d || c >= 0x2010 && c <= 0x2015 || c == 0x2212:
		return true
	}
	return false
}

// userCodeLetter returns the letter of the alphabet that a character stands
// for. Only ASCII is folded: other scripts have capitals that come out as S or K.
func userCodeLetter(c rune) (byte, bool) {
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	for _, letter := range []byte(userCodeLetters) {
		if c == rune(letter) {
			return letter, true
		}
	}
	return 0, false
}

func grouped(letters []byte) Secret {
	return New(string(letters[:userCodeGroup]) + "-" + string(letters[userCodeGroup:]))
}
