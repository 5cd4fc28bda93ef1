package identity

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/proptest"
)

// people are the identifiers of these tests: few, so that they meet.
var people = []string{
	"cno:1", "cno:2", "cno:3", "cno:4", "crm:sap:1", "crm:sap:2", "email:a@example.org", "email:b@example.org", "email:c@example.org",
	"email:info@example.org", "phone:+31612345678", "phone:+31612345679", "wa:31612345678", "bsuid:p:NL.1", "bsuid:p:NL.2", "bsuid:q:NL.1",
	"xu:1", "xu:2", "xh:kate", "xh:anna", "sub:login.example.org:1",
}

// fact is one fact as it is said.
type fact func(f *Facts)

// saying draws facts. Without decided nobody decides that two are one.
func saying(decided bool) *rapid.Generator[[]fact] {
	return rapid.Custom(func(t *rapid.T) []fact {
		var out []fact
		for i := range rapid.IntRange(0, 30).Draw(t, "facts") {
			x, y := rapid.SampledFrom(people).Draw(t, "x"), rapid.SampledFrom(people).Draw(t, "y")
			at := rapid.Int64Range(1, 40).Draw(t, "at")
			out = append(out, func(f *Facts) { f.know(x, node{}); f.know(y, node{}) })
			switch rapid.IntRange(0, 15).Draw(t, "kind") {
			case 0:
				on := rapid.Bool().Draw(t, "on")
				out = append(out, func(f *Facts) { f.know(x, node{shared: flag{at, on}}) })
			case 1:
				said := rapid.Int64Range(1, 45).Draw(t, "said")
				out = append(out, func(f *Facts) {
					f.know(x, node{ends: ends{{at: at, said: max(at, said)}}})
					f.know(pastNode(x, at), node{})
				})
			case 2:
				on := rapid.Bool().Draw(t, "on")
				out = append(out, func(f *Facts) { f.know(x, node{blocked: flag{at, on}}) })
			case 3:
				if decided && x != y {
					same := rapid.Bool().Draw(t, "same")
					out = append(out, func(f *Facts) { f.say(x, y, word{same: same, at: at}) })
				}
			case 4:
				if x != y {
					out = append(out, func(f *Facts) { f.say(x, y, word{at: at}) })
				}
			case 5, 6: // an identifier has one id made of it at most
				id := strconv.Itoa(100 + slices.Index(people, x))
				out = append(out, func(f *Facts) { f.bear(id, birth{node: x, at: 1}) })
			case 7:
				if x != y {
					out = append(out, func(f *Facts) { f.tie(x, y, message.Attested, edge{t0: at, t1: at, off: at + 5}) })
				}
			case 8:
				called := called{message.Attested, at, rapid.SampledFrom([]string{"kate bakker", "john bakker", "anna smit", "kate smit"}).Draw(t, "name")}
				out = append(out, func(f *Facts) { f.know("email:a@example.org", node{names: names{called}, alone: at}) })
			case 9:
				called := called{message.Vouched, at, rapid.SampledFrom([]string{"Kate Bakker", "Anna Smit"}).Draw(t, "name")}
				out = append(out, func(f *Facts) { f.know(x, node{name: called}) })
			default:
				if x != y {
					rank := rapid.SampledFrom([]message.Level{2, 2, 3, 4, 4}).Draw(t, "rank")
					anew := at * rapid.Int64Range(0, 1).Draw(t, "anew")
					out = append(out, func(f *Facts) { f.tie(x, y, rank, edge{t0: at, t1: at, anew: anew, by: strconv.Itoa(i)}) })
				}
			}
		}
		return out
	})
}

func gather(facts []fact) *Facts {
	f := NewFacts()
	for _, say := range facts {
		say(f)
	}
	return f
}

// picture is a partition as text: who is with whom, what is in question, what was refused.
func picture(p *Partition) string {
	var out []string
	for _, g := range p.Groups {
		line := g.ID + strings.Join(g.IDs, ",") + " core " + g.Core + ":"
		for _, x := range g.Nodes {
			s := p.state[x]
			line += fmt.Sprintf(" %s/%d/%v/%v", x, s.tie, s.generic, s.contested)
		}
		out = append(out, line)
	}
	for _, r := range p.Refused {
		out = append(out, fmt.Sprintf("refused %s %s %d %s", r.X, r.Y, r.Rank, r.rule))
	}
	return strings.Join(out, "\n")
}

func shuffled[T any](t *rapid.T, list []T) []T {
	out := slices.Clone(list)
	rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	rnd.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// I1: any order, with repetition, with derivations in between and over several stores, gives the same.
func TestOrderAndRepetitionDoNotMatter(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		facts := saying(true).Draw(t, "facts")
		want := picture(Derive(gather(facts)))

		mixed := shuffled(t, append(slices.Clone(facts), facts...))
		cut := rapid.IntRange(0, len(mixed)).Draw(t, "cut")
		a, b := gather(mixed[:cut]), gather(mixed[cut:])
		_ = Derive(a)
		b.Join(a)
		b.Join(a)
		if diff := cmp.Diff(want, picture(Derive(b))); diff != "" {
			t.Fatalf("in another order (-want +got):\n%s", diff)
		}
	})
}

