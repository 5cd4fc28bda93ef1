package cli

import (
	"context"
	"fmt"
	"strings"

	"loket/desk/api"
)

type draftCommand struct {
	List draftListCommand `cmd:"" help:"List the drafts of a task."`
	Send draftSendCommand `cmd:"" help:"Answer the customer with a draft, whoever wrote it."`
	Drop draftDropCommand `cmd:"" help:"Delete a draft for good. It is printed once more."`
}

type draftListCommand struct{ about }

func (c *draftListCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	found, err := client.Drafts(ctx, c.Task)
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(map[string][]api.Draft{"drafts": found})
	}
	p := w.page()
	for i := range found {
		p.draft(&found[i])
	}
	return nil
}

// aboutDraft is for commands about one draft.
type aboutDraft struct {
	about
	Draft string `arg:"" optional:"" help:"Its id, or the beginning of it; left out, the only one there is."`
}

// which is the draft that is meant.
func (a *aboutDraft) which(ctx context.Context, client *api.Client) (string, error) {
	if a.Draft != "" {
		return a.Draft, nil
	}
	found, err := client.Drafts(ctx, a.Task)
	if err != nil {
		return "", err
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("%s has no drafts", a.Task)
	case 1:
		return found[0].ID, nil
	}
	ids := make([]string, len(found))
	for i, d := range found {
		ids[i] = d.ID + " by " + d.Agent
	}
	return "", fmt.Errorf("%s has %d drafts, say which: %s", a.Task, len(found), strings.Join(ids, ", "))
}

type draftSendCommand struct {
	aboutDraft
	leased
	looking
	Close   bool   `help:"Close the task with the answer."`
	Outcome string `placeholder:"WORD" help:"How it ended, with --close."`
}

func (c *draftSendCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	if c.Outcome != "" && !c.Close {
		return usagef("draft send: --outcome needs --close")
	}
	client, err := d.client(w)
	if err != nil {
		return err
	}
	id, err := c.which(ctx, client)
	if err != nil {
		return err
	}
	done, err := client.Under(c.Lease).Knowing(c.Seen, c.Anyway).SendDraft(ctx, c.Task, id, c.Close, c.Outcome)
	if err != nil {
		return err
	}
	return c.answered(w, done)
}

type draftDropCommand struct{ aboutDraft }

func (c *draftDropCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	id, err := c.which(ctx, client)
	if err != nil {
		return err
	}
	dropped, err := client.DropDraft(ctx, c.Task, id)
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(dropped)
	}
	p := w.page()
	p.Printf("dropped\n")
	p.draft(dropped)
	return nil
}
