package domain

import (
	"net/netip"
	"strings"
)

// SignInPlace tells where somebody signs in from: the program without its
// version, and the neighbourhood of the address (24 bits of IPv4, 48 of IPv6),
// so that neither an update nor a new lease of the same line is another place.
func SignInPlace(agent string, address netip.Addr) string {
	address = address.Unmap().WithZone("")
	bits := 48
	if address.Is4() {
		bits = 24
	}
	network := "unknown"
	if near, err := address.Prefix(bits); err == nil {
		network = near.String()
	}
	return ProgramName(agent) + " at " + network
}

// ProgramName makes something readable of a user agent: "Firefox on Linux",
// "curl/8.5". What it does not know it returns as it is.
func ProgramName(agent string) string {
	if agent == "" {
		return "Unknown program"
	}
	name := firstPart(agent, "Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "HeadlessChrome/", "Chromium",
		"Chrome/", "Chrome", "Safari/", "Safari")
	system := firstPart(agent, "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows",
		"Mac OS", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	switch {
	case name != "" && system != "":
		return name + " on " + system
	case name != "":
		return name
	}
	first, _, _ := strings.Cut(agent, " ")
	return first
}

// firstPart returns the name of the first mark that is in the text. Marks and
// names alternate.
func firstPart(text string, marksAndNames ...string) string {
	for i := 0; i+1 < len(marksAndNames); i += 2 {
		if strings.Contains(text, marksAndNames[i]) {
			return marksAndNames[i+1]
		}
	}
	return ""
}
