package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

type attachmentCommand struct {
	Attachment string `arg:"" placeholder:"ID" help:"As show tells it: task/message/file."`
	Output     string `short:"o" default:"-" placeholder:"FILE" help:"Where to put it; standard output. What is there is not replaced."`
}

// Run writes the bytes as they are: where they go is for whoever asks to decide.
func (c *attachmentCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	body, err := client.Attachment(ctx, c.Attachment)
	if err != nil {
		return err
	}
	defer body.Close()
	if c.Output == "-" {
		_, err = io.Copy(w.out, body)
		return err
	}
	f, err := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return usagef("attachment: %v", err)
	}
	_, err = io.Copy(f, body)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("save attachment: %w", errors.Join(err, os.Remove(c.Output)))
	}
	return nil
}
