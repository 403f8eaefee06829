package domain

import "strings"

// Clip keeps foreign text short and readable in messages, logs and the store:
// at most 100 bytes and a mark that there was more, whole characters only,
// and U+FFFD for what is not UTF-8.
func Clip(text string) string {
	const most = 100
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
