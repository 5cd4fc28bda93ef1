package kpi

import (
	"fmt"
	"strings"
	"time"

	"loket/router/kpi/column"
)

// A partial is a day summed up for queries of one shape: its rows in as many cells as the groups that they go to. It is
// kept, and never changes.
type partial struct {
	cells []cell
	total *sum // each row once, where a row may be in several cells
	size  int
}

// A cell is the rows of a group in one day.
type cell struct {
	part, agent string
	at          int64 // an instant of its bucket
	sum
}

func (p *partial) bytes() int { return p.size }

// shape tells queries apart that sum up a day differently: by what is asked, and by where the hours, days or weeks of
// the zone begin and the span ends inside the day.
func (s *aggregator) shape(name string) string {
	q := s.q
	begin, _ := time.Parse(time.DateOnly, name) // a key of ours
	from, to := begin.UnixMilli(), begin.AddDate(0, 0, 1).UnixMilli()
	var cuts []int64
	for _, at := range s.buckets.starts[s.buckets.find(from):] {
		if at >= to {
			break
		}
		if at > from {
			cuts = append(cuts, at-from)
		}
	}
	zone := ""
	if q.byClock() {
		zone = q.Zone.String()
	}
	return fmt.Sprintf("%#v", []any{
		zone, q.By, q.Teams, q.Teams == nil, q.Only, q.Within, q.Short, cuts,
		max(from, q.From.UnixMilli()) - from, min(to, q.To.UnixMilli()) - from,
	})
}

// partial sums up the rows of chunks.
func (s *aggregator) partial(chunks []*chunk) *partial {
	p := &partial{}
	if s.byTag {
		total := newSum()
		p.total = &total
	}
	b := &collector{s: s, p: p, cells: map[place]*cell{}, undone: undoneIn(chunks)}
	for _, c := range chunks {
		b.chunk(c)
	}
	for _, c := range b.cells {
		s.room = c.sort(s.room)
		p.size += c.bytes()
		p.cells = append(p.cells, *c)
	}
	if p.total != nil {
		s.room = p.total.sort(s.room)
		p.size += p.total.bytes()
	}
	return p
}

// collector puts rows into cells.
type collector struct {
	s      *aggregator
	p      *partial
	cells  map[place]*cell
	undone undone

	tallies tallies
}

type place struct {
	part, agent string
	bucket      int
}

func (g *collector) chunk(c *chunk) {
	q := g.s.q
	var parts column.Dictionary[string] // of keys: sorts that differ in nothing that is asked for share them
	sorts := make([][]int, len(c.sorts))
	for i := range c.sorts {
		if !q.wants(&c.sorts[i]) {
			continue
		}
		for _, part := range g.s.parts(&c.sorts[i]) {
			sorts[i] = append(sorts[i], parts.Number(part))
		}
	}
	agents := make([]bool, len(c.agents))
	for i, a := range c.agents {
		agents[i] = q.wantsAgent(a)
	}
	for i := range c.tables {
		g.table(c, &c.tables[i], sorts, parts.Values, agents)
	}
}

// table adds the rows of a table. Those of the same part, agent and bucket go to a cell that is looked up once.
func (g *collector) table(c *chunk, t *table, sorts [][]int, parts []string, agents []bool) {
	q, buckets := g.s.q, g.s.buckets
	from, to := q.From.UnixMilli(), q.To.UnixMilli()
	nAgents := 1
	if g.s.byAgent {
		nAgents = len(agents)
	}
	byClock := q.byClock()
	var near []*cell
	bucket, as := -1, g.tallies.of(q.classify(&signs{kind: t.kind}))
	for i := range t.n {
		sort, agent := int(t.cols[colSort].At(i)), int(t.cols[colAgent].At(i))
		if g.undone.out(t, i) || sorts[sort] == nil || !agents[agent] {
			continue
		}
		at := t.cols[colMs].At(i) - t.cols[colBack].At(i)
		if at < from || at >= to || byClock && !q.wantsAt(at) {
			continue
		}
		if b := buckets.find(at); b != bucket {
			bucket, near = b, make([]*cell, len(parts)*nAgents)
		}
		if !g.s.byAgent {
			agent = 0
		}
		if t.kind.varies() {
			signs := t.signs(i, g.undone.endless(t, i))
			as = g.tallies.of(q.classify(&signs))
		}
		for _, part := range sorts[sort] {
			cell := near[part*nAgents+agent]
			if cell == nil {
				name := ""
				if g.s.byAgent {
					name = c.agents[agent]
				}
				cell = g.cell(place{parts[part], name, bucket}, at)
				near[part*nAgents+agent] = cell
			}
			cell.add(t, i, as)
		}
		if g.p.total != nil {
			g.p.total.add(t, i, as)
		}
	}
}

func (g *collector) cell(at place, instant int64) *cell {
	c := g.cells[at]
	if c == nil {
		c = &cell{part: at.part, agent: at.agent, at: instant, sum: newSum()}
		g.cells[at] = c
	}
	return c
}

// parts are the texts that tell the groups of a sort apart: one, or one for each tag.
func (s *aggregator) parts(of *Sort) []string {
	tags := []string{""}
	if s.byTag && of.tags != "" {
		tags = of.Tags()
	}
	parts := make([]string, len(tags))
	for i, tag := range tags {
		var b strings.Builder
		for _, d := range s.q.By {
			if d == ByTag {
				b.WriteString(tag)
			} else {
				b.WriteString(of.text(d))
			}
			b.WriteByte(0)
		}
		parts[i] = b.String()
	}
	return parts
}
