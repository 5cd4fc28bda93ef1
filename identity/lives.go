package identity

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"loket/internal/message"
)

// An end is that an identifier was given up: whoever shows it later is somebody else, until it is shown or said anew that they
// are not. Times are milliseconds of Unix time.
type end struct {
	at   int64 // until then it was theirs
	said int64 // when that was said, or it was seen: what was known by then is outdone
	// doubt tells that nobody said so: it was silent for long, so that whoever shows it again may be the same or not.
	doubt bool
}

// ends are the ends of an identifier, the first one first. They are never changed in place.
type ends []end

// last is until when it was somebody else's, 0 when it was never given up.
func (e ends) last() int64 {
	if len(e) == 0 {
		return 0
	}
	return e[len(e)-1].at
}

func (e ends) join(f ends) ends {
	if len(f) == 0 || len(e) > 0 && &e[0] == &f[0] && len(e) == len(f) {
		return e
	}
	if len(e) == 0 {
		return f
	}
	all := slices.Concat(e, f)
	slices.SortFunc(all, func(a, b end) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.said, a.said)) })
	out := all[:0]
	for _, e := range all {
		if n := len(out); n > 0 && out[n-1].at == e.at {
			out[n-1].doubt = out[n-1].doubt && e.doubt
			continue
		}
		out = append(out, e)
	}
	return out
}

// doubtful tells whether it is in doubt who has an identifier at an instant.
func (e ends) doubtful(at int64) bool {
	for _, e := range slices.Backward(e) {
		if e.at < at {
			return e.doubt
		}
	}
	return false
}

// before is when it was given up last before an instant, 0 when it was not.
func (e ends) before(at int64) int64 {
	for _, e := range slices.Backward(e) {
		if e.at < at {
			return e.at
		}
	}
	return 0
}

// String is at and, where it differs, said, in base 36; a question mark at the end where it is in doubt.
func (e end) String() string {
	out := strconv.FormatInt(e.at, 36)
	if e.said != e.at {
		out += "." + strconv.FormatInt(e.said, 36)
	}
	if e.doubt {
		out += "?"
	}
	return out
}

func (e ends) String() string {
	all := make([]string, len(e))
	for i := range e {
		all[i] = e[i].String()
	}
	return strings.Join(all, ",")
}

// parseEnds reads what String writes; what it cannot read is left out.
func parseEnds(s string) ends {
	var out ends
	for one := range strings.SplitSeq(s, ",") {
		one, doubt := strings.CutSuffix(one, "?")
		at, said, differs := strings.Cut(one, ".")
		e := end{doubt: doubt}
		e.at, _ = strconv.ParseInt(at, 36, 64)
		if e.said = e.at; differs {
			e.said, _ = strconv.ParseInt(said, 36, 64)
		}
		if e.at > 0 {
			out = append(out, e)
		}
	}
	return out
}

// pastPrefix begins the name of an identifier as it was until it was given up. It is no kind.
const pastPrefix = "was:"

// pastNode is how an identifier stands among identifiers as it was until then. To whoever had it so, it is one more of theirs.
func pastNode(x string, until int64) string {
	return pastPrefix + strconv.FormatInt(until, 36) + ":" + x
}

// baseOf is the identifier that a node is or was, and until when; 0 is until now.
func baseOf(name string) (x string, until int64) {
	rest, ok := strings.CutPrefix(name, pastPrefix)
	if !ok {
		return name, 0
	}
	at, x, _ := strings.Cut(rest, ":")
	until, _ = strconv.ParseInt(at, 36, 64)
	return x, until
}

func isPast(name string) bool { return strings.HasPrefix(name, pastPrefix) }

// A life of an identifier lies between two times that it was given up.
type life struct {
	name         string
	after, until int64 // instants, the second one included
	// What was said of it later than begun, and at the latest at over, is said of this life.
	begun, over int64
}

// always is the one life of what was never given up.
func always(x string) life { return life{name: x, until: math.MaxInt64, over: math.MaxInt64} }

// lives are those of an identifier, the present one last. The past ones are those of which is known that they were; who was
// erased has none any more. Whatever is no identifier, or a past itself, has one.
func (f *Facts) lives(x string) []life {
	all := f.node(x).ends
	if len(all) == 0 {
		return []life{always(x)}
	}
	out := make([]life, 0, len(all)+1)
	l := life{}
	for i, e := range all {
		l.name, l.until, l.over = pastNode(x, e.at), e.at, math.MaxInt64
		for _, later := range all[i:] {
			l.over = min(l.over, later.said)
		}
		if f.knows(l.name) {
			out = append(out, l)
		}
		l.after, l.begun = e.at, e.said
	}
	l.name, l.until, l.over = x, math.MaxInt64, math.MaxInt64
	return append(out, l)
}

