package identity

import (
	"cmp"
	"slices"

	"loket/internal/message"
)

// What one customer may hold at most, unless a person decided that two are one.
const (
	maxNodes  = 64
	maxEmails = 12
	maxPhones = 12
	// sharedAnchors and sharedAccounts are how many customer numbers of one system, or accounts of one platform,
	// show that an identifier is not one person's.
	sharedAnchors  = 3
	sharedAccounts = 2
)

// rule is why a fact does not count, in words for people.
type rule string

const (
	undone     rule = "a person undid it"
	blocked    rule = "the identifier is blocked"
	retired    rule = "the identifier was given up"
	sharedRule rule = "the identifier is shared by several people"
	unborne    rule = "nobody was seen to bear the handle"
	anchored   rule = "both have a number of their own in one system"
	differing  rule = "a person decided that they are not the same"
	crowded    rule = "it would be more than one person has"
	doubtful   rule = "whose the identifier is stands in question"
	unknown    rule = "nothing is known that speaks for it"
)

// A Partition is who is who, as Derive reads it from facts.
type Partition struct {
	Groups []Group
	// Refused are the facts that would join two groups and may not.
	Refused []Refusal
	of      map[string]int // node → group
	state   map[string]state
	tree    map[string][]arc // the facts that hold the groups together
}

// A Group is one customer. It has no ID as long as none was made.
type Group struct {
	ID    string
	IDs   []string // all ids that lead here, oldest first
	Nodes []string // identifiers, sorted
	Core  string   // whom a new id is made of
}

// A Refusal is a fact that would join two groups and may not.
type Refusal struct {
	X, Y string
	Rank message.Level
	rule rule
	from edgeKey // the fact itself: by a handle X is the account that bears it
}

// state is what Derive finds about one identifier.
type state struct {
	generic   bool // joins nobody: shared, blocked or a handle
	contested bool
	tie       message.Level // how surely it is the group's
	several   bool          // somebody else than the customer shows it too
	beside    bool          // an address that only came with the accounts that the customer is known by
}

// arc is a fact as it counts: by a handle it leads to the account that bears it.
type arc struct {
	x, y string
	rank message.Level
	t0   int64
	from edgeKey
	// stale: a source says so still, which may not have heard that an identifier was given up.
	stale bool
}

// Derive reads who is who from facts. It is a pure function of the set: order and repetition cannot matter.
//
// Facts join the strongest first, then the oldest, so nobody takes an identifier by speaking later. A fact that
// would put two numbers of one system into one customer, or two that a person told apart, or more than one person
// has, is refused and kept; an identifier whose own place is no surer than what was refused is contested.
func Derive(f *Facts) *Partition {
	d := &deriving{facts: f, kinds: map[string]message.Identifier{}, p: &Partition{
		of: map[string]int{}, state: map[string]state{}, tree: map[string][]arc{},
	}}
	for x := range f.nodes {
		d.kinds[x] = identifierOf(x)
	}
	for x := range f.stubs {
		d.kinds[x] = identifierOf(x)
	}
	arcs := d.arcs()
	arcs = d.withoutShared(arcs)
	d.unite(arcs)
	d.group(arcs)
	return d.p
}

// identifierOf reads a node's name. Its level is that of a fact, so that its class is that of its kind.
func identifierOf(x string) message.Identifier {
	x, _ = baseOf(x)
	id, _ := message.FromNode(x, message.Attested)
	return id
}

type deriving struct {
	facts   *Facts
	kinds   map[string]message.Identifier
	p       *Partition
	parts   map[string]*part
	differs []pair
	// sure and lost are how sure each identifier's own place is, and how sure what was refused to it.
	sure, lost map[string]message.Level
	platforms  map[string]map[string]bool // of which platforms accounts were seen with a mailbox
}

// arcs are the facts that count, handles replaced by the accounts that bear them.
func (d *deriving) arcs() []arc {
	var out []arc
	var named []arc                  // a handle and somebody else
	bearers := map[string][]bearer{} // by handle
	for k, e := range d.facts.edges {
		if d.facts.barred(k) {
			continue
		}
		d.lived(k, e, func(a arc) {
			switch d.aliasSide(&a) {
			case 0:
				out = append(out, a)
			case 1:
				if d.kinds[a.y].Bears(d.kinds[a.x]) {
					bearers[a.x] = append(bearers[a.x], bearer{a.y, k.rank, a.t0, e.t1})
					return
				}
				named = append(named, a)
			}
		})
	}
	for _, a := range named {
		for _, b := range borne(bearers[a.x], a.t0, d.kinds) {
			if b.account != a.y {
				out = append(out, arc{x: b.account, y: a.y, rank: min(a.rank, b.rank), t0: max(a.t0, b.t0), from: a.from, stale: a.stale})
			}
		}
	}
	return out
}

