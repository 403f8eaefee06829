package cli

import (
	"github.com/schollz/progressbar/v3"
)

// progress shows how far an import is: as a bar on a terminal, else as a line
// for each tenth of a long file.
type progress struct {
	terminal *terminal
	bar      *progressbar.ProgressBar
	total    int
	said     int // rows at the last line
}

// longFile is from how many rows on plain lines are worth while.
const longFile = 10 * batchRows

func (t *terminal) progress(total int, name string) *progress {
	p := &progress{terminal: t, total: total}
	if width := terminalWidth(t.Stderr); width > 0 && !t.JSON {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(t.Stderr), progressbar.OptionSetDescription(oneLine(name)),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"),
			progressbar.OptionSetWidth(min(40, width/3)), progressbar.OptionClearOnFinish())
	}
	return p
}

// set says how many rows are done.
func (p *progress) set(rows int) {
	if p.bar != nil {
		_ = p.bar.Set(rows)
		return
	}
	if p.total >= longFile && !p.terminal.JSON && (rows-p.said)*10 >= p.total {
		p.terminal.note("%d of %d rows", rows, p.total)
		p.said = rows
	}
}

// end takes the bar off the terminal.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
