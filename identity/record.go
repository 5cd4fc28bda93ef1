package identity

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"loket/internal/message"
)

// record is a group as it is kept: its identifiers, what is known of them, and every fact that touches one of them.
// A fact between two groups stands in both. Names are numbered, those of this group first.
type record struct {
	Nodes []nodeRecord  `json:"n,omitempty"`
	Far   []string      `json:"f,omitempty"` // names in other groups
	Edges []edgeRecord  `json:"e,omitempty"`
	Words []wordRecord  `json:"w,omitempty"`
	Born  []birthRecord `json:"b,omitempty"`
}

type nodeRecord struct {
	Name    string      `json:"i"`
	First   int64       `json:"a,omitempty"`
	Last    int64       `json:"z,omitempty"` // where it differs from First
	Shared  *flagRecord `json:"s,omitempty"`
	Blocked *flagRecord `json:"x,omitempty"`
	Retired int64       `json:"r,omitempty"`
	Full    int64       `json:"h,omitempty"`
	Called  *nameRecord `json:"c,omitempty"`
}

type flagRecord struct {
	At int64 `json:"t"`
	On bool  `json:"on,omitempty"`
}

type nameRecord struct {
	Rank int    `json:"r"`
	At   int64  `json:"t"`
	Name string `json:"n"`
}

type edgeRecord struct {
	X    int    `json:"x,omitempty"`
	Y    int    `json:"y"`
	Rank int    `json:"r"`
	T0   int64  `json:"a"`
	T1   int64  `json:"z,omitempty"` // where it differs from T0
	Off  int64  `json:"o,omitempty"`
	By   string `json:"b,omitempty"`
}

type wordRecord struct {
	X    int    `json:"x"`
	Y    int    `json:"y"`
	Same bool   `json:"s,omitempty"`
	At   int64  `json:"t"`
	By   string `json:"b,omitempty"`
}

type birthRecord struct {
	ID   string `json:"c"`
	Node int    `json:"i"`
	At   int64  `json:"t"`
	By   string `json:"b,omitempty"`
}

// read adds the facts of a record to f, and gives the names of the group's identifiers.
func (f *Facts) read(text string) ([]string, error) {
	var r record
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(r.Nodes)+len(r.Far))
	for _, n := range r.Nodes {
		names = append(names, n.Name)
		f.know(n.Name, n.node())
	}
	own := len(names)
	names = append(names, r.Far...)
	bad := func(i int) bool { return i < 0 || i >= len(names) }
	for _, e := range r.Edges {
		if bad(e.X) || bad(e.Y) {
			return nil, fmt.Errorf("edge of %d names", len(names))
		}
		f.tie(names[e.X], names[e.Y], message.Level(e.Rank), edge{t0: e.T0, t1: cmp.Or(e.T1, e.T0), off: e.Off, by: e.By})
	}
	for _, w := range r.Words {
		if bad(w.X) || bad(w.Y) {
			return nil, fmt.Errorf("word of %d names", len(names))
		}
		f.say(names[w.X], names[w.Y], word{same: w.Same, at: w.At, by: w.By})
	}
	for _, b := range r.Born {
		if bad(b.Node) {
			return nil, fmt.Errorf("birth of %d names", len(names))
		}
		f.bear(b.ID, birth{node: names[b.Node], at: b.At, by: b.By})
	}
	return names[:own], nil
}

func (n nodeRecord) node() node {
	out := node{first: n.First, last: cmp.Or(n.Last, n.First), retired: n.Retired, full: n.Full}
	if n.Shared != nil {
		out.shared = flag{n.Shared.At, n.Shared.On}
	}
	if n.Blocked != nil {
		out.blocked = flag{n.Blocked.At, n.Blocked.On}
	}
	if n.Called != nil {
		out.name = called{message.Level(n.Called.Rank), n.Called.At, n.Called.Name}
	}
	return out
}

// touching lists, for each node, the facts that touch it.
type touching struct {
	edges map[string][]edgeKey
	words map[string][]pair
}

func (f *Facts) touching() touching {
	t := touching{edges: map[string][]edgeKey{}, words: map[string][]pair{}}
	for k := range f.edges {
		t.edges[k.x], t.edges[k.y] = append(t.edges[k.x], k), append(t.edges[k.y], k)
	}
	for k := range f.words {
		t.words[k.x], t.words[k.y] = append(t.words[k.x], k), append(t.words[k.y], k)
	}
	return t
}

// write gives the record of one group. Equal facts give the equal text. keeps tells whether an identifier keeps an
// edge: one with very many partners does not.
func (f *Facts) write(g *Group, t touching, keeps func(x string, k edgeKey) bool) (string, error) {
	var r record
	at := map[string]int{}
	for i, x := range g.Nodes {
		at[x] = i
		r.Nodes = append(r.Nodes, recordOf(x, f.nodes[x]))
	}
	edges, words := map[edgeKey]bool{}, map[pair]bool{}
	for _, x := range g.Nodes {
		for _, k := range t.edges[x] {
			if keeps(x, k) {
				edges[k] = true
			}
		}
		for _, k := range t.words[x] {
			words[k] = true
		}
	}
	for _, cid := range g.IDs {
		for _, k := range t.words[cidNode(cid)] {
			words[k] = true
		}
	}
	far := map[string]bool{}
	note := func(x string) {
		if _, ok := at[x]; !ok {
			far[x] = true
		}
	}
	for k := range edges {
		note(k.x)
		note(k.y)
	}
	for k := range words {
		note(k.x)
		note(k.y)
	}
	r.Far = sortedKeys(far, cmp.Compare[string])
	for i, x := range r.Far {
		at[x] = len(g.Nodes) + i
	}
	for _, k := range sortedKeys(edges, compareEdges) {
		e := f.edges[k]
		out := edgeRecord{X: at[k.x], Y: at[k.y], Rank: int(k.rank), T0: e.t0, Off: e.off, By: e.by}
		if e.t1 != e.t0 {
			out.T1 = e.t1
		}
		r.Edges = append(r.Edges, out)
	}
	for _, k := range sortedKeys(words, func(a, b pair) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) }) {
		w := f.words[k]
		r.Words = append(r.Words, wordRecord{X: at[k.x], Y: at[k.y], Same: w.same, At: w.at, By: w.by})
	}
	for _, cid := range g.IDs {
		b := f.born[cid]
		r.Born = append(r.Born, birthRecord{ID: cid, Node: at[b.node], At: b.at, By: b.by})
	}
	text, err := json.Marshal(r)
	return string(text), err
}

func recordOf(x string, n node) nodeRecord {
	out := nodeRecord{Name: x, First: n.first, Retired: n.retired, Full: n.full}
	if n.last != n.first {
		out.Last = n.last
	}
	if n.shared.at > 0 {
		out.Shared = &flagRecord{n.shared.at, n.shared.on}
	}
	if n.blocked.at > 0 {
		out.Blocked = &flagRecord{n.blocked.at, n.blocked.on}
	}
	if n.name.name != "" {
		out.Called = &nameRecord{int(n.name.rank), n.name.at, n.name.name}
	}
	return out
}

func compareEdges(a, b edgeKey) int {
	return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y), cmp.Compare(a.rank, b.rank))
}

func sortedKeys[K comparable](set map[K]bool, compare func(a, b K) int) []K {
	out := make([]K, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.SortFunc(out, compare)
	return out
}
