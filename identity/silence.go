package identity

import (
	"context"
	"slices"
	"time"

	"loket/internal/message"
)

// usualSilence is after how long a telephone number may be somebody else's: networks hand numbers out again after some months.
const usualSilence = 365 * 24 * time.Hour

// leastSilence is the shortest silence that says anything: when a number was shown is written down once a day.
const leastSilence = 7 * 24 * time.Hour

// A shorter silence says as much when who shows the number then writes in another language than anybody before: this part of it.
const silenceOfOtherLanguage = 4

// silentFor is how long a number must have been silent to be somebody else's, in milliseconds.
func (v *view) silentFor(q *query, id message.Identifier) int64 {
	if v.otherLanguage(q, id) {
		return v.reg.silence / silenceOfOtherLanguage
	}
	return v.reg.silence
}

// fallenSilent gives the telephone numbers among what a sender shows of which nothing was seen or said anew for long, unless they
// come with an account or a customer's number of the same customer.
func (v *view) fallenSilent(q *query, shown []message.Identifier) []string {
	if v.reg.silence <= 0 {
		return nil
	}
	var out []string
	for _, id := range shown {
		x := id.String()
		if !id.IsNumber() || v.facts.isStub(x) || !v.has(x) || v.facts.lifeAt(x, q.at) != x {
			continue
		}
		if last := v.lastNews(x); last > 0 && q.at-last > v.silentFor(q, id) {
			out = append(out, x)
		}
	}
	if len(out) == 0 {
		return nil
	}
	p := Derive(v.facts)
	return slices.DeleteFunc(out, func(x string) bool {
		return p.state[x].generic || slices.ContainsFunc(shown, func(id message.Identifier) bool {
			return (id.Class() == message.Stable || id.Class() == message.Anchor) && p.same(id.String(), x)
		})
	})
}

// lastNews is when an identifier was last shown, or said anew to be somebody's; that a source repeats it is no news.
func (v *view) lastNews(x string) int64 {
	last := v.facts.local(x).last
	for k := range v.partnersOf(x) {
		e := v.facts.edges[k]
		switch {
		case v.facts.dead(k, e) != "":
		case k.rank < message.Vouched:
			last = max(last, e.t1)
		default:
			last = max(last, e.lastAnew())
		}
	}
	for k, w := range v.facts.decisions {
		if w.same && (k.x == x || k.y == x) {
			last = max(last, w.at)
		}
	}
	return last
}

// silence ends what was known of numbers that fell silent when that had lasted for long: whoever has them now may be somebody
// else. Who had them is suggested.
func (v *view) silence(names []string, q *query, now int64) {
	for _, x := range names {
		v.end(x, end{at: v.lastNews(x) + v.silentFor(q, identifierOf(x)), said: q.at, doubt: true}, now)
	}
	v.silent = names
}

// suggestSilent files that whoever shows a number again after a long silence may be who had it before.
func (w *writing) suggestSilent() {
	for _, x := range w.view.silent {
		was, has := w.p.group(pastNode(x, w.view.facts.node(x).ends.last())), w.p.group(x)
		if was != nil && has != nil {
			w.suggest(was.ID, has.ID, silentReason, 30)
		}
	}
}

const silentReason = "one number, which was silent for long in between"

// movedReason is why who the channel says moved is suggested.
const movedReason = "the channel says that who writes gave up what the other was known by"

// moved ends what the sender gave up, as the channel says, and suggests that they are who had it. It joins nobody: whoever can
// make a channel say so would be somebody else.
func (r *Registry) moved(ctx context.Context, q *query) error {
	if len(q.Formerly) == 0 || len(q.shown.held) == 0 || q.Look {
		return nil
	}
	c := &change{op: "moved", by: Actor{Message: q.Message}, quiet: true}
	for _, id := range slices.Concat(q.Formerly, q.shown.held) {
		c.nodes = append(c.nodes, id.String())
	}
	given := c.nodes[:len(q.Formerly)]
	c.say = func(v *view) error {
		for _, x := range given {
			if !slices.Contains(c.nodes[len(given):], x) && v.has(x) && v.facts.lifeAt(x, q.at) == x {
				v.end(x, end{at: q.at, said: q.at}, r.now().UnixMilli())
			}
		}
		return nil
	}
	c.judge = func(v *view, p *Partition) error {
		c.hints = nil
		has := p.group(v.facts.lifeAt(q.shown.held[0].String(), q.at))
		for _, x := range given {
			was := p.group(v.facts.lifeAt(x, q.at))
			if was != nil && has != nil && was.ID != "" && has.ID != "" && was.ID != has.ID {
				c.hints = append(c.hints, hint{was.ID, has.ID, movedReason})
			}
		}
		return nil
	}
	_, _, err := r.do(ctx, c)
	return err
}
