package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/soak"
	"loket/internal/store"
	"loket/internal/store/storetest"
)

// unlimited is a registry that reads all there is and stops nothing, so that the order cannot matter at all.
func unlimited(s *store.Store) *Registry {
	r := New(s, Config{Region: "NL", Key: []byte("k"), Limits: Limits{1 << 30, 1 << 30, 1 << 30}})
	r.exact, r.flush = true, 0
	return r
}

// deed is something done to a registry that says the same whatever is known already.
type deed func(ctx context.Context, r *Registry) error

// deeds are messages and registrations of few people, so that they meet, at different times.
func deeds(tb testing.TB, rnd *rand.Rand, n int) []deed {
	var out []deed
	for i := range n {
		at := noon.Add(time.Duration(rnd.IntN(1000)) * time.Minute)
		var list []message.Identifier
		for range 1 + rnd.IntN(3) {
			x, ok := message.FromNode(people[rnd.IntN(len(people))], []message.Level{2, 2, 3, 4}[rnd.IntN(4)])
			if !ok {
				tb.Fatal("bad name")
			}
			list = append(list, x)
		}
		by := Actor{Name: fmt.Sprint("actor ", i), At: at}
		switch rnd.IntN(12) {
		case 0:
			out = append(out, func(ctx context.Context, r *Registry) error { return r.Share(ctx, list[0], true, by) })
		case 1:
			out = append(out, func(ctx context.Context, r *Registry) error { return r.Retire(ctx, list[0], at, by) })
		case 2:
			out = append(out, func(ctx context.Context, r *Registry) error { return r.Block(ctx, list[0], at.Minute()%2 == 0, by) })
		case 3, 4, 5:
			out = append(out, func(ctx context.Context, r *Registry) error {
				_, err := r.Register(ctx, list, "", by)
				if errors.Is(err, ErrConflict) || errors.Is(err, ErrAnchored) || strings.Contains(fmt.Sprint(err), "must be") {
					err = nil
				}
				return err
			})
		default:
			out = append(out, func(ctx context.Context, r *Registry) error {
				_, err := r.Resolve(ctx, Subject{IDs: list, At: at, Message: fmt.Sprint("m", i), Brief: i%2 == 0})
				return err
			})
		}
	}
	return out
}

// crowd does all of it with many workers and several registries.
func crowd(t *testing.T, list []deed, rs ...*Registry) {
	t.Helper()
	var wg sync.WaitGroup
	work := make(chan deed)
	for i := range 12 {
		wg.Go(func() {
			for do := range work {
				if err := do(t.Context(), rs[i%len(rs)]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, do := range list {
		work <- do
	}
	close(work)
	wg.Wait()
}

// whole is the state of the whole registry, without the ids.
func whole(t tester, r *Registry) string { return anonymous(Derive(allFacts(t, r))) }

// tester is what testing.T and rapid.T have in common.
type tester interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// allFacts is all that the registry keeps as facts.
func allFacts(t tester, r *Registry) *Facts {
	f := NewFacts()
	keys, err := r.scan(t.Context(), groupKey("*"))
	if err != nil {
		t.Fatal(err)
	}
	values, err := r.strings(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		_, g, _, err := parseGroup(strings.TrimPrefix(keys[i], groupKey("")), v)
		if err != nil {
			t.Fatal(err)
		}
		f.Join(g)
	}
	return f
}

// anonymous is who is with whom and what is in question.
func anonymous(p *Partition) string {
	var out []string
	for _, g := range p.Groups {
		line := ""
		for _, x := range g.Nodes {
			line += fmt.Sprintf(" %s/%v/%v", x, p.state[x].generic, p.state[x].contested)
		}
		out = append(out, line)
	}
	slices.Sort(out)
	for _, r := range p.Refused {
		out = append(out, fmt.Sprintf("refused %s %s %d %s", r.X, r.Y, r.Rank, r.rule))
	}
	return strings.Join(out, "\n")
}

// I2, I3, I9, I10: many workers in three registries of one store end where one alone ends, in any order.
func TestManyAtOnceEndAsOneAlone(t *testing.T) {
	t.Parallel()
	for seed := range soak.Pick(uint64(2), 6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed, 7))
			list := deeds(t, rnd, 80)
			alone := unlimited(storetest.New(t))
			for _, do := range list {
				if err := do(t.Context(), alone); err != nil {
					t.Fatal(err)
				}
			}
			sound(t, alone)
			want := whole(t, alone)

			socket := storetest.Server(t)
			rs := make([]*Registry, 3)
			for i := range rs {
				rs[i] = unlimited(storetest.On(t, options(socket)))
			}
			rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			crowd(t, list, rs...)
			sound(t, rs[0])
			if diff := cmp.Diff(want, whole(t, rs[1])); diff != "" {
				t.Errorf("by many (-by one +by many):\n%s", diff)
			}
			movesAddUp(t, rs[0])
		})
	}
}

// movesAddUp follows every identifier through the stream of moves to where it is (I10).
func movesAddUp(t *testing.T, r *Registry) {
	t.Helper()
	events, err := r.store.Redis().XRange(t.Context(), outKey(), "-", "+").Result()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]string{}
	for _, e := range events {
		var m moved
		if err := json.Unmarshal([]byte(e.Values["e"].(string)), &m); err != nil {
			t.Fatal(err)
		}
		if was, ok := at[m.Node]; ok && was != m.From {
			t.Errorf("an identifier goes from %q to %q and was with %q", m.From, m.To, was)
		}
		at[m.Node] = m.To
		if m.From == "" {
			continue
		}
		if _, err := r.Customer(t.Context(), m.From); err != nil {
			t.Errorf("the former id %s leads nowhere: %v", m.From, err)
		}
	}
	for _, x := range people {
		v, err := r.load(t.Context(), nil, x)
		if err != nil {
			t.Fatal(err)
		}
		if e, _ := v.entry(x); at[r.hash(x)] != "" && e.customer() != at[r.hash(x)] {
			t.Errorf("%s is with %q, the moves say %q", x, e.customer(), at[r.hash(x)])
		}
	}
}

