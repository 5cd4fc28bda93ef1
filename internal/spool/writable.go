package spool

import (
	"fmt"
	"os"
)

// Writable tries whether a message could be kept now, without keeping one.
func (s *Spool) Writable() error {
	f, err := os.CreateTemp(s.dir, half+"probe-")
	if err != nil {
		return fmt.Errorf("probe spool: %w", err)
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(make([]byte, 4096)); err != nil {
		_ = f.Close()
		return fmt.Errorf("probe spool: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("probe spool: %w", err)
	}
	return nil
}
