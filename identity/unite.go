package identity

import (
	"cmp"
	"slices"

	"loket/internal/message"
)

// part is a customer in the making: a tree of nodes, of which the root has the counts.
type part struct {
	name   string
	up     *part
	nodes  int
	emails int
	phones int
	// systems in which it has a number.
	systems []string
}

func (p *part) root() *part {
	for p.up != nil {
		if p.up.up != nil {
			p.up = p.up.up
		}
		p = p.up
	}
	return p
}

// unite joins along the arcs, the strongest first, then along what people decided.
func (d *deriving) unite(arcs []arc) {
	d.parts = make(map[string]*part, len(d.kinds))
	for x, id := range d.kinds {
		p := &part{name: x, nodes: 1}
		switch {
		case isPast(x): // it counts for who they were, and not for what they have
		case id.IsMailbox():
			p.emails = 1
		case id.Kind == "phone":
			p.phones = 1
		case id.Class() == message.Anchor:
			p.systems = []string{system(id)}
		}
		d.parts[x] = p
	}
	for cid, b := range d.facts.born {
		d.join(arc{x: cidNode(cid), y: b.node, rank: message.Decided})
	}
	var same []arc
	for k, w := range d.facts.decisions {
		if !w.same {
			d.differs = append(d.differs, k)
			continue
		}
		x, _ := baseOf(k.x)
		y, _ := baseOf(k.y)
		from := k
		if own, ok := d.facts.words[k]; !ok || own != w {
			from = pairOf(x, y)
		}
		same = append(same, arc{x: k.x, y: k.y, rank: message.Decided, t0: w.at, from: edgeKey{from, message.Decided}})
	}
	// What may be out of date comes when all else is known.
	fresh, stale := arcs, []arc(nil)
	if slices.ContainsFunc(arcs, func(a arc) bool { return a.stale }) {
		fresh = slices.DeleteFunc(slices.Clone(arcs), func(a arc) bool { return a.stale })
		stale = slices.DeleteFunc(slices.Clone(arcs), func(a arc) bool { return !a.stale })
	}
	d.sure, d.lost = map[string]message.Level{}, map[string]message.Level{}
	for _, list := range [][]arc{fresh, stale, same} {
		slices.SortFunc(list, strongestThenOldest)
		for _, a := range list {
			if d.p.state[a.x].generic || d.p.state[a.y].generic {
				continue
			}
			switch d.refuses(a) {
			case "":
				d.join(a)
				d.sure[a.x], d.sure[a.y] = max(d.sure[a.x], a.rank), max(d.sure[a.y], a.rank)
			case anchored, crowded:
				for _, x := range []string{a.x, a.y} {
					if d.kinds[x].Class() != message.Anchor && d.sure[x] <= a.rank {
						d.lost[x] = max(d.lost[x], a.rank)
					}
				}
			}
		}
	}
	// Only now is it known which of the refused join two that did not come together otherwise.
	for _, list := range [][]arc{fresh, stale, same} {
		for _, a := range list {
			if d.part(a.x).root() != d.part(a.y).root() && !d.p.state[a.x].generic && !d.p.state[a.y].generic {
				d.p.Refused = append(d.p.Refused, Refusal{X: a.x, Y: a.y, Rank: a.rank, rule: d.refuses(a), from: a.from})
			}
		}
	}
}

func strongestThenOldest(a, b arc) int {
	return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(a.t0, b.t0), cmp.Compare(min(a.x, a.y), min(b.x, b.y)),
		cmp.Compare(max(a.x, a.y), max(b.x, b.y)), cmp.Compare(a.from.x, b.from.x), cmp.Compare(a.from.y, b.from.y),
		cmp.Compare(a.from.rank, b.from.rank))
}

// part is the place of a node. One that only words speak of has none yet.
func (d *deriving) part(x string) *part {
	p := d.parts[x]
	if p == nil {
		p = &part{name: x}
		d.parts[x] = p
	}
	return p
}

// refuses says what forbids to join along an arc. A decision of a person bows to another one only.
func (d *deriving) refuses(a arc) rule {
	x, y := d.part(a.x).root(), d.part(a.y).root()
	if x == y {
		return ""
	}
	for _, k := range d.differs {
		u, v := d.part(k.x).root(), d.part(k.y).root()
		if u == x && v == y || u == y && v == x {
			return differing
		}
	}
	if a.rank == message.Decided {
		return ""
	}
	if a.stale && (d.was(a.x, y) || d.was(a.y, x)) {
		return retired
	}
	if d.lost[a.x] > a.rank || d.lost[a.y] > a.rank {
		return doubtful
	}
	for _, s := range x.systems {
		if slices.Contains(y.systems, s) {
			return anchored
		}
	}
	if x.nodes+y.nodes > maxNodes || x.emails+y.emails > maxEmails || x.phones+y.phones > maxPhones {
		return crowded
	}
	return ""
}

