package cli

import (
	"context"
	"slices"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
	"loket/desk/figures"
)

type reportCommand struct {
	outputFlags
	Month   string   `placeholder:"MONTH" help:"Which month, such as 2026-10. Left out, the last whole one."`
	Teams   []string `name:"team" ask:"teams" sep:"none" placeholder:"TEAM" help:"Only this team. May be given several times."`
	Working bool     `help:"Working time instead of wall-clock time."`
}

// A teamReport is how a month went in a team: each day of it, and each channel.
type teamReport struct {
	Team     string       `json:"team"`
	Weeks    *api.Figures `json:"weeks"`
	Channels *api.Figures `json:"channels"`
}

func (c *reportCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	q := api.FigureQuery{Last: "month"}
	if c.Month != "" {
		q.Last = ""
		if q.From, q.To, err = figures.Month(c.Month); err != nil {
			return usagef("%w", err)
		}
	}
	teams := c.Teams
	if len(teams) == 0 {
		me, err := client.Me(ctx)
		if err != nil {
			return err
		}
		teams = slices.Clone(me.Teams)
	}
	var all []teamReport
	for _, team := range teams {
		r := teamReport{Team: team}
		q.Team, q.By, q.Previous = team, "week", "true"
		if r.Weeks, err = client.Figures(ctx, q); err != nil {
			return err
		}
		q.By, q.Previous = "channel", ""
		if r.Channels, err = client.Figures(ctx, q); err != nil {
			return err
		}
		all = append(all, r)
	}
	if c.JSON {
		return w.printJSON(all)
	}
	sheet := w.page()
	for i, r := range all {
		if i > 0 {
			sheet.Printf("\n")
		}
		sheet.In(r.Weeks.Zone)
		sheet.Printf("%s: %s\n", format.Bold.Of("%s", r.Team), r.Weeks.From.In(sheet.Zone).Format("January 2006"))
		sheet.figures(r.Weeks, c.Working)
		if len(r.Channels.Groups) > 1 {
			sheet.figures(r.Channels, c.Working)
		}
	}
	return nil
}
