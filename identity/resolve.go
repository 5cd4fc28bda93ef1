package identity

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/internal/message"
)

// A Subject is what one authority said of one sender in one message.
type Subject struct {
	IDs     []message.Identifier // claims too: their level says which are
	Name    string               // what the sender calls himself; it proves nothing
	At      time.Time            // when it happened, by the message and not by its arrival; zero is now
	Message string               // the message's id, as evidence
	// Brief asks for the customer alone: what claims and aliases suggest is not looked up, so that a sender who
	// only claims costs no round trip.
	Brief bool
	// Look writes nothing: a sender whom nobody knows stays unknown.
	Look bool
	// Apart joins no customers: what is shown together is noted as one person's only if that makes no two customers one.
	// It is for what a person says that a sender showed.
	Apart bool
}

// Result says who a sender is, as far as is known.
type Result struct {
	Customer string // empty when nobody is known, or when it is contested
	Name     string // for people to read; proves nothing
	// Assurance is how sure it is that the sender is Customer; without one, that he holds Basis.
	Assurance message.Level
	// Basis is the identifier that Assurance is about. It is zero when the sender showed none.
	Basis   message.Identifier
	Created bool // Customer did not exist before
	// Contested: what the sender holds is of several customers, or may be. Customer, if there is one, is for
	// routing, and no surer than a claim; the others stand among Candidates.
	Contested  bool
	Candidates []Candidate
	// ClaimsToBe are the other customers whose identifiers the sender merely claims.
	ClaimsToBe []Candidate
	Conflicts  []Conflict
	// Lives are of the identifiers shown that were ever given up: between which times they were whose they were then.
	Lives []Life
	// Signs speak for it that a number is somebody else's now, in words for people.
	Signs   []string
	Version int64 // of what is known about Customer; 0 when that was not read
}

// Word is Assurance for people and rules: "none" when the sender showed nothing at all.
func (r *Result) Word() string {
	if r.Basis.IsZero() {
		return NoAssurance
	}
	return r.Assurance.String()
}

// NoAssurance is how sure it is who somebody is who showed nothing.
const NoAssurance = "none"

// A Candidate is a customer the sender may be. A person decides.
type Candidate struct {
	Customer string
	Name     string
	Why      string // the identifier that speaks for it, as Identifier.Node writes it
}

// A Conflict is a pair of identifiers that the sender holds both and that are of different customers.
type Conflict struct {
	A, B                 message.Identifier
	CustomerA, CustomerB string
}

// A Life of an identifier lies between two times that it was given up: what was said with it in another is another's.
type Life struct {
	message.Identifier
	// From is when it was given up before, not included, zero for never; Until when it was again, zero for not yet.
	From, Until time.Time
	// Doubt tells that it was silent for long before it, and nobody said that it was given up.
	Doubt bool
}

// Holds tells whether an instant lies in it.
func (l Life) Holds(at time.Time) bool {
	return at.After(l.From) && (l.Until.IsZero() || !at.After(l.Until))
}

// maxHeld is how many identifiers of one sender count, the strongest.
const maxHeld = 16

// Resolve tells who the sender is. Somebody who shows an attested identifier that nobody is known by becomes a
// customer; what he shows together is noted as one person's. Asking again is harmless and gives the same answer while
// nothing was learnt in between; the order of the identifiers does not matter. Claims never change Customer, never
// raise Assurance above claimed, and are not written.
//
// A known sender takes one round trip and writes nothing, but for the first message of a day; a new one takes two;
// one without identifiers, or briefly with claims only, takes none. When the store cannot be reached
// it is store.ErrAway.
func (r *Registry) Resolve(ctx context.Context, s Subject) (Result, error) {
	shown := sift(s.IDs)
	if len(shown.held) > maxHeld {
		shown.held = shown.held[:maxHeld]
	}
	res := Result{Name: strings.TrimSpace(s.Name)}
	res.Basis, res.Assurance = shown.basis()
	q := &query{Subject: s, shown: shown, at: r.instant(s.At), index: map[string]string{}, res: &res}
	err := r.resolve(ctx, q)
	if err != nil {
		return Result{}, fmt.Errorf("resolve sender: %w", err)
	}
	return res, nil
}