// was tells whether an identifier was somebody's before it was given up.
func (d *deriving) was(name string, who *part) bool {
	x, _ := baseOf(name)
	for _, l := range d.facts.lives(x) {
		if l.name == name {
			return false
		}
		if d.part(l.name).root() == who {
			return true
		}
	}
	return false
}

func (d *deriving) join(a arc) {
	x, y := d.part(a.x).root(), d.part(a.y).root()
	if x == y {
		return
	}
	d.p.tree[a.x], d.p.tree[a.y] = append(d.p.tree[a.x], a), append(d.p.tree[a.y], a)
	if x.nodes < y.nodes {
		x, y = y, x
	}
	y.up = x
	x.nodes, x.emails, x.phones = x.nodes+y.nodes, x.emails+y.emails, x.phones+y.phones
	x.systems = append(x.systems, y.systems...)
}

// group reads the groups from the trees, and what stands in question.
func (d *deriving) group(arcs []arc) {
	at := map[*part]int{}
	groups := func(x string) *Group {
		root := d.part(x).root()
		i, ok := at[root]
		if !ok {
			i = len(d.p.Groups)
			at[root] = i
			d.p.Groups = append(d.p.Groups, Group{})
		}
		d.p.of[x] = i
		return &d.p.Groups[i]
	}
	names := make([]string, 0, len(d.facts.nodes))
	for x := range d.facts.nodes {
		names = append(names, x)
	}
	slices.Sort(names) // so that groups stand in one order
	for _, x := range names {
		g := groups(x)
		g.Nodes = append(g.Nodes, x)
	}
	for cid, b := range d.facts.born {
		if _, ok := d.facts.nodes[b.node]; ok {
			g := groups(cidNode(cid))
			g.IDs = append(g.IDs, cid)
		}
	}
	for i := range d.p.Groups {
		g := &d.p.Groups[i]
		slices.Sort(g.IDs)
		if len(g.IDs) > 0 {
			g.ID = g.IDs[0]
		}
		g.Core = d.core(g.Nodes)
		d.ties(g)
		d.read(g)
	}
	d.contest(arcs)
}

// core is the most lasting of a group's identifiers.
func (d *deriving) core(nodes []string) string {
	return slices.MinFunc(nodes, func(x, y string) int {
		return cmp.Or(presence(x, y), cmp.Compare(lasting(d.kinds[x]), lasting(d.kinds[y])), cmp.Compare(d.facts.since(x), d.facts.since(y)), cmp.Compare(x, y))
	})
}

// presence puts what somebody has before what they had.
func presence(x, y string) int {
	switch px, py := isPast(x), isPast(y); {
	case px == py:
		return 0
	case px:
		return 1
	}
	return -1
}

// since is when x was first seen alone; with others, whoever comes first by name does as well.
func (f *Facts) since(x string) int64 { return f.nodes[x].first }

// ties finds how surely each identifier is the group's: by the weakest fact of the strongest way from what the customer is known by.
// With several of these it is the least that one of them makes it, as each may be all that the customer is: so it makes no difference
// which came first. Who signed in, or answered a code, proved to hold what they showed, and nothing of what came with it: an account and
// the address beside it are no surer of each other than attested. An address is no surer either when the customer has several accounts of
// a platform of which one came with it: several people may read it. What a person made one stays as sure as each side was.
func (d *deriving) ties(g *Group) {
	tie := map[string]message.Level{}
	for _, side := range d.sides(g) {
		for _, core := range d.cores(side) {
			found := map[string]message.Level{}
			d.walk(found, core, message.Decided)
			for _, x := range side {
				if old, ok := tie[x]; !ok || found[x] < old {
					tie[x] = found[x]
				}
			}
		}
	}
	count := map[string]int{}
	for _, x := range g.Nodes {
		if d.kinds[x].Class() == message.Stable && !isPast(x) {
			count[platform(d.kinds[x])]++
		}
	}
	for _, x := range g.Nodes {
		s := d.p.state[x]
		s.tie = tie[x]
		for name := range d.platforms[x] {
			if count[name] >= sharedAccounts {
				s.tie = min(s.tie, message.Attested)
			}
		}
		d.p.state[x] = s
	}
}

// walk notes how surely what hangs together with x is one with where the walk began. It goes along no merge.
func (d *deriving) walk(found map[string]message.Level, x string, level message.Level) {
	if level <= found[x] {
		return
	}
	found[x] = level
	for _, a := range d.p.tree[x] {
		if a.merges() {
			continue
		}
		next := min(level, a.rank)
		if a.rank <= message.Proven && (d.kinds[a.x].Class() == message.Reassignable || d.kinds[a.y].Class() == message.Reassignable) {
			next = min(next, message.Attested)
		}
		d.walk(found, a.other(x), next)
	}
}