// A group that is written and read again, alone with those it hangs together with, is the same.
func TestRecordsKeepTheFacts(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		f := gather(saying(true).Draw(t, "facts"))
		p := Derive(f)
		want := picture(p)
		again := NewFacts()
		touching := f.touching()
		for _, i := range shuffled(t, indexes(len(p.Groups))) {
			text, err := f.write(&p.Groups[i], touching, func(string, edgeKey) bool { return true })
			if err != nil {
				t.Fatal(err)
			}
			names, err := again.read(p.Groups[i].key(), text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p.Groups[i].Nodes, names); diff != "" {
				t.Fatalf("names of the record (-want +got):\n%s", diff)
			}
		}
		if diff := cmp.Diff(want, picture(Derive(again))); diff != "" {
			t.Fatalf("read again (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(f, again, cmp.AllowUnexported(Facts{}, node{}, flag{}, called{}, edge{}, edgeKey{}, pair{}, word{}, birth{}, end{})); diff != "" {
			t.Fatalf("facts read again (-want +got):\n%s", diff)
		}
	})
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// I5, I6, I18 and that everybody is in one group.
func TestRulesHold(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		decided := rapid.Bool().Draw(t, "decided")
		f := gather(saying(decided).Draw(t, "facts"))
		p := Derive(f)
		nodes := 0
		for _, g := range p.Groups {
			nodes += len(g.Nodes)
			systems := map[string]bool{}
			for _, x := range g.Nodes {
				id := identifierOf(x)
				if id.Class() != message.Anchor || isPast(x) { // they had it, and have another
					continue
				}
				if systems[system(id)] && !decided {
					t.Fatalf("two numbers of one system in %v", g.Nodes)
				}
				systems[system(id)] = true
			}
			if p.state[g.Nodes[0]].generic && len(g.Nodes) > 1 {
				t.Fatalf("what joins nobody is with others: %v", g.Nodes)
			}
		}
		if nodes != len(f.nodes) {
			t.Fatalf("%d identifiers in groups, want %d", nodes, len(f.nodes))
		}
		for k, w := range f.words {
			if !w.same && p.same(k.x, k.y) {
				t.Fatalf("%s and %s are together and were told apart", k.x, k.y)
			}
		}
	})
}

// I7: what was not joined before is as before after a merge and its undoing.
func TestUnmergeRestores(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		f := gather(saying(true).Draw(t, "facts"))
		before := Derive(f)
		var ids []string
		for id, b := range f.born {
			if _, ok := f.nodes[b.node]; ok {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		if len(ids) < 2 {
			return
		}
		a, b := rapid.SampledFrom(ids).Draw(t, "a"), rapid.SampledFrom(ids).Draw(t, "b")
		x, y := cidNode(a), cidNode(b)
		if before.same(x, y) {
			return
		}
		if w, ok := f.words[pairOf(x, y)]; ok && !w.same {
			return
		}
		f.say(x, y, word{same: true, at: 100})
		_ = Derive(f)
		f.say(x, y, word{at: 101})
		if diff := cmp.Diff(groupsOf(before), groupsOf(Derive(f))); diff != "" {
			t.Fatalf("after merge and unmerge (-want +got):\n%s", diff)
		}
	})
}

func groupsOf(p *Partition) []Group { return p.Groups }

// I19: whoever is together has a chain of facts that count, and whatever was refused has a rule.
func TestEverythingHasAReason(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		f := gather(saying(true).Draw(t, "facts"))
		p := Derive(f)
		for _, g := range p.Groups {
			for _, y := range g.Nodes[1:] {
				e := f.why(p, g.Nodes[0], y)
				if !e.Same || e.Rule != "" || len(e.Steps) == 0 {
					t.Fatalf("why %s and %s = %+v", g.Nodes[0], y, e)
				}
				if from, to := e.Steps[0].A, e.Steps[len(e.Steps)-1].B; !handled(f, g.Nodes[0], from) || !handled(f, y, to) {
					t.Fatalf("why %s and %s leads from %v to %v", g.Nodes[0], y, from, to)
				}
				for i, s := range e.Steps {
					if s.Rule != "" || i > 0 && s.A.String() != e.Steps[i-1].B.String() {
						t.Fatalf("why %s and %s: step %d of %+v", g.Nodes[0], y, i, e.Steps)
					}
				}
			}
		}
		for k := range f.edges {
			if e := f.why(p, k.x, k.y); !e.Same && e.Rule == "" || !e.Same && e.Rule == string(unknown) && aliases(k) == 0 {
				t.Fatalf("why not %s and %s = %+v", k.x, k.y, e)
			}
		}
	})
}

