package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
)

// copyRefused writes the header of the file and the refused rows, byte for
// byte, so that they can be corrected and imported. Without refused rows it
// writes nothing.
func copyRefused(from, to string, rows []refusal) error {
	if len(rows) == 0 {
		return nil
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	header, err := bufio.NewReader(source).ReadBytes('\n')
	if err != nil && err != io.EOF {
		return err
	}
	var out bytes.Buffer
	out.Write(bytes.TrimRight(header, "\r\n"))
	for _, row := range rows {
		raw := make([]byte, row.To-row.From)
		if _, err := source.ReadAt(raw, row.From); err != nil && err != io.EOF {
			return fmt.Errorf("copy line %d: %w", row.Line, err)
		}
		out.WriteByte('\n')
		out.Write(bytes.Trim(raw, "\r\n"))
	}
	out.WriteByte('\n')
	if err := os.WriteFile(to, out.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the refused rows: %w", err)
	}
	return nil
}
