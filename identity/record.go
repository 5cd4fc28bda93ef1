package identity

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"loket/internal/message"
)

// record is a group as it is kept, in JSON: its identifiers, what is known of them, and every fact that touches one of
// them. A fact between two groups stands in both. Names are numbered from 0, those of this group first. There is one for
// every customer, so that what most facts of a group have in common is said once: when, and by whom. A customer whom a
// CRM registered with three identifiers is
//
//	{"a":1767225600000,"b":"crm","i":["cno:1001","email:kate@example.org","phone:+31612345678"],
//	 "n":[{"c":"Kate Bush","l":4}],"e":[{"y":[1,2],"r":4}],"k":[{}]}
type record struct {
	At    int64         `json:"a,omitempty"` // of edges and names that tell no time
	By    string        `json:"b,omitempty"` // of edges and ids that tell no evidence
	Names []string      `json:"i,omitempty"`
	Far   []string      `json:"f,omitempty"` // names in other groups
	Nodes []nodeRecord  `json:"n,omitempty"` // of whom more is known than what edges tell
	Edges []edgeRecord  `json:"e,omitempty"`
	Words []wordRecord  `json:"w,omitempty"`
	Born  []birthRecord `json:"k,omitempty"`
}

type nodeRecord struct {
	X       int          `json:"x,omitempty"`
	First   int64        `json:"a,omitempty"`
	Last    int64        `json:"z,omitempty"` // where it differs from First
	Alone   int64        `json:"n,omitempty"`
	Shared  *flagRecord  `json:"s,omitempty"`
	Blocked *flagRecord  `json:"o,omitempty"`
	Ends    string       `json:"e,omitempty"` // as ends writes them
	Retired int64        `json:"r,omitempty"` // one end, as it was written before ends were
	Full    int64        `json:"h,omitempty"`
	Called  string       `json:"c,omitempty"`
	Rank    int          `json:"l,omitempty"` // of the name
	At      int64        `json:"t,omitempty"` // of the name
	Names   []nameRecord `json:"w,omitempty"` // that those who showed it bear
	Speak   []nameRecord `json:"v,omitempty"` // the languages they wrote in
}

type nameRecord struct {
	At   int64  `json:"t"`
	Name string `json:"n"`
}

type flagRecord struct {
	At int64 `json:"t"`
	On bool  `json:"on,omitempty"`
}

// edgeRecord is one fact about x and each of y.
type edgeRecord struct {
	X    int    `json:"x,omitempty"`
	Y    []int  `json:"y"`
	Rank int    `json:"r"`
	T0   int64  `json:"a,omitempty"`
	T1   int64  `json:"z,omitempty"` // where it differs from T0
	Anew int64  `json:"n,omitempty"` // -1 where it is T1
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
	ID   string `json:"c,omitempty"` // where it is not the group's
	Node int    `json:"i,omitempty"`
	At   int64  `json:"t,omitempty"` // where it is not the time in the id
	By   string `json:"b,omitempty"`
}

// read adds the facts of the record of a group to f, and gives the names of the group's identifiers.
func (f *Facts) read(group, text string) ([]string, error) {
	var r record
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, err
	}
	own := len(r.Names)
	names := slices.Concat(r.Names, r.Far)
	bad := func(i int) bool { return i < 0 || i >= len(names) }
	for _, x := range r.Names {
		f.know(x, node{})
	}
	for _, n := range r.Nodes {
		if n.X < 0 || n.X >= own {
			return nil, fmt.Errorf("identifier of %d names", own)
		}
		f.know(names[n.X], n.node(r.At))
		if n.Retired > 0 {
			f.know(pastNode(names[n.X], n.Retired), node{})
		}
	}
	for _, e := range r.Edges {
		t0 := cmp.Or(e.T0, r.At)
		for _, y := range e.Y {
			if bad(e.X) || bad(y) {
				return nil, fmt.Errorf("edge of %d names", len(names))
			}
			f.tie(names[e.X], names[y], message.Level(e.Rank), edge{t0: t0, t1: cmp.Or(e.T1, t0), anew: e.anew(cmp.Or(e.T1, t0)), off: e.Off, by: cmp.Or(e.By, r.By)})
		}
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
		id := cmp.Or(b.ID, group)
		f.bear(id, birth{node: names[b.Node], at: cmp.Or(b.At, millisOf(id)), by: cmp.Or(b.By, r.By)})
	}
	return names[:own], nil
}

// millisOf is the time in a customer's id, 0 when it has none.
func millisOf(id string) int64 {
	if t := idTime(id); !t.IsZero() {
		return t.UnixMilli()
	}
	return 0
}

