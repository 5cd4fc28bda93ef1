package identity

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/proptest"
	"loket/internal/store/storetest"
)

// neighbours are few identifiers, so that they meet. The value of none is part of another's.
var neighbours = []string{
	"cno:900123471", "cno:900456871", "crm:sap:A77810", "email:kate.one@example.org", "email:anna.two@example.com", "email:info@eve.example",
	"phone:+31612340001", "phone:+31201230002", "wa:31687650003", "bsuid:p:NL.4400044", "xu:550005500", "xh:kate_handle", "sub:login.example.org:s660",
}

// happening draws what may happen among neighbours at some hour of a day. People decide when decided; else there are
// messages and registrations only.
func happening(t *rapid.T, hour int, decided bool) deed {
	x, y, z := drawn(t, "x"), drawn(t, "y"), drawn(t, "z")
	x.Level = rapid.SampledFrom([]message.Level{2, 2, 3, 4}).Draw(t, "level")
	at := noon.Add(time.Duration(hour)*time.Hour + time.Duration(rapid.IntRange(0, 59).Draw(t, "minute"))*time.Minute)
	by := Actor{Name: "anna", At: at, Confirm: rapid.Bool().Draw(t, "confirm")}
	last := 4
	if decided {
		last = 11
	}
	what := rapid.IntRange(0, last).Draw(t, "what")
	return func(ctx context.Context, r *Registry) error {
		var err error
		switch what {
		default:
			_, err = r.Resolve(ctx, Subject{IDs: []message.Identifier{x, y, z}[:1+what%3], Name: fmt.Sprintf("Sender %d%d", hour, at.Minute()), At: at, Message: fmt.Sprint("m", hour)})
		case 3, 4:
			y.Level = message.Vouched
			_, err = r.Register(ctx, []message.Identifier{x, y}, fmt.Sprintf("Customer %d%d", hour, at.Minute()), by)
		case 5:
			err = r.Share(ctx, z, at.Minute()%2 == 0, by)
		case 6:
			err = r.Retire(ctx, z, at, by)
		case 7:
			_, err = r.Link(ctx, x, owner(ctx, r, y), by)
		case 8:
			_, err = r.Unlink(ctx, x, by)
		case 9, 10:
			_, err = r.Merge(ctx, owner(ctx, r, x), owner(ctx, r, y), by)
		case 11:
			_, _, err = r.Split(ctx, owner(ctx, r, x), []message.Identifier{x}, by)
		}
		refused := []error{ErrConflict, ErrAnchored, ErrNone, ErrLimit}
		if slices.ContainsFunc(refused, func(e error) bool { return errors.Is(err, e) }) || strings.Contains(fmt.Sprint(err), "must be") {
			return nil
		}
		return err
	}
}

func drawn(t *rapid.T, label string) message.Identifier {
	id, ok := message.FromNode(rapid.SampledFrom(neighbours).Draw(t, label), message.Vouched)
	if !ok {
		t.Fatal("bad name")
	}
	return id
}

// owner is whose x is, or nobody's id.
func owner(ctx context.Context, r *Registry, x message.Identifier) string {
	if c, _, err := r.Owner(ctx, x); err == nil && c != nil {
		return c.ID
	}
	return "nobody"
}

// neighbourhood draws a registry after some happenings.
func neighbourhood(t *rapid.T, r *Registry) {
	if err := r.store.Redis().FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	happen(t, r, 0, rapid.IntRange(2, 10).Draw(t, "happenings"), true)
	healthy(t, r)
}

func happen(t *rapid.T, r *Registry, hour, n int, decided bool) {
	for i := range n {
		if err := happening(t, hour+i, decided)(t.Context(), r); err != nil {
			t.Fatalf("happening %d: %v", i, err)
		}
	}
}

func healthy(t *rapid.T, r *Registry) {
	if problems, err := r.Check(t.Context()); err != nil || len(problems) > 0 {
		t.Fatalf("Check = %q, %v", problems, err)
	}
}

// inhabitants are the groups that are customers.
func inhabitants(p *Partition) []Group {
	return slices.DeleteFunc(slices.Clone(p.Groups), func(g Group) bool { return g.ID == "" })
}

