package store

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// translatedFile is a migration with its words replaced.
type translatedFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func translate(file fs.File, words map[string]string) (fs.File, error) {
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("migration: %w", err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("migration: %w", err)
	}
	pairs := []string{}
	for word, replacement := range words {
		pairs = append(pairs, word, replacement)
	}
	return translatedFile{bytes.NewReader([]byte(strings.NewReplacer(pairs...).Replace(string(text)))), info}, nil
}

func (f translatedFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f translatedFile) Close() error               { return nil }
