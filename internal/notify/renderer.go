package notify

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

//go:embed templates/letter.txt templates/letter.html
var templateFiles embed.FS

var (
	textTemplate = texttemplate.Must(texttemplate.New("letter.txt").Funcs(texttemplate.FuncMap{"wrap": wrap}).ParseFS(templateFiles, "templates/letter.txt"))
	htmlTemplate = htmltemplate.Must(htmltemplate.ParseFS(templateFiles, "templates/letter.html"))
)

// Renderer makes text and HTML of what Composer wrote.
type Renderer struct {
	BaseURL string         // the public URL, without a slash at its end
	Vault   *secret.Sealer // that of the Composer
}

// Rendered is a mail as it is read.
type Rendered struct {
	Text, HTML string
}

// shownLetter is what the templates see.
type shownLetter struct {
	letter
	BaseURL string
	Link    string // empty: none
}

// errNoLetter says that there is nothing left to show of a mail.
var errNoLetter = errors.New("the letter of this mail is no longer kept")

// Render opens the letter of a mail and makes text and HTML of it. The HTML
// loads nothing from anywhere.
func (r *Renderer) Render(m domain.Mail) (Rendered, error) {
	if len(m.Sealed) == 0 {
		return Rendered{}, errNoLetter
	}
	opened, err := r.Vault.Open(m.Sealed, domain.SealedUnder(m.MessageID))
	if err != nil {
		return Rendered{}, fmt.Errorf("open mail: %w", err)
	}
	shown := shownLetter{BaseURL: r.BaseURL}
	if err := json.Unmarshal([]byte(opened.Reveal()), &shown.letter); err != nil {
		return Rendered{}, fmt.Errorf("read mail: %w", err)
	}
	if shown.Path != "" {
		shown.Link = r.BaseURL + shown.Path
	}
	var text, html bytes.Buffer
	if err := errors.Join(textTemplate.Execute(&text, shown), htmlTemplate.Execute(&html, shown)); err != nil {
		return Rendered{}, fmt.Errorf("show mail: %w", err)
	}
	return Rendered{Text: text.String(), HTML: html.String()}, nil
}

// textWidth is how long a line of a text is, in characters, where its words
// allow it (RFC 3676 §4.2).
const textWidth = 72

// wrap breaks a paragraph into lines.
func wrap(paragraph string) string {
	var out strings.Builder
	width := 0
	for i, word := range strings.Fields(paragraph) {
		length := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width+1+length > textWidth:
			out.WriteByte('\n')
			width = 0
		default:
			out.WriteByte(' ')
			width++
		}
		out.WriteString(word)
		width += length
	}
	return out.String()
}

// Text returns the text of a mail; empty where it is no longer kept.
func (r *Renderer) Text(m domain.Mail) (string, error) {
	rendered, err := r.Render(m)
	if errors.Is(err, errNoLetter) {
		return "", nil
	}
	return rendered.Text, err
}
