package app

import (
	"fmt"
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"loket/config"
	"loket/internal/private"
)

// openData makes the data directory. One that is there, with the directories in it, is shut to others on this machine:
// what customers wrote is in it. Where that is not ours to do, as on a volume that somebody mounted, it is said.
func openData(dir string, log *zap.Logger) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read data directory: %w", err)
	}
	all := []string{dir}
	for _, e := range entries {
		if e.IsDir() {
			all = append(all, filepath.Join(dir, e.Name()))
		}
	}
	for _, d := range all {
		switch wasOpen, err := private.Close(d); {
		case err != nil:
			log.Error("others on this machine may get at the data: run chmod 700", zap.String("directory", d), zap.Error(err))
		case wasOpen:
			log.Warn("others on this machine could get at the data, and cannot any more", zap.String("directory", d))
		}
	}
	return nil
}

// warnOfExposed says which secrets of the configuration others on this machine may read.
func warnOfExposed(cfg *config.Config, log *zap.Logger) {
	for _, p := range cfg.Exposed {
		log.Warn("A SECRET IS OPEN TO OTHERS on this machine", zap.String("secret", p.Error()))
	}
}
