package web

import "net/http"

// AnyOrigin lets pages of any origin call a door with keys. It never allows
// cookies: browsers keep those to themselves where the allowed origin is "*"
// (Fetch standard).
func AnyOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header["Access-Control-Allow-Origin"] = anyOrigin
		if r.Header.Get("Origin") != "" {
			header["Access-Control-Expose-Headers"] = exposedHeaders
		}
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
			header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key")
			header.Set("Access-Control-Max-Age", "86400")
		}
		next.ServeHTTP(w, r)
	})
}

var (
	anyOrigin      = []string{"*"}
	exposedHeaders = []string{"Link, Location, Retry-After, X-Request-Id, WWW-Authenticate"}
)
