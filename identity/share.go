package identity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"loket/internal/message"
)

// Share says that several people use an identifier, so that it joins and names nobody, or that it is one person's
// after all, whatever was seen of it until then. It may be said of one that nobody has shown yet.
func (r *Registry) Share(ctx context.Context, x message.Identifier, shared bool, by Actor) error {
	return r.flag(ctx, "share", x, by, func(n node, at int64) node { return node{shared: n.shared.next(at, shared, by)} })
}

// Block says that a value says nothing about anybody, as 0000 does: it is taken as if it were not there. Blocking ends
// with blocked false, and what was known by it before counts again; what was shown meanwhile was not noted, so that a value of
// thousands costs nothing.
func (r *Registry) Block(ctx context.Context, x message.Identifier, blocked bool, by Actor) error {
	return r.flag(ctx, "block", x, by, func(n node, at int64) node { return node{blocked: n.blocked.next(at, blocked, by)} })
}

// Retire says that an identifier was given up at an instant; zero is now. What is known of it until then, and what was said
// with it, stays its customer's, who keeps the id too. Whoever shows it later is somebody else, whatever any source repeats
// that said so before: only what is seen or said anew since then makes it theirs again.
func (r *Registry) Retire(ctx context.Context, x message.Identifier, at time.Time, by Actor) error {
	until := r.instant(at)
	c := &change{op: "retire", by: by, nodes: []string{x.String()}}
	return r.mark(ctx, c, x, func(v *view) {
		v.end(x.String(), end{at: until, said: max(r.instant(by.At), until)}, r.now().UnixMilli())
	})
}

// end notes that an identifier was given up. The ids that were made of it stay with whoever it was that had it.
func (v *view) end(x string, e end, now int64) {
	was := pastNode(x, e.at)
	before := v.facts.lifeAt(x, e.at)
	name := v.facts.local(before).name
	v.facts.know(x, node{ends: ends{e}})
	v.facts.know(was, node{})
	if name.name != "" && name.at <= e.at {
		v.facts.know(was, node{name: name})
	}
	if !v.held(was) {
		return
	}
	for cid, b := range v.facts.born {
		if b.node == before {
			v.facts.bear(cid, birth{node: was, at: max(now, b.at+1), by: b.by})
		}
	}
}

// next is the flag as somebody sets it, later than before unless they say when it was: then it counts as if it had been
// said then, whatever was said meanwhile.
func (f flag) next(at int64, on bool, by Actor) flag {
	switch {
	case !by.At.IsZero():
		return flag{at, on}
	case f.on == on && f.at > 0:
		return f
	}
	return flag{max(at, f.at+1), on}
}

func (r *Registry) flag(ctx context.Context, op string, x message.Identifier, by Actor, set func(n node, at int64) node) error {
	node := x.String()
	c := &change{op: op, by: by, nodes: []string{node}, left: []string{node}}
	return r.mark(ctx, c, x, func(v *view) { v.facts.know(node, set(v.facts.nodes[node], r.instant(by.At))) })
}

// mark makes a change that is about one identifier.
func (r *Registry) mark(ctx context.Context, c *change, x message.Identifier, say func(v *view)) error {
	node := x.String()
	c.say = func(v *view) error {
		if err := r.refuseGone(ctx, v, []message.Identifier{x}); err != nil {
			return err
		}
		// Whatever else was shared because it was seen with this one may be so no longer, or again.
		near := func(y string) bool {
			return slices.ContainsFunc(slices.Collect(maps.Keys(v.partnersOf(node))), func(k edgeKey) bool { return k.x == y || k.y == y })
		}
		if err := v.open(ctx, near); err != nil {
			return err
		}
		say(v)
		return nil
	}
	if x.Class() == message.Ephemeral || identifierOf(node).Kind == "" {
		return fmt.Errorf("%s: must be of a kind that lasts", c.op)
	}
	if _, _, err := r.do(ctx, c); err != nil {
		return fmt.Errorf("%s: %w", c.op, err)
	}
	return nil
}
