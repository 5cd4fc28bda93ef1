package figures

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"loket/internal/message"
	"loket/router/kpi"
)

// CSV writes a line for each group, and one for all where nothing is split; spans are seconds, for spreadsheets. What was not
// measured is empty. With the span before, a column says of which each line is.
func CSV(w io.Writer, r *Report) error {
	out := csv.NewWriter(w)
	var head []string
	if r.Previous != nil {
		head = append(head, "period")
	}
	for _, d := range r.By {
		head = append(head, string(d))
	}
	for _, figure := range kpi.List() {
		head = append(head, csvNames(figure)...)
	}
	if r.Within != nil {
		head = append(head, "within", "within_clock")
	}
	_ = out.Write(head) // Flush tells what went wrong
	if r.Previous == nil {
		writeGroups(out, r, r.Report)
	} else {
		writeGroups(out, r, r.Report, "asked")
		writeGroups(out, r, r.Previous, "previous")
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	return nil
}

// writeGroups writes the groups of one span, each line after what it begins with.
func writeGroups(out *csv.Writer, r *Report, of *kpi.Report, begin ...string) {
	groups := of.Groups
	if len(r.By) == 0 {
		groups = []kpi.Group{{Figures: of.Total}}
	}
	for i := range groups {
		line, team := slices.Clone(begin), ""
		for at, d := range r.By {
			name := groups[i].Key[at]
			if d == kpi.ByTeam {
				team = name
			}
			line = append(line, cell(name))
		}
		for at, figure := range kpi.List() {
			line = append(line, csvValues(&groups[i].Figures, at, figure)...)
		}
		if r.Within != nil {
			line = append(line, decimal(r.Within.Time.Seconds()), withinClock(r.Within, team))
		}
		_ = out.Write(line)
	}
}

// withinClock names the calendar that a line was measured by, or wall. team is "" for a line of several.
func withinClock(w *Within, team string) string {
	clocks := map[string]bool{}
	for name, calendar := range w.Clocks {
		if team == "" || team == name {
			clocks[cmp.Or(calendar, "wall")] = true
		}
	}
	return cell(strings.Join(slices.Sorted(maps.Keys(clocks)), " "))
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
func csvValues(s *kpi.Figures, at int, f kpi.Figure) []string {
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

// cell is a name on one line, which neither a spreadsheet computes nor a terminal obeys.
func cell(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, message.CleanLine(name))
	if name != "" && strings.ContainsRune("=+-@\t", rune(name[0])) {
		return "'" + name
	}
	return name
}