// Newcomer is what Resolve gives for a sender of whom nothing is known yet, and of whom nothing is written: for dry runs
// without a registry. Customer is then a word that is no id.
func Newcomer(s Subject) Result {
	shown := sift(s.IDs)
	res := Result{Name: strings.TrimSpace(s.Name)}
	res.Basis, res.Assurance = shown.basis()
	if len(shown.held) > 1 || len(shown.held) == 1 && !shown.held[0].Role() { // see knows
		res.Customer = "new"
	}
	return res
}

// instant is a time in milliseconds: now when it is zero or lies ahead.
func (r *Registry) instant(t time.Time) int64 {
	now := r.now().UnixMilli()
	if t.IsZero() || t.UnixMilli() > now {
		return now
	}
	return max(t.UnixMilli(), 1)
}

// query is a Resolve under way.
type query struct {
	Subject
	shown shown
	at    int64
	index map[string]string
	// was are the names of the identifiers shown that were others' then than now.
	was map[string]string
	res *Result
}

// name is how an identifier that was shown stands among identifiers.
func (q *query) name(id message.Identifier) string {
	x := id.String()
	return cmp.Or(q.was[x], x)
}

// entry is what the index says of an identifier, as it was when it was shown.
func (q *query) entry(id message.Identifier) (entry, bool) {
	x := q.name(id)
	return parseEntry(x, q.index[x])
}

func (r *Registry) resolve(ctx context.Context, q *query) error {
	if err := r.look(ctx, q); err != nil {
		return err
	}
	var v *view
	if !r.knows(q) {
		var err error
		if v, err = r.learn(ctx, q); err != nil {
			return err
		}
	}
	contested := q.decide()
	if q.Brief && !contested {
		return nil
	}
	return r.suggest(ctx, q, v)
}

// look reads the index of what is shown.
func (r *Registry) look(ctx context.Context, q *query) error {
	asked := slices.Concat(q.shown.held, q.handles())
	if !q.Brief {
		asked = q.shown.lookedUp()
	}
	nodes, keys := make([]string, len(asked)), make([]string, len(asked))
	for i, id := range asked {
		nodes[i] = id.String()
		keys[i] = indexKey(nodes[i])
	}
	values, err := r.strings(ctx, keys)
	if err != nil {
		return err
	}
	for i, x := range nodes {
		q.index[x] = values[i]
	}
	return r.lookBack(ctx, q, nodes)
}

// lookBack reads the index of those who had what is shown when it was shown, where it was given up since.
func (r *Registry) lookBack(ctx context.Context, q *query, shown []string) error {
	var names, keys []string
	for _, x := range shown {
		e, _ := parseEntry(x, q.index[x])
		if len(e.ends) == 0 {
			continue
		}
		name := e.ends.lifeAt(x, q.at)
		q.live(x, e.ends)
		if name != x {
			put(&q.was, x, name)
			names, keys = append(names, name), append(keys, indexKey(name))
		}
	}
	values, err := r.strings(ctx, keys)
	if err != nil {
		return err
	}
	for i, x := range names {
		q.index[x] = values[i]
	}
	return nil
}

// handles are the aliases that come with the account that bears them: only then something is learnt.
func (q *query) handles() []message.Identifier {
	return slices.DeleteFunc(slices.Clone(q.shown.aliases), func(a message.Identifier) bool { return len(q.accounts(a)) == 0 })
}

// accounts are the held identifiers that bear the handle.
func (q *query) accounts(handle message.Identifier) []message.Identifier {
	var out []message.Identifier
	for _, id := range q.shown.held {
		if id.Kind == bearerKind(handle.Kind) {
			out = append(out, id)
		}
	}
	return out
}

// live notes of which life of an identifier it is that it was shown.
func (q *query) live(x string, e ends) {
	id := identifierOf(x)
	id.Level = 0
	_, until := baseOf(e.lifeAt(x, q.at))
	q.res.Lives = append(q.res.Lives, Life{id, instantOf(e.before(q.at)), instantOf(until), e.doubtful(q.at)})
	if e.doubtful(q.at) {
		q.res.sign(SignSilent)
	}
}

