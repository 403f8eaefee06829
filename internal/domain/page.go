package domain

// Page selects a part of a list: at most Limit entries after the one that the
// cursor names. An empty cursor starts at the beginning.
type Page struct {
	Limit  int
	Cursor string
}

// Limits of lists of the native API.
const (
	DefaultPageLimit = 50
	MaxPageLimit     = 1000
	MaxCounted       = 10_000 // totals are counted up to here
)

// Listed is one page of a list.
type Listed[T any] struct {
	Items []T
	Next  string // cursor of the next page; empty: this was the last one
	Total int    // counted up to MaxCounted
}

// Clamped returns the page with a usable limit.
func (p Page) Clamped() Page {
	if p.Limit <= 0 {
		p.Limit = DefaultPageLimit
	}
	p.Limit = min(p.Limit, MaxPageLimit)
	return p
}
