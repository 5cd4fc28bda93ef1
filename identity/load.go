package identity

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"loket/internal/message"
	"loket/internal/store"
)

//go:embed scripts/read.lua
var readSource string

// A script and not MGET, so that look-ups that come together travel together and an absent store is ErrAway.
var readScript = store.NewScript("read", readSource)

// maxLoaded bounds how many customers one change may concern.
const maxLoaded = 512

// strings reads keys, "" where there is nothing, in one round trip or none.
func (r *Registry) strings(ctx context.Context, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	answer, err := r.store.Run(ctx, readScript, keys)
	if err != nil {
		return nil, err
	}
	list, ok := answer.([]any)
	if !ok || len(list) != len(keys) {
		return nil, fmt.Errorf("read: unexpected answer %T", answer)
	}
	out := make([]string, len(keys))
	for i, v := range list {
		out[i], _ = v.(string)
	}
	return out, nil
}

// view is a part of the registry as it was read: whole groups, with all they can come together with.
type view struct {
	reg     *Registry
	facts   *Facts
	index   map[string]string           // by node, as read; also of nodes that are not there
	guessed map[string]bool             // by node: index is not read but what the groups make
	home    map[string]string           // by node: the group it was read from
	groups  map[string]string           // by key, as read, without the version
	own     map[string]map[edgeKey]bool // by node that is full: the edges that stand in its own record
	ids     map[string]string           // customer's id → the group it was in, by its key
	// version is the highest of those read; what is written gets a higher one.
	version  int64
	versions map[string]int64
	// opened are shared identifiers whose own facts are wanted all the same.
	opened map[string]bool
	lazy   bool             // but not of those which are full: what they are seen with is only counted
	hubs   map[string]int64 // how often a full identifier was seen with one more
	added  map[edgeKey]bool // facts that were not there
	// refused are the facts that were refused before, so that those stand out which are only now.
	refused map[edgeKey]bool
	// silent are numbers that were shown again after long.
	silent []string
	// renamed: their holder is called otherwise than before.
	renamed bool
	foreign bool // the same with the language
	// names is what the holders of identifiers were called, as read.
	names map[string]string
	// suspects: a commit failed, perhaps because something was erased.
	suspects bool
}

// load reads the groups of the nodes, which are identifiers or cidNodes, and of all who may come together with
// them. Shared identifiers join nobody, so what lies behind them is left, unless they are among the nodes.
// index is what was read of it just now, and may be nil.
func (r *Registry) load(ctx context.Context, index map[string]string, nodes ...string) (*view, error) {
	return r.loadFor(ctx, &change{index: index, nodes: nodes})
}

func (r *Registry) loadFor(ctx context.Context, c *change) (*view, error) {
	v := r.newView(c)
	maps.Copy(v.index, c.index)
	for _, x := range c.nodes {
		v.opened[x] = true
	}
	if err := v.more(ctx, c.nodes); err != nil {
		return nil, err
	}
	return v, v.fits()
}

func (r *Registry) newView(c *change) *view {
	return &view{
		reg: r, lazy: c.lazy, facts: NewFacts(), index: map[string]string{}, home: map[string]string{},
		groups: map[string]string{}, own: map[string]map[edgeKey]bool{}, ids: map[string]string{},
		versions: map[string]int64{}, opened: map[string]bool{}, hubs: map[string]int64{},
		added: map[edgeKey]bool{}, names: map[string]string{}, guessed: map[string]bool{},
	}
}

// fits is ErrBusy when the index and the groups were read at different times.
func (v *view) fits() error {
	for x, value := range v.index {
		if cid, ok := cidOf(x); ok {
			if value != "" && value != erased && v.ids[cid] != value {
				return ErrBusy
			}
			continue
		}
		if e, ok := v.entry(x); ok && !v.facts.isStub(x) && v.home[x] != e.group {
			return ErrBusy
		}
	}
	return nil
}

