package identity

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"loket/internal/proptest"
	"loket/internal/store/storetest"
)

// Merges are undone in whatever order: what is left is what the merges that were not undone make, and in the end everybody is
// who they were.
func TestMergesAreUndoneInAnyOrder(t *testing.T) {
	r := unlimited(storetest.New(t))
	proptest.Check(t, 30, func(t *rapid.T) {
		if err := r.store.Redis().FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		at := noon
		by := func() Actor {
			at = at.Add(time.Minute)
			return Actor{Name: "anna", At: at, Confirm: true}
		}
		n := rapid.IntRange(3, 5).Draw(t, "customers")
		customers := make([]string, n)
		for i := range customers {
			c, err := r.Register(t.Context(), ids(t, fmt.Sprintf("vouched cno:90012347%d", i), fmt.Sprintf("vouched email:kate%d@example.org", i)), "", by())
			if err != nil {
				t.Fatal(err)
			}
			customers[i] = c.ID
		}
		var merges [][2]int
		for range 2 * n {
			m := [2]int{rapid.IntRange(0, n-1).Draw(t, "a"), rapid.IntRange(0, n-1).Draw(t, "b")}
			if together(n, merges)[m[0]] == together(n, merges)[m[1]] {
				continue // they are one already: merging them says nothing
			}
			if _, err := r.Merge(t.Context(), customers[m[0]], customers[m[1]], by()); err != nil {
				t.Fatal(err)
			}
			merges = append(merges, m)
		}
		for _, m := range rapid.Permutation(slices.Clone(merges)).Draw(t, "undone") {
			merges = slices.DeleteFunc(merges, func(o [2]int) bool { return o == m })
			if _, _, err := r.Unmerge(t.Context(), customers[m[0]], customers[m[1]], by()); err != nil {
				t.Fatalf("undo %v: %v", m, err)
			}
			want := together(n, merges)
			for i := range n {
				for j := range i {
					p := Derive(allFacts(t, r))
					if got := p.same(cidNode(customers[i]), cidNode(customers[j])); got != (want[i] == want[j]) {
						t.Fatalf("after undoing %v, with %v left, %d and %d are one: %v", m, merges, i, j, got)
					}
				}
			}
		}
		for i, id := range customers {
			if c, err := r.Customer(t.Context(), id); err != nil || c.ID != id || holds(c) != fmt.Sprintf("cno:90012347%d email:kate%d@example.org", i, i) {
				t.Fatalf("customer %d is %+v, %v", i, c, err)
			}
		}
		healthy(t, r)
	})
}

// together says of each of n who of them it is one with by those merges: the least number among them.
func together(n int, merges [][2]int) []int {
	of := make([]int, n)
	for i := range of {
		of[i] = i
	}
	for range merges {
		for _, m := range merges {
			of[m[0]] = min(of[m[0]], of[m[1]])
			of[m[1]] = of[m[0]]
		}
	}
	return of
}

// What holds a customer together since an identifier was taken from it was all decided at one moment. Undoing a merge leaves
// of it what there would be if the two had only been told apart.
func TestUnmergeBreaksTheSameDecisionAsTellingApart(t *testing.T) {
	at := noon
	by := func() Actor {
		at = at.Add(time.Minute)
		return Actor{Name: "anna", At: at, Confirm: true}
	}
	holdsAfter := func(t *testing.T, merged bool) string {
		r := unlimited(storetest.New(t))
		register := func(lines ...string) string {
			c, err := r.Register(t.Context(), ids(t, lines...), "", by())
			if err != nil {
				t.Fatal(err)
			}
			return c.ID
		}
		a := register("vouched cno:900123471")
		register("vouched email:anna.two@example.com", "vouched sub:login.example.org:s660")
		register("vouched email:anna.two@example.com", "vouched phone:+31201230002")
		register("vouched email:anna.two@example.com", "vouched email:kate.one@example.org")
		if _, err := r.Unlink(t.Context(), ids(t, "vouched email:anna.two@example.com")[0], by()); err != nil {
			t.Fatal(err)
		}
		b := owner(t.Context(), r, ids(t, "vouched sub:login.example.org:s660")[0])
		if merged {
			if _, err := r.Merge(t.Context(), a, b, by()); err != nil {
				t.Fatal(err)
			}
		}
		register("vouched phone:+31201230002", "vouched cno:900123471")
		ca, cb, err := r.Unmerge(t.Context(), a, b, by())
		if err != nil {
			t.Fatal(err)
		}
		return holds(ca) + " | " + holds(cb)
	}
	if apart, merged := holdsAfter(t, false), holdsAfter(t, true); apart != merged {
		t.Fatalf("after a merge and its undoing %s, want as if only told apart: %s", merged, apart)
	}
}
