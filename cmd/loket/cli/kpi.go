package cli

import (
	"context"

	"loket/desk/api"
)

type kpiCommand struct {
	Show    kpiShowCommand    `cmd:"" default:"withargs" help:"Show figures. Left out, it is meant."`
	Tasks   kpiTasksCommand   `cmd:"" help:"List the tasks behind a figure."`
	Rebuild kpiRebuildCommand `cmd:"" help:"Compute the figures anew from what happened. For managers."`
}

// measured says which figures are wanted.
type measured struct {
	Team      string `ask:"teams" placeholder:"TEAM" help:"Only this team."`
	From      string `placeholder:"DAY" help:"First day, an instant, or a duration back such as 30d. Left out, six days before today."`
	To        string `placeholder:"DAY" help:"Last day, or an instant. Left out, today."`
	Zone      string `placeholder:"ZONE" help:"Where days begin, such as Europe/Amsterdam. Left out, as for the team, else as for the house."`
	OfAgent   string `placeholder:"NAME" help:"Only what this person did."`
	Channel   string `placeholder:"CHANNEL" help:"Only this channel."`
	Connector string `placeholder:"NAME" help:"Only this connector."`
	Priority  string `placeholder:"PRIORITY" help:"Only this priority."`
	Rule      string `placeholder:"RULE" help:"Only what this rule decided."`
	Tag       string `placeholder:"TAG" help:"Only what has this tag."`
	Within    string `placeholder:"TIME" help:"Measure the service level by this, such as 4h, instead of what was promised: working time of teams with a calendar, else wall-clock time."`
	Short     string `placeholder:"TIME" help:"Abandoned waits up to this do not count against the service level."`
}

func (m *measured) query() api.FigureQuery {
	return api.FigureQuery{
		Team: m.Team, From: m.From, To: m.To, Zone: m.Zone, Agent: m.OfAgent, Channel: m.Channel, Connector: m.Connector,
		Priority: m.Priority, Rule: m.Rule, Tag: m.Tag, Within: m.Within, Short: m.Short,
	}
}

type kpiShowCommand struct {
	printed
	measured
	By      string `default:"team" offer:"team,agent,channel,connector,priority,rule,tag,hour,day,week" placeholder:"WORDS" help:"team, agent, channel, connector, priority, rule, tag, hour, day or week; several with commas; team."`
	Format  string `enum:"table,json,csv" default:"table" placeholder:"FORM" help:"table, json or csv; table."`
	Working bool   `help:"In the table, working time instead of wall-clock time."`
}

func (c *kpiShowCommand) Run(ctx context.Context, w *world, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	q := c.query()
	q.By = c.By
	f, err := client.Figures(ctx, q)
	if err != nil {
		return err
	}
	switch {
	case c.JSON, c.Format == "json":
		return w.printJSON(f)
	case c.Format == "csv":
		return w.figuresCSV(f)
	}
	w.page().figures(f, c.Working)
	return nil
}

type kpiTasksCommand struct {
	printed
	measured
	Figure string `arg:"" enum:"messages,automatic,replies,answered,abandoned,unanswered,in_time,counted,missed,late,first_response,next_response,speed_of_answer,handling,resolution,held,resolved,aside,reopened,transferred_out,transferred_in,backlog,due_soon,breached" help:"messages, answered, missed, late, first_response, backlog, breached…: as in the JSON of loket kpi."`
	Limit  int    `default:"50" help:"How many at most, up to 500."`
	Cursor string `placeholder:"CURSOR" help:"Go on where a page ended."`
}

func (c *kpiTasksCommand) Run(ctx context.Context, w *world, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	list, err := client.FigureTasks(ctx, c.query(), c.Figure, c.Limit, c.Cursor)
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(list)
	}
	sheet := w.page()
	if len(list.Tasks) > 0 {
		sheet.figureTasks(list)
	} else {
		w.complain("no tasks")
	}
	if list.Cursor != "" {
		sheet.printf("%s\n", faint.of("more: --cursor %s", list.Cursor))
	}
	return nil
}

type kpiRebuildCommand struct{ printed }

func (c *kpiRebuildCommand) Run(ctx context.Context, w *world, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	client.HTTP = patient(morePatience)
	r, err := client.RebuildFigures(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(r)
	}
	w.page().printf("computed anew from %d events\n", r.Events)
	return nil
}
