package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type customerImportCommand struct {
	outputFlags
	explained
	File    string `arg:"" optional:"" help:"The rows. Left out or -, standard input."`
	System  string `placeholder:"NAME" help:"The CRM whose ids stand in the column id, for rows that name none."`
	Format  string `enum:"csv,ndjson," default:"" placeholder:"FORMAT" help:"csv or ndjson. Left out, by the look of it."`
	Charset string `placeholder:"NAME" help:"What the rows are written in, such as windows-1250. Left out, UTF-8, UTF-16 or windows-1252 by the look of it."`
	Mode    string `enum:"add,replace," default:"" placeholder:"MODE" help:"add (as it is left out), or replace: what the CRM said of a row's customer before and does not say any more is taken back."`
	DryRun  bool   `help:"Say what would be, and change nothing."`
}

func (c *customerImportCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	rows := w.in
	if c.File != "" && c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return usagef("import: %w", err)
		}
		defer f.Close()
		rows = f
	}
	client.HTTP = patient(morePatience)
	report, err := client.Import(ctx, onlyReads{rows}, api.Import{
		Format: c.Format, Charset: c.Charset, System: c.System, Mode: c.Mode, DryRun: c.DryRun, Reason: c.Reason,
	}, w.importing())
	if report == nil {
		return err
	}
	if c.JSON {
		err = errors.Join(w.printJSON(report), err)
	} else {
		w.page().importReport(report, c.DryRun)
	}
	var problem *api.Problem
	switch {
	case errors.As(err, &problem) && problem.Status == http.StatusServiceUnavailable:
		w.warn("it did not come to the end: run it again, what is in already is not taken in twice")
	case err == nil && report.Bad > 0:
		return errReported
	}
	return err
}

// onlyReads hides that a stream can be closed, so that nobody closes standard input.
type onlyReads struct{ io.Reader }

// importing shows somebody at a terminal how far an import is.
func (w *streams) importing() func(api.ImportReport) {
	if !format.IsTerminal(w.err) {
		return nil
	}
	return func(r api.ImportReport) {
		_, _ = fmt.Fprintf(w.err, "\r%d rows, %d new, %d not taken in", r.Rows, r.Created, r.Bad)
	}
}

func (p *page) importReport(r *api.ImportReport, dry bool) {
	if dry {
		p.Printf("%s\n", format.Bold.Of("Nothing was changed. It would be:"))
	}
	if r.Charset != "" {
		p.Printf("Read as %s: look whether names are right.\n", r.Charset)
	}
	count := strconv.Itoa
	p.Table(nil, [][]any{
		{format.Faint.Of("Rows"), count(r.Rows)},
		{format.Faint.Of("New customers"), count(r.Created)},
		{format.Faint.Of("Got something more"), count(r.Bound)},
		{format.Faint.Of("Nothing new"), count(r.Same)},
		{format.Faint.Of("Brought customers together"), count(r.Joined)},
		{format.Faint.Of("Contradict what is known"), format.Alarm(int64(r.Conflicts))},
		{format.Faint.Of("Not taken in"), format.Alarm(int64(r.Bad))},
	})
	rows := make([][]any, len(r.Problems))
	for i, x := range r.Problems {
		rows[i] = []any{count(x.Line), x.Key, x.Kind, x.Reason}
	}
	p.Section([]string{"LINE", "KEY", "WHAT", "WHY"}, rows)
	if r.More > 0 {
		p.Printf("%s\n", format.Faint.Of("and %d more", r.More))
	}
}
