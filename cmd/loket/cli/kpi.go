package cli

import (
	"context"
	"strings"

	"github.com/alecthomas/kong"

	"loket/desk/api"
	"loket/desk/figures"
	"loket/router/kpi"
)

type kpiCommand struct {
	Show    kpiShowCommand    `cmd:"" default:"withargs" help:"Show figures. Left out, it is meant."`
	Tasks   kpiTasksCommand   `cmd:"" help:"List the tasks behind a figure."`
	Rebuild kpiRebuildCommand `cmd:"" help:"Compute the figures anew from what happened. For managers."`
}

// figureWords are what flags and arguments may say of figures.
func figureWords() kong.Vars {
	by := dimensions()
	last := len(by) - 1
	return kong.Vars{
		"figures":    strings.Join(kpi.FigureNames(), ","),
		"dimensions": strings.Join(by[:last], ", ") + " or " + by[last],
	}
}

// dimensions are what figures can be split by.
func dimensions() []string {
	var words []string
	for _, d := range kpi.Dimensions() {
		words = append(words, string(d))
	}
	return words
}

type kpiShowCommand struct {
	outputFlags
	api.FigureQuery
	By      string `default:"team" offer:"dimensions" placeholder:"WORDS" help:"${dimensions}; several with commas; team."`
	Format  string `enum:"table,json,csv" default:"table" placeholder:"FORM" help:"table, json or csv; table."`
	Working bool   `help:"In the table, working time instead of wall-clock time."`
	Before  bool   `name:"previous" help:"Beside it the figures of the span before, of the same length."`
}

func (c *kpiShowCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	q := c.FigureQuery
	q.By = c.By
	if c.Before {
		q.Previous = "true"
	}
	f, err := client.Figures(ctx, q)
	if err != nil {
		return err
	}
	switch {
	case c.JSON, c.Format == "json":
		return w.printJSON(f)
	case c.Format == "csv":
		return figures.CSV(w.out, f.Report())
	}
	w.page().figures(f, c.Working)
	return nil
}

type kpiTasksCommand struct {
	outputFlags
	api.FigureQuery
	Figure string `arg:"" enum:"${figures}" help:"messages, answered, missed, late, first_response, backlog, breached…: as in the JSON of loket kpi."`
	paged  `set:"limit=50" set:"most=500"`
}

func (c *kpiTasksCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	list, err := client.FigureTasks(ctx, c.FigureQuery, c.Figure, c.Limit, c.Cursor)
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
		w.warn("no tasks")
	}
	sheet.more(list.Cursor)
	return nil
}

type kpiRebuildCommand struct{ outputFlags }

func (c *kpiRebuildCommand) Run(ctx context.Context, w *streams, d *daemon) error {
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
	w.page().Printf("computed anew from %d events\n", r.Events)
	return nil
}