func (n nodeRecord) node(at int64) node {
	out := node{first: n.First, last: cmp.Or(n.Last, n.First), ends: parseEnds(n.Ends), full: n.Full, alone: n.Alone}
	out.names, out.languages = namesOf(n.Names), namesOf(n.Speak)
	if n.Retired > 0 {
		out.ends = out.ends.join(ends{{at: n.Retired, said: n.Retired}})
	}
	if n.Shared != nil {
		out.shared = flag{n.Shared.At, n.Shared.On}
	}
	if n.Blocked != nil {
		out.blocked = flag{n.Blocked.At, n.Blocked.On}
	}
	if n.Called != "" {
		out.name = called{message.Level(n.Rank), cmp.Or(n.At, at), n.Called}
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
	r := record{Names: g.Nodes}
	at := map[string]int{}
	for i, x := range g.Nodes {
		at[x] = i
	}
	edges, words := map[edgeKey]bool{}, map[pair]bool{}
	had := map[string]bool{} // of the group, or were
	for _, name := range g.Nodes {
		x, _ := baseOf(name)
		had[x] = true
	}
	for _, name := range g.Nodes {
		x, until := baseOf(name)
		for _, k := range t.edges[x] {
			if until == 0 && keeps(x, k) || until > 0 && had[k.x] && had[k.y] {
				edges[k] = true
			}
		}
		for _, k := range slices.Concat(t.words[x], t.words[name]) {
			if until == 0 || k.x == name || k.y == name || had[k.x] && had[k.y] {
				words[k] = true
			}
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
	sorted := sortedKeys(edges, compareEdges)
	r.At, r.By = f.usual(g, sorted)
	for i, x := range g.Nodes {
		if n := f.nodes[x]; !n.zero() {
			r.Nodes = append(r.Nodes, recordOf(i, n, r.At))
		}
	}
	r.Edges = f.edgeRecords(sorted, at, r)
	for _, k := range sortedKeys(words, func(a, b pair) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) }) {
		w := f.words[k]
		r.Words = append(r.Words, wordRecord{X: at[k.x], Y: at[k.y], Same: w.same, At: w.at, By: w.by})
	}
	for _, cid := range g.IDs {
		b := f.born[cid]
		r.Born = append(r.Born, birthRecord{
			ID: unless(cid, g.key()), Node: at[b.node], At: unless(b.at, millisOf(cid)), By: unless(b.by, r.By),
		})
	}
	text, err := json.Marshal(r)
	return string(text), err
}

// usual is when and by whom the first fact of a group was said: it goes for all that do not say otherwise. It is nothing
// where one of them has none, as that could not be told.
func (f *Facts) usual(g *Group, edges []edgeKey) (at int64, by string) {
	if len(edges) > 0 {
		at, by = f.edges[edges[0]].t0, f.edges[edges[0]].by
	}
	for _, k := range edges {
		if f.edges[k].by == "" {
			by = ""
		}
		if f.edges[k].t0 == 0 {
			at = 0
		}
	}
	for _, cid := range g.IDs {
		if f.born[cid].by == "" {
			by = ""
		}
	}
	for _, x := range g.Nodes {
		if n := f.nodes[x].name; n.name != "" && n.at == 0 {
			at = 0
		}
	}
	return at, by
}

// edgeRecords writes facts of which only the one side differs as one.
func (f *Facts) edgeRecords(edges []edgeKey, at map[string]int, r record) []edgeRecord {
	var out []edgeRecord
	type common struct {
		x    int
		rank message.Level
		edge edge
	}
	of := map[common]int{}
	for _, k := range edges {
		e := f.edges[k]
		same := common{at[k.x], k.rank, e}
		i, ok := of[same]
		if !ok {
			i = len(out)
			of[same] = i
			out = append(out, edgeRecord{
				X: at[k.x], Rank: int(k.rank), T0: unless(e.t0, r.At), T1: unless(e.t1, e.t0), Anew: shortAnew(e), Off: e.off, By: unless(e.by, r.By),
			})
		}
		out[i].Y = append(out[i].Y, at[k.y])
	}
	return out
}

// sameAsLast stands for a time that is that of the last time, which most are.
const sameAsLast = -1

func (r edgeRecord) anew(last int64) int64 {
	if r.Anew == sameAsLast {
		return last
	}
	return r.Anew
}

func shortAnew(e edge) int64 {
	if e.anew > 0 && e.anew == e.t1 {
		return sameAsLast
	}
	return e.anew
}

// unless is v where it is not the usual, which goes without saying.
func unless[T comparable](v, usual T) T {
	if v == usual {
		var none T
		return none
	}
	return v
}

func recordOf(i int, n node, at int64) nodeRecord {
	out := nodeRecord{X: i, First: n.first, Last: unless(n.last, n.first), Ends: n.ends.String(), Full: n.full, Alone: n.alone}
	out.Names, out.Speak = n.names.records(), n.languages.records()
	if n.shared.at > 0 {
		out.Shared = &flagRecord{n.shared.at, n.shared.on}
	}
	if n.blocked.at > 0 {
		out.Blocked = &flagRecord{n.blocked.at, n.blocked.on}
	}
	if n.name.name != "" {
		out.Called, out.Rank, out.At = n.name.name, int(n.name.rank), unless(n.name.at, at)
	}
	return out
}

func namesOf(records []nameRecord) names {
	var out names
	for _, r := range records {
		out = append(out, called{message.Attested, r.At, r.Name})
	}
	return out
}

func (n names) records() []nameRecord {
	var out []nameRecord
	for _, c := range n {
		out = append(out, nameRecord{c.at, c.name})
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
