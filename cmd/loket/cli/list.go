package cli

import (
	"context"
	"slices"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type listCommand struct {
	outputFlags
	Team  string `ask:"teams" placeholder:"TEAM" help:"Tasks of this team."`
	State string `enum:"open,queued,claimed,waiting,closed,all," default:"" placeholder:"STATE" help:"open (the most urgent first), queued, claimed, waiting, closed or all; open."`
	Mine  bool   `help:"Only tasks that you hold."`

	Unattended bool `help:"Only tasks that are closed or wait and in which a machine wrote since."`

	paged `set:"limit=50" set:"most=500"`
	All   bool `help:"Every page."`
}

func (c *listCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	if c.Team == "" && !c.Mine {
		return usagef("list: give --team or --mine")
	}
	if c.Unattended && (c.Mine || c.State != "") {
		return usagef("list: --unattended goes with neither --mine nor --state")
	}
	client, err := d.client(w)
	if err != nil {
		return err
	}
	p, err := c.page(ctx, client)
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(p)
	}
	sheet := w.page()
	if len(p.Tasks) > 0 {
		sheet.tasks(p.Tasks)
	} else {
		w.warn("no tasks")
	}
	if p.Cursor != "" {
		sheet.Printf("%s\n", format.Faint.Of("more: --cursor %s, or --all", p.Cursor))
	}
	return nil
}

// state is the one that the API is asked for: "" is every state there, and the open ones here.
func (c *listCommand) state() string {
	switch {
	case c.State == "" && !c.Unattended:
		return "open"
	case c.State == "all":
		return ""
	}
	return c.State
}

func (c *listCommand) page(ctx context.Context, client *api.Client) (*api.Page, error) {
	if c.Mine {
		p, err := client.Held(ctx, client.Agent)
		if err != nil {
			return nil, err
		}
		p.Tasks = slices.DeleteFunc(p.Tasks, func(t *api.Task) bool {
			return c.Team != "" && t.Team != c.Team || !slices.Contains([]string{"", "open", "all", t.State}, c.State)
		})
		return p, nil
	}
	all := &api.Page{Tasks: []*api.Task{}}
	for p, err := range pages(ctx, client, api.Listing{Team: c.Team, State: c.state(), Limit: c.Limit, Cursor: c.Cursor, Unattended: c.Unattended}) {
		if err != nil {
			return nil, err
		}
		all.Tasks, all.Cursor = append(all.Tasks, p.Tasks...), p.Cursor
		if !c.All {
			break
		}
	}
	return all, nil
}

type searchCommand struct {
	outputFlags
	Query string `arg:"" help:"T-1042-8, kate@example.org, +31 20 123 4567, cno:1234, words of what was said…"`
}

func (c *searchCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	found, err := client.Search(ctx, c.Query)
	if err != nil {
		return err
	}
	nothing := len(found.Tasks)+len(found.Customers) == 0
	switch {
	case c.JSON:
		err = w.printJSON(found)
	case nothing:
		w.warn("nothing found")
	default:
		w.page().found(found)
	}
	if err == nil && nothing {
		return errReported
	}
	return err
}

func (p *page) found(f *api.Found) {
	if len(f.Tasks) > 0 {
		p.tasks(f.Tasks)
	}
	rows := make([][]any, len(f.Customers))
	for i, c := range f.Customers {
		rows[i] = []any{format.Bold.Of("%s", c.ID), c.Name, format.Shorten(format.CleanLine(identifiersOf(c)), 90)}
	}
	if len(rows) > 0 {
		p.Table([]string{"CUSTOMER", "NAME", "IDENTIFIERS"}, rows)
	}
	if f.Partial {
		p.Printf("%s\n", format.Faint.Of("there may be more tasks with these words"))
	}
}