func handled(_ *Facts, x string, id message.Identifier) bool {
	x, _ = baseOf(x)
	return id.String() == x
}

func aliases(k edgeKey) int {
	n := 0
	for _, x := range []string{k.x, k.y} {
		if identifierOf(x).Class() == message.Alias {
			n++
		}
	}
	return n
}

// Whoever takes a name later takes nothing else: a fact can only be outdone by a surer one, or an older one.
func TestSpeakingLaterTakesNothing(t *testing.T) {
	f := NewFacts()
	for i, line := range [][3]string{
		{"cno:1", "email:a@example.org"}, {"email:a@example.org", "phone:+31612345678"}, {"cno:2", "phone:+31612345678"}, {"cno:2", "email:a@example.org"},
	} {
		f.know(line[0], node{})
		f.know(line[1], node{})
		f.tie(line[0], line[1], message.Attested, edge{t0: int64(10 + i), t1: int64(10 + i)})
	}
	p := Derive(f)
	if !p.same("cno:1", "phone:+31612345678") || p.same("cno:2", "email:a@example.org") || len(p.Refused) != 2 {
		t.Errorf("Derive =\n%s", picture(p))
	}
	f.tie("cno:2", "phone:+31612345678", message.Vouched, edge{t0: 50, t1: 50})
	if p = Derive(f); !p.same("cno:2", "phone:+31612345678") || !p.same("cno:1", "email:a@example.org") {
		t.Errorf("Derive with a surer fact =\n%s", picture(p))
	}
}

// That an id was made of an identifier proves nothing, so it does not settle whose it is.
func TestABirthDoesNotSettleAContest(t *testing.T) {
	f := NewFacts()
	for _, x := range []string{"cno:1", "cno:2", "email:a@example.org"} {
		f.know(x, node{})
	}
	f.bear("100", birth{node: "email:a@example.org"})
	f.tie("cno:1", "email:a@example.org", message.Vouched, edge{t0: 1, t1: 1})
	f.tie("cno:2", "email:a@example.org", message.Vouched, edge{t0: 2, t1: 2})
	if p := Derive(f); !p.state["email:a@example.org"].contested {
		t.Errorf("not contested:\n%s", picture(p))
	}
}

// A handle, and what joins nobody, keep the id that was made of them.
func TestNobodysKeepTheirID(t *testing.T) {
	f := NewFacts()
	f.know("xh:kate", node{})
	f.know("xu:1", node{})
	f.know("phone:+31612345678", node{shared: flag{5, true}})
	f.know("cno:1", node{})
	f.bear("100", birth{node: "xh:kate"})
	f.bear("101", birth{node: "phone:+31612345678"})
	f.tie("xh:kate", "xu:1", message.Attested, edge{t0: 1, t1: 9})
	f.tie("xh:kate", "cno:1", message.Vouched, edge{t0: 2, t1: 2})
	f.tie("phone:+31612345678", "cno:1", message.Vouched, edge{t0: 2, t1: 2})
	p := Derive(f)
	for id, x := range map[string]string{"100": "xh:kate", "101": "phone:+31612345678"} {
		if g := p.group(x); g.ID != id || len(g.Nodes) != 1 || p.group(cidNode(id)) != g {
			t.Errorf("%s has %+v, want id %s", x, g, id)
		}
	}
	if !p.same("cno:1", "xu:1") {
		t.Errorf("the handle does not lead to its bearer:\n%s", picture(p))
	}
}

// I18: whatever comes, nobody gets more than one person has.
func TestGroupsAreBounded(t *testing.T) {
	f := NewFacts()
	add := func(x, y string, at int64) {
		f.know(x, node{})
		f.know(y, node{})
		f.tie(x, y, message.Attested, edge{t0: at, t1: at})
	}
	for i := range 100 {
		add("cno:1", fmt.Sprintf("email:a%d@example.org", i), int64(i+1))
		add("crm:sap:9", fmt.Sprintf("xu:%d", i+1), int64(i+1))
		add("email:hub@example.org", fmt.Sprintf("yt:UC%022d", i), int64(i+1))
	}
	p := Derive(f)
	for _, g := range p.Groups {
		if len(g.Nodes) > maxNodes {
			t.Errorf("%d together", len(g.Nodes))
		}
	}
	if n := len(p.group("cno:1").Nodes); n != 1+maxEmails {
		t.Errorf("a customer with %d identifiers, want %d addresses and the number", n, maxEmails)
	}
	if n := len(p.group("crm:sap:9").Nodes); n != maxNodes {
		t.Errorf("a customer with %d identifiers, want %d", n, maxNodes)
	}
	if !p.state["email:hub@example.org"].generic {
		t.Error("an address seen with a hundred accounts is still one person's")
	}
}
