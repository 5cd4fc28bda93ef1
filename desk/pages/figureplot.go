package pages

import (
	"fmt"
	"strings"

	"loket/desk/figures"
	"loket/router/kpi"
)

// A plot is a picture of figures over time. It is as wide as plotWidth and as high as plotHeight, whatever it is drawn in; the numbers
// stand in the table below it.
type plot struct {
	Title, Most       string
	First, Last       string // what the ends are of
	Bars              []bar
	Lines             []line
	Width, Height, Of int
}

type bar struct {
	X, Y, Width, Height float64
	Kind                string // a class of the style
}

type line struct{ Path, Kind string }

const plotWidth, plotHeight = 1000, 120

// plots draw the course of what was asked: how much came and was answered, how much of it in time, how soon.
func plots(w *words, q question, r *figures.Report) []plot {
	if len(r.Groups) < 2 {
		return nil
	}
	count := func(name string) func(*kpi.Figures) *float64 {
		return func(f *kpi.Figures) *float64 { n := float64(f.Count(name)); return &n }
	}
	first := func(of func(*kpi.Stats) float64) func(*kpi.Figures) *float64 {
		return func(f *kpi.Figures) *float64 {
			stats := q.clock(f.Times("first_response"))
			if stats == nil {
				return nil
			}
			v := of(stats)
			return &v
		}
	}
	half := first(func(s *kpi.Stats) float64 { return s.P50 })
	inTime := func(f *kpi.Figures) *float64 { return f.Share("service_level") }
	asked := courseOf(r.Groups)
	before := courseOf(r.Previous.Groups)
	volume := drawing{title: w.MessagesPlot, bars: []course{asked.of("pale", count("messages")), asked.of("", count("answered"))}, lines: []course{before.of("before", count("answered"))}}
	level := drawing{title: w.InTimePlot, lines: []course{before.of("before", inTime), asked.of("", inTime)}, most: 1}
	soon := drawing{title: w.FirstPlot, lines: []course{before.of("before", half), asked.of("pale", first(func(s *kpi.Stats) float64 { return s.P90 })), asked.of("", half)}}
	all := []plot{
		volume.plot(func(most float64) string { return number(int(most)) }),
		level.plot(func(float64) string { return percent(1) }),
		soon.plot(w.seconds),
	}
	for i := range all {
		all[i].First, all[i].Last = w.groupName(r.Report, &r.Groups[0]), w.groupName(r.Report, &r.Groups[len(r.Groups)-1])
	}
	return all
}

// A course is a value for each stretch of time; nil where there is none.
type course struct {
	kind   string
	values []*float64
}

type groups []kpi.Group

func courseOf(g []kpi.Group) groups { return g }

func (gs groups) of(kind string, value func(*kpi.Figures) *float64) course {
	c := course{kind: kind}
	for i := range gs {
		c.values = append(c.values, value(&gs[i].Figures))
	}
	return c
}

// A drawing is what a plot is made of. Its courses share one scale, which ends at most, or at the largest value.
type drawing struct {
	title       string
	bars, lines []course
	most        float64
}

func (d drawing) plot(label func(most float64) string) plot {
	p := plot{Title: d.title, Width: plotWidth, Height: plotHeight}
	n, most := 0, d.most
	for _, c := range append(append([]course{}, d.bars...), d.lines...) {
		for _, v := range c.values {
			if v != nil {
				most = max(most, *v)
			}
		}
	}
	for _, c := range append(append([]course{}, d.bars...), d.lines...) {
		if c.kind != "before" {
			n = max(n, len(c.values))
		}
	}
	if most > 0 {
		p.Most = label(most)
	}
	step := plotWidth / float64(max(1, n))
	high := func(v float64) float64 {
		if most == 0 {
			return 0
		}
		return v / most * plotHeight
	}
	for _, c := range d.bars {
		for i, v := range c.values {
			if v != nil && *v > 0 {
				p.Bars = append(p.Bars, bar{X: float64(i)*step + step*0.1, Y: plotHeight - high(*v), Width: step * 0.8, Height: high(*v), Kind: c.kind})
			}
		}
	}
	for _, c := range d.lines {
		var path strings.Builder
		command := "M"
		for i, v := range c.values {
			if v == nil || i >= n { // a stretch before may be a day longer
				command = "M"
				continue
			}
			fmt.Fprintf(&path, "%s%.1f %.1fh0", command, (float64(i)+0.5)*step, plotHeight-high(*v))
			command = "L"
		}
		p.Lines = append(p.Lines, line{path.String(), c.kind})
	}
	return p
}