// knows tells whether the index says all there is to say, and nothing is to be learnt.
func (r *Registry) knows(q *query) bool {
	if len(q.shown.held) == 0 {
		return true
	}
	if r.exact && !q.Look {
		return false
	}
	customer, weakest := "", message.Decided
	for _, id := range q.shown.held {
		if q.index[q.name(id)] == erased {
			continue
		}
		e, ok := q.entry(id)
		switch {
		case !ok && id.Role() && len(q.shown.held) == 1:
			continue // a mailbox of several people, which nobody registered: there is nothing to learn
		case !ok:
			return q.Look
		case e.blocked:
			continue
		case e.day < dayOf(q.at) && !q.Look && !e.full:
			return false
		case e.generic:
			continue
		case e.beside && q.alone() && !q.Look, e.unheard(q.newName(id)) && !q.Look:
			return false
		case e.customer() == "":
			return q.Look
		case customer != "" && e.group != customer:
			return q.Look
		}
		customer, weakest = e.group, min(weakest, e.tie)
	}
	for _, a := range q.handles() {
		e, _ := q.entry(a)
		for _, s := range q.accounts(a) {
			if !slices.Contains(e.bearers, s.String()) || e.day < dayOf(q.at) {
				return q.Look
			}
		}
	}
	return q.Look || len(q.shown.held) == 1 || weakest >= q.teaches()
}

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
		op: "join", by: By{Message: q.Message}, index: q.index, bounded: true, quiet: true, lazy: true,
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
	fresh, err := r.ungone(ctx, c, v, q, held)
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
	v.renamed = v.renames(q, fresh)
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
	}
	handles, err := r.ungone(ctx, c, v, q, q.handles())
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

// ungone leaves out what was said by somebody who was erased since. Who was erased and writes again is a stranger: that is
// noted, so that they can be one. Only who is not known needs a look.
func (r *Registry) ungone(ctx context.Context, c *change, v *view, q *query, ids []message.Identifier) ([]message.Identifier, error) {
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

// decide names the customer from the index. It answers true when there is more to say than that.
func (q *query) decide() bool {
	type clean struct {
		id message.Identifier
		e  entry
	}
	var sure []clean
	doubt, stranger := false, false
	for _, id := range q.shown.held {
		e, ok := q.entry(id)
		if !ok || e.blocked || e.customer() == "" && !e.generic {
			continue
		}
		if e.contested || e.generic || e.several {
			doubt = true
			q.res.Contested = q.res.Contested || e.contested || e.several
			if e.several {
				q.res.sign(SignReaders)
				stranger = stranger || id.Class() == message.Stable
			}
			continue
		}
		id.Level = min(id.Level, e.tie)
		sure = append(sure, clean{id, e})
	}
	if stranger { // whose account it is does not turn on the number or mailbox beside it
		sure = slices.DeleteFunc(sure, func(c clean) bool { return c.id.Class() == message.Reassignable })
	}
	if len(sure) == 0 {
		if q.res.Contested {
			q.res.Assurance = min(q.res.Assurance, message.Claimed)
		}
		return doubt
	}
	// The most lasting decides where the message goes; how sure it is, the surest of the same customer.
	slices.SortStableFunc(sure, func(a, b clean) int { return cmp.Compare(lasting(a.id), lasting(b.id)) })
	first := sure[0]
	q.res.Customer, q.res.Contested = first.e.group, false
	best := first.id
	for _, s := range sure[1:] {
		if s.e.group == first.e.group {
			if s.id.Level > best.Level {
				best = s.id
			}
			continue
		}
		q.res.Contested = true
		if !slices.ContainsFunc(q.res.Conflicts, func(c Conflict) bool { return c.CustomerB == s.e.group }) {
			q.res.Conflicts = append(q.res.Conflicts, Conflict{A: first.id, B: s.id, CustomerA: first.e.group, CustomerB: s.e.group})
		}
	}
	if best.Class() == message.Reassignable && first.id.Class() != message.Reassignable && best.Level > first.id.Level {
		// The account is what he is known by; the address, which others may share, does not make it surer.
		best = first.id
		best.Level = max(best.Level, message.Attested)
	}
	q.res.Basis, q.res.Assurance = best, best.Level
	if q.res.Contested {
		q.res.Assurance = min(best.Level, message.Claimed)
	}
	return q.res.Contested
}
