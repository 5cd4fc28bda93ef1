package cli

import (
	"context"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type failedCommand struct {
	List    failedListCommand    `cmd:"" help:"List the tasks in which an answer did not arrive, or may not have."`
	Look    failedLookCommand    `cmd:"" help:"Ask the channel once more whether it has an answer that is in doubt."`
	Arrived failedArrivedCommand `cmd:"" help:"Say that an answer arrived."`
	Lost    failedLostCommand    `cmd:"" help:"Say that an answer did not arrive."`
}

type failedListCommand struct{ outputFlags }

func (c *failedListCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return answer(w, d, c.outputFlags, func(client *api.Client) (*api.FailedList, error) { return client.Failed(ctx) }, (*page).failed)
}

func (p *page) failed(found *api.FailedList) {
	var rows [][]any
	for _, f := range found.Tasks {
		p.In(f.Task.Zone)
		for _, r := range f.Replies {
			rows = append(rows, []any{
				format.Bold.Of("%s", f.Task.Number), f.Task.Team, r.Delivery.Reply, r.Delivery.State, p.Clock(r.Since.Time),
				format.Shorten(format.CleanLine(recipients("to", r.Channel, r.To)), 40), format.Shorten(format.CleanLine(r.Delivery.Error), 60),
			})
		}
		if len(f.Replies) == 0 {
			rows = append(rows, []any{format.Bold.Of("%s", f.Task.Number), f.Task.Team, "", "", "", "", format.Shorten(format.CleanLine(f.Task.Failure), 60)})
		}
	}
	if len(rows) > 0 {
		p.Table([]string{"NUMBER", "TEAM", "ANSWER", "STATE", "SINCE", "TO", "WHY"}, rows)
	}
	if found.More {
		p.Printf("%s\n", format.Faint.Of("there are more"))
	}
}

// aboutReply is for commands about one answer of a task.
type aboutReply struct {
	about
	Reply string `arg:"" placeholder:"REPLY" help:"As show tells it: the id of the answer."`
}

type resendCommand struct{ aboutReply }

// Run sends an answer once more that failed, or of which nobody knows whether it arrived.
func (c *resendCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.decide(ctx, w, d, func(client *api.Client) (*api.Task, error) { return client.Resend(ctx, c.Task, c.Reply) })
}

type failedLookCommand struct{ aboutReply }

func (c *failedLookCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.decide(ctx, w, d, func(client *api.Client) (*api.Task, error) { return client.LookAgain(ctx, c.Task, c.Reply) })
}

type failedArrivedCommand struct{ aboutReply }

func (c *failedArrivedCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.decide(ctx, w, d, func(client *api.Client) (*api.Task, error) { return client.Settle(ctx, c.Task, c.Reply, true) })
}

type failedLostCommand struct{ aboutReply }

func (c *failedLostCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return c.decide(ctx, w, d, func(client *api.Client) (*api.Task, error) { return client.Settle(ctx, c.Task, c.Reply, false) })
}

// decide does what a person decided about the answer, and prints where the task stands then.
func (c *aboutReply) decide(ctx context.Context, w *streams, d *daemon, do func(*api.Client) (*api.Task, error)) error {
	return c.act(ctx, w, d, leased{}, func(_ context.Context, client *api.Client) (*api.Task, error) { return do(client) })
}
