package reports

import (
	"fmt"
	"strings"
	"time"

	"loket/desk/figures"
	"loket/router/kpi"
)

// words are what a report says, in one language.
type words struct {
	subject, before, firstAnswer, nineOfTen, all string
	months                                       [12]string
	units                                        [4]string // seconds to days
	figures                                      map[string]string
}

var languages = map[string]words{
	"en": {
		subject: "How %s went: %s", before: "before", firstAnswer: "First answer, half within", nineOfTen: "First answer, 9 of 10 within", all: "all teams",
		months:  [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		units:   [4]string{"s", "min", "h", "d"},
		figures: map[string]string{"service_level": "In time", "messages": "Messages", "answered": "Answered", "late": "Late", "abandoned": "Never answered", "reopened": "Reopened", "resolved": "Closed", "satisfaction": "Customers say that we helped"},
	},
	"nl": {
		subject: "Hoe %s ging: %s", before: "daarvoor", firstAnswer: "Eerste antwoord, de helft binnen", nineOfTen: "Eerste antwoord, 9 van 10 binnen", all: "alle teams",
		months:  [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
		units:   [4]string{"s", "min", "u", "d"},
		figures: map[string]string{"service_level": "Op tijd", "messages": "Berichten", "answered": "Beantwoord", "late": "Te laat", "abandoned": "Nooit beantwoord", "reopened": "Weer geopend", "resolved": "Afgerond", "satisfaction": "Klanten zeggen dat we hielpen"},
	},
}

// shown are the figures of a report, in their order; the first answer stands after the first of them.
var shown = []string{"service_level", "messages", "answered", "late", "abandoned", "resolved", "reopened", "satisfaction"}

// month is the month that begins at an instant.
func (w *words) month(t time.Time) string { return w.months[t.Month()-1] + t.Format(" 2006") }

// section is how a team did: a line for each figure, the month before beside it.
func (w *words) section(team string, r *figures.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", team)
	line := func(label, now, was string) { fmt.Fprintf(&b, "  %-34s %12s   (%s %s)\n", label, now, w.before, was) }
	for _, name := range shown {
		line(w.figures[name], value(&r.Total, name), value(&r.Previous.Total, name))
		if name == "service_level" {
			now, was := r.Total.Times("first_response").Wall, r.Previous.Total.Times("first_response").Wall
			line(w.firstAnswer, w.span(now, func(s *kpi.Stats) float64 { return s.P50 }), w.span(was, func(s *kpi.Stats) float64 { return s.P50 }))
			line(w.nineOfTen, w.span(now, func(s *kpi.Stats) float64 { return s.P90 }), w.span(was, func(s *kpi.Stats) float64 { return s.P90 }))
		}
	}
	return b.String()
}

// value is a count or a share as people read it.
func value(f *kpi.Figures, name string) string {
	if name != "service_level" && name != "satisfaction" {
		return fmt.Sprint(f.Count(name))
	}
	if share := f.Share(name); share != nil {
		return fmt.Sprintf("%.0f %%", 100**share)
	}
	return "–"
}

// span is how long something took, in its two largest units.
func (w *words) span(stats *kpi.Stats, of func(*kpi.Stats) float64) string {
	if stats == nil {
		return "–"
	}
	d := time.Duration(of(stats) * float64(time.Second))
	units := []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour}
	for i := len(units) - 1; i > 0; i-- {
		if d = d.Round(units[i-1]); d < units[i] {
			continue
		}
		text := fmt.Sprintf("%d %s", d/units[i], w.units[i])
		if rest := d % units[i] / units[i-1]; rest > 0 && i > 1 {
			text += fmt.Sprintf(" %d %s", rest, w.units[i-1])
		}
		return text
	}
	return fmt.Sprintf("%d %s", d/time.Second, w.units[0])
}
