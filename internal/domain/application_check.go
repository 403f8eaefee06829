package domain

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of an application.
const (
	MaxApplicationEUIs = 100
	MaxAccessKeys      = 50 // of one application
	maxAccessKeyName   = 60 // characters
)

// DefaultAccessKey is the name of the access key that every new application
// gets: it reads what end devices send and sends to them.
const DefaultAccessKey = "default key"

// DefaultAccessRights are the rights of the access key of a new application.
func DefaultAccessRights() RightSet { return SetOf(MessagesUpRead, MessagesDownWrite) }

// PayloadFormats lists the payload formats as pages show them.
func PayloadFormats() []PayloadFormat {
	return []PayloadFormat{PayloadNone, PayloadCustom, PayloadCayenne}
}

// Normal returns the payload in the one form in which it is kept: functions
// without a format are of the format custom. Unknown formats and functions
// that are too long are Invalid.
func (p Payload) Normal() (Payload, error) {
	if p.Format == PayloadNone && p.Functions() {
		p.Format = PayloadCustom
	}
	if !slices.Contains(PayloadFormats(), p.Format) {
		return Payload{}, InvalidField("payload_format", "The payload format is custom or cayennelpp, or empty.")
	}
	for _, function := range []struct{ field, text string }{{"decoder", p.Decoder}, {"converter", p.Converter}, {"validator", p.Validator}, {"encoder", p.Encoder}} {
		if len(function.text) > MaxPayloadFunction {
			return Payload{}, InvalidField(function.field, "A payload function has at most %d bytes.", MaxPayloadFunction)
		}
		if !utf8.ValidString(function.text) || strings.ContainsRune(function.text, 0) {
			return Payload{}, InvalidField(function.field, "A payload function is text in UTF-8 without NUL characters.")
		}
	}
	return p, nil
}

// Functions reports whether there is any payload function.
func (p Payload) Functions() bool {
	return p.Decoder != "" || p.Converter != "" || p.Validator != "" || p.Encoder != ""
}

// NormalEUIs returns the EUIs in capitals, each once and in growing order.
func NormalEUIs(euis []string) ([]string, error) {
	normal := make([]string, 0, len(euis))
	for _, text := range euis {
		eui, err := NormalEUI("eui", text)
		if err != nil {
			return nil, err
		}
		normal = append(normal, eui)
	}
	slices.Sort(normal)
	normal = slices.Compact(normal)
	if len(normal) > MaxApplicationEUIs {
		return nil, tooManyEUIs()
	}
	return normal, nil
}

func tooManyEUIs() error {
	return InvalidField("euis", "An application has at most %d EUIs.", MaxApplicationEUIs)
}

// CheckAccessKeyName accepts 1 to 60 printable characters. It may hold spaces,
// but neither begin nor end with one, and no slash: names stand in paths.
func CheckAccessKeyName(name string) error {
	unprintable := func(c rune) bool { return !unicode.IsPrint(c) || c == '/' }
	if name == "" || name == "." || name == ".." || strings.TrimSpace(name) != name || !oneLine(name, maxAccessKeyName) || strings.ContainsFunc(name, unprintable) {
		return InvalidField("name", "The name of an access key has 1 to %d printable characters, and no slash.", maxAccessKeyName)
	}
	return nil
}

// CheckAccessRights accepts what an access key of an application can be given:
// at least one right, each of them on applications.
func CheckAccessRights(rights RightSet) error {
	if !rights.Within(AllRights(NounApplication)) || len(rights.List()) == 0 {
		return InvalidField("rights", "An access key has at least one right on its application.")
	}
	return nil
}

// AssignedEUI returns the EUI with the number in the block that EUIs of
// applications are assigned from (The Things Network: 70B3D57EF…, 28 bits).
// False: the block is used up.
func AssignedEUI(number int64) (string, bool) {
	const block, bits = "70B3D57EF", 28
	if number < 0 || number >= 1<<bits {
		return "", false
	}
	const digits = "0123456789ABCDEF"
	text := []byte(block + "0000000")
	for i := len(text) - 1; i >= len(block); i-- {
		text[i] = digits[number&15]
		number >>= 4
	}
	return string(text), true
}
