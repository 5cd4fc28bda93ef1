package cli

import (
	"cmp"
	"encoding/csv"
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
	rows := make([][]any, 0, len(f.Groups)+1)
	for i := range f.Groups {
		rows = append(rows, figureRow(columns, &f.Groups[i].FigureSet, true, groupNames(f.By, f.Groups[i].Key)))
	}
	all := make([]any, len(f.By))
	for i := range all {
		all[i] = ""
	}
	if len(all) > 0 {
		all[0] = format.Faint.Of("all")
	} else {
		rows = nil
	}
	p.Table(heads, append(rows, figureRow(columns, &f.Total, false, all)))
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
		}
		rows[i] = []any{format.Bold.Of("%s", t.Number), p.Clock(t.At.Time), t.Team, t.Agent, took, work, late, format.Shorten(format.CleanLine(t.Subject), 50)}
	}
	p.Table([]string{"NUMBER", "AT", "TEAM", "AGENT", "TIME", "WORKING", "", "SUBJECT"}, rows)
}

// figuresCSV prints a line for each group, spans in seconds, for spreadsheets. What was not measured is empty.
func (w *streams) figuresCSV(f *api.Figures) error {
	out := csv.NewWriter(w.out)
	head := append([]string{}, f.By...)
	for _, figure := range kpi.List() {
		head = append(head, csvNames(figure)...)
	}
	if f.Within != nil {
		head = append(head, "within", "within_clock")
	}
	_ = out.Write(head) // Flush tells what went wrong
	groups := f.Groups
	if len(f.By) == 0 {
		groups = []api.FigureGroup{{FigureSet: f.Total}}
	}
	for i := range groups {
		var line []string
		for _, name := range f.By {
			line = append(line, noFormula(format.CleanLine(groups[i].Key[name])))
		}
		for at, figure := range kpi.List() {
			line = append(line, csvValues(&groups[i].FigureSet, at, figure)...)
		}
		if f.Within != nil {
			line = append(line, strconv.FormatFloat(f.Within.Seconds, 'f', -1, 64), withinClock(f.Within, groups[i].Key["team"]))
		}
		_ = out.Write(line)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("print figures: %w", err)
	}
	return nil
}

// withinClock names the calendar that a line was measured by, or wall. team is "" for a line of several.
func withinClock(w *api.FigureWithin, team string) string {
	clocks := map[string]bool{}
	for name, calendar := range w.Clocks {
		if team == "" || team == name {
			clocks[cmp.Or(calendar, "wall")] = true
		}
	}
	return noFormula(strings.Join(slices.Sorted(maps.Keys(clocks)), " "))
}

// csvNames are the names of the columns that a figure takes.
func csvNames(f kpi.Figure) []string {
	switch f.Sum {
	case kpi.Listed:
		return nil
	case kpi.Spread:
		var names []string
		for _, clock := range []string{"", "_working"} {
			for _, what := range []string{"_count", "_mean", "_p50", "_p90", "_p95"} {
				names = append(names, f.Name+clock+what)
			}
		}
		return names
	}
	return []string{f.Name}
}

// csvValues are the values of the figure at a place in the list, empty where nothing is known.
func csvValues(s *api.FigureSet, at int, f kpi.Figure) []string {
	if f.Sum == kpi.Listed {
		return nil
	}
	if f.Now && !s.Now {
		return []string{""}
	}
	switch v := s.Value(at).(type) {
	case kpi.Times:
		return append(csvStats(v.Wall), csvStats(v.Working)...)
	case *float64:
		if v == nil {
			return []string{""}
		}
		return []string{decimal(*v)}
	case float64:
		return []string{decimal(v)}
	case int:
		return []string{strconv.Itoa(v)}
	}
	return nil
}

func csvStats(s *kpi.Stats) []string {
	if s == nil {
		return make([]string, 5)
	}
	return []string{strconv.Itoa(s.Count), decimal(s.Mean), decimal(s.P50), decimal(s.P90), decimal(s.P95)}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// noFormula keeps a spreadsheet from computing a name.
func noFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t", rune(s[0])) {
		return "'" + s
	}
	return s
}
