package kpi

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/internal/field"
)

// FigureNames lists the figures whose tasks can be listed.
func FigureNames() []string {
	var names []string
	for i := range list {
		if list[i].HasTasks() {
			names = append(names, list[i].Name)
		}
	}
	return names
}

// counts tells whether a row is in the figure.
func (f *Figure) counts(r *Row, q *Query) bool {
	signs := r.signs()
	return f.has(q.classify(&signs)) && (f.Sum != Spread || r.measured(f.wall) != None)
}

// measured is what a column of spans says of the row; None where col is none.
func (r *Row) measured(col int) int64 {
	if col == 0 {
		return None
	}
	return *r.span(col)
}

// An Item is one thing that a figure counts. A task is there as often as it is counted.
type Item struct {
	Row
	Span, Work int64 // what the figure measures of it, ms; None when it measures nothing
}

// Tasks lists what a figure counts, oldest first, at most limit after the cursor of the page before, and gives the
// cursor of the next page, "" at the end. The lengths of all pages add up to the figure.
func (l *Ledger) Tasks(ctx context.Context, q Query, figure string, page Page, now time.Time) ([]Item, string, error) {
	q = q.complete()
	if err := q.Validate(); err != nil {
		return nil, "", err
	}
	i := slices.IndexFunc(list, func(f Figure) bool { return f.Name == figure && f.HasTasks() })
	if i < 0 {
		return nil, "", field.Errorf("figure", "must be of %s, not %q%s", either(FigureNames()), figure, field.DidYouMean(figure, FigureNames()))
	}
	after, err := parseMark(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	if err := l.catchUp(ctx); err != nil {
		return nil, "", err
	}
	p := &taskSearch{q: &q, of: &list[i], after: after, limit: max(1, page.Limit)}
	if err := l.pick(ctx, p, now); err != nil {
		return nil, "", err
	}
	items, more := p.page()
	if !more {
		return items, "", nil
	}
	return items, markOf(&items[len(items)-1].Row).String(), nil
}

// A Page says which part of a list is wanted.
type Page struct {
	Limit  int
	Cursor string // of the page before; "" for the first
}

func (l *Ledger) pick(ctx context.Context, p *taskSearch, now time.Time) error {
	err := l.between(ctx, p.q.From.UnixMilli(), p.q.To.UnixMilli(), func(d storedDay) error {
		if p.full() || p.after.k == Running || p.after != (mark{}) && d.name < dayOf(p.after.at) {
			return nil
		}
		chunks, err := l.chunks(ctx, d)
		p.undone = undoneIn(chunks)
		for _, c := range chunks {
			p.chunk(c)
		}
		return err
	}, func() { p.found = nil })
	if err != nil || p.full() || !p.q.holds(now) {
		return err
	}
	c, err := l.running(ctx, p.q.Teams, now)
	if err == nil {
		p.chunk(c)
	}
	return err
}

// taskSearch gathers the first rows of a figure after a mark.
type taskSearch struct {
	q     *Query
	of    *Figure
	after mark
	limit int
	found []Row

	undone undone // of the day that is looked through
}

// full tells whether nothing later can be on the page: days come in order.
func (p *taskSearch) full() bool { return len(p.found) > p.limit }

func (p *taskSearch) chunk(c *chunk) {
	from, to := p.q.From.UnixMilli(), p.q.To.UnixMilli()
	wanted, byClock := make([]bool, len(c.sorts)), p.q.byClock()
	for i := range c.sorts {
		wanted[i] = p.q.wants(&c.sorts[i])
	}
	for t := range c.tables {
		t := &c.tables[t]
		for i := range t.n {
			if p.undone.out(t, i) || !wanted[t.cols[colSort].At(i)] {
				continue
			}
			r := c.row(t, i)
			if p.undone.endless(t, i) {
				r.endless()
			}
			if r.At < from || r.At >= to || byClock && !p.q.wantsAt(r.At) || !p.q.wantsAgent(r.Agent) || !p.of.counts(&r, p.q) || markOf(&r).compare(p.after) <= 0 {
				continue
			}
			if p.found = append(p.found, r); len(p.found) > 4*p.limit+1000 {
				p.cut()
			}
		}
	}
}

// cut forgets what is not on the page.
func (p *taskSearch) cut() {
	slices.SortFunc(p.found, func(a, b Row) int { return markOf(&a).compare(markOf(&b)) })
	p.found = p.found[:min(len(p.found), p.limit+1)]
}

func (p *taskSearch) page() (items []Item, more bool) {
	p.cut()
	more = len(p.found) > p.limit
	items = []Item{}
	for _, r := range p.found[:min(len(p.found), p.limit)] {
		items = append(items, Item{r, r.measured(p.of.wall), r.measured(p.of.working)})
	}
	return items, more
}

// A mark is the place of a row in a list.
type mark struct {
	at int64
	id ID
	k  Kind
	n  int64 // of waits that run, which have no event of their own
}

func markOf(r *Row) mark {
	if r.Kind == Running { // after everything, and the same at every asking
		return mark{k: Running, n: r.Task}
	}
	return mark{r.At, r.ID, r.Kind, r.Task}
}

func (m mark) compare(o mark) int {
	if runs := m.k == Running; runs != (o.k == Running) {
		return cmp.Compare(m.k, o.k)
	}
	return cmp.Or(cmp.Compare(m.at, o.at), cmp.Compare(m.id.Ms, o.id.Ms), cmp.Compare(m.id.Seq, o.id.Seq), cmp.Compare(m.k, o.k), cmp.Compare(m.n, o.n))
}

func (m mark) String() string {
	return fmt.Sprintf("%d.%d.%d.%d.%d", m.at, m.id.Ms, m.id.Seq, m.k, m.n)
}

func parseMark(cursor string) (mark, error) {
	var m mark
	if cursor == "" {
		return m, nil
	}
	if strings.Count(cursor, ".") == 4 {
		if n, _ := fmt.Sscanf(cursor, "%d.%d.%d.%d.%d", &m.at, &m.id.Ms, &m.id.Seq, &m.k, &m.n); n == 5 && m.String() == cursor {
			return m, nil
		}
	}
	return m, field.Errorf("cursor", "must be one that a page gave")
}
