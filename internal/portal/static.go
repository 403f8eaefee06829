package portal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

//go:embed static/*
var staticFiles embed.FS

// staticFile is a file with the hash of its content.
type staticFile struct {
	body        []byte
	hash        string
	contentType string
}

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

var statics = loadStatics()

func loadStatics() map[string]staticFile {
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		panic(err) // impossible: the folder is part of the program
	}
	files := map[string]staticFile{}
	for _, entry := range entries {
		body, err := staticFiles.ReadFile("static/" + entry.Name())
		if err != nil {
			panic(err) // impossible, as above
		}
		sum := sha256.Sum256(body)
		files[entry.Name()] = staticFile{body, hex.EncodeToString(sum[:6]), contentTypes[path.Ext(entry.Name())]}
	}
	return files
}

// staticPath returns the address of a file. The hash in it changes with the
// content, so that browsers can keep the file for ever.
func staticPath(name string) string {
	file := statics[name]
	extension := path.Ext(name)
	return "/static/" + strings.TrimSuffix(name, extension) + "." + file.hash + extension
}

// findStatic finds a file by its name, with a hash in it or without.
func findStatic(name string) (file staticFile, hashed, ok bool) {
	if file, ok = statics[name]; ok {
		return file, false, true
	}
	extension := path.Ext(name)
	stem, hash, _ := strings.Cut(strings.TrimSuffix(name, extension), ".")
	file, ok = statics[stem+extension]
	return file, true, ok && file.hash == hash
}

func (p *Portal) static(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	file, hashed, ok := findStatic(r.PathValue("file"))
	if !ok {
		return domain.Errorf(domain.NotFound, "path_not_found", "There is no such file.")
	}
	serveStatic(w, r, file, hashed)
	return nil
}

func (p *Portal) favicon(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	serveStatic(w, r, statics["logo.svg"], false)
	return nil
}

func serveStatic(w http.ResponseWriter, r *http.Request, file staticFile, forEver bool) {
	header := w.Header()
	header.Set("Cache-Control", "no-cache")
	if forEver {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	header.Set("Content-Type", file.contentType)
	header.Set("ETag", `"`+file.hash+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.body))
}
