package cli

import (
	"context"
	"strconv"

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
	printed
	Limit  int    `default:"50" help:"How many at most, up to 500."`
	Cursor string `placeholder:"CURSOR" help:"Go on where a page ended."`
}

func (c *quarantineListCommand) Run(ctx context.Context, w *world, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	found, err := client.Quarantine(ctx, c.Limit, c.Cursor)
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(found)
	}
	p := w.page()
	rows := make([][]any, len(found.Messages))
	for i, q := range found.Messages {
		why := shorten(cleanLine(q.Error), 90)
		if !q.Until.IsZero() {
			why += "; goes at " + p.clock(q.Until.Time)
		}
		rows[i] = []any{bold.of("%s", q.ID), p.clock(q.Since.Time), strconv.Itoa(q.Attempts), q.Connector, why}
	}
	if len(rows) > 0 {
		p.table([]string{"MESSAGE", "SINCE", "ATTEMPTS", "CONNECTOR", "WHY"}, rows)
	}
	if found.Cursor != "" {
		p.printf("%s\n", faint.of("more: --cursor %s", found.Cursor))
	}
	return nil
}

type quarantineShowCommand struct {
	printed
	Message string `arg:"" help:"The message's id."`
}

func (c *quarantineShowCommand) Run(ctx context.Context, w *world, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	q, err := client.Quarantined(ctx, c.Message)
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(q)
	}
	w.page().quarantined(q)
	return nil
}

func (p *page) quarantined(q *api.Quarantined) {
	rows := [][]any{
		{faint.of("Message"), bold.of("%s", q.ID)},
		{faint.of("Why"), red.of("%s", q.Error)},
		{faint.of("Attempts"), strconv.Itoa(q.Attempts)},
		{faint.of("Since"), p.ago(q.Since.Time)},
	}
	if !q.Until.IsZero() {
		rows = append(rows, []any{faint.of("Goes"), p.clock(q.Until.Time) + ", unless it is sent on its way (retry)"})
	}
	if m := q.Message; m != nil {
		rows = append(rows, []any{faint.of("Came by"), join(m.Connector, m.Channel)},
			[]any{faint.of("Came"), p.ago(m.Received)}, []any{faint.of("From"), join(quoted(m.Name), identifiers(m.From))},
			[]any{faint.of("Subject"), m.Subject})
	}
	p.table(nil, rows)
	if q.Message != nil {
		p.printf("\n")
		p.block("", q.Message.Text)
	}
	if q.Body != "" {
		p.printf("\n")
		p.block("", q.Body)
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

func (c *quarantineRetryCommand) Run(ctx context.Context, w *world, d *daemon) error {
	return eachQuarantined(ctx, w, d, c.Messages, "goes on its way again", (*api.Client).RetryQuarantined)
}

type quarantineDropCommand struct {
	Messages []string `arg:"" name:"message" help:"Their ids."`
}

func (c *quarantineDropCommand) Run(ctx context.Context, w *world, d *daemon) error {
	return eachQuarantined(ctx, w, d, c.Messages, "is gone", (*api.Client).DropQuarantined)
}

func eachQuarantined(ctx context.Context, w *world, d *daemon, ids []string, done string, do func(*api.Client, context.Context, string) error) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := do(client, ctx, id); err != nil {
			return err
		}
		w.page().printf("%s %s\n", id, done)
	}
	return nil
}
