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

	"loket/desk/api"
)

// figures prints a line for each group, and one for all.
func (p *page) figures(f *api.Figures, working bool) {
	p.in(f.Zone)
	clock := "wall-clock time"
	if working {
		clock = "working time, – without a calendar"
	}
	p.printf("%s to %s (%s), %s\n", f.From.In(p.zone).Format("2006-01-02 15:04"), f.To.In(p.zone).Format("2006-01-02 15:04"), f.Zone, clock)
	p.within(f.Within)
	heads := make([]string, 0, len(f.By)+14)
	for _, name := range f.By {
		heads = append(heads, strings.ToUpper(name))
	}
	heads = append(heads, "MESSAGES", "ANSWERED", "", "IN TIME", "", "FIRST p50", "p90", "NEXT p50", "p90", "ABANDONED", "LATE", "REOPENED", "OPEN", "OLDEST", "BREACHED")
	most := 0
	for _, g := range f.Groups {
		most = max(most, g.Answered)
	}
	var rows [][]any
	for i := range f.Groups {
		g := &f.Groups[i]
		var row []any
		for _, name := range f.By {
			key := g.Key[name]
			if key == "" {
				key = "–"
			}
			row = append(row, bold.of("%s", key))
		}
		rows = append(rows, append(row, figureCells(&g.Figures, most, working)...))
	}
	if len(f.By) > 0 {
		row := make([]any, len(f.By))
		for i := range row {
			row[i] = ""
		}
		row[0] = faint.of("all")
		rows = append(rows, append(row, figureCells(&f.Total, 0, working)...))
	} else {
		rows = [][]any{figureCells(&f.Total, 0, working)}
	}
	p.table(heads, rows)
}

// within says by which clock the service level was measured, when it was by another time than what was promised.
func (p *page) within(w *api.FigureWithin) {
	if w == nil {
		return
	}
	took := span(time.Duration(w.Seconds * float64(time.Second)))
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
	p.printf("in time is within %s (%s)\n", took, strings.Join(parts, "; "))
}

// figureCells are the cells of one group. most is what the longest bar stands for.
func figureCells(f *api.FigureSet, most int, working bool) []any {
	level, levelBar := plain.of("–"), ""
	if s := f.ServiceLevel; s != nil {
		look := green
		switch {
		case *s < 0.8:
			look = red
		case *s < 0.9:
			look = yellow
		}
		level, levelBar = look.of("%.0f%%", *s*100), bar(*s)
	}
	answeredBar := ""
	if most > 0 {
		answeredBar = bar(float64(f.Answered) / float64(most))
	}
	first, next := statsOf(f.FirstResponse, working), statsOf(f.NextResponse, working)
	cells := []any{
		strconv.Itoa(f.Messages), strconv.Itoa(f.Answered), answeredBar, level, levelBar,
		p50(first), p90(first), p50(next), p90(next), strconv.Itoa(f.Abandoned), alarm(int64(f.Late)), strconv.Itoa(f.Reopened),
	}
	backlog, oldest, breached := "", "", plain.of("")
	if n := f.Now; n != nil {
		backlog, breached = strconv.Itoa(n.Backlog), alarm(int64(n.Breached))
		if n.Backlog > 0 {
			oldest = span(time.Duration(n.OldestWait) * time.Second)
		}
	}
	return append(cells, backlog, oldest, breached)
}

func statsOf(t api.FigureTimes, working bool) *api.FigureStats {
	if working {
		return t.Working
	}
	return t.Wall
}

func p50(s *api.FigureStats) string {
	if s == nil {
		return "–"
	}
	return span(time.Duration(s.P50 * float64(time.Second)))
}

func p90(s *api.FigureStats) string {
	if s == nil {
		return "–"
	}
	return span(time.Duration(s.P90 * float64(time.Second)))
}

// bar is a bar of at most eight places, exact to an eighth of one.
func bar(share float64) string {
	eighths := int(max(0, min(1, share))*64 + 0.5)
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return text
}