// more reads on until nothing is missing.
func (v *view) more(ctx context.Context, nodes []string) error {
	for {
		want := v.missing(nodes)
		if len(want.nodes)+len(want.groups) == 0 {
			return nil
		}
		if len(v.groups)+len(want.groups) > maxLoaded {
			return errors.New("read groups: too many hang together")
		}
		keys := make([]string, 0, len(want.nodes)+len(want.groups))
		for _, x := range want.nodes {
			keys = append(keys, indexKey(x))
		}
		for _, g := range want.groups {
			keys = append(keys, groupKey(g))
		}
		values, err := v.reg.strings(ctx, keys)
		if err != nil {
			return err
		}
		for i, x := range want.nodes {
			v.index[x] = values[i]
			delete(v.guessed, x)
		}
		for i, g := range want.groups {
			if err := v.add(g, values[len(want.nodes)+i]); err != nil {
				return fmt.Errorf("read group %s: %w", g, err)
			}
		}
	}
}

type wanted struct{ nodes, groups []string }

// missing finds what must be read next: the index of names, the groups that the index names, and those that a fact
// leads to.
func (v *view) missing(nodes []string) wanted {
	var w wanted
	names, groups := map[string]bool{}, map[string]bool{}
	want := func(x string) {
		if cid, ok := cidOf(x); v.has(x) || v.facts.isStub(x) || ok && v.ids[cid] != "" {
			return
		}
		value, ok := v.index[x]
		if !ok {
			names[x] = true
			if cid, ok := cidOf(x); ok && !v.loaded(cid) {
				groups[cid] = true
			}
			if own := ownGroup(x); identifierOf(x).Class() == message.Alias && !v.loaded(own) {
				groups[own] = true // a handle is in no other
			}
			return
		}
		if g := v.groupOf(x, value); g != "" && !v.loaded(g) {
			groups[g] = true
		}
	}
	for _, x := range nodes {
		if e, ok := v.entry(x); ok && e.full && v.lazy && !v.has(x) {
			v.facts.stubs[x] = e.stub()
		}
		want(x)
	}
	for k, e := range v.facts.edges {
		if e.off >= e.t1 && e.off > 0 {
			continue
		}
		for _, x := range [2]string{k.x, k.y} {
			// A handle joins nobody itself, but leads from one to the other.
			if e, ok := v.entry(x); ok && e.generic && !v.opened[x] && !v.has(x) && identifierOf(x).Class() != message.Alias {
				v.facts.stubs[x] = e.stub()
			}
			want(x)
			if _, read := v.index[x]; read && v.index[x] == "" && !v.has(x) {
				v.facts.stubs[x] = node{} // it was erased meanwhile: the versions tell before anything is written
			}
		}
	}
	for k, word := range v.facts.words {
		if word.same || len(v.facts.node(k.x).ends)+len(v.facts.node(k.y).ends) > 0 || isPast(k.x) || isPast(k.y) {
			want(k.x)
			want(k.y)
		}
	}
	v.wantLives(want)
	w.nodes, w.groups = slices.Sorted(maps.Keys(names)), slices.Sorted(maps.Keys(groups))
	return w
}

