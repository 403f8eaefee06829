package domain

import "strings"

// ParseTagQuery reads the tags of a query (WoTKit V1, Sensors): "a,b" is a or
// b, "a;b" is a and b, and ";" binds closer: "a;b,c" is (a and b) or c. It
// returns the groups of which one must match whole. Spaces around tags and
// empty tags are dropped; nil means that no tag is asked for.
func ParseTagQuery(text string) [][]string {
	var groups [][]string
	for alternative := range strings.SplitSeq(text, ",") {
		var group []string
		for tag := range strings.SplitSeq(alternative, ";") {
			if tag = strings.TrimSpace(tag); tag != "" {
				group = append(group, tag)
			}
		}
		if len(group) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}
