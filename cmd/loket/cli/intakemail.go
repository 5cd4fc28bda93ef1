package cli

import (
	"context"
	"errors"
	"fmt"

	"loket/cmd/loket/cli/format"
	"loket/connectors/email"
	"loket/desk/api"
)

// mails takes in the mails of a file. One that is refused holds up no other.
func (c *intakeCommand) mails(ctx context.Context, w *streams, d *daemon) error {
	if c.Channel != "" || len(c.From) > 0 || c.Name != "" || c.Subject != "" || c.Thread != "" || c.ID != "" || len(c.Attach) > 0 || c.Text != nil {
		return usagef("intake: a mail says itself what it is: give --file alone, or with --connector")
	}
	data, err := readInput(w, c.File)
	if err != nil {
		return usageError{fmt.Errorf("read mail: %w", err)}
	}
	client, err := d.client(w)
	if err != nil {
		return err
	}
	var refused []error
	err = email.Mails(data, func(raw []byte) error {
		if err := email.CheckMail(raw); err != nil {
			refused = append(refused, fmt.Errorf("%s: %w", c.File, err))
			return nil
		}
		taken, err := client.TakeInMail(ctx, c.Connector, raw, untilPlaced)
		var problem *api.Problem
		if errors.As(err, &problem) && problem.Status < 500 {
			refused = append(refused, fmt.Errorf("%s: %w", c.File, err))
			return nil
		}
		if err != nil {
			return err
		}
		if c.JSON {
			return w.printJSONLine(taken)
		}
		w.page().Table(nil, [][]any{{format.Faint.Of("Taken in"), taken.ID, format.Bold.Of("%s", taken.Task)}})
		return nil
	})
	return errors.Join(append(refused, err)...)
}
