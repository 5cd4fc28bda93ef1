package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCommand struct{ outputFlags }

func (c *versionCommand) Run(w *streams) error {
	b := built()
	if c.JSON {
		return w.printJSON(b)
	}
	text := "loket " + b.Version
	if b.Commit != "" {
		text += " (" + b.Commit + ")"
	}
	_, _ = fmt.Fprintf(w.out, "%s %s %s/%s\n", text, b.Go, runtime.GOOS, runtime.GOARCH)
	return nil
}

// A build is what this binary was made of.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Dirty   bool   `json:"dirty,omitempty"`
	Go      string `json:"go"`
}

// built reads what the toolchain wrote into the binary.
func built() build {
	b := build{Version: "devel", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			b.Dirty = s.Value == "true"
		}
	}
	return b
}
