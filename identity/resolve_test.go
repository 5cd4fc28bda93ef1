package identity

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/proptest"
	"loket/internal/store"
)

// registered is who the customers of these tests are. Their ids differ from run to run: c-kate stands for one.
var registered = map[string][]string{
	"c-kate": {"cno:1001", "email:kate@example.org", "phone:+31612345678", "xh:kate"},
	"c-anna": {"cno:1002", "email:anna@example.org", "phone:+31201234567", "psid:7:88"},
	"c-gone": {"cno:1003", "email:gone@example.org"},
}

// withCustomers is a registry with customers, and what they are called here.
func withCustomers(tb testing.TB) (*Registry, map[string]string) {
	tb.Helper()
	r := empty(tb)
	names := map[string]string{"": ""}
	for _, name := range []string{"c-kate", "c-anna", "c-gone"} {
		names[register(tb, r, registered[name]...).ID] = name
	}
	for id, name := range names {
		if name == "c-gone" {
			if err := r.Erase(tb.Context(), id, Actor{Name: "anna"}); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return r, names
}

// named replaces customers' ids by what they are called.
func named(res Result, names map[string]string) Result {
	call := func(id string) string {
		if name, ok := names[id]; ok {
			return name
		}
		return "c-new"
	}
	res.Customer = call(res.Customer)
	for _, list := range [][]Candidate{res.Candidates, res.ClaimsToBe} {
		for i := range list {
			list[i].Customer = call(list[i].Customer)
		}
	}
	for i := range res.Conflicts {
		res.Conflicts[i].CustomerA, res.Conflicts[i].CustomerB = call(res.Conflicts[i].CustomerA), call(res.Conflicts[i].CustomerB)
	}
	res.Version = 0
	return res
}

func TestResolve(t *testing.T) {
	r, names := withCustomers(t)
	one := func(line string) message.Identifier { return ids(t, line)[0] }
	for _, tc := range []struct {
		name string
		in   []string
		want Result
	}{
		{"nothing", nil, Result{}},
		{
			"known",
			[]string{"attested email:kate@example.org"},
			Result{Customer: "c-kate", Assurance: message.Attested, Basis: one("attested email:kate@example.org")},
		},
		{
			"unknown",
			[]string{"attested email:eve@example.org"},
			Result{Assurance: message.Attested, Basis: one("attested email:eve@example.org")},
		},
		{
			"known by the weaker of two",
			[]string{"proven email:eve@example.org", "attested phone:+31612345678"},
			Result{Customer: "c-kate", Assurance: message.Attested, Basis: one("attested phone:+31612345678")},
		},
		{
			"known by two",
			[]string{"attested phone:+31612345678", "proven email:kate@example.org"},
			Result{Customer: "c-kate", Assurance: message.Proven, Basis: one("proven email:kate@example.org")},
		},
		{
			"number before address",
			[]string{"vouched email:kate@example.org", "vouched cno:1001"},
			Result{Customer: "c-kate", Assurance: message.Vouched, Basis: one("vouched cno:1001")},
		},
		{
			"forged From of a customer",
			[]string{"claimed email:kate@example.org"},
			Result{
				Assurance: message.Claimed, Basis: one("claimed email:kate@example.org"),
				ClaimsToBe: []Candidate{{Customer: "c-kate", Why: "~email:kate@example.org"}},
			},
		},
		{
			"claims of two customers",
			[]string{"claimed email:anna@example.org", "claimed phone:+31612345678", "claimed cno:1002"},
			Result{
				Assurance: message.Claimed, Basis: one("claimed cno:1002"),
				ClaimsToBe: []Candidate{{Customer: "c-anna", Why: "~cno:1002"}, {Customer: "c-kate", Why: "~phone:+31612345678"}},
			},
		},
		{
			"one customer claims to be another",
			[]string{"attested psid:7:88", "claimed email:kate@example.org", "claimed email:anna@example.org"},
			Result{
				Customer: "c-anna", Assurance: message.Attested, Basis: one("attested psid:7:88"),
				ClaimsToBe: []Candidate{{Customer: "c-kate", Why: "~email:kate@example.org"}},
			},
		},
		{
			"a claim repeated as a fact is a fact",
			[]string{"claimed email:kate@example.org", "attested email:kate@example.org"},
			Result{Customer: "c-kate", Assurance: message.Attested, Basis: one("attested email:kate@example.org")},
		},
		{
			"contested",
			[]string{"attested email:kate@example.org", "attested psid:7:88", "attested phone:+31201234567"},
			Result{
				Customer: "c-anna", Contested: true, Assurance: message.Claimed, Basis: one("attested psid:7:88"),
				Candidates: []Candidate{{Customer: "c-kate", Why: "email:kate@example.org"}},
				Conflicts: []Conflict{{
					A: one("attested psid:7:88"), CustomerA: "c-anna",
					B: one("attested email:kate@example.org"), CustomerB: "c-kate",
				}},
			},
		},
		{
			"a handle only suggests",
			[]string{"attested xh:kate", "attested xu:5"},
			Result{
				Assurance: message.Attested, Basis: one("attested xu:5"),
				Candidates: []Candidate{{Customer: "c-kate", Why: "xh:kate"}},
			},
		},
		{
			"a handle taken over does not contest",
			[]string{"attested xh:kate", "attested psid:7:88"},
			Result{Customer: "c-anna", Assurance: message.Attested, Basis: one("attested psid:7:88")},
		},
		{
			"blocked values",
			[]string{"vouched cno:0000", "attested email:null@example.org", "claimed cno:0000"},
			Result{},
		},
		{
			"blocked value beside a good one",
			[]string{"vouched cno:0000", "attested email:kate@example.org"},
			Result{Customer: "c-kate", Assurance: message.Attested, Basis: one("attested email:kate@example.org")},
		},
		{"mentioned in the text", []string{"mentioned email:kate@example.org"}, Result{}},
		{"a visit", []string{"attested session:s1"}, Result{Basis: one("attested session:s1")}},
		{
			"a visit with a claim",
			[]string{"proven session:s1", "claimed email:eve@example.org"},
			Result{Assurance: message.Claimed, Basis: one("claimed email:eve@example.org")},
		},
		{
			"erased",
			[]string{"attested email:gone@example.org", "claimed email:gone@example.org"},
			Result{Assurance: message.Attested, Basis: one("attested email:gone@example.org")},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.want.Name = "Kate"
			got, err := r.Resolve(t.Context(), Subject{IDs: ids(t, tc.in...), Name: " Kate ", At: noon, Look: true})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, named(got, names)); diff != "" {
				t.Errorf("Resolve(%q) (-want +got):\n%s", tc.in, diff)
			}
		})
	}
}

