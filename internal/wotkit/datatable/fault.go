package datatable

import "fmt"

// Fault is a request that cannot be answered, in the terms of the data source
// protocol. It is answered with status 200.
type Fault struct {
	Reason  string
	Message string
}

// Reasons of faults.
const (
	InvalidQuery   = "invalid_query"
	NotSupported   = "not_supported"
	InvalidRequest = "invalid_request"
	NotModified    = "not_modified"
)

// Error returns the message.
func (f *Fault) Error() string { return f.Message }

func invalidQuery(format string, args ...any) *Fault {
	return &Fault{InvalidQuery, fmt.Sprintf(format, args...)}
}

func notSupported(format string, args ...any) *Fault {
	return &Fault{NotSupported, fmt.Sprintf(format, args...)}
}

func invalidRequest(format string, args ...any) *Fault {
	return &Fault{InvalidRequest, fmt.Sprintf(format, args...)}
}