// The duplicate storm of every help desk: one new person, many messages at once.
func TestOneNewPersonAtOnceIsOneCustomer(t *testing.T) {
	socket := storetest.Server(t)
	rs := make([]*Registry, 3)
	for i := range rs {
		rs[i] = New(storetest.On(t, options(socket)), Defaults())
	}
	for n := range 20 {
		subject := Subject{At: noon, Brief: true, IDs: ids(t, fmt.Sprintf("attested bsuid:p:NL.%d", 100+n), fmt.Sprintf("attested wa:316123456%02d", n))}
		var mu sync.Mutex
		seen, made := map[string]int{}, 0
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				s := subject
				if i%4 == 1 {
					s.IDs = s.IDs[:1]
				}
				res, err := rs[i%3].Resolve(t.Context(), s)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				seen[res.Customer]++
				if res.Created {
					made++
				}
			})
		}
		wg.Wait()
		if len(seen) != 1 || made != 1 || seen[""] > 0 {
			t.Errorf("person %d became %v, made %d times", n, seen, made)
		}
	}
	sound(t, rs[0])
}

// What people decide while messages come in leaves the registry whole, and every id leads somewhere.
func TestDecisionsAmongMessages(t *testing.T) {
	socket := storetest.Server(t)
	rs := make([]*Registry, 3)
	for i := range rs {
		rs[i] = New(storetest.On(t, options(socket)), Config{Region: "NL", Limits: Limits{1 << 30, 1 << 30, 1 << 30}})
	}
	rnd := rand.New(rand.NewPCG(3, 3))
	list := deeds(t, rnd, 60)
	known := func(ctx context.Context, r *Registry, x string) string {
		id, _ := message.FromNode(x, message.Vouched)
		c, _, err := r.Owner(ctx, id)
		if err != nil || c == nil {
			return ""
		}
		return c.ID
	}
	for range 120 {
		x, y := people[rnd.IntN(len(people))], people[rnd.IntN(len(people))]
		by, op := Actor{Name: "anna", Confirm: rnd.IntN(2) == 0}, rnd.IntN(5)
		list = append(list, func(ctx context.Context, r *Registry) error {
			a, b := known(ctx, r, x), known(ctx, r, y)
			if a == "" || b == "" {
				return nil
			}
			id, _ := message.FromNode(y, message.Vouched)
			var err error
			switch op {
			case 0:
				_, err = r.Merge(ctx, a, b, by)
			case 1:
				_, _, err = r.Unmerge(ctx, a, b, by)
			case 2:
				_, err = r.Link(ctx, id, a, by)
			case 3:
				_, err = r.Unlink(ctx, id, by)
			case 4:
				_, _, err = r.Split(ctx, a, []message.Identifier{id}, by)
			}
			if slices.ContainsFunc([]error{ErrConflict, ErrAnchored, ErrNone, ErrLimit}, func(e error) bool { return errors.Is(err, e) }) ||
				strings.Contains(fmt.Sprint(err), "must be") {
				err = nil
			}
			return err
		})
	}
	rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	crowd(t, list, rs...)
	sound(t, rs[0])
	movesAddUp(t, rs[0])
}

func options(socket string) *redis.Options { return &redis.Options{Network: "unix", Addr: socket} }
