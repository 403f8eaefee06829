package portal

import "strings"

// programName makes something readable of a user agent: "Firefox on Linux",
// "curl/8.5". What it does not know it shows as it is.
func programName(agent string) string {
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