// lifeAt is the life of an identifier at an instant; it may be one of which nothing is known.
func (f *Facts) lifeAt(x string, at int64) string { return f.node(x).ends.lifeAt(x, at) }

func (e ends) lifeAt(x string, at int64) string {
	for _, e := range e {
		if at <= e.at {
			return pastNode(x, e.at)
		}
	}
	return x
}

// lifeOf is the life that a node is.
func (f *Facts) lifeOf(name string) life {
	x, _ := baseOf(name)
	for _, l := range f.lives(x) {
		if l.name == name {
			return l
		}
	}
	return life{name: name} // of somebody who was erased
}

func (f *Facts) knows(x string) bool {
	if _, ok := f.nodes[x]; ok {
		return true
	}
	return f.isStub(x)
}

// lived tells whether an edge speaks of two of the lives of its identifiers, and how: since when, and whether that is only
// what a source still says that may not have heard that the identifier was given up. What was seen counts for when it was
// seen first and last, because nobody knows what was in between; what was said, for whoever had the identifier when it was first
// said, and for whoever has it now only when it was said anew since it was given up.
func (e edge) lived(k edgeKey, x, y life) (since int64, stale, ok bool) {
	if e.off > 0 && e.off >= e.t1 && e.off <= min(x.over, y.over) {
		return 0, false, false // undone while they had it
	}
	if k.rank < message.Vouched {
		for _, at := range [2]int64{e.t0, e.t1} {
			if x.after < at && at <= x.until && y.after < at && at <= y.until {
				return at, false, true
			}
		}
		return 0, false, false
	}
	begun := max(x.begun, y.begun)
	for _, at := range [2]int64{e.t0, e.lastAnew()} {
		if begun < at && at <= min(x.over, y.over) {
			return at, begun > 0 && e.anew <= begun && !e.revived(begun), true
		}
	}
	return 0, false, false
}

// lastAnew is when last it was more than repeated: first said, said by a person or of a later day, or said again after it was
// taken back.
func (e edge) lastAnew() int64 {
	at := max(e.anew, e.t0)
	if e.revived(at) {
		at = e.off + 1
	}
	return at
}

// revived tells whether it was taken back since a time, and said again.
func (e edge) revived(since int64) bool { return e.off >= since && e.off > 0 && e.t1 > e.off }

// speaks tells whether an edge counts for a life of one of its identifiers.
func (f *Facts) speaks(k edgeKey, e edge, name string) bool {
	if f.barred(k) {
		return false
	}
	x, _ := baseOf(name)
	other := k.x
	if other == x {
		other = k.y
	}
	if x != k.x && x != k.y {
		return false
	}
	mine := f.lifeOf(name)
	for _, l := range f.lives(other) {
		if _, _, ok := e.lived(k, mine, l); ok {
			return true
		}
	}
	return false
}

// decisions are the words of people, each for the lives of its identifiers that it is about. That two are one is said of those who
// had the identifiers then; that they are not, of whoever has them later too. What was said of a life by its name counts before.
func (f *Facts) decisions(yield func(pair, word) bool) {
	for k, w := range f.words {
		for _, x := range f.lives(k.x) {
			for _, y := range f.lives(k.y) {
				names := pairOf(x.name, y.name)
				if w.at > min(x.over, y.over) || w.same && w.at <= max(x.begun, y.begun) {
					continue
				}
				if own, ok := f.words[names]; ok && names != k && own.at >= w.at {
					continue
				}
				if !yield(names, w) {
					return
				}
			}
		}
	}
}

// barred tells whether one of two says nothing about anybody.
func (f *Facts) barred(k edgeKey) bool { return f.node(k.x).blocked.on || f.node(k.y).blocked.on }

// local is what is known of one life of an identifier alone.
func (f *Facts) local(name string) node {
	x, until := baseOf(name)
	n := f.node(x)
	if until == 0 && len(n.ends) == 0 {
		return n
	}
	l := f.lifeOf(name)
	out := n
	out.ends = nil
	within := func(at int64) bool { return l.after < at && at <= l.until }
	switch {
	case within(n.first) && within(n.last):
	case within(n.first):
		out.last = n.first
	case within(n.last):
		out.first = n.last
	default:
		out.first, out.last = 0, 0
	}
	if n.shared.at <= l.begun || n.shared.at > l.over {
		out.shared = flag{}
	}
	if !within(n.alone) {
		out.alone = 0
	}
	if !within(n.full) {
		out.full = 0
	}
	out.names, out.languages = n.names.within(l.after, l.until), n.languages.within(l.after, l.until)
	if !within(n.name.at) {
		out.name = called{}
	}
	if own, ok := f.nodes[name]; ok && until > 0 {
		out = out.join(own)
	}
	return out
}
