package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"loket/cmd/loket/cli/format"
	"loket/config"
	"loket/connectors/all"
)

type checkCommand struct{}

func (c *checkCommand) Run(w *streams, from *configured) error {
	cfg, err := from.load(w.out)
	if err != nil {
		return err
	}
	for _, p := range cfg.Exposed {
		w.warn("warning: " + p.Error())
	}
	_, _ = fmt.Fprintln(w.out, format.Clean(from.path())+": ok")
	return nil
}

// path is where the configuration is.
func (c *configured) path() string { return cmp.Or(c.Config, "config.yaml") }

// load reads the configuration. Its mistakes are printed on out, one a line, and errReported is given.
func (c *configured) load(out io.Writer) (*config.Config, error) {
	cfg, err := config.Load(c.path(), all.Types())
	var problems config.Problems
	switch {
	case errors.As(err, &problems):
		_, _ = fmt.Fprintln(out, format.Clean(problems.Error()))
		return nil, errReported
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("%w\ngive yours with -c; config.example.yaml is one that runs as it is", err)
	case err != nil:
		return nil, usageError{err}
	}
	return cfg, nil
}
