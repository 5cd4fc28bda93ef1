package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"loket/cmd/loket/cli/format"
)

type customerExportCommand struct {
	Customer string `arg:"" help:"The customer's id, or an identifier of theirs such as email:kate@example.org."`
	Output   string `short:"o" placeholder:"FILE" help:"Where to write it. Left out, standard output."`
	Format   string `enum:"zip,json," default:"" placeholder:"FORMAT" help:"zip, with the files (as it is left out), or json."`
}

func (c *customerExportCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	toStdout := c.Output == "" || c.Output == "-"
	if toStdout && c.Format != "json" && format.IsTerminal(w.out) {
		return usagef("export: a ZIP is nothing for a terminal; give -o FILE, or --format json")
	}
	client, err := d.client(w)
	if err != nil {
		return err
	}
	id, err := customerID(ctx, client, c.Customer)
	if err != nil {
		return err
	}
	archive, err := client.Export(ctx, id, c.Format)
	if err != nil {
		return err
	}
	defer archive.Close()
	if toStdout {
		_, err = io.Copy(w.out, archive)
		return err
	}
	f, err := os.OpenFile(c.Output, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600) // it is all about a person
	if err != nil {
		return usagef("export: %w", err)
	}
	_, err = io.Copy(f, archive)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("export: %s is not whole: %w", c.Output, err)
	}
	return nil
}
