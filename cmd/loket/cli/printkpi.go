package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
	"loket/router/kpi"
)

// figures prints a line for each group, and one for all.
func (p *page) figures(f *api.Figures, working bool) {
	p.In(f.Zone)
	clock := "wall-clock time"
	if working {
		clock = "working time, – without a calendar"
	}
	p.Printf("%s to %s (%s), %s\n", f.From.In(p.Zone).Format("2006-01-02 15:04"), f.To.In(p.Zone).Format("2006-01-02 15:04"), f.Zone, clock)
	p.within(f.Within)
	columns := figureColumns(f, working)
	var heads []string
	for _, name := range f.By {
		heads = append(heads, strings.ToUpper(name))
	}
	for i := range columns {
		heads = append(heads, columns[i].heads()...)
	}
	rows := make([][]any, 0, len(f.Groups)+2)
	for i := range f.Groups {
		rows = append(rows, figureRow(columns, &f.Groups[i].FigureSet, true, groupNames(f.By, f.Groups[i].Key)))
	}
	if len(f.By) == 0 {
		rows = nil
	}
	rows = append(rows, figureRow(columns, &f.Total, false, totalNames(f.By, "all")))
	if f.Previous != nil {
		rows = append(rows, figureRow(columns, &f.Previous.Total, false, totalNames(f.By, "before")))
	}
	p.Table(heads, rows)
	if b := f.Previous; b != nil {
		p.Printf("before is %s to %s\n", b.From.In(p.Zone).Format("2006-01-02 15:04"), b.To.In(p.Zone).Format("2006-01-02 15:04"))
	}
}

// totalNames stand where a line of all has no names.
func totalNames(by []string, says string) []any {
	names := make([]any, len(by))
	for i := range names {
		names[i] = ""
	}
	if len(by) > 0 {
		names[0] = format.Faint.Of("%s", says)
	}
	return names
}

func groupNames(by []string, key map[string]string) []any {
	names := make([]any, len(by))
	for i, name := range by {
		names[i] = format.Bold.Of("%s", cmp.Or(key[name], "–"))
	}
	return names
}

// within says by which clock the service level was measured, when it was by another time than what was promised.
func (p *page) within(w *api.FigureWithin) {
	if w == nil {
		return
	}
	took := spanOf(w.Seconds)
	calendars := map[string][]string{}
	for team, calendar := range w.Clocks {
		calendars[calendar] = append(calendars[calendar], team)
	}
	var parts []string
	for _, calendar := range slices.Sorted(maps.Keys(calendars)) {
		slices.Sort(calendars[calendar])
		clock := "working time by the calendar " + calendar
		if calendar == "" {
			clock = "wall-clock time"
		}
		parts = append(parts, clock+": "+strings.Join(calendars[calendar], ", "))
	}
	p.Printf("in time is within %s (%s)\n", took, strings.Join(parts, "; "))
}

// A figureColumn is a figure of the list that the table shows.
type figureColumn struct {
	kpi.Figure
	at      int // in the list
	working bool
	largest int // of a count with a bar: what the longest bar stands for
}

// figureColumns are those of the table, in their order.
func figureColumns(f *api.Figures, working bool) []figureColumn {
	var columns []figureColumn
	for i, figure := range kpi.List() {
		if figure.Column.Head == "" {
			continue
		}
		c := figureColumn{Figure: figure, at: i, working: working}
		for g := range f.Groups {
			if n, ok := f.Groups[g].Value(i).(int); ok {
				c.largest = max(c.largest, n)
			}
		}
		columns = append(columns, c)
	}
	slices.SortFunc(columns, func(a, b figureColumn) int { return cmp.Compare(a.Column.Place, b.Column.Place) })
	return columns
}

// heads are those of the columns that a figure takes.
func (c *figureColumn) heads() []string {
	switch {
	case c.Sum == kpi.Spread:
		return []string{c.Column.Head + " p50", "p90"}
	case c.Column.Bar:
		return []string{c.Column.Head, ""}
	}
	return []string{c.Column.Head}
}