func anything() *rapid.Generator[[]string] {
	names := []string{"email:eve@example.org", "xu:5", "psid:7:99", "session:s2", "wa.user:eve"}
	for _, ids := range registered {
		names = append(names, ids...)
	}
	slices.Sort(names)
	return rapid.Custom(func(t *rapid.T) []string {
		out := rapid.SliceOfN(rapid.SampledFrom(names), 0, 6).Draw(t, "names")
		for i := range out {
			out[i] = rapid.SampledFrom([]string{"mentioned", "claimed", "attested", "proven", "vouched"}).Draw(t, "level") + " " + out[i]
		}
		return out
	})
}

func TestClaimsAreInert(t *testing.T) {
	r, _ := withCustomers(t)
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		all := ids(t, anything().Draw(t, "subject")...)
		facts := slices.DeleteFunc(slices.Clone(all), message.Identifier.Claim)
		with, without := resolve(t, r, all), resolve(t, r, facts)

		strongest := message.Mentioned
		for _, id := range all {
			strongest = max(strongest, id.Level)
		}
		if with.Assurance > strongest {
			t.Fatalf("assurance %v, presented %v", with.Assurance, strongest)
		}
		if with.Customer != without.Customer || with.Contested != without.Contested {
			t.Fatalf("claims change %q into %q", without.Customer, with.Customer)
		}
		if with.Assurance > max(without.Assurance, message.Claimed) || with.Assurance < without.Assurance {
			t.Fatalf("claims change assurance %v into %v", without.Assurance, with.Assurance)
		}
		if diff := cmp.Diff(without.Candidates, with.Candidates); diff != "" {
			t.Fatalf("claims change the candidates:\n%s", diff)
		}
		if with.Customer != "" && with.Basis.Claim() {
			t.Fatalf("customer %s by the claim %s", with.Customer, with.Basis.Node())
		}
	})
}

func TestResolveDoesNotMindOrderOrRepetition(t *testing.T) {
	r, _ := withCustomers(t)
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		all := ids(t, anything().Draw(t, "subject")...)
		want := resolve(t, r, all)
		mixed := append(slices.Clone(all), all...)
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		rnd.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if diff := cmp.Diff(want, resolve(t, r, mixed)); diff != "" {
			t.Fatalf("Resolve of the same in another order (-want +got):\n%s", diff)
		}
	})
}

