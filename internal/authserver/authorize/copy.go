package authorize

import "github.com/thingward/thingward/internal/domain"

// CopiesCode reports whether the answer goes to the page of our own from which
// the person copies the code into a program.
func (r Request) CopiesCode() bool {
	return r.Given == domain.CopyCodeURI || r.Given == "" && len(r.Client.RedirectURIs) == 1 && r.Client.RedirectURIs[0] == domain.CopyCodeURI
}
