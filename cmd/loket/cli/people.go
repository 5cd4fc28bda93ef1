package cli

import (
	"context"

	"loket/desk/api"
)

type returnCommand struct {
	about
	leased
}

func (c *returnCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.act(ctx, w, d, c.leased, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		return client.Return(ctx, c.Task)
	})
}

type noteCommand struct {
	about
	leased
	words
}

func (c *noteCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	text, err := c.read(w)
	if err != nil {
		return err
	}
	return c.act(ctx, w, d, c.leased, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		return client.Note(ctx, c.Task, text)
	})
}

type transferCommand struct {
	about
	leased
	Team string `required:"" ask:"teams" placeholder:"TEAM" help:"The team that is to answer."`
	Note string `placeholder:"TEXT" help:"What it should know."`
}

func (c *transferCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.act(ctx, w, d, c.leased, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		return client.Transfer(ctx, c.Task, c.Team, c.Note)
	})
}

type waitCommand struct {
	about
	leased
	looking
	Until string `placeholder:"WHEN" help:"When it comes back by itself: 2h, 3d, 17:30, 2026-01-31, \"2026-01-31 17:30\" (in the zone in which the task is shown) or an RFC 3339 instant."`
}

func (c *waitCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.act(ctx, w, d, c.leased, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		return client.Knowing(c.Seen, c.Anyway).Wait(ctx, c.Task, c.Until)
	})
}

type closeCommand struct {
	about
	leased
	looking
	Outcome string `placeholder:"WORD" help:"How it ended: solved, spam, duplicate…"`
}

func (c *closeCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.act(ctx, w, d, c.leased, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		return client.Knowing(c.Seen, c.Anyway).Close(ctx, c.Task, c.Outcome)
	})
}

type reopenCommand struct{ about }

func (c *reopenCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.act(ctx, w, d, leased{}, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		return client.Reopen(ctx, c.Task)
	})
}

type personCommand struct {
	about
	Message string `placeholder:"ID" help:"Which message. Left out, the newest that was taken for a machine's."`
	Machine bool   `help:"Machines wrote them indeed: do not list the task as unattended."`
}

func (c *personCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.act(ctx, w, d, leased{}, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		if c.Machine {
			return client.ByMachines(ctx, c.Task)
		}
		return client.ByPerson(ctx, c.Task, c.Message)
	})
}

type assignCommand struct {
	about
	To string `required:"" placeholder:"NAME" help:"The person who is to do it."`
}

func (c *assignCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.act(ctx, w, d, leased{}, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		return client.Assign(ctx, c.Task, c.To)
	})
}

type mergeCommand struct {
	about
	leased
	Other string `arg:"" ask:"tasks" help:"The task that goes on in it. It is closed; loket reopen takes it out again."`
}

func (c *mergeCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.act(ctx, w, d, c.leased, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		return client.Merge(ctx, c.Task, c.Other)
	})
}

type linkCommand struct {
	about
	Other string `arg:"" help:"The other task."`
}

func (c *linkCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.act(ctx, w, d, leased{}, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		return client.Link(ctx, c.Task, c.Other)
	})
}
