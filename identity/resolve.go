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
	IDs      []message.Identifier // claims too: their level says which are
	Name     string               // what the sender calls himself; it proves nothing
	Language string               // that the message seems to be in, as nl; empty when that cannot be told
	// Formerly are identifiers of which the channel says that the sender had them until now. Whoever shows them later is somebody
	// else; that the sender is who had them is suggested.
	Formerly []message.Identifier
	At       time.Time // when it happened, by the message and not by its arrival; zero is now
	Message  string    // the message's id, as evidence
	// Brief asks for the customer alone: what claims and aliases suggest is not looked up, so that a sender who
	// only claims costs no round trip.
	Brief bool
	// Look writes nothing: a sender whom nobody knows stays unknown.
	Look bool
	// Apart joins no customers: what is shown together is noted as one person's only if that makes no two customers one.
	// It is for what a person says that a sender showed.
	Apart bool
}

// Resolve tells who the sender is. Somebody who shows an attested identifier that nobody is known by becomes a
// customer; what they show together is noted as one person's. Asking again is harmless and gives the same answer while
// nothing was learnt in between; the order of the identifiers does not matter. Claims never change Customer, never
// raise Assurance above claimed, and are not written.
//
// A known sender takes one round trip and writes nothing, but for the first message of a day; a new one takes two;
// one without identifiers, or briefly with claims only, takes none. When the store cannot be reached
// it is store.ErrAway.
func (r *Registry) Resolve(ctx context.Context, s Subject) (Result, error) {
	shown := classify(s.IDs)
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
	shown := classify(s.IDs)
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
	if err := r.moved(ctx, q); err != nil {
		return err
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
		if id.Bears(handle) {
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
		case e.beside && q.alone() && !q.Look, e.unheard(q.newName(id)) && !q.Look, e.unwritten(q.newLanguage(id)) && !q.Look:
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
		// The account is what they are known by; the address, which others may share, does not make it surer.
		best = first.id
		best.Level = max(best.Level, message.Attested)
	}
	q.res.Basis, q.res.Assurance = best, best.Level
	if q.res.Contested {
		q.res.Assurance = min(best.Level, message.Claimed)
	}
	return q.res.Contested
}
