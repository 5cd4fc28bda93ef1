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
	"loket/internal/store"
	"loket/internal/store/storetest"
)

// registered is who the customers of these tests are.
var registered = map[string]string{
	"email:kate@example.org": "c-kate", "phone:+31612345678": "c-kate", "cno:1001": "c-kate", "xh:kate": "c-kate",
	"email:anna@example.org": "c-anna", "phone:+31201234567": "c-anna", "cno:1002": "c-anna", "psid:7:88": "c-anna",
	"email:gone@example.org": "!", "cno:0000": "c-wrong", "session:s1": "c-wrong",
}

func registry(tb testing.TB) (*Registry, *store.Store) {
	tb.Helper()
	s := storetest.New(tb)
	for id, customer := range registered {
		if err := s.Redis().Set(tb.Context(), "lk:{reg}:i:"+id, customer, 0).Err(); err != nil {
			tb.Fatal(err)
		}
	}
	return New(s, Defaults()), s
}

// ids reads identifiers with their level: "attested email:kate@example.org".
func ids(tb interface{ Fatal(...any) }, lines ...string) []message.Identifier {
	var out []message.Identifier
	for _, line := range lines {
		word, rest, _ := strings.Cut(line, " ")
		level, err := message.ParseLevel(word)
		if err != nil {
			tb.Fatal(err)
		}
		id, err := message.ParseIdentifier(rest, "NL", level)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, id)
	}
	return out
}

func TestResolve(t *testing.T) {
	r, _ := registry(t)
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
				Contested: true, Assurance: message.Claimed, Basis: one("attested psid:7:88"),
				Candidates: []Candidate{{Customer: "c-anna", Why: "psid:7:88"}, {Customer: "c-kate", Why: "email:kate@example.org"}},
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
			got, err := r.Resolve(t.Context(), Subject{IDs: ids(t, tc.in...), Name: " Kate "})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("Resolve(%q) (-want +got):\n%s", tc.in, diff)
			}
		})
	}
}

func anything() *rapid.Generator[[]string] {
	names := []string{"email:eve@example.org", "xu:5", "psid:7:99", "session:s2", "wa.user:eve"}
	for id := range registered {
		names = append(names, id)
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
	r, _ := registry(t)
	rapid.Check(t, func(t *rapid.T) {
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
	r, _ := registry(t)
	rapid.Check(t, func(t *rapid.T) {
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
	res, err := r.Resolve(context.Background(), Subject{IDs: list})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestResolveTakesOneTripAndWritesNothing(t *testing.T) {
	r, s := registry(t)
	resolve(t, r, ids(t, "attested email:kate@example.org")) // the server knows the script from here
	before := changes(t, s)
	var trips counter
	s.Redis().AddHook(&trips)
	for _, tc := range []struct {
		name  string
		in    []string
		trips int64
	}{
		{"nothing", nil, 0},
		{"blocked, mentioned, a visit", []string{"vouched cno:0000", "mentioned email:kate@example.org", "attested session:s1"}, 0},
		{"known", []string{"attested email:kate@example.org"}, 1},
		{"unknown", []string{"attested email:eve@example.org"}, 1},
		{"claim, known", []string{"claimed email:kate@example.org"}, 1},
		{"claim, unknown", []string{"claimed email:eve@example.org"}, 1},
		{"everything", []string{"attested email:kate@example.org", "proven psid:7:88", "attested xh:kate", "claimed cno:1001"}, 1},
	} {
		trips.n.Store(0)
		resolve(t, r, ids(t, tc.in...))
		if got := trips.n.Load(); got != tc.trips {
			t.Errorf("Resolve(%s) takes %d round trips, want %d", tc.name, got, tc.trips)
		}
	}
	if after := changes(t, s); after != before {
		t.Errorf("Resolve changed the store: %q, then %q", before, after)
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
	r, _ := registry(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 50 {
				res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested psid:7:88", "claimed email:kate@example.org")})
				if err != nil || res.Customer != "c-anna" || len(res.ClaimsToBe) != 1 {
					t.Errorf("Resolve = %+v, %v", res, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestResolveOfVeryManyIdentifiers(t *testing.T) {
	r, _ := registry(t)
	list := ids(t, "attested email:kate@example.org")
	for n := range 20_000 {
		list = append(list, message.Identifier{Kind: "xu", Value: strconv.Itoa(100 + n), Level: message.Claimed})
	}
	if res := resolve(t, r, list); res.Customer != "c-kate" {
		t.Errorf("Resolve = %+v", res)
	}
}

func TestResolveSaysThatTheStoreIsAway(t *testing.T) {
	r, s := registry(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested email:kate@example.org")}); !errors.Is(err, store.ErrAway) {
		t.Errorf("Resolve = %v, want %v", err, store.ErrAway)
	}
	if _, err := r.Resolve(t.Context(), Subject{Name: "Kate"}); err != nil {
		t.Errorf("Resolve of nobody = %v, want nil: it needs no store", err)
	}
}
