package pages

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"loket/desk/figures"
	"loket/router/kpi"
)

// A figureTable is figures split by one thing.
type figureTable struct {
	Title, CSV string
	First      string // the head of the names
	Heads      []figureHead
	Rows       []figureRow
	More       bool // there are more, which the file has
}

// maxFigureRows is how many groups a table shows: a year by the hour would be megabytes that nobody reads.
const maxFigureRows = 200

type figureHead struct{ Text, Note, How string }

type figureRow struct {
	Name    string
	Address string // narrows the question down to this
	Cells   []figureCell
	All     bool
}

// Long tells whether a table is folded, so that what comes after it is found.
func (t figureTable) Long() bool { return len(t.Rows) > 16 }

// A figureCell is a number, which leads to its tasks.
type figureCell struct {
	Text, Address string
	Alarm         bool
}

// A tableColumn is a figure of the list that tables show.
type tableColumn struct {
	kpi.Figure
	at int // in the list
}

// columnsOf are those of a table. What is known of the present only stands in no course of time.
func columnsOf(r *kpi.Report) []tableColumn {
	runs := len(r.By) > 0 && slices.Contains(timeDimensions, string(r.By[0]))
	var columns []tableColumn
	for i, f := range kpi.List() {
		if f.Column.Head != "" && (!f.Now || r.Total.Now && !runs) {
			columns = append(columns, tableColumn{f, i})
		}
	}
	slices.SortFunc(columns, func(a, b tableColumn) int { return cmp.Compare(a.Column.Place, b.Column.Place) })
	return columns
}

func tableOf(w *words, q question, r *kpi.Report) figureTable {
	by := string(r.By[0])
	t := figureTable{Title: w.FigureBy[by], First: w.FigureBy[by], CSV: q.csv(by)}
	columns := columnsOf(r)
	for _, c := range columns {
		t.Heads = append(t.Heads, c.heads(w)...)
	}
	t.More = len(r.Groups) > maxFigureRows
	for i := range r.Groups[:min(len(r.Groups), maxFigureRows)] {
		g := &r.Groups[i]
		of := q.with(r.By, g)
		row := figureRow{Name: w.groupName(r, g), Address: of.address()}
		for _, c := range columns {
			row.Cells = append(row.Cells, c.cells(w, of, &g.Figures)...)
		}
		t.Rows = append(t.Rows, row)
	}
	all := figureRow{Name: w.FigureAll, All: true}
	for _, c := range columns {
		all.Cells = append(all.Cells, c.cells(w, q, &r.Total)...)
	}
	t.Rows = append(t.Rows, all)
	return t
}

func (c *tableColumn) heads(w *words) []figureHead {
	head := figureHead{w.Figure[c.Name], "", "#" + howID(c.Name)}
	if c.Sum != kpi.Spread {
		return []figureHead{head}
	}
	ninety := head
	head.Note, ninety.Note = w.HalfWithin, w.NineOfTen
	return []figureHead{head, ninety}
}

// cells are what a row shows of the figure, as many as it has heads.
func (c *tableColumn) cells(w *words, q question, f *kpi.Figures) []figureCell {
	if c.Now && !f.Now {
		return []figureCell{{}}
	}
	address := q.tasks(c.Name)
	switch v := f.Value(c.at).(type) {
	case int:
		cell := figureCell{Text: number(v), Address: address, Alarm: c.Column.Alarm && v > 0}
		if v == 0 {
			cell.Address = ""
		}
		return []figureCell{cell}
	case *float64:
		if v == nil {
			return []figureCell{{Text: dash}}
		}
		if *v == 1 {
			return []figureCell{{Text: share(v), Address: q.tasks("in_time")}}
		}
		return []figureCell{{Text: share(v), Address: q.tasks("missed")}}
	case float64:
		if v == 0 {
			return []figureCell{{Text: dash}}
		}
		return []figureCell{{Text: w.seconds(v), Address: q.tasks("backlog")}}
	case kpi.Times:
		stats := q.clock(v)
		if stats == nil {
			return []figureCell{{Text: dash}, {Text: dash}}
		}
		return []figureCell{{Text: w.seconds(stats.P50), Address: address}, {Text: w.seconds(stats.P90), Address: address}}
	}
	return nil
}

func number(n int) string { return strconv.Itoa(n) }

// groupName is what a row is of, as people call it.
func (w *words) groupName(r *kpi.Report, g *kpi.Group) string {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		zone = time.UTC
	}
	name := g.Key[0]
	switch r.By[0] {
	case kpi.ByHour:
		return w.day(g.From.In(zone)) + " " + g.From.In(zone).Format("15:04")
	case kpi.ByDay:
		return w.day(g.From.In(zone))
	case kpi.ByChannel:
		return cmp.Or(w.channel(name), w.NoneOf)
	}
	return cmp.Or(name, w.NoneOf)
}

// figuresCSV gives a table to spreadsheets. Its name says of what it is.
func (h *Handler) figuresCSV(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	q := readQuestion(r.URL.Query())
	report, err := h.figures.Report(r.Context(), v.by, q.Query)
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+csvName(q, report)+`"`)
	if err := figures.CSV(w, report); err != nil {
		h.log.Debug("figures not written") // the browser went away
	}
}

// csvName says of what a file is: team, days, zone and split.
func csvName(q question, r *figures.Report) string {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		zone = time.UTC
	}
	parts := []string{"loket", cmp.Or(q.Team, "all"), r.From.In(zone).Format(time.DateOnly), "to", r.To.Add(-1).In(zone).Format(time.DateOnly)}
	if q.By != "" {
		parts = append(parts, "by", q.By)
	}
	name := strings.Join(append(parts, r.Zone), "-")
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name) + ".csv"
}
