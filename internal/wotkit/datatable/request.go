package datatable

import (
	"strings"
	"unicode/utf8"
)

// Output is a form of the answer.
type Output string

// The outputs.
const (
	JSON     Output = "json" // a script that calls the handler
	CSV      Output = "csv"
	HTML     Output = "html"
	TSVExcel Output = "tsv-excel"
)

// Request is what tqx asks for. The zero value is not useful; ParseRequest
// fills in what is missing.
type Request struct {
	ID       string // echoed
	Out      Output
	Handler  string // function that the script calls
	Sig      string // signature of the data that the asker has
	FileName string // for csv and tsv-excel
}

const (
	defaultHandler  = "google.visualization.Query.setResponse"
	defaultFileName = "data"
	maxRequest      = 2048 // bytes of tqx
)

// ParseRequest reads tqx: key:value pairs joined by semicolons. Unknown keys
// and any version are ignored. A Request comes back in any case, so that a
// fault can be answered in its shape.
func ParseRequest(tqx string) (Request, *Fault) {
	req := Request{ID: "0", Out: JSON, Handler: defaultHandler, FileName: defaultFileName}
	if len(tqx) > maxRequest || !utf8.ValidString(tqx) {
		return req, invalidRequest("tqx is longer than %d bytes or not UTF-8.", maxRequest)
	}
	var fault *Fault
	for pair := range strings.SplitSeq(tqx, ";") {
		key, value, _ := strings.Cut(pair, ":")
		if bad := req.Set(strings.TrimSpace(key), strings.TrimSpace(value)); bad != nil {
			fault = bad
		}
	}
	return req, fault
}

// Set sets what one key of tqx asks for. Empty values change nothing.
func (r *Request) Set(key, value string) *Fault {
	if value == "" {
		return nil
	}
	switch key {
	case "reqId":
		r.ID = value
	case "sig":
		r.Sig = value
	case "outFileName", "outfile":
		r.FileName = cleanFileName(value)
	case "responseHandler":
		if !isDottedIdentifier(value) {
			return invalidRequest("responseHandler must be the name of a function.")
		}
		r.Handler = value
	case "out":
		out := Output(strings.ToLower(value))
		if out != JSON && out != CSV && out != HTML && out != TSVExcel {
			return invalidRequest("There is no such output. Possible: json, csv, html, tsv-excel.")
		}
		r.Out = out
	}
	return nil
}

// isDottedIdentifier keeps the handler a name: anything else would let a link
// to us run a script of the linker's choice.
func isDottedIdentifier(name string) bool {
	if len(name) > 200 {
		return false
	}
	for part := range strings.SplitSeq(name, ".") {
		if !isIdentifier(part) {
			return false
		}
	}
	return true
}

func isIdentifier(name string) bool {
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// cleanFileName keeps what is harmless in a header and in every file system.
func cleanFileName(name string) string {
	const most = 80
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '_'
	}, name)
	clean = strings.TrimLeft(clean[:min(len(clean), most)], ".")
	if clean == "" {
		return defaultFileName
	}
	return clean
}
