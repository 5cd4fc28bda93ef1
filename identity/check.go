package identity

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
)

// Check reads the whole registry and says in words what is not as it must be: an identifier that is in two
// customers or in none, an index that says otherwise, two numbers of one system in a customer without a decision,
// a former id that leads nowhere, a customer with more than one person has, a customer that its facts do not
// make. It writes nothing. What changes while it reads is read again before it is complained about.
func (r *Registry) Check(ctx context.Context) ([]string, error) {
	var groups, index []string
	for _, part := range []struct {
		pattern string
		to      *[]string
	}{{groupKey("*"), &groups}, {indexKey("*"), &index}} {
		keys, err := r.scan(ctx, part.pattern)
		if err != nil {
			return nil, fmt.Errorf("check registry: %w", away(err))
		}
		*part.to = keys
	}
	seen := map[string]bool{}
	var out []string
	note := func(found []string) {
		for _, f := range found {
			if !seen[f] {
				seen[f] = true
				out = append(out, f)
			}
		}
	}
	for chunk := range slices.Chunk(groups, 250) {
		odd, err := r.oddGroups(ctx, chunk)
		if err != nil {
			return nil, fmt.Errorf("check registry: %w", err)
		}
		for _, key := range odd {
			found, err := r.checkGroup(ctx, key)
			if err != nil {
				return nil, fmt.Errorf("check registry: %w", err)
			}
			note(found)
		}
	}
	for chunk := range slices.Chunk(index, 1000) {
		odd, err := r.oddNames(ctx, chunk)
		if err == nil {
			var found []string
			found, err = r.checkIndex(ctx, odd)
			note(found)
		}
		if err != nil {
			return nil, fmt.Errorf("check registry: %w", err)
		}
	}
	return out, nil
}

// oddGroups gives those that must be looked at with all they hang together with: most stand alone, and are what
// their own facts and the index say.
func (r *Registry) oddGroups(ctx context.Context, keys []string) ([]string, error) {
	values, err := r.strings(ctx, keys)
	if err != nil {
		return nil, err
	}
	var odd, alone, names []string
	views := map[string]*view{}
	for i, key := range keys {
		id := strings.TrimPrefix(key, groupKey(""))
		v := r.newView(&change{})
		if values[i] == "" {
			continue // it went while we read
		}
		if v.add(id, values[i]) != nil || v.hangs() {
			odd = append(odd, id)
			continue
		}
		alone, views[id] = append(alone, id), v
		for x := range v.facts.nodes {
			names = append(names, indexKey(x))
		}
	}
	if values, err = r.strings(ctx, names); err != nil {
		return nil, err
	}
	at := map[string]string{}
	for i, key := range names {
		at[strings.TrimPrefix(key, indexKey(""))] = values[i]
	}
	for _, id := range alone {
		for x := range views[id].facts.nodes {
			views[id].index[x] = at[x]
		}
		if len(views[id].check(id)) > 0 {
			odd = append(odd, id)
		}
	}
	return odd, nil
}

// hangs tells whether a group's facts lead out of it.
func (v *view) hangs() bool {
	for x, n := range v.facts.nodes {
		if len(n.ends) > 0 || isPast(x) {
			return true
		}
	}
	for k := range v.facts.edges {
		if !v.has(k.x) || !v.has(k.y) {
			return true
		}
	}
	return len(v.facts.words) > 0
}

// oddNames gives the names that are not in the group that the index says.
func (r *Registry) oddNames(ctx context.Context, keys []string) ([]string, error) {
	values, err := r.strings(ctx, keys)
	if err != nil {
		return nil, err
	}
	of, groups, unreadable := make([]string, len(keys)), map[string]*view{}, map[string]bool{}
	for i, key := range keys {
		if values[i] != erased {
			of[i] = r.newView(&change{}).groupOf(strings.TrimPrefix(key, indexKey("")), values[i])
			groups[of[i]] = nil
		}
	}
	delete(groups, "")
	names := slices.Collect(maps.Keys(groups))
	groupKeys := make([]string, len(names))
	for i, g := range names {
		groupKeys[i] = groupKey(g)
	}
	if values, err = r.strings(ctx, groupKeys); err != nil {
		return nil, err
	}
	for i, g := range names {
		v := r.newView(&change{})
		switch err := v.add(g, values[i]); {
		case err == nil:
			groups[g] = v
		case values[i] != "":
			unreadable[g] = true // it is complained about already
		}
	}
	var odd []string
	for i, key := range keys {
		x := strings.TrimPrefix(key, indexKey(""))
		cid, isCID := cidOf(x)
		v := groups[of[i]]
		if of[i] != "" && !unreadable[of[i]] && (v == nil || isCID && v.ids[cid] != of[i] || !isCID && !v.has(x)) {
			odd = append(odd, key)
		}
	}
	return odd, nil
}

// checkTries is after how many readings that do not fit together it is the registry that does not.
const checkTries = 30