// TestErasingLeavesTheNeighboursAlone is I16: after an erasure no key and no value holds an identifier or the name of
// whoever was erased, and none of them can be registered or imported again; everybody else is who they would be if
// nothing had ever been said of the erased.
func TestErasingLeavesTheNeighboursAlone(t *testing.T) {
	r := unlimited(storetest.New(t))
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		neighbourhood(t, r)
		facts := allFacts(t, r)
		people := inhabitants(Derive(facts))
		if len(people) == 0 {
			return
		}
		g := rapid.SampledFrom(people).Draw(t, "erased")
		c, err := r.Customer(t.Context(), g.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := anonymous(Derive(unsaid(facts, g)))

		if err := r.Erase(t.Context(), g.ID, Actor{Name: "anna"}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, whole(t, r)); diff != "" {
			t.Fatalf("after erasing %v (-as if nothing had been said of it +got):\n%s", g.Nodes, diff)
		}
		healthy(t, r)
		alone := slices.DeleteFunc(slices.Clone(g.Nodes), func(name string) bool { // what others had or have too
			x, _ := baseOf(name)
			return isPast(name) || allFacts(t, r).knows(x)
		})
		for _, x := range alone {
			id, _ := message.FromNode(x, message.Vouched)
			if _, err := r.Register(t.Context(), []message.Identifier{id}, "", Actor{Name: "crm"}); !errors.Is(err, ErrGone) {
				t.Fatalf("Register of %s = %v, want %v", x, err, ErrGone)
			}
			id.Level = message.Attested
			if _, err := r.Resolve(t.Context(), Subject{IDs: []message.Identifier{id}, At: noon, Message: "later"}); err != nil {
				t.Fatal(err)
			}
			rep, err := r.Import(t.Context(), strings.NewReader(fmt.Sprintf("{\"id\":\"777\",\"identifiers\":[%q]}", x)), ImportOptions{System: "shop"})
			if err != nil || rep.Bad != 1 {
				t.Fatalf("Import of %s = %+v, %v", x, rep, err)
			}
		}
		for _, id := range g.IDs {
			if _, err := r.Customer(t.Context(), id); !errors.Is(err, ErrGone) {
				t.Fatalf("Customer(%s) = %v, want %v", id, err, ErrGone)
			}
		}
		if diff := cmp.Diff(want, whole(t, r)); diff != "" {
			t.Fatalf("after trying to bring it back (-before +after):\n%s", diff)
		}
		left := strings.ToLower(everything(t, r))
		for _, s := range traces(alone, c.Name) {
			if strings.Contains(left, s) {
				t.Fatalf("%q is still there after erasing %v:\n%s", s, g.Nodes, left)
			}
		}
	})
}

// traces are what may not be left of somebody, in small letters: forwards and backwards, as numbers are searched.
func traces(nodes []string, name string) []string {
	var out []string
	for _, x := range nodes {
		id, _ := message.FromNode(x, message.Vouched)
		v := strings.ToLower(strings.TrimPrefix(id.Value, "+"))
		back := []rune(v)
		slices.Reverse(back)
		out = append(out, v, string(back))
	}
	if name != "" {
		out = append(out, strings.ToLower(name))
	}
	return out
}

// unsaid is what there would be if nothing had been said of a group. A handle, or a mailbox of a function, that nobody
// else was seen with would not be there either.
func unsaid(f *Facts, g Group) *Facts {
	out := f.clone()
	for _, n := range f.nodes {
		if len(n.ends) > 0 { // what is said of several lives is not said whole of any
			v := &view{facts: out}
			v.drop(&g)
			return out
		}
	}
	gone := map[string]bool{}
	for _, x := range g.Nodes {
		gone[x] = true
		delete(out.nodes, x)
	}
	for _, id := range g.IDs {
		gone[cidNode(id)] = true
		delete(out.born, id)
	}
	with, without := map[string]bool{}, map[string]bool{}
	maps.DeleteFunc(out.edges, func(k edgeKey, _ edge) bool {
		if gone[k.x] || gone[k.y] {
			with[k.x], with[k.y] = true, true
			return true
		}
		without[k.x], without[k.y] = true, true
		return false
	})
	maps.DeleteFunc(out.words, func(k pair, _ word) bool {
		if gone[k.x] || gone[k.y] {
			with[k.x], with[k.y] = true, true
			return true
		}
		return false
	})
	maps.DeleteFunc(out.nodes, func(x string, n node) bool {
		id := identifierOf(x)
		return (id.Class() == message.Alias || id.Role()) && with[x] && !without[x] && n.first == 0 && n.shared.at == 0 && n.blocked.at == 0
	})
	return out
}

