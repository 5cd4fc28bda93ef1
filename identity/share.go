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
func (r *Registry) Share(ctx context.Context, x message.Identifier, shared bool, by By) error {
	return r.flag(ctx, "share", x, by, func(n node, at int64) node { return node{shared: n.shared.next(at, shared, by)} })
}

// Block says that a value says nothing about anybody, as 0000 does: it is taken as if it were not there. Blocking ends
// with blocked false, and what was known by it counts again.
func (r *Registry) Block(ctx context.Context, x message.Identifier, blocked bool, by By) error {
	return r.flag(ctx, "block", x, by, func(n node, at int64) node { return node{blocked: n.blocked.next(at, blocked, by)} })
}

// Retire says that an identifier was given up: what is known of it until then does not count any more. Its customer
// keeps the id. Whoever shows it later is somebody else. A zero time is now.
func (r *Registry) Retire(ctx context.Context, x message.Identifier, at time.Time, by By) error {
	until := r.instant(at)
	return r.flag(ctx, "retire", x, by, func(node, int64) node { return node{retired: until} })
}

// next is the flag as somebody sets it, later than before unless he says when it was: then it counts as if it had been
// said then, whatever was said meanwhile.
func (f flag) next(at int64, on bool, by By) flag {
	switch {
	case !by.At.IsZero():
		return flag{at, on}
	case f.on == on && f.at > 0:
		return f
	}
	return flag{max(at, f.at+1), on}
}

func (r *Registry) flag(ctx context.Context, op string, x message.Identifier, by By, set func(n node, at int64) node) error {
	node := x.String()
	c := &change{op: op, by: by, nodes: []string{node}, left: []string{node}}
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
		v.facts.know(node, set(v.facts.nodes[node], r.instant(by.At)))
		return nil
	}
	if x.Class() == message.Ephemeral || identifierOf(node).Kind == "" {
		return fmt.Errorf("%s: must be of a kind that lasts", op)
	}
	if _, _, err := r.do(ctx, c); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}