// scan lists the keys of a pattern.
func (r *Registry) scan(ctx context.Context, pattern string) ([]string, error) {
	var mu sync.Mutex
	keys := map[string]bool{}
	on := func(ctx context.Context, c redis.Cmdable) error {
		scan := c.Scan(ctx, 0, strings.ReplaceAll(pattern, "{reg}", "[{]reg[}]"), 1000).Iterator()
		for scan.Next(ctx) {
			mu.Lock()
			keys[scan.Val()] = true
			mu.Unlock()
		}
		return scan.Err()
	}
	var err error
	if cluster, ok := r.store.Redis().(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return on(ctx, c) })
	} else {
		err = on(ctx, r.store.Redis())
	}
	out := make([]string, 0, len(keys))
	for k := range keys {
		out = append(out, k)
	}
	slices.Sort(out)
	return out, err
}

// checkGroup looks whether a group is what its facts make, and the index agrees. A group that looks wrong is read
// again with all it hangs together with, at the pace of the slowest writer.
func (r *Registry) checkGroup(ctx context.Context, key string) ([]string, error) {
	values, err := r.strings(ctx, []string{groupKey(key)})
	if err != nil || values[0] == "" {
		return nil, err
	}
	_, _, names, err := parseGroup(key, values[0])
	if err != nil {
		return []string{fmt.Sprintf("customer %s cannot be read: %v", key, err)}, nil
	}
	var found []string
	for range 3 {
		v, err := r.viewWithin(ctx, checkTries, names...)
		if err != nil && !errors.Is(err, ErrBusy) {
			return nil, err
		}
		if found = v.check(key); len(found) == 0 || !v.loaded(key) {
			return nil, nil
		}
		if err := pause(ctx, 8); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// check compares what was read with what Derive makes of it.
func (v *view) check(key string) []string {
	var out []string
	p := Derive(v.facts)
	for i := range p.Groups {
		g := &p.Groups[i]
		for _, x := range g.Nodes {
			id := identifierOf(x).Kind
			e, known := v.entry(x)
			if _, read := v.index[x]; !read {
				continue // it is looked at with its own group
			}
			switch {
			case !known && isPast(x): // given up before loket wrote down what it was
			case !known:
				out = append(out, fmt.Sprintf("customer %s: its %s is not in the index", g.key(), id))
			case e.group != g.key():
				out = append(out, fmt.Sprintf("customer %s: the index has its %s with %s", g.key(), id, e.group))
			case e.contested != p.state[x].contested || e.generic != p.state[x].generic || e.several != p.state[x].several || e.tie != p.state[x].tie:
				out = append(out, fmt.Sprintf("customer %s: the index is wrong on its %s", g.key(), id))
			}
		}
		out = append(out, v.checkRules(p, g)...)
	}
	if !slices.ContainsFunc(p.Groups, func(g Group) bool { return g.key() == key }) {
		out = append(out, fmt.Sprintf("customer %s: its facts do not make it", key))
	}
	return out
}

// checkRules looks whether a group is what it may be.
func (v *view) checkRules(p *Partition, g *Group) []string {
	var out []string
	decided := false
	for _, x := range g.Nodes {
		decided = decided || slices.ContainsFunc(p.tree[x], func(a arc) bool { return a.from.rank == message.Decided })
	}
	for _, id := range g.IDs {
		decided = decided || slices.ContainsFunc(p.tree[cidNode(id)], func(a arc) bool { return a.from.rank == message.Decided })
	}
	systems := map[string]bool{}
	for _, x := range g.Nodes {
		id := identifierOf(x)
		if id.Class() != message.Anchor || isPast(x) {
			continue
		}
		if systems[system(id)] && !decided {
			out = append(out, fmt.Sprintf("customer %s: has two numbers of %s, and nobody decided so", g.key(), system(id)))
		}
		systems[system(id)] = true
	}
	if len(g.Nodes) > maxNodes && !decided {
		out = append(out, fmt.Sprintf("customer %s: has %d identifiers, at most %d are one person's", g.key(), len(g.Nodes), maxNodes))
	}
	for k, w := range v.facts.decisions {
		if !w.same && p.same(k.x, k.y) && p.group(k.x) == g {
			out = append(out, fmt.Sprintf("customer %s: holds what a person told apart", g.key()))
		}
	}
	return out
}

// checkIndex looks whether every name leads to a group that has it.
func (r *Registry) checkIndex(ctx context.Context, keys []string) ([]string, error) {
	values, err := r.strings(ctx, keys)
	if err != nil {
		return nil, err
	}
	var out []string
	for i, key := range keys {
		x := strings.TrimPrefix(key, indexKey(""))
		if values[i] == "" || values[i] == erased {
			continue
		}
		for try := range 3 {
			v, err := r.viewWithin(ctx, checkTries, x)
			if err != nil && !errors.Is(err, ErrBusy) {
				return nil, err
			}
			if v.index[x] == "" || v.index[x] == erased {
				break
			}
			var problem string
			if cid, ok := cidOf(x); ok {
				if v.ids[cid] != v.index[x] {
					problem = fmt.Sprintf("former id %s leads to %s, which does not have it", cid, v.index[x])
				}
			} else if !v.has(x) {
				problem = fmt.Sprintf("%s in the index and in no customer", identifierOf(x).Kind)
			}
			if problem == "" {
				break
			}
			if try == 2 {
				out = append(out, problem)
			}
			if err := pause(ctx, 8); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
