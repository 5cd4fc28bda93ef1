package cli

import (
	"context"
	"strconv"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
	"loket/internal/message"
)

type quarantineCommand struct {
	List  quarantineListCommand  `cmd:"" help:"List what was set aside, oldest first."`
	Show  quarantineShowCommand  `cmd:"" help:"Show one message and why it is here."`
	Retry quarantineRetryCommand `cmd:"" help:"Send messages on their way again."`
	Drop  quarantineDropCommand  `cmd:"" help:"Delete messages for good."`
}

type quarantineListCommand struct {
	outputFlags
	paged `set:"limit=50" set:"most=500"`
}

func (c *quarantineListCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return answer(w, d, c.outputFlags, func(client *api.Client) (*api.QuarantinePage, error) {
		return client.Quarantine(ctx, c.Limit, c.Cursor)
	}, (*page).quarantine)
}

func (p *page) quarantine(found *api.QuarantinePage) {
	rows := make([][]any, len(found.Messages))
	for i, q := range found.Messages {
		why := format.Shorten(format.CleanLine(q.Error), 90)
		if !q.Until.IsZero() {
			why += "; goes at " + p.Clock(q.Until.Time)
		}
		rows[i] = []any{format.Bold.Of("%s", q.ID), p.Clock(q.Since.Time), strconv.Itoa(q.Attempts), q.Connector, why}
	}
	if len(rows) > 0 {
		p.Table([]string{"MESSAGE", "SINCE", "ATTEMPTS", "CONNECTOR", "WHY"}, rows)
	}
	p.more(found.Cursor)
}

type quarantineShowCommand struct {
	outputFlags
	Message string `arg:"" help:"The message's id."`
}

func (c *quarantineShowCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return answer(w, d, c.outputFlags, func(client *api.Client) (*api.Quarantined, error) { return client.Quarantined(ctx, c.Message) }, (*page).quarantined)
}

func (p *page) quarantined(q *api.Quarantined) {
	rows := [][]any{
		{format.Faint.Of("Message"), format.Bold.Of("%s", q.ID)},
		{format.Faint.Of("Why"), format.Red.Of("%s", q.Error)},
		{format.Faint.Of("Attempts"), strconv.Itoa(q.Attempts)},
		{format.Faint.Of("Since"), p.Ago(q.Since.Time)},
	}
	if !q.Until.IsZero() {
		rows = append(rows, []any{format.Faint.Of("Goes"), p.Clock(q.Until.Time) + ", unless it is sent on its way (retry)"})
	}
	if m := q.Message; m != nil {
		rows = append(rows, []any{format.Faint.Of("Came by"), join(m.Connector, m.Channel)},
			[]any{format.Faint.Of("Came"), p.Ago(m.Received)}, []any{format.Faint.Of("From"), join(quoted(m.Name), identifiers(m.From))},
			[]any{format.Faint.Of("Subject"), m.Subject})
	}
	p.Table(nil, rows)
	if q.Message != nil {
		p.Printf("\n")
		p.Block("", q.Message.Text)
	}
	if q.Body != "" {
		p.Printf("\n")
		p.Block("", q.Body)
	}
}

// identifiers are who somebody is, with how sure that is.
func identifiers(ids []message.Identifier) string {
	text := ""
	for i, id := range ids {
		if i > 0 {
			text += ", "
		}
		text += id.String() + " (" + id.Level.String() + ")"
	}
	return text
}

type quarantineRetryCommand struct {
	Messages []string `arg:"" name:"message" help:"Their ids."`
}

func (c *quarantineRetryCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return eachQuarantined(ctx, w, d, c.Messages, "goes on its way again", (*api.Client).RetryQuarantined)
}

type quarantineDropCommand struct {
	Messages []string `arg:"" name:"message" help:"Their ids."`
}

func (c *quarantineDropCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return eachQuarantined(ctx, w, d, c.Messages, "is gone", (*api.Client).DropQuarantined)
}

func eachQuarantined(ctx context.Context, w *streams, d *daemon, ids []string, done string, do func(*api.Client, context.Context, string) error) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := do(client, ctx, id); err != nil {
			return err
		}
		w.page().Printf("%s %s\n", id, done)
	}
	return nil
}
