package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"go.uber.org/zap"

	"loket/router/queue"
)

// mostExported bounds the tasks of one archive.
const mostExported = 10_000

// Export writes everything there is about a customer as one JSON object: what the registry knows, and the tasks that
// are surely his. What others said who claimed to be him is theirs, and left out. begin is called once, when nothing
// speaks against it any more; it gives where to write. It needs the role manager.
func (d *Desk) Export(ctx context.Context, by By, ref string, begin func() io.Writer) error {
	if err := by.require(RoleManager); err != nil {
		return err
	}
	c, err := d.registered(ctx, ref)
	if err != nil {
		return err
	}
	known, err := d.registry.Archive(ctx, c.ID)
	if err != nil {
		return err
	}
	tasks, _, err := d.written(ctx, by, c, mostExported)
	if err != nil {
		return err
	}
	until, err := d.retirements(ctx, c)
	if err != nil {
		return err
	}
	head, err := json.Marshal(known)
	if err != nil {
		return fmt.Errorf("export customer %s: %w", c.ID, err)
	}
	d.log.Info("customer exported", zap.String("customer", c.ID), zap.String("token", by.Name), zap.String("agent", by.Agent))
	w := begin()
	if _, err := fmt.Fprintf(w, `{"registry":%s,"tasks":[`, head); err != nil {
		return fmt.Errorf("export customer %s: %w", c.ID, err)
	}
	comma := ""
	for _, t := range tasks {
		if !theirs(c, t, until) {
			continue
		}
		if err := d.exportTask(ctx, w, comma, t); err != nil {
			return fmt.Errorf("export customer %s: %w", c.ID, err)
		}
		comma = ","
	}
	_, err = io.WriteString(w, "]}\n")
	return err
}

// exportTask writes one task whole. One is in memory at a time.
func (d *Desk) exportTask(ctx context.Context, w io.Writer, comma string, t *queue.Task) error {
	v, err := d.show(ctx, t, "")
	if err != nil {
		return err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n%s", comma, text)
	return err
}