// TestUnmergeRestoresWhatCameMeanwhileToo is I7 with messages between the merge and its undoing: what came in
// meanwhile lies where it would lie had the two only been told apart, and so does all that was there before, under the
// ids that were there before. Ids that were made meanwhile may lead elsewhere, and so may one whose identifier turned
// out to be several people's meanwhile, so that it was left to whom it was nearest to.
func TestUnmergeRestoresWhatCameMeanwhileToo(t *testing.T) {
	r := unlimited(storetest.New(t))
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		neighbourhood(t, r)
		people := inhabitants(Derive(allFacts(t, r)))
		if len(people) < 2 {
			return
		}
		two := rapid.Permutation(people).Draw(t, "two")
		a, b := two[0].ID, two[1].ID
		start := contents(t, r.store)
		meanwhile := make([]deed, rapid.IntRange(0, 5).Draw(t, "messages"))
		for i := range meanwhile {
			meanwhile[i] = happening(t, 21+i, false)
		}
		by := func(hour int) Actor {
			return Actor{Name: "anna", At: noon.Add(time.Duration(hour) * time.Hour), Confirm: true}
		}
		end := func() string {
			for i, do := range meanwhile {
				if err := do(t.Context(), r); err != nil {
					t.Fatalf("message %d: %v", i, err)
				}
			}
			if _, _, err := r.Unmerge(t.Context(), a, b, by(30)); err != nil {
				t.Fatal(err)
			}
			healthy(t, r)
			out := whole(t, r)
			for _, g := range people {
				c, err := r.Customer(t.Context(), g.ID)
				if err != nil {
					t.Fatal(err)
				}
				out += fmt.Sprintf("\n%s holds %s", g.ID, holds(c))
			}
			return out
		}
		born := allFacts(t, r).born
		stays := func() bool {
			now := allFacts(t, r).born
			return now[a].node == born[a].node && now[b].node == born[b].node
		}
		want, stayed := end(), stays()
		restore(t, r.store, start)
		if _, err := r.Merge(t.Context(), a, b, by(20)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, end()); diff != "" && stayed && stays() {
			t.Fatalf("after merge, messages and unmerge (-never merged +got):\n%s", diff)
		}
	})
}

// TestNoDecisionLosesHistory is I11: history hangs on identifiers, so none may vanish and no fact be forgotten,
// whatever people decide, short of an erasure. What one customer has after a merge is what the two had; whatever
// one had before a split, one of the two has, and before an unlinking, all but the one identifier.
func TestNoDecisionLosesHistory(t *testing.T) {
	r := unlimited(storetest.New(t))
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		neighbourhood(t, r)
		for hour := range 4 {
			before := allFacts(t, r)
			people := inhabitants(Derive(before))
			if len(people) < 2 {
				return
			}
			two := rapid.Permutation(people).Draw(t, "two")
			had := func(ids ...string) []string {
				var all []string
				for _, id := range ids {
					c, err := r.Customer(t.Context(), id)
					if err != nil {
						t.Fatal(err)
					}
					for _, h := range c.Held {
						all = append(all, h.String())
					}
				}
				slices.Sort(all)
				return slices.Compact(all)
			}
			by := Actor{Name: "anna", At: noon.Add(time.Duration(30+hour) * time.Hour), Confirm: true}
			switch rapid.IntRange(0, 5).Draw(t, "decision") {
			case 0:
				want := had(two[0].ID, two[1].ID)
				c, err := r.Merge(t.Context(), two[0].ID, two[1].ID, by)
				if err != nil {
					t.Fatal(err)
				}
				if got := had(c.ID); !slices.Equal(got, want) {
					t.Fatalf("Merge = %s, want %s", got, want)
				}
			case 1:
				if _, _, err := r.Unmerge(t.Context(), two[0].ID, two[1].ID, by); err != nil {
					t.Fatal(err)
				}
			case 2:
				want := had(two[0].ID)
				x, _ := message.FromNode(two[0].Nodes[0], message.Vouched)
				kept, fresh, err := r.Split(t.Context(), two[0].ID, []message.Identifier{x}, by)
				if err != nil {
					break // there is only the one
				}
				got := had(kept.ID, fresh.ID) // and more, if what forbade it is gone
				if i := slices.IndexFunc(want, func(x string) bool { return !slices.Contains(got, x) }); i >= 0 {
					t.Fatalf("Split = %s, want %s", got, want)
				}
			case 3:
				if err := r.Share(t.Context(), drawn(t, "x"), true, by); err != nil {
					t.Fatal(err)
				}
			case 4:
				if err := r.Retire(t.Context(), drawn(t, "x"), by.At, by); err != nil {
					t.Fatal(err)
				}
			case 5:
				x := drawn(t, "x")
				g := Derive(before).group(x.String())
				if _, err := r.Unlink(t.Context(), x, by); err != nil || x.Class() == message.Alias {
					break // nobody has it, several share it, or there is only the one
				}
				rest := slices.DeleteFunc(slices.Clone(g.Nodes), func(y string) bool { return y == x.String() })
				if p := Derive(allFacts(t, r)); !p.all(rest) || p.same(rest[0], x.String()) {
					t.Fatalf("Unlink of %s leaves %s, want %s together", x, p.group(rest[0]).Nodes, rest)
				}
			}
			after := allFacts(t, r)
			grown := after.clone()
			grown.Join(before)
			if diff := cmp.Diff(after, grown, cmp.AllowUnexported(Facts{}, node{}, flag{}, called{}, edgeKey{}, pair{}, edge{}, word{}, birth{}, end{})); diff != "" {
				t.Fatalf("a fact was forgotten (-is there +was there):\n%s", diff)
			}
			healthy(t, r)
		}
	})
}
