package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/desk/api"
	"loket/internal/field"
)

type closeAllCommand struct {
	outputFlags
	Team    string   `required:"" ask:"teams" placeholder:"TEAM" help:"Tasks of this team."`
	State   string   `enum:"open,queued,waiting" default:"open" placeholder:"STATE" help:"open (queued and waiting), queued or waiting; open. What somebody holds stays."`
	Channel string   `placeholder:"WORD" help:"Only those that began on this channel."`
	Rule    string   `placeholder:"NAME" help:"Only those that this rule routed."`
	Tag     string   `placeholder:"WORD" help:"Only those with this tag."`
	From    string   `placeholder:"KIND:VALUE" help:"Only those of this sender."`
	Older   string   `placeholder:"DURATION" help:"Only those that began longer ago: 72h, 30d."`
	Outcome string   `required:"" placeholder:"WORD" help:"How they ended: solved, spam, duplicate…"`
	Anyway  bool     `help:"Also those in which the customer wrote again since you looked."`
	Confirm string   `placeholder:"INSTANT" help:"Do it, as the look at them says: what came after the instant stays. Without it, what would be closed is shown."`
	Not     []string `placeholder:"TASK" ask:"tasks" help:"But not this one. May be given several times."`
}

// Help says what bounds it.
func (c *closeAllCommand) Help() string {
	return "Shows what would be closed, and with --confirm and the instant of that look closes it, each as loket close does: what was written since you looked is not closed unseen."
}

func (c *closeAllCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	before := w.now().UTC().Truncate(time.Second)
	if c.Confirm != "" {
		looked, err := time.Parse(time.RFC3339, c.Confirm)
		if err != nil || looked.After(before) {
			return usagef("--confirm: must be the instant that the look at them gave, such as 2026-11-22T09:30:00Z")
		}
		before = looked
	}
	look := before.Format(time.RFC3339)
	if c.Older != "" {
		age, err := field.ParseDuration(c.Older)
		if err != nil {
			return usagef("--older: %w", err)
		}
		before = before.Add(-age)
	}
	client, err := d.client(w)
	if err != nil {
		return err
	}
	tasks, err := c.find(ctx, client, before)
	switch {
	case err != nil:
		return err
	case len(tasks) == 0:
		w.warn("no such tasks")
		return errReported
	case c.Confirm != "":
		return c.close(ctx, w, client, tasks)
	}
	if c.JSON {
		if err := w.printJSON(api.Page{Tasks: tasks}); err != nil {
			return err
		}
	} else {
		w.page().tasks(tasks)
	}
	return fmt.Errorf("%d tasks would be closed as %s: --confirm %s does it", len(tasks), c.Outcome, look)
}

// find gives every task that is meant.
func (c *closeAllCommand) find(ctx context.Context, client *api.Client, before time.Time) ([]*api.Task, error) {
	var found []*api.Task
	seen := map[string]bool{}
	for p, err := range pages(ctx, client, api.Listing{Team: c.Team, State: c.State, Limit: 500}) {
		if err != nil {
			return nil, err
		}
		for _, t := range p.Tasks {
			if c.means(t, before) && !seen[t.ID] {
				seen[t.ID] = true
				found = append(found, t)
			}
		}
	}
	return found, nil
}

func (c *closeAllCommand) means(t *api.Task, before time.Time) bool {
	return (t.State == "queued" || t.State == "waiting") && t.Created.Before(before) &&
		(c.Channel == "" || t.Channel == c.Channel) && (c.Rule == "" || t.Rule == c.Rule) &&
		(c.Tag == "" || slices.Contains(t.Tags, c.Tag)) && (c.From == "" || slices.Contains(t.From, c.From)) &&
		!slices.ContainsFunc(c.Not, func(not string) bool { return strings.EqualFold(not, t.Number) || not == t.ID })
}

// close closes them, and goes on after one that is refused.
func (c *closeAllCommand) close(ctx context.Context, w *streams, client *api.Client, tasks []*api.Task) error {
	closed := []*api.Task{}
	refused := 0
	for _, t := range tasks {
		done, err := client.Knowing("", c.Anyway).Close(ctx, t.ID, c.Outcome)
		var problem *api.Problem
		switch {
		case err == nil:
			closed = append(closed, done)
			if !c.JSON {
				w.page().Printf("%s\n", join(done.Number, "closed as "+c.Outcome, done.Subject))
			}
		case errors.As(err, &problem) && problem.Status < 500:
			refused++
			w.warn(t.Number + ": " + problemLines(problem)[0])
		default:
			return fmt.Errorf("after %d of %d tasks: %w", len(closed), len(tasks), err)
		}
	}
	if c.JSON {
		if err := w.printJSON(api.Page{Tasks: closed}); err != nil {
			return err
		}
	}
	if refused > 0 {
		w.warn(fmt.Sprintf("%d of %d tasks were not closed", refused, len(tasks)))
		return errReported
	}
	return nil
}
