package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/internal/message"
)

// outcome is what came of one row.
type outcome struct {
	created, joined, changed bool
	problems                 []ImportProblem
}

func (o outcome) count(rep *ImportReport) {
	conflict := slices.ContainsFunc(o.problems, func(p ImportProblem) bool { return p.Kind == "conflict" })
	switch {
	case conflict:
		rep.Conflicts++
	case o.joined:
		rep.Joined++
	case o.created:
		rep.Created++
	case o.changed:
		rep.Bound++
	default:
		rep.Same++
	}
}

// errDry ends a change that is only looked at.
var errDry = errors.New("it was a dry run")

// commit notes what a row says, or in a dry run only looks what would come of it. whole tells that nothing of the row
// was left out, so that what it does not say is not so any more.
func (im *importing) commit(ctx context.Context, row candidate, whole bool) (outcome, error) {
	var out outcome
	by := im.opt.By
	by.At = instantOf(row.at)
	c := &change{op: "import", by: by, quiet: true}
	for _, id := range row.ids {
		c.nodes = append(c.nodes, id.String())
	}
	c.say = func(v *view) error { return im.say(ctx, v, row, whole) }
	c.judge = func(v *view, p *Partition) error {
		out = im.outcome(v, p, row)
		if im.opt.DryRun {
			return errDry
		}
		return nil
	}
	_, _, err := im.reg.do(ctx, c)
	if errors.Is(err, errDry) {
		err = nil
	}
	return out, err
}

// say adds the facts of a row: all its identifiers are its key's.
func (im *importing) say(ctx context.Context, v *view, row candidate, whole bool) error {
	if im.opt.DryRun {
		v.suspects = true // nothing is committed that would find it out
	}
	if err := im.reg.refuseGone(ctx, v, row.ids); err != nil {
		return err
	}
	key := row.node()
	replace := im.opt.Mode == Replace
	e := edge{t0: row.at, t1: row.at, by: row.source}
	if row.dated {
		e.anew = row.at
	}
	for _, id := range row.ids[1:] {
		x := id.String()
		v.facts.know(x, node{})
		if !v.together(key, x, message.Vouched, e) {
			return fmt.Errorf("%s: %w: the customer has too many identifiers", x, ErrLimit)
		}
		if replace {
			// Also what was written down today: the mark that it still stands must be later than what takes it back.
			v.facts.tie(key, x, message.Vouched, e)
		}
	}
	if len(row.ids) == 1 {
		v.seen(key, row.at, false, called{})
	} else {
		v.facts.know(key, node{})
	}
	if name := cut(strings.TrimSpace(row.Name)); name != "" && v.facts.nodes[key].name.name != name {
		v.facts.know(key, node{name: called{rank: message.Vouched, at: row.at, name: name}})
	}
	if replace && whole {
		im.takeBack(v, row)
	}
	return nil
}

// takeBack undoes what the same source said of the key before this import and says no more.
func (im *importing) takeBack(v *view, row candidate) {
	key := row.node()
	for k, e := range v.facts.edges {
		other := k.x
		if other == key {
			other = k.y
		}
		if k.x != key && k.y != key || k.rank != message.Vouched || e.by != row.source || e.t1 >= row.at || e.off >= e.t1 && e.off > 0 {
			continue
		}
		if !slices.ContainsFunc(row.ids, func(id message.Identifier) bool { return id.String() == other }) {
			v.facts.tie(k.x, k.y, k.rank, edge{t0: e.t0, t1: e.t1, off: row.at - 1, by: e.by})
		}
	}
}

// outcome reads what comes of a row.
func (im *importing) outcome(v *view, p *Partition, row candidate) outcome {
	var out outcome
	g := p.group(row.node())
	known := false
	for _, x := range g.Nodes {
		was, ok := v.entry(x)
		known = known || ok && was.customer() != ""
	}
	out.created = !known
	for _, were := range v.joins(p) {
		if slices.ContainsFunc(were, func(id string) bool { return p.group(cidNode(id)) == g }) {
			out.joined = true
			out.problems = append(out.problems, ImportProblem{
				Kind: "join", Reason: "customers " + strings.Join(were, " and ") + " come together",
			})
		}
	}
	out.changed = len(v.added) > 0
	for _, id := range row.ids {
		x := id.String()
		s := p.state[x]
		other := p.group(x)
		if _, ok := v.entry(x); !ok {
			out.changed = true
		}
		ended := v.facts.node(x).ends.last()
		switch {
		case ended > 0 && other != g && p.same(pastNode(x, ended), row.node()):
			out.conflict(x + ": it was given up on " + instantOf(ended).Format(time.DateOnly) +
				"; if it is theirs again, a row with a later as_of says so, or a person links it")
		case id.Class() == message.Alias:
		case s.generic && id.Role():
		case s.generic:
			out.conflict(x + ": " + string(sharedRule))
		case other != g && other.ID == "":
			out.conflict(x + ": it is another's")
		case other != g:
			out.conflict(x + ": it is customer " + other.ID + "'s")
		case s.contested:
			out.conflict(x + ": another customer has it with as good a right")
		}
	}
	return out
}

func (o *outcome) conflict(reason string) {
	o.problems = append(o.problems, ImportProblem{Kind: "conflict", Reason: reason})
}

// compare finds, in a dry run, what other rows of the source name too.
func (im *importing) compare(line int, row candidate, out *outcome) {
	im.mu.Lock()
	defer im.mu.Unlock()
	for _, id := range row.ids {
		x := id.String()
		first, ok := im.seen[x]
		switch {
		case !ok:
			im.seen[x] = firstSeen{line, row.node()}
		case first.key != row.node() && id.Class() != message.Alias && !id.Role():
			out.conflict(fmt.Sprintf("%s: line %d names it for another customer", x, first.line))
		}
	}
}

// annotate keeps what a row says besides identifiers. Consent is of the address, whoever turns out to hold it: if it
// hung on that, the order of the rows would matter.
func (im *importing) annotate(ctx context.Context, row candidate) error {
	var notes []note
	key := row.node()
	for name, value := range row.Attributes {
		notes = append(notes, note{key, attributeField + name, wordAt(row.at, value)})
	}
	if im.opt.Mode == Replace {
		notes = append(notes, note{key, wholeField, wordAt(row.at, "")})
	}
	by := im.opt.By
	by.At = instantOf(row.at)
	for purpose, yes := range row.Consent {
		purpose, kind, _ := strings.Cut(purpose, ":")
		for _, id := range row.ids {
			if reachable(id) && (kind == "" || kind == id.Kind) {
				notes = append(notes, note{id.String(), consentField + purpose + ":" + row.source, im.reg.permission(bool(yes), by)})
			}
		}
	}
	if x, ok := im.preferred(row); ok {
		notes = append(notes, note{x, preferredField + Service + ":" + row.source, wordAt(row.at, allowSign)})
	}
	_, err := im.reg.keep(ctx, notes)
	return err
}

// preferred is the identifier of the row that is named, or the first of the kind that is.
func (im *importing) preferred(row candidate) (string, bool) {
	want := strings.TrimSpace(row.Preferred)
	if want == "" {
		return "", false
	}
	id, err := im.reg.Parse(want, message.Vouched)
	for _, have := range row.ids {
		if reachable(have) && (err == nil && have.String() == id.String() || err != nil && have.Kind == strings.ToLower(want)) {
			return have.String(), true
		}
	}
	return "", false
}
