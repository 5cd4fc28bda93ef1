package cli

import (
	"context"

	"loket/desk/api"
)

type labelCommand struct {
	about
	leased
	Tag      []string `placeholder:"WORD" help:"A tag that it gets. May be given several times."`
	Untag    []string `placeholder:"WORD" help:"A tag that it has no longer. May be given several times."`
	Priority string   `offer:"urgent,high,normal,low" placeholder:"WORD" help:"urgent, high, normal or low. A more pressing one may bring forward when it is due."`
	Language string   `placeholder:"CODE" help:"The customer's: nl, en…"`
}

func (c *labelCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.act(ctx, w, d, c.leased, func(ctx context.Context, client *api.Client) (*api.Task, error) {
		return client.Label(ctx, c.Task, api.Labelling{Tag: c.Tag, Untag: c.Untag, Priority: c.Priority, Language: c.Language})
	})
}