// figureTasks prints a line for each thing that a figure counted.
func (p *page) figureTasks(list *api.FigureTasks) {
	p.in(list.Zone)
	p.within(list.Within)
	rows := make([][]any, len(list.Tasks))
	for i, t := range list.Tasks {
		took, work := "", ""
		if t.Seconds != nil {
			took = span(time.Duration(*t.Seconds * float64(time.Second)))
		}
		if t.Working != nil {
			work = span(time.Duration(*t.Working * float64(time.Second)))
		}
		late := plain.of("")
		if t.Late {
			late = red.of("late")
		}
		rows[i] = []any{bold.of("%s", t.Number), p.clock(t.At.Time), t.Team, t.Agent, took, work, late, shorten(cleanLine(t.Subject), 50)}
	}
	p.table([]string{"NUMBER", "AT", "TEAM", "AGENT", "TIME", "WORKING", "", "SUBJECT"}, rows)
}

// figuresCSV prints a line for each group, spans in seconds, for spreadsheets. What was not measured is empty.
func (w *world) figuresCSV(f *api.Figures) error {
	out := csv.NewWriter(w.out)
	head := append([]string{}, f.By...)
	for _, c := range csvColumns(&api.FigureSet{}) {
		head = append(head, c.name)
	}
	if f.Within != nil {
		head = append(head, "within", "within_clock")
	}
	_ = out.Write(head) // Flush tells what went wrong
	groups := f.Groups
	if len(f.By) == 0 {
		groups = []api.FigureGroup{{Figures: f.Total}}
	}
	for i := range groups {
		var line []string
		for _, name := range f.By {
			line = append(line, noFormula(cleanLine(groups[i].Key[name])))
		}
		for _, c := range csvColumns(&groups[i].Figures) {
			line = append(line, c.value)
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

type csvColumn struct{ name, value string }

func csvColumns(f *api.FigureSet) []csvColumn {
	var all []csvColumn
	count := func(name string, n int) { all = append(all, csvColumn{name, strconv.Itoa(n)}) }
	decimal := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	count("messages", f.Messages)
	count("automatic", f.Automatic)
	count("replies", f.Replies)
	count("answered", f.Answered)
	count("abandoned", f.Abandoned)
	count("unanswered", f.Unanswered)
	level := ""
	if f.ServiceLevel != nil {
		level = decimal(*f.ServiceLevel)
	}
	all = append(all, csvColumn{"service_level", level})
	count("in_time", f.InTime)
	count("counted", f.Counted)
	count("late", f.Late)
	for _, t := range []struct {
		name string
		of   api.FigureTimes
	}{
		{"first_response", f.FirstResponse}, {"next_response", f.NextResponse}, {"speed_of_answer", f.SpeedOfAnswer},
		{"handling", f.Handling}, {"resolution", f.Resolution}, {"held", f.Held},
	} {
		for _, s := range []struct {
			name string
			of   *api.FigureStats
		}{{t.name, t.of.Wall}, {t.name + "_working", t.of.Working}} {
			cells := [5]string{}
			if s.of != nil {
				cells = [5]string{strconv.Itoa(s.of.Count), decimal(s.of.Mean), decimal(s.of.P50), decimal(s.of.P90), decimal(s.of.P95)}
			}
			for i, what := range []string{"count", "mean", "p50", "p90", "p95"} {
				all = append(all, csvColumn{s.name + "_" + what, cells[i]})
			}
		}
	}
	count("resolved", f.Resolved)
	count("aside", f.Aside)
	count("reopened", f.Reopened)
	count("transferred_out", f.TransferredOut)
	count("transferred_in", f.TransferredIn)
	now := [4]string{}
	if f.Now != nil {
		now = [4]string{strconv.Itoa(f.Now.Backlog), decimal(f.Now.OldestWait), strconv.Itoa(f.Now.DueSoon), strconv.Itoa(f.Now.Breached)}
	}
	for i, what := range []string{"backlog", "oldest_wait", "due_soon", "breached"} {
		all = append(all, csvColumn{what, now[i]})
	}
	return all
}

// noFormula keeps a spreadsheet from computing a name.
func noFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t", rune(s[0])) {
		return "'" + s
	}
	return s
}