// wantLives asks for what identifiers were before they were given up, and for what former ones are now: what is said of an
// identifier may be said of any of its lives. Of a former one that stands with the shared ones now it asks for all the same:
// whether it was shared then, and when it was seen, is only known there.
func (v *view) wantLives(want func(x string)) {
	var names []string
	for _, all := range []map[string]node{v.facts.nodes, v.facts.stubs} {
		for name, n := range all {
			if len(n.ends) > 0 || isPast(name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		x, until := baseOf(name)
		if until > 0 && v.has(name) {
			v.opened[x] = true
			delete(v.facts.stubs, x)
		}
		if until > 0 && !v.facts.isStub(x) {
			want(x)
			continue
		}
		for _, e := range v.facts.node(x).ends {
			was := pastNode(x, e.at)
			if e, ok := v.entry(was); ok && e.generic && !v.opened[x] && !v.has(was) {
				v.facts.stubs[was] = node{}
			}
			want(was)
		}
	}
}

func (v *view) has(x string) bool { _, ok := v.facts.nodes[x]; return ok }

func (v *view) loaded(group string) bool { _, ok := v.groups[group]; return ok }

// groupOf reads whose a node is from its index value.
func (v *view) groupOf(x, value string) string {
	if _, ok := cidOf(x); ok {
		if value == erased {
			return ""
		}
		return value // the id leads to another; else it is that of a group itself
	}
	e, _ := parseEntry(x, value)
	return e.group
}

// entry is what the index said of a node.
func (v *view) entry(x string) (entry, bool) { return parseEntry(x, v.index[x]) }

// add reads a group: its version, a semicolon, its record.
func (v *view) add(group, value string) error {
	if value == "" {
		v.groups[group] = ""
		v.versions[group] = 0
		return nil
	}
	version, own, names, err := parseGroup(group, value)
	if err != nil {
		return err
	}
	for _, x := range names {
		v.home[x] = group
		v.names[x] = own.nodes[x].name.name
		if own.nodes[x].isFull() {
			v.own[x] = map[edgeKey]bool{}
			for k := range own.edges {
				if k.x == x || k.y == x {
					v.own[x][k] = true
				}
			}
		}
	}
	v.facts.Join(own)
	_, text, _ := strings.Cut(value, ";")
	v.groups[group], v.versions[group] = text, version
	v.version = max(v.version, version)
	for cid := range own.born {
		v.ids[cid] = group
	}
	return nil
}

// parseGroup reads a group as it is kept under its key: its version, its facts, and the names of its identifiers.
func parseGroup(group, value string) (int64, *Facts, []string, error) {
	head, text, _ := strings.Cut(value, ";")
	version, err := strconv.ParseInt(head, 10, 64)
	if err != nil {
		return 0, nil, nil, errors.New("it has no version")
	}
	f := NewFacts()
	names, err := f.read(group, text)
	return version, f, names, err
}

// keeps tells whether x's own record has an edge. One that is full keeps what it had.
func (v *view) keeps(x string, k edgeKey) bool {
	if own, full := v.own[x]; full && v.facts.nodes[x].isFull() {
		return own[k]
	}
	return true
}

// seen adds an identifier by itself; alone tells that it came without an account and without a number.
func (v *view) seen(x string, at int64, alone bool, name called) {
	n := v.facts.nodes[x]
	if alone && (n.alone == 0 || at < n.alone || len(n.ends) > 0) {
		v.facts.know(x, node{alone: at})
	}
	if len(n.ends) > 0 {
		v.facts.know(x, node{first: at, last: at})
		v.facts.know(v.facts.lifeAt(x, at), node{name: name})
		return
	}
	if n.first != 0 && at >= n.first && at < n.last+v.reg.flush && (n.name.name != "" || name.name == "") {
		return // written down today already
	}
	v.facts.know(x, node{first: at, last: at, name: name})
}

// maxPartners is with how many others an identifier that names nobody is kept; more are only counted. One with
// a number of its own may have more, as that is a person's decision.
const (
	maxPartners       = 16
	maxAnchorPartners = 2 * maxNodes
)

// together adds that two identifiers are one person's. It answers false when one of them has so many partners that
// this one is only counted.
func (v *view) together(x, y string, rank message.Level, e edge) bool {
	k := edgeKey{pairOf(x, y), rank}
	if rank < message.Vouched {
		e.anew = 0 // it is of the time when it was seen
	}
	if old, ok := v.facts.edges[k]; ok {
		lived := len(v.facts.node(x).ends)+len(v.facts.node(y).ends) > 0
		if !lived && v.facts.dead(k, old) == "" && e.t0 >= old.t0 && e.t1 < old.t1+v.reg.flush && e.anew < old.anew+v.reg.flush {
			return true // written down today already
		}
		v.facts.tie(x, y, rank, e)
		return true
	}
	if (v.crowded(x) || v.crowded(y)) && rank < message.Vouched {
		return false
	}
	for _, side := range []string{x, y} {
		if identifierOf(side).Class() == message.Anchor && v.partners(side) >= maxAnchorPartners {
			return false
		}
	}
	v.facts.tie(x, y, rank, e)
	v.added[k] = true
	return true
}

// crowded tells whether x is only counted from now on, and counts.
func (v *view) crowded(x string) bool {
	e, ok := v.entry(x)
	if ok && e.full && !v.has(x) || v.facts.nodes[x].isFull() {
		v.hubs[x]++
		return true
	}
	return false
}

func (v *view) partners(x string) int {
	n := 0
	for k := range v.facts.edges {
		if k.x == x || k.y == x {
			n++
		}
	}
	return n
}
