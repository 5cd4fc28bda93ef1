package identity

import (
	"cmp"
	"maps"
	"strings"

	"loket/internal/message"
)

// Facts are what was said of identifiers and customers. Nothing in them is ever rewritten: what comes in combines
// with what is there by max and min, so that repetition and order cannot matter, and two sets of facts can be put
// together. Times are milliseconds of Unix time.
//
// An identifier is named by its Node, a customer's id by cidNode. A claim has no place here.
type Facts struct {
	nodes map[string]node
	edges map[edgeKey]edge
	words map[pair]word
	born  map[string]birth // by customer's id
	// stubs are identifiers whose own facts were not read because they are known to join nobody. What makes facts of
	// others die is known of them.
	stubs map[string]node
}

// node is what is known of one identifier alone.
type node struct {
	first, last     int64 // when it was seen with no other; 0 when it never was
	alone           int64 // when it was first shown without an account or a number; 0 when it never was
	shared, blocked flag
	ends            ends  // when it was given up: until then it was somebody else's, or theirs
	full            int64 // when it had so many partners that more are only counted; 0 is never
	name            called
	names           names // what those who showed it called themselves, folded
	languages       names // in which languages those who showed it wrote: nl, en
}

// flag is a switch that people set. The last to set it wins, and at the same time who sets it on.
type flag struct {
	at int64
	on bool
}

func (f flag) join(g flag) flag {
	if g.at > f.at || g.at == f.at && g.on {
		return g
	}
	return f
}

// called is what the holder of an identifier is called, and how sure that is.
type called struct {
	rank message.Level
	at   int64
	name string
}

func (c called) join(d called) called {
	if cmp.Or(cmp.Compare(c.rank, d.rank), cmp.Compare(c.at, d.at), cmp.Compare(c.name, d.name)) < 0 {
		return d
	}
	return c
}

func (n node) join(m node) node {
	return node{
		first: earlier(n.first, m.first), last: max(n.last, m.last), alone: earlier(n.alone, m.alone), shared: n.shared.join(m.shared),
		blocked: n.blocked.join(m.blocked), ends: n.ends.join(m.ends), full: max(n.full, m.full), name: n.name.join(m.name),
		names: n.names.join(m.names), languages: n.languages.join(m.languages),
	}
}

// earlier is the smaller of two times where 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// pair is two nodes in the order of their names.
type pair struct{ x, y string }

func pairOf(x, y string) pair {
	if y < x {
		x, y = y, x
	}
	return pair{x, y}
}

// edgeKey is who, and how surely, was said to be one. An edge of each rank stands for itself, so that what is known
// at a lower level outlives the undoing of what was known at a higher one.
type edgeKey struct {
	pair
	rank message.Level
}

// edge is that two identifiers were said to be one person's.
type edge struct {
	t0, t1 int64 // when first and last
	// anew is when it was last said by a person, or of a day that was named. 0 is never: a source that says it again may
	// not know better than before.
	anew int64
	off  int64  // when it was undone; a later sighting revives it
	by   string // the message or person of the first time, as evidence
}

func (e edge) join(f edge) edge {
	out := edge{t0: e.t0, t1: max(e.t1, f.t1), anew: max(e.anew, f.anew), off: max(e.off, f.off), by: e.by}
	if f.t0 < e.t0 || f.t0 == e.t0 && f.by < e.by {
		out.t0, out.by = f.t0, f.by
	}
	return out
}

// word is what a person decided of two: the same, or not. The last word counts, and at the same time the refusal.
type word struct {
	same bool
	at   int64
	by   string
}

func (w word) join(v word) word {
	if w.at != v.at {
		if v.at > w.at {
			return v
		}
		return w
	}
	if w.same != v.same {
		if w.same {
			return v
		}
		return w
	}
	return word{w.same, w.at, max(w.by, v.by)}
}

// birth is of whom a customer's id was made. It proves nothing.
type birth struct {
	node string
	at   int64
	by   string
}

func (b birth) join(c birth) birth {
	if cmp.Or(cmp.Compare(b.at, c.at), cmp.Compare(b.node, c.node), cmp.Compare(b.by, c.by)) < 0 {
		return c
	}
	return b
}

// cidNode is how a customer's id stands among identifiers.
func cidNode(id string) string { return "cid:" + id }

// cidOf is the customer's id that a node is, if it is one.
func cidOf(node string) (string, bool) { return strings.CutPrefix(node, "cid:") }

// NewFacts is a set without facts.
func NewFacts() *Facts {
	return &Facts{
		nodes: map[string]node{}, edges: map[edgeKey]edge{}, words: map[pair]word{}, born: map[string]birth{}, stubs: map[string]node{},
	}
}

// know adds what is known of one identifier.
func (f *Facts) know(x string, n node) {
	f.nodes[x] = f.nodes[x].join(n)
	delete(f.stubs, x)
}

// tie adds that x and y are one person's, as sure as rank.
func (f *Facts) tie(x, y string, rank message.Level, e edge) {
	k := edgeKey{pairOf(x, y), rank}
	if old, ok := f.edges[k]; ok {
		e = old.join(e)
	}
	f.edges[k] = e
}

// say adds what a person decided.
func (f *Facts) say(x, y string, w word) {
	k := pairOf(x, y)
	if old, ok := f.words[k]; ok {
		w = old.join(w)
	}
	f.words[k] = w
}

// bear adds of whom a customer's id was made.
func (f *Facts) bear(cid string, b birth) {
	if old, ok := f.born[cid]; ok {
		b = old.join(b)
	}
	f.born[cid] = b
}

// Join adds all of g. Joining the same twice, or in another order, makes no difference.
func (f *Facts) Join(g *Facts) {
	for x, n := range g.nodes {
		f.know(x, n)
	}
	for k, e := range g.edges {
		f.tie(k.x, k.y, k.rank, e)
	}
	for k, w := range g.words {
		f.say(k.x, k.y, w)
	}
	for cid, b := range g.born {
		f.bear(cid, b)
	}
}

func (f *Facts) clone() *Facts {
	return &Facts{
		nodes: maps.Clone(f.nodes), edges: maps.Clone(f.edges), words: maps.Clone(f.words), born: maps.Clone(f.born),
		stubs: maps.Clone(f.stubs),
	}
}

// isFull tells whether x has so many partners that more are only counted.
func (n node) isFull() bool {
	return n.full > 0 && n.full > n.ends.last() && (n.shared.on || n.shared.at <= n.full)
}

func (f *Facts) node(x string) node {
	if n, ok := f.nodes[x]; ok {
		return n
	}
	return f.stubs[x]
}

// isStub tells whether x joins nobody and was not read.
func (f *Facts) isStub(x string) bool { _, ok := f.stubs[x]; return ok }

// zero tells whether nothing is known.
func (n node) zero() bool {
	return n.first == 0 && n.last == 0 && n.alone == 0 && n.full == 0 && len(n.ends) == 0 && n.shared == (flag{}) && n.blocked == (flag{}) && n.name == (called{}) && len(n.names) == 0 &&
		len(n.languages) == 0
}

// dead tells why an edge does not count for whoever has its identifiers now, if it does not.
func (f *Facts) dead(k edgeKey, e edge) rule {
	x, y := f.node(k.x), f.node(k.y)
	switch {
	case e.off >= e.t1 && e.off > 0:
		return undone
	case f.barred(k):
		return blocked
	}
	if len(x.ends) == 0 && len(y.ends) == 0 {
		return ""
	}
	if _, _, ok := e.lived(k, f.lifeOf(k.x), f.lifeOf(k.y)); !ok {
		return retired
	}
	return ""
}