func resolve(t interface{ Fatal(...any) }, r *Registry, list []message.Identifier) Result {
	res, err := r.Resolve(context.Background(), Subject{IDs: list, At: noon, Look: true})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestResolveTakesFewTrips(t *testing.T) {
	r, _ := withCustomers(t)
	today := func(brief bool, lines ...string) {
		t.Helper()
		if _, err := r.Resolve(t.Context(), Subject{IDs: ids(t, lines...), At: noon, Brief: brief}); err != nil {
			t.Fatal(err)
		}
	}
	today(false, "attested email:warm@example.org", "claimed cno:1001") // the server knows the scripts from here
	var trips counter
	r.store.Redis().AddHook(&trips)
	for _, tc := range []struct {
		name   string
		in     []string
		brief  bool
		trips  int64
		writes bool
	}{
		{"nothing", nil, false, 0, false},
		{"blocked, mentioned, a visit", []string{"vouched cno:0000", "mentioned email:kate@example.org", "attested session:s1"}, false, 0, false},
		{"claim, briefly", []string{"claimed email:kate@example.org"}, true, 0, false},
		{"known, briefly", []string{"attested email:kate@example.org"}, true, 1, false},
		{"known by two, briefly", []string{"attested email:kate@example.org", "attested phone:+31612345678"}, true, 1, false},
		{"known with a claim, briefly", []string{"attested email:kate@example.org", "claimed email:anna@example.org"}, true, 1, false},
		{"known, with the name", []string{"attested email:kate@example.org"}, false, 2, false},
		{"claim, unknown", []string{"claimed email:eve@example.org"}, false, 1, false},
		{"new", []string{"attested email:eve@example.org"}, true, 2, true},
		{"new with three", []string{"attested bsuid:p:NL.77", "attested wa:31612345677", "attested wa.user:eve"}, true, 2, true},
		{"the same again", []string{"attested bsuid:p:NL.77", "attested wa:31612345677", "attested wa.user:eve"}, true, 1, false},
		{"new beside known", []string{"attested email:kate@example.org", "attested bsuid:p:NL.78"}, true, 4, true},
		{"both known now", []string{"attested email:kate@example.org", "attested bsuid:p:NL.78"}, true, 1, false},
	} {
		before := changes(t, r.store)
		trips.n.Store(0)
		today(tc.brief, tc.in...)
		got := trips.n.Load()
		if got > tc.trips {
			t.Errorf("Resolve(%s) takes %d round trips, want %d", tc.name, got, tc.trips)
		}
		if wrote := changes(t, r.store) != before; wrote != tc.writes {
			t.Errorf("Resolve(%s) writes: %v, want %v", tc.name, wrote, tc.writes)
		}
	}
}

// changes is the server's own count of what was written.
func changes(t *testing.T, s *store.Store) string {
	t.Helper()
	info, err := s.Redis().Info(t.Context(), "persistence").Result()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(info) {
		if strings.HasPrefix(line, "rdb_changes_since_last_save:") {
			return strings.TrimSpace(line)
		}
	}
	t.Fatal("the server does not count changes")
	return ""
}

type counter struct{ n atomic.Int64 }

func (c *counter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmd)
	}
}

func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmds)
	}
}

func TestResolveByManyAtOnce(t *testing.T) {
	r, names := withCustomers(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 50 {
				res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested psid:7:88", "claimed email:kate@example.org")})
				if err != nil || names[res.Customer] != "c-anna" || len(res.ClaimsToBe) != 1 {
					t.Errorf("Resolve = %+v, %v", res, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestResolveOfVeryManyIdentifiers(t *testing.T) {
	r, names := withCustomers(t)
	list := ids(t, "attested email:kate@example.org")
	for n := range 20_000 {
		list = append(list, message.Identifier{Kind: "xu", Value: strconv.Itoa(100 + n), Level: message.Claimed})
	}
	if res := resolve(t, r, list); names[res.Customer] != "c-kate" {
		t.Errorf("Resolve = %+v", res)
	}
}

func TestResolveSaysThatTheStoreIsAway(t *testing.T) {
	r, _ := withCustomers(t)
	if err := r.store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested email:kate@example.org")}); !errors.Is(err, store.ErrAway) {
		t.Errorf("Resolve = %v, want %v", err, store.ErrAway)
	}
	if _, err := r.Resolve(t.Context(), Subject{Name: "Kate"}); err != nil {
		t.Errorf("Resolve of nobody = %v, want nil: it needs no store", err)
	}
}
