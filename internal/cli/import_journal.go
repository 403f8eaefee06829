package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// importJournal is the progress file of one import: a line of JSON for each
// batch that the server has acknowledged. It only saves time: should it be
// lost, the batches are sent again and the server knows them by their
// Idempotency-Key.
type importJournal struct {
	path string
	file *os.File
	done map[int]batchResult
}

// batchResult is what became of a batch.
type batchResult struct {
	Batch   int       `json:"batch"`            // number within the import, from 0
	Stored  int       `json:"stored"`           // readings that this import stored
	Before  int       `json:"before,omitempty"` // readings that had been stored before, and may have been deleted since
	Unsure  int       `json:"unsure,omitempty"` // readings of a batch that an earlier run stored in part
	Refused []refusal `json:"refused,omitempty"`
}

// refusal is a row that was not stored.
type refusal struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
	From   int64  `json:"from"` // where its bytes stand in the file
	To     int64  `json:"to"`
}

// openJournal reads what an earlier run of the import left and continues it.
func openJournal(folder, identity string) (*importJournal, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for progress files: %w", err)
	}
	j := &importJournal{path: filepath.Join(folder, identity+".jsonl"), done: map[int]batchResult{}}
	if err := j.load(); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the progress file: %w", err)
	}
	j.file = file
	return j, nil
}

func (j *importJournal) load() error {
	file, err := os.Open(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the progress file: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var result batchResult
		// A run that was killed while it wrote leaves half a line.
		if err := json.Unmarshal(lines.Bytes(), &result); err == nil {
			j.done[result.Batch] = result
		}
	}
	return lines.Err()
}

// record adds a batch.
func (j *importJournal) record(result batchResult) error {
	line, err := json.Marshal(result)
	if err != nil {
		return err
	}
	// The line break in front ends what a killed run left of its last line.
	if _, err := j.file.Write(append([]byte{'\n'}, line...)); err != nil {
		return fmt.Errorf("write the progress file: %w", err)
	}
	return nil
}

// close keeps the file for the next run.
func (j *importJournal) close() { _ = j.file.Close() }

// remove ends an import that is through.
func (j *importJournal) remove() {
	_ = j.file.Close()
	_ = os.Remove(j.path)
}

// stateFolder is where programs keep what they remember between runs
// (XDG Base Directory Specification).
func (t *terminal) stateFolder() (string, error) {
	if folder := t.Env["XDG_STATE_HOME"]; filepath.IsAbs(folder) {
		return filepath.Join(folder, "thingward"), nil
	}
	if home := t.Env["HOME"]; home != "" {
		return filepath.Join(home, ".local", "state", "thingward"), nil
	}
	return "", errors.New("there is no folder for progress files: set HOME or XDG_STATE_HOME")
}