// figureRow is a line of the table: who it is of, and the cells of each column.
func figureRow(columns []figureColumn, s *api.FigureSet, bars bool, names []any) []any {
	for i := range columns {
		names = append(names, columns[i].cells(s, bars)...)
	}
	return names
}

// cells are what a line shows of the figure, as many as it has heads.
func (c *figureColumn) cells(s *api.FigureSet, bars bool) []any {
	if c.Now && !s.Now {
		return []any{format.Plain.Of("")}
	}
	switch v := s.Value(c.at).(type) {
	case int:
		return c.count(v, bars)
	case *float64:
		return []any{level(v), levelBar(v)}
	case float64:
		if v == 0 {
			return []any{""}
		}
		return []any{format.Span(time.Duration(v) * time.Second)}
	case kpi.Times:
		stats := v.Wall
		if c.working {
			stats = v.Working
		}
		if stats == nil {
			return []any{"–", "–"}
		}
		return []any{spanOf(stats.P50), spanOf(stats.P90)}
	}
	return nil
}

func (c *figureColumn) count(n int, bars bool) []any {
	switch {
	case c.Column.Alarm:
		return []any{format.Alarm(int64(n))}
	case !c.Column.Bar:
		return []any{strconv.Itoa(n)}
	case bars && c.largest > 0:
		return []any{strconv.Itoa(n), format.Bar(float64(n) / float64(c.largest))}
	}
	return []any{strconv.Itoa(n), ""}
}

// level is a share in the colour of how good it is.
func level(share *float64) any {
	if share == nil {
		return format.Plain.Of("–")
	}
	look := format.Green
	switch {
	case *share < 0.8:
		look = format.Red
	case *share < 0.9:
		look = format.Yellow
	}
	return look.Of("%.0f%%", *share*100)
}

func levelBar(share *float64) string {
	if share == nil {
		return ""
	}
	return format.Bar(*share)
}

func spanOf(seconds float64) string {
	return format.Span(time.Duration(seconds * float64(time.Second)))
}

// figureTasks prints a line for each thing that a figure counted.
func (p *page) figureTasks(list *api.FigureTasks) {
	p.In(list.Zone)
	p.within(list.Within)
	rows := make([][]any, len(list.Tasks))
	for i, t := range list.Tasks {
		took, work := "", ""
		if t.Seconds != nil {
			took = spanOf(*t.Seconds)
		}
		if t.Working != nil {
			work = spanOf(*t.Working)
		}
		late := format.Plain.Of("")
		if t.Late {
			late = format.Red.Of("late")
			if !t.Due.IsZero() && t.At.After(t.Due.Time) {
				late = format.Red.Of("late %s", format.Span(t.At.Sub(t.Due.Time)))
			}
		}
		rows[i] = []any{
			format.Bold.Of("%s", t.Number), p.Clock(t.At.Time), t.Team, t.Agent, took, work, late, whyLong(t.Why), format.Shorten(format.CleanLine(t.Subject), 50),
		}
	}
	p.Table([]string{"NUMBER", "AT", "TEAM", "AGENT", "TIME", "WORKING", "", "WHY", "SUBJECT"}, rows)
}

// whyLong says what a wait went through.
func whyLong(w *api.FigureWhy) string {
	if w == nil {
		return ""
	}
	var parts []string
	for _, spent := range []struct {
		says    string
		seconds float64
	}{{"untaken", w.Unclaimed}, {"elsewhere", w.Elsewhere}} {
		if spent.seconds >= 1 {
			parts = append(parts, spent.says+" "+spanOf(spent.seconds))
		}
	}
	for _, happened := range []struct {
		says string
		n    int
	}{{"transferred", w.Transfers}, {"rested", w.Rests}, {"returned", w.Returned}, {"undelivered", w.Failed}} {
		if happened.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d×", happened.says, happened.n))
		}
	}
	return strings.Join(parts, ", ")
}
