package cli

import (
	"strings"

	"github.com/skip2/go-qrcode"
)

// qrFor draws an address as a QR code of half blocks, two modules in each
// character: black on white whatever the colours of the terminal are, because
// cameras want it so. It is empty where the terminal is too narrow.
func qrFor(address string, width int) string {
	if address == "" {
		return ""
	}
	code, err := qrcode.New(address, qrcode.Low)
	if err != nil {
		return ""
	}
	modules := code.Bitmap() // true is black; with the white border that belongs to it
	if len(modules) > width {
		return ""
	}
	var picture strings.Builder
	for y := 0; y < len(modules); y += 2 {
		picture.WriteString(blackOnWhite)
		for x, upper := range modules[y] {
			lower := y+1 < len(modules) && modules[y+1][x]
			picture.WriteString(halfBlock(upper, lower))
		}
		picture.WriteString(asBefore + "\n")
	}
	return picture.String()
}

// The colours of a terminal (ECMA-48 §8.3.117, and bright white as all have it).
const (
	blackOnWhite = "\x1b[30;107m"
	asBefore     = "\x1b[0m"
)

// halfBlock is the character whose upper and lower half are inked or not.
func halfBlock(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}