// merges tells whether a person made one of the customers at both ends.
func (a arc) merges() bool {
	_, x := cidOf(a.x)
	_, y := cidOf(a.y)
	return x && y
}

// sides are the identifiers of a group that hang together without its merges.
func (d *deriving) sides(g *Group) [][]string {
	var out [][]string
	seen := map[string]bool{}
	for _, x := range g.Nodes {
		if seen[x] {
			continue
		}
		found := map[string]message.Level{}
		d.walk(found, x, message.Decided)
		var side []string
		for _, y := range g.Nodes {
			if found[y] > 0 {
				seen[y] = true
				side = append(side, y)
			}
		}
		out = append(out, side)
	}
	return out
}

// cores are what a customer is known by: numbers; without one, what a person or the CRM registered; without that, accounts, and what
// was shown without one, as whoever did so may be somebody else. What is theirs still comes before what was.
func (d *deriving) cores(side []string) []string {
	least := onlyPast
	for _, x := range side {
		least = min(least, d.standing(x))
	}
	var out []string
	for _, x := range side {
		switch at := d.standing(x); {
		case at == least:
			out = append(out, x)
		case least == byShowing && at == cameAlong && d.kinds[x].Class() == message.Reassignable:
			s := d.p.state[x]
			s.beside = true
			d.p.state[x] = s
		}
	}
	return out
}

// What a customer is known by, first what says most.
const (
	byNumber = iota
	byWord
	byShowing
	cameAlong
	onlyPast
)

func (d *deriving) standing(x string) int {
	class := d.kinds[x].Class()
	switch {
	case isPast(x):
		return onlyPast
	case class == message.Anchor:
		return byNumber
	case d.registered(x):
		return byWord
	case class == message.Stable || d.facts.local(x).alone > 0:
		return byShowing
	}
	return cameAlong
}

// registered tells whether somebody answered for whose an identifier is.
func (d *deriving) registered(x string) bool {
	return d.facts.local(x).name.rank >= message.Vouched || slices.ContainsFunc(d.p.tree[x], func(a arc) bool { return a.rank == message.Vouched })
}

func (a arc) other(x string) string {
	if a.x == x {
		return a.y
	}
	return a.x
}

// contest marks the identifiers whose own place is no surer than a fact that was refused. What a person decided is
// settled and contests nothing.
func (d *deriving) contest(arcs []arc) {
	best := map[string]message.Level{} // the surest fact of each within its group; how its id was made proves nothing
	for _, a := range arcs {
		if d.part(a.x).root() == d.part(a.y).root() {
			best[a.x], best[a.y] = max(best[a.x], a.rank), max(best[a.y], a.rank)
		}
	}
	for _, r := range d.p.Refused {
		if r.rule == differing || r.rule == retired {
			continue
		}
		for _, x := range []string{r.X, r.Y} {
			if r.rule == doubtful && d.lost[x] <= r.Rank {
				continue
			}
			if _, isCID := cidOf(x); isCID || d.kinds[x].Class() == message.Anchor || best[x] > r.Rank && !d.disproves(r, x, best[x]) {
				continue
			}
			s := d.p.state[x]
			s.contested = true
			d.p.state[x] = s
		}
	}
	slices.SortFunc(d.p.Refused, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(b.Rank, a.Rank), cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y), cmp.Compare(a.from.x, b.from.x), cmp.Compare(a.from.y, b.from.y))
	})
}

// disproves tells whether what was refused speaks against what the CRM or a colleague says of an address: somebody with another number
// showed it as theirs. Once a person looks and says so again it is settled.
func (d *deriving) disproves(r Refusal, x string, best message.Level) bool {
	if r.rule != anchored || r.from.rank != message.Proven || best != message.Vouched || d.kinds[x].Class() != message.Reassignable {
		return false
	}
	since := d.facts.edges[r.from].t0
	return !slices.ContainsFunc(d.p.tree[x], func(a arc) bool {
		e := d.facts.edges[a.from]
		return a.rank == message.Vouched && e.anew > e.t0 && e.anew > since
	})
}

// group is the place of a node in the partition, nil when it is not in it.
func (p *Partition) group(x string) *Group {
	i, ok := p.of[x]
	if !ok {
		return nil
	}
	return &p.Groups[i]
}

// same tells whether two nodes are in one group.
func (p *Partition) same(x, y string) bool {
	i, ok := p.of[x]
	j, both := p.of[y]
	return ok && both && i == j
}
