package identity

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"loket/internal/message"
)

// suggest adds what a person may want to look at: who the sender may be, and who they claim to be. What the index says
// for sure takes only the names; what is in question takes all that hangs together.
func (r *Registry) suggest(ctx context.Context, q *query, v *view) error {
	if q.Brief {
		q.shown.aliases, q.shown.claims = nil, nil
	}
	if q.res.Customer != "" {
		q.shown.aliases = nil
	}
	var nodes []string
	deep := false
	for _, id := range q.shown.lookedUp() {
		if e, ok := q.entry(id); ok {
			nodes = append(nodes, id.String())
			deep = deep || e.contested || e.generic || e.several || e.ends.doubtful(q.at)
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	if deep && (v == nil || !q.Brief) {
		var err error
		if v, err = r.view(ctx, nodes...); err != nil {
			return err
		}
	}
	if deep {
		if v.accounts(q) {
			q.res.sign(SignAccounts)
		}
		q.named(v)
		q.suggestions(func(ids []message.Identifier) []Candidate { return v.candidates(q.at, ids) })
	} else {
		q.suggestions(q.indexed)
	}
	return r.introduce(ctx, q)
}

// suggestions fills in the candidates, all but the customer.
func (q *query) suggestions(of func(ids []message.Identifier) []Candidate) {
	but := func(list []Candidate) []Candidate {
		list = once(list)
		return slices.DeleteFunc(list, func(c Candidate) bool { return c.Customer == q.res.Customer })
	}
	q.res.Candidates = but(of(slices.Concat(q.shown.held, q.shown.aliases)))
	q.res.ClaimsToBe = but(of(q.shown.claims))
	if len(q.res.Candidates) == 0 {
		q.res.Candidates = nil
	}
	if len(q.res.ClaimsToBe) == 0 {
		q.res.ClaimsToBe = nil
	}
}

// indexed are the customers that the index names.
func (q *query) indexed(ids []message.Identifier) []Candidate {
	var out []Candidate
	for _, id := range ids {
		if e, ok := q.entry(id); ok && e.customer() != "" && !e.blocked {
			out = append(out, Candidate{Customer: e.group, Why: id.Node()})
		}
	}
	return out
}

// introduce adds the names of the customer and of the candidates.
func (r *Registry) introduce(ctx context.Context, q *query) error {
	keys := []string{}
	if !q.Brief && q.res.Customer != "" {
		keys = append(keys, groupKey(q.res.Customer))
	}
	lists := [][]Candidate{q.res.Candidates, q.res.ClaimsToBe}
	for _, list := range lists {
		for _, c := range list {
			keys = append(keys, groupKey(c.Customer))
		}
	}
	values, err := r.strings(ctx, keys)
	if err != nil {
		return err
	}
	type head struct {
		version int64
		name    called
	}
	heads := map[string]head{}
	for i, key := range keys {
		if version, f, _, err := parseGroup(strings.TrimPrefix(key, groupKey("")), values[i]); err == nil {
			name := called{}
			for x := range f.nodes {
				name = name.join(f.local(x).name)
			}
			heads[key] = head{version, name}
		}
	}
	if h := heads[groupKey(q.res.Customer)]; !q.Brief && h.version > 0 {
		q.res.Version = h.version
		if q.res.Basis.IsNumber() && strangers(h.name.name, q.res.Name) {
			q.res.sign(SignName)
		}
		if q.res.Basis.IsMailbox() && h.name.rank >= message.Vouched && twoPeople(h.name.name, q.Name) {
			q.res.sign(SignReader)
		}
		if h.name.rank >= message.Vouched || q.res.Name == "" {
			q.res.Name = cmp.Or(h.name.name, q.res.Name)
		}
	}
	for _, list := range lists {
		for i := range list {
			list[i].Name = heads[groupKey(list[i].Customer)].name.name
		}
	}
	return nil
}

// view reads until what was read fits together.
func (r *Registry) view(ctx context.Context, nodes ...string) (*view, error) {
	return r.viewWithin(ctx, r.tries, nodes...)
}

// viewWithin gives up after so many tries: the error is ErrBusy, and the view what was read last.
func (r *Registry) viewWithin(ctx context.Context, tries int, nodes ...string) (*view, error) {
	var last *view
	for try := range tries {
		v, err := r.load(ctx, nil, nodes...)
		if !errors.Is(err, ErrBusy) {
			return v, err
		}
		last = v
		if err := pause(ctx, try+1); err != nil {
			return nil, err
		}
	}
	return last, ErrBusy
}

// candidates are the customers that identifiers speak for, as they were at an instant.
func (v *view) candidates(at int64, ids []message.Identifier) []Candidate {
	var out []Candidate
	p := Derive(v.facts)
	for _, id := range ids {
		for _, g := range v.owners(p, v.facts.lifeAt(id.String(), at)) {
			out = append(out, Candidate{Customer: g.ID, Name: v.called(g).name, Why: id.Node()})
		}
	}
	return out
}

func once(list []Candidate) []Candidate {
	var out []Candidate
	for _, c := range list {
		if !slices.ContainsFunc(out, func(o Candidate) bool { return o.Customer == c.Customer }) {
			out = append(out, c)
		}
	}
	return out
}

// owners are the groups that an identifier may be of: its own, and, when that is in question or it is nobody's alone,
// those of all it was seen with.
func (v *view) owners(p *Partition, x string) []*Group {
	own := p.group(x)
	if own == nil || v.facts.local(x).blocked.on {
		return nil
	}
	var out []*Group
	add := func(y string) {
		if g := p.group(y); g != nil && g.ID != "" && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	s := p.state[x]
	if !s.generic {
		add(x)
	}
	if l := v.facts.lifeOf(x); v.facts.node(x).ends.doubtful(l.after + 1) { // who had it before the silence may be who has it
		add(pastNode(x, l.after))
	}
	if s.contested {
		for _, r := range p.Refused {
			if r.X == x {
				add(r.Y)
			} else if r.Y == x {
				add(r.X)
			}
		}
	}
	if s.generic {
		base, _ := baseOf(x)
		for _, k := range sortedKeys(v.partnersOf(base), compareEdges) {
			e, mine := v.facts.edges[k], v.facts.lifeOf(x)
			if v.facts.barred(k) {
				continue
			}
			for _, other := range []string{k.x, k.y} {
				for _, l := range v.facts.lives(other) {
					if _, _, ok := e.lived(k, mine, l); ok && other != base {
						add(l.name)
					}
				}
			}
		}
	}
	return out
}

func (v *view) partnersOf(x string) map[edgeKey]bool {
	out := map[edgeKey]bool{}
	for k := range v.facts.edges {
		if k.x == x || k.y == x {
			out[k] = true
		}
	}
	return out
}

// called is what a customer is called: by the surest, then the latest.
func (v *view) called(g *Group) called {
	var name called
	for _, x := range g.Nodes {
		name = name.join(v.facts.local(x).name)
	}
	return name
}
