package kpi

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"loket/internal/field"
)

// A Report is the answer to a query.
type Report struct {
	From   time.Time
	To     time.Time
	Zone   string
	By     []Dimension
	Groups []Group // in the order of what they are split by
	Total  Figures // each row once, also where a task has several tags
}

// A Group is the figures of one combination of what was asked for, such as a team and a day. Key has one text for each
// dimension; "" for what has none, such as a task without tags. From and To are the part of the span that an hour, day or week
// is; zero where none is asked for, and of weekdays, which come again.
type Group struct {
	Key      []string
	From, To time.Time
	Figures
}

// Report sums up. It first folds what happened until now, so that nothing is missing that was answered before it was
// asked; when that fails because the store is slow, what is there is told.
func (l *Ledger) Report(ctx context.Context, q Query, now time.Time) (*Report, error) {
	q = q.complete()
	if err := q.Validate(); err != nil {
		return nil, err
	}
	if err := l.catchUp(ctx); err != nil {
		return nil, err
	}
	s := newAggregator(&q, now)
	if err := l.sumDays(ctx, s); err != nil {
		return nil, err
	}
	if q.holds(now) {
		c, err := l.running(ctx, q.Teams, now)
		if err != nil {
			return nil, err
		}
		s.merge(s.partial([]*chunk{c}))
	}
	return s.report(), nil
}

// catchUp folds what happened until now, some ten thousand events at most: more is a reader that was away for long, and
// goes on by itself. What the store does not take now is told by whoever reads next.
func (l *Ledger) catchUp(ctx context.Context) error {
	for range 5 {
		if n, err := l.Fold(ctx); n < batch || err != nil {
			break
		}
	}
	return ctx.Err()
}

// sumDays sums up the stored days of the span.
func (l *Ledger) sumDays(ctx context.Context, s *aggregator) error {
	return l.between(ctx, s.q.From.UnixMilli(), s.q.To.UnixMilli(), func(d storedDay) error {
		key := d.key + s.shape(d.name)
		p, ok := l.sums.get(key, d.version)
		if !ok {
			chunks, err := l.chunks(ctx, d)
			if err != nil {
				return err
			}
			p = s.partial(chunks)
			l.sums.put(key, d.version, p)
		}
		s.merge(p)
		if len(s.groups) > maxGroups {
			return field.Errorf("by", "gives more than %d groups: ask for less time, or split by less", maxGroups)
		}
		return nil
	}, s.reset)
}

func (q Query) complete() Query {
	if q.Zone == nil {
		q.Zone = time.UTC
	}
	return q
}

func (q *Query) holds(now time.Time) bool { return !now.Before(q.From) && now.Before(q.To) }

// aggregator puts rows into groups.
type aggregator struct {
	q       *Query
	present time.Time
	buckets *buckets
	groups  map[string]*group
	total   totals
	now     int // the bucket of the present, -1 when it is outside
	byAgent bool
	byTag   bool
	room    []int64
}

type group struct {
	key    []string
	bucket int
	totals
}

func newAggregator(q *Query, now time.Time) *aggregator {
	s := &aggregator{
		q: q, present: now, buckets: newBuckets(q), now: -1,
		byAgent: slices.Contains(q.By, ByAgent), byTag: slices.Contains(q.By, ByTag),
	}
	if q.holds(now) {
		s.now = s.buckets.find(now.UnixMilli())
	}
	s.reset()
	return s
}

// reset begins again.
func (s *aggregator) reset() {
	s.groups, s.total = map[string]*group{}, newTotals(s.now >= 0)
	if len(s.q.By) > 0 && !slices.ContainsFunc(s.q.By, func(d Dimension) bool { return !d.isTime() }) { // an hour in which nothing happened is a figure too
		for i := range s.buckets.starts {
			s.group(strings.Repeat("\x00", len(s.q.By)), "", i)
		}
	}
}

// merge adds sums to their groups.
func (s *aggregator) merge(p *partial) {
	for i := range p.cells {
		c := &p.cells[i]
		s.group(c.part, c.agent, s.buckets.find(c.at)).add(&c.sum)
		if p.total == nil {
			s.total.add(&c.sum)
		}
	}
	if p.total != nil {
		s.total.add(p.total)
	}
}

// group finds or makes the group of a key.
func (s *aggregator) group(part, agent string, bucket int) *group {
	id := part + "\x00" + agent + "\x00" + strconv.Itoa(s.buckets.slots[bucket])
	g := s.groups[id]
	if g != nil {
		return g
	}
	g = &group{bucket: bucket, totals: newTotals(s.now >= 0 && s.buckets.slots[bucket] == s.buckets.slots[s.now])}
	texts := strings.Split(part, "\x00")
	for i, d := range s.q.By {
		switch {
		case d.isTime():
			g.key = append(g.key, s.buckets.slotLabel(s.q, d, bucket))
		case d == ByAgent:
			g.key = append(g.key, agent)
		default:
			g.key = append(g.key, texts[i])
		}
	}
	s.groups[id] = g
	return g
}

func (s *aggregator) report() *Report {
	r := &Report{From: s.q.From, To: s.q.To, Zone: s.q.Zone.String(), By: s.q.By, Groups: []Group{}}
	all := make([]*group, 0, len(s.groups))
	for _, g := range s.groups {
		all = append(all, g)
	}
	slices.SortFunc(all, s.compare)
	for _, g := range all {
		from, to := s.stretch(g.bucket)
		r.Groups = append(r.Groups, Group{g.key, from, to, g.figures()})
	}
	r.Total = s.total.figures()
	return r
}

// stretch is the part of the span that a bucket is, if one is asked for.
func (s *aggregator) stretch(bucket int) (from, to time.Time) {
	if s.buckets.labels[bucket] == "" || s.q.byWeekday() {
		return from, to
	}
	from, to = time.UnixMilli(s.buckets.starts[bucket]), s.q.To
	if bucket+1 < len(s.buckets.starts) {
		to = time.UnixMilli(s.buckets.starts[bucket+1])
	}
	if from.Before(s.q.From) {
		from = s.q.From
	}
	return from.In(s.q.Zone), to.In(s.q.Zone)
}

func (s *aggregator) compare(a, b *group) int {
	for i, d := range s.q.By {
		c := cmp.Compare(a.key[i], b.key[i])
		if d.isTime() { // the hour that comes twice has labels that don't sort
			c = cmp.Compare(s.buckets.slotPlace(s.q, d, a.bucket), s.buckets.slotPlace(s.q, d, b.bucket))
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
