package identity

import (
	"context"
	"slices"
	"strings"

	"loket/internal/message"
)

// alone tells whether only addresses are shown, which others may share, and nothing that is one person's.
func (q *query) alone() bool {
	return !slices.ContainsFunc(q.shown.held, func(id message.Identifier) bool { return id.Class() != message.Reassignable })
}

// teaches is how sure a tie would be at least if it were known already that what is shown belongs together.
func (q *query) teaches() message.Level {
	level := q.shown.held[1].Level
	if slices.ContainsFunc(q.shown.held, func(id message.Identifier) bool { return id.Class() == message.Reassignable }) {
		level = min(level, message.Attested) // an address proves no more than that
	}
	return level
}

// learn writes down what was seen.
func (r *Registry) learn(ctx context.Context, q *query) (*view, error) {
	c := &change{
		op: "join", by: Actor{Message: q.Message}, index: q.index, bounded: true, quiet: true, lazy: true,
	}
	held := slices.DeleteFunc(slices.Clone(q.shown.held), func(id message.Identifier) bool {
		e, _ := q.entry(id)
		return e.blocked || q.index[id.String()] == erased
	})
	for _, id := range held {
		c.nodes = append(c.nodes, id.String())
	}
	for _, a := range q.handles() {
		c.nodes = append(c.nodes, a.String())
	}
	c.say = func(v *view) error { return r.sight(ctx, c, v, q, held) }
	v, p, err := r.do(ctx, c)
	if err != nil {
		return nil, err
	}
	if v.renamed {
		q.res.sign(SignName)
	}
	if v.foreign {
		q.res.sign(SignLanguage)
	}
	q.res.Lives = nil
	for _, id := range slices.Concat(q.shown.held, q.handles()) {
		if e := v.facts.node(id.String()).ends; len(e) > 0 {
			q.live(id.String(), e)
		}
		x := v.facts.lifeAt(id.String(), q.at)
		if x != id.String() {
			put(&q.was, id.String(), x)
		}
		if g := p.group(x); g != nil {
			q.index[x] = v.entryOf(x, g, p.state[x]).String()
			was, _ := v.entry(x)
			q.res.Created = q.res.Created || was.customer() == "" && g.ID != "" && !v.knew(g)
		}
	}
	return v, nil
}

// knew tells whether one of the group's ids was there before.
func (v *view) knew(g *Group) bool {
	return slices.ContainsFunc(g.IDs, func(id string) bool { return v.ids[id] != "" })
}

// sight adds what a message shows to the facts.
func (r *Registry) sight(ctx context.Context, c *change, v *view, q *query, held []message.Identifier) error {
	fresh, err := r.withoutErased(ctx, c, v, q, held)
	if err != nil {
		return err
	}
	if len(fresh) == 0 {
		return nil
	}
	name := called{}
	if q.res.Name != "" {
		name = called{rank: message.Attested, at: q.at, name: cut(q.res.Name)}
	}
	v.silence(v.fallenSilent(q, fresh), q, r.now().UnixMilli())
	v.renamed, v.foreign = v.renames(q, fresh), slices.ContainsFunc(fresh, func(id message.Identifier) bool { return v.otherLanguage(q, id) })
	for i, id := range fresh {
		if v.facts.isStub(id.String()) {
			continue
		}
		if i > 0 {
			name = called{}
		}
		v.seen(id.String(), q.at, q.alone(), name)
		if unheard := q.newName(id); unheard != "" {
			v.facts.know(id.String(), node{names: names{{message.Attested, q.at, unheard}}})
		}
		if language := q.newLanguage(id); language != "" {
			v.facts.know(id.String(), node{languages: names{{message.Attested, q.at, language}}})
		}
	}
	handles, err := r.withoutErased(ctx, c, v, q, q.handles())
	if err != nil {
		return err
	}
	for _, a := range handles {
		v.facts.know(a.String(), node{})
	}
	if q.Apart {
		trial := v.trial()
		trial.tie(q, fresh, handles, c.tripped)
		if len(trial.joins(Derive(trial.facts))) > 0 {
			return nil
		}
	}
	v.tie(q, fresh, handles, c.tripped)
	return nil
}

// tie adds that what a message shows is one person's. When too much would be joined only handles go with their accounts.
func (v *view) tie(q *query, fresh, handles []message.Identifier, tripped bool) {
	for _, a := range handles {
		for _, s := range q.accounts(a) {
			if slices.Contains(fresh, s) {
				v.together(a.String(), s.String(), min(a.Level, s.Level, message.Vouched), q.sighting())
			}
		}
	}
	if tripped {
		return
	}
	for i, j := range pairs(fresh) {
		v.together(fresh[i].String(), fresh[j].String(), min(fresh[i].Level, fresh[j].Level, message.Vouched), q.sighting())
	}
}

func (q *query) sighting() edge { return edge{t0: q.at, t1: q.at, anew: q.at, by: q.Message} }

// maxClique is how many identifiers are each tied to each other: they stay together when one is given up. More are
// tied to the first.
const maxClique = 4

// pairs yields who is tied to whom.
func pairs(ids []message.Identifier) func(yield func(i, j int) bool) {
	return func(yield func(i, j int) bool) {
		star := len(ids) > maxClique || len(ids) > 0 && ids[0].Class() == message.Anchor
		for i := range ids {
			if star && i > 0 {
				return
			}
			for j := i + 1; j < len(ids); j++ {
				if !yield(i, j) {
					return
				}
			}
		}
	}
}

// withoutErased leaves out what was said by somebody who was erased since. Who was erased and writes again is a stranger: that is
// noted, so that they can be one. Only who is not known needs a look.
func (r *Registry) withoutErased(ctx context.Context, c *change, v *view, q *query, ids []message.Identifier) ([]message.Identifier, error) {
	if !v.suspects {
		return ids, nil
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = v.facts.lifeAt(id.String(), q.at)
	}
	gone, err := r.gone(ctx, names...)
	if err != nil {
		return nil, err
	}
	var out []message.Identifier
	for i, id := range ids {
		switch at := gone[names[i]]; {
		case v.has(names[i]), at == 0:
		case at >= q.at:
			continue
		default:
			put(&c.revived, names[i], true)
		}
		out = append(out, id)
	}
	return out, nil
}

// maxName is how long a name is kept, in bytes.
const maxName = 200

// cut shortens a name that somebody made very long.
func cut(name string) string {
	if len(name) <= maxName {
		return name
	}
	return strings.ToValidUTF8(name[:maxName], "")
}