// lived gives an edge as it counts for each of the lives of its identifiers.
func (d *deriving) lived(k edgeKey, e edge, each func(arc)) {
	if len(d.facts.node(k.x).ends)+len(d.facts.node(k.y).ends) == 0 {
		if e.off > 0 && e.off >= e.t1 {
			return
		}
		each(arc{x: k.x, y: k.y, rank: k.rank, t0: e.t0, from: k})
		return
	}
	for _, x := range d.facts.lives(k.x) {
		for _, y := range d.facts.lives(k.y) {
			if since, stale, ok := e.lived(k, x, y); ok {
				each(arc{x: x.name, y: y.name, rank: k.rank, t0: since, from: k, stale: stale})
			}
		}
	}
}

// aliasSide puts the handle of an arc first and counts the handles.
func (d *deriving) aliasSide(a *arc) int {
	x, y := d.kinds[a.x].Class() == message.Alias, d.kinds[a.y].Class() == message.Alias
	switch {
	case x && y:
		return 2
	case y:
		a.x, a.y = a.y, a.x
		return 1
	case x:
		return 1
	}
	return 0
}

// bearer is an account seen with a handle.
type bearer struct {
	account string
	rank    message.Level
	t0, t1  int64
}

// borne gives the account that bore the handle at a time, in each scope: whoever was seen with it before and after,
// else the last seen before, else the next to be seen. So a handle that a stranger takes later brings them nothing.
func borne(all []bearer, at int64, kinds map[string]message.Identifier) []bearer {
	best := map[string]bearer{}
	for _, b := range all {
		scope := kinds[b.account].Scope
		if old, ok := best[scope]; !ok || nearer(b, old, at) {
			best[scope] = b
		}
	}
	out := make([]bearer, 0, len(best))
	for _, b := range best {
		out = append(out, b)
	}
	return out
}

// nearer tells whether a rather than b bore the handle at the time.
func nearer(a, b bearer, at int64) bool {
	distance := func(b bearer) (int, int64) {
		switch {
		case b.t0 > at:
			return 2, b.t0
		case b.t1 < at:
			return 1, -b.t1
		}
		return 0, -b.t0
	}
	ka, da := distance(a)
	kb, db := distance(b)
	return cmp.Or(cmp.Compare(ka, kb), cmp.Compare(da, db), cmp.Compare(b.rank, a.rank), cmp.Compare(a.account, b.account)) < 0
}

// withoutShared finds the identifiers that join nobody and takes their arcs away.
func (d *deriving) withoutShared(arcs []arc) []arc {
	partners := map[string]map[string]bool{} // identifier → those it was seen with
	for _, a := range arcs {
		if x, _ := baseOf(a.x); x != a.from.x && x != a.from.y {
			continue // by a handle, which may turn out to be another's
		}
		if y, _ := baseOf(a.y); y != a.from.x && y != a.from.y {
			continue
		}
		e := d.facts.edges[a.from]
		for _, side := range [2][2]string{{a.x, a.y}, {a.y, a.x}} {
			if s := d.facts.local(side[0]).shared; s.on || e.t1 <= s.at {
				continue // a person decided already, and knew of this
			}
			if partners[side[0]] == nil {
				partners[side[0]] = map[string]bool{}
			}
			partners[side[0]][side[1]] = true
		}
	}
	d.platforms = map[string]map[string]bool{}
	for x := range d.facts.nodes {
		if d.isShared(x, d.facts.local(x), partners[x]) {
			d.p.state[x] = state{generic: true}
		}
		if d.kinds[x].IsMailbox() {
			d.platforms[x] = d.accounts(partners[x])
		}
	}
	for x := range d.facts.stubs {
		d.p.state[x] = state{generic: true}
	}
	return slices.DeleteFunc(arcs, func(a arc) bool { return d.p.state[a.x].generic || d.p.state[a.y].generic })
}

func (d *deriving) isShared(x string, n node, partners map[string]bool) bool {
	id := d.kinds[x]
	switch {
	case id.Class() == message.Alias, n.blocked.on, n.shared.on, n.isFull():
		return true
	case n.shared.at == 0 && id.Role():
		return true
	case id.Class() == message.Anchor:
		return false
	case len(partners) > maxNodes:
		return true
	}
	count := map[string]int{}
	for y := range partners {
		other := d.kinds[y]
		switch other.Class() {
		case message.Anchor:
			if count[system(other)]++; count[system(other)] >= sharedAnchors {
				return true
			}
		case message.Stable:
			if !id.IsNumber() {
				continue
			}
			if count[system(other)]++; count[system(other)] >= sharedAccounts {
				return true
			}
		}
	}
	return false
}

// accounts gives the platforms that partners have accounts of.
func (d *deriving) accounts(partners map[string]bool) map[string]bool {
	var out map[string]bool
	for y := range partners {
		if id := d.kinds[y]; id.Class() == message.Stable {
			put(&out, platform(id), true)
		}
	}
	return out
}

// platform is what one person has one account of: there may be many portfolios and pages, but of each its own; where somebody signs
// in does not matter.
func platform(id message.Identifier) string {
	if id.Kind == "sub" {
		return id.Kind
	}
	return system(id)
}

// system is what an identifier is of: one person has one number in it.
func system(id message.Identifier) string { return id.Kind + ":" + id.Scope }
