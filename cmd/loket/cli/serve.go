package cli

import "context"

type serveCommand struct{}

func (c *serveCommand) Run(ctx context.Context, w *streams, from *configured) error {
	cfg, err := from.load(w.err)
	if err != nil {
		return err
	}
	return w.serve(ctx, Daemon{Config: cfg, ConfigPath: from.path(), Version: built().Version, Stdout: w.out, Stderr: w.err})
}
