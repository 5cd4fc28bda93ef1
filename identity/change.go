package identity

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

// A change is one operation: what it reads, the facts it adds, and what it demands of the outcome.
type change struct {
	op    string
	by    Actor
	nodes []string          // what it is about: identifiers and cidNodes
	index map[string]string // what was read of the index just now
	// say adds the facts. It runs again when others changed the same customers meanwhile.
	say func(v *view) error
	// judge looks at what comes of it. An error and nothing is done.
	judge func(v *view, p *Partition) error
	// bounded: nobody looked at it, so that too many joins trip it.
	bounded bool
	tripped bool
	// left are identifiers that a person takes from their customer, whose id stays with the others.
	left []string
	// held are identifiers that a person takes for one customer's, each list of them.
	held  [][]string
	hints []hint   // what is filed for a person to look at, besides what is refused
	erase []string // nodes that are no more
	trace trace    // what is kept of them elsewhere
	// revived are nodes that were erased, and are somebody's again.
	revived map[string]bool
	// quiet does not stand in the log.
	quiet bool
	// lazy: what is seen with those who have too many partners is only counted.
	lazy bool
}

// hint is that two customers may be one, how in words for people.
type hint struct{ a, b, how string }

// maxTries is for some seconds.
const maxTries = 400

// do computes and commits a change. The partition it answers has all ids.
func (r *Registry) do(ctx context.Context, c *change) (*view, *Partition, error) {
	for try := range r.tries {
		v, err := r.loadFor(ctx, c)
		if err != nil && !errors.Is(err, ErrBusy) {
			return nil, nil, err
		}
		if err == nil {
			v.suspects = try > 0
			p, done, err := r.try(ctx, c, v)
			if done || err != nil && !errors.Is(err, ErrBusy) {
				return v, p, err
			}
		}
		c.index = nil
		r.counts.retries.Add(1)
		if err := pause(ctx, try); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, ErrBusy
}

func pause(ctx context.Context, try int) error {
	if try == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(rand.N(min(time.Duration(try)*500*time.Microsecond, 20*time.Millisecond))):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Registry) try(ctx context.Context, c *change, v *view) (*Partition, bool, error) {
	v.remember()
	v.silent = nil
	if err := c.say(v); err != nil {
		return nil, false, err
	}
	p := Derive(v.facts)
	if v.passOnIDs(p, c.left, r.now().UnixMilli()) {
		p = Derive(v.facts)
	}
	for _, nodes := range c.held {
		p = v.hold(p, nodes, c.by)
	}
	joins := v.joins(p)
	if c.bounded && !c.tripped && len(joins) > 0 {
		tooMany, err := r.tooMany(ctx, c, joins)
		if err != nil {
			return nil, false, err
		}
		if tooMany {
			c.tripped = true
			r.counts.tripped.Add(1)
			return nil, false, nil
		}
	}
	if c.judge != nil {
		if err := c.judge(v, p); err != nil {
			return p, false, err
		}
	}
	w := &writing{reg: r, view: v, p: p, change: c, now: r.now(), joins: joins}
	done, err := w.commit(ctx)
	return p, done, err
}

// remember notes what was refused, and fills in what the index says of those whose entry was not read: it is what
// their facts make.
func (v *view) remember() {
	p := Derive(v.facts)
	v.refused = map[edgeKey]bool{}
	for _, r := range p.Refused {
		v.refused[r.from] = true
	}
	for i := range p.Groups {
		for _, x := range p.Groups[i].Nodes {
			if _, read := v.index[x]; !read {
				v.index[x] = v.entryOf(x, &p.Groups[i], p.state[x]).String()
				v.guessed[x] = true
			}
		}
	}
}

// joins are the customers, known before, that come together, a list for each of the groups.
func (v *view) joins(p *Partition) [][]string {
	var out [][]string
	for i := range p.Groups {
		var were []string
		for _, x := range p.Groups[i].Nodes {
			e, _ := v.entry(x)
			if c := e.customer(); c != "" && !slices.Contains(were, c) {
				were = append(were, c)
			}
		}
		if len(were) > 1 {
			slices.Sort(were)
			out = append(out, were)
		}
	}
	return out
}

func (b Actor) evidence() string {
	if b.Message != "" {
		return b.Message
	}
	return b.Name
}
