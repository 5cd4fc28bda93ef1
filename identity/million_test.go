package identity_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/identity"
	"loket/internal/message"
	"loket/internal/store"
	"loket/internal/store/storetest"
)

// BenchmarkMillion registers a million identifiers, five for each customer, in a redis-server on the loopback, and
// measures what they weigh and how fast a sender is known. When registering takes too long it stops and says how far
// it came.
func BenchmarkMillion(b *testing.B) {
	const (
		million = 200_000
		patient = 4 * time.Minute
		looks   = 100_000
	)
	_, ports := storetest.StartOn(b, 1, func(ports []string) []string {
		return []string{"--bind", "127.0.0.1", "--port", ports[0]}
	})
	s := storetest.On(b, &redis.Options{Addr: net.JoinHostPort("127.0.0.1", ports[0])})
	r := newKept(s)
	sender(b, r, shown(b, 0), true) // the server knows the scripts from here

	empty := memory(b, s, "used_memory")
	begun := time.Now()
	var customers atomic.Int64
	together(64, million, func(n int) {
		if time.Since(begun) > patient {
			return
		}
		if _, err := r.Register(b.Context(), five(b, n), "Anna Bakker", identity.Actor{Name: "crm"}); err != nil {
			b.Errorf("register %d: %v", n, err)
			return
		}
		customers.Add(1)
	})
	known := int(customers.Load())
	f := figures{b}
	f.add("registered/s", float64(known)/time.Since(begun).Seconds())
	if known < million {
		b.Logf("only %d of %d customers in %s: the figures are of these", known, million, patient)
	}
	each := func(bytes float64) float64 { return bytes / float64(known) }
	weight := each(memory(b, s, "used_memory") - empty)
	f.add("B/customer", weight)
	for _, name := range []string{"log", "out"} {
		if n, err := s.Redis().MemoryUsage(b.Context(), "lk:{reg}:"+name, 0).Result(); err == nil {
			f.add("B/customer-in-"+name, each(float64(n)))
		}
	}

	senders := make([]message.Identifier, looks) // made beforehand, as a connector does
	together(4, looks, func(n int) { senders[n] = shown(b, rand.IntN(known)) })
	ping := f.latency("ping", looks, func(int) { _ = s.Ping(b.Context()) })
	brief := f.latency("known", looks, func(n int) { knownSender(b, r, senders[n], true) })
	f.latency("known-with-name-and-candidates", looks, func(n int) { knownSender(b, r, senders[n], false) })

	var trips trips
	s.Redis().AddHook(&trips)
	knownSender(b, r, shown(b, 0), true)
	f.add("trips-known", float64(trips.n.Swap(0)))
	sender(b, r, shown(b, million+1), true)
	f.add("trips-new", float64(trips.n.Swap(0)))

	if brief > 2*time.Millisecond {
		b.Errorf("p99 of a known sender is %s, want at most 2ms; that of a ping is %s", brief, ping)
	}
	if weight > 1600 {
		b.Errorf("a customer weighs %.0f B, want at most 1,600", weight)
	}
}

// figures are logged as well, because a benchmark that fails prints none.
type figures struct{ b *testing.B }

func (f figures) add(unit string, n float64) {
	f.b.ReportMetric(n, unit)
	f.b.Logf("%.0f %s", n, unit)
}

// latency calls do n times, by four at a time, and gives the 99th percentile.
func (f figures) latency(name string, n int, do func(int)) time.Duration {
	took := make([]time.Duration, n)
	begun := time.Now()
	together(4, n, func(i int) {
		start := time.Now()
		do(i)
		took[i] = time.Since(start)
	})
	f.add(name+"/s", float64(n)/time.Since(begun).Seconds())
	slices.Sort(took)
	p99 := took[n*99/100]
	f.add("p50-µs-"+name, float64(took[n/2].Microseconds()))
	f.add("p99-µs-"+name, float64(p99.Microseconds()))
	return p99
}

func knownSender(b *testing.B, r registry, id message.Identifier, brief bool) {
	b.Helper()
	if res := sender(b, r, id, brief); res.Customer == "" {
		b.Errorf("%s is not known: %+v", id, res)
	}
}

func sender(b *testing.B, r registry, id message.Identifier, brief bool) identity.Result {
	b.Helper()
	res, err := r.Resolve(b.Context(), identity.Subject{IDs: []message.Identifier{id}, Message: "m", Brief: brief})
	if err != nil {
		b.Errorf("resolve %s: %v", id, err)
	}
	return res
}

// shown is what customer n shows, by one way or another.
func shown(tb testing.TB, n int) message.Identifier {
	tb.Helper()
	id := five(tb, n)[1+n%4]
	id.Level = message.Attested
	return id
}

// five are the identifiers of customer n.
func five(tb testing.TB, n int) []message.Identifier {
	id := func(kind, scope, value string) message.Identifier {
		id, err := message.NewIdentifier(kind, scope, value, message.Vouched)
		if err != nil {
			tb.Fatalf("make %s: %v", kind, err)
		}
		return id
	}
	return []message.Identifier{
		id("cno", "", strconv.Itoa(1_000_000+n)),
		id("email", "", fmt.Sprintf("anna.bakker.%d@post.example", n)),
		id("email", "", fmt.Sprintf("a.bakker%d@werk.example", n)),
		id("phone", "", fmt.Sprintf("+3161%07d", n)),
		id("psid", "4711", strconv.Itoa(20_000_000_000+n)),
	}
}

// together calls do with 0 to n-1, by some at a time.
func together(workers, n int, do func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	wg.Wait()
}

func memory(tb testing.TB, s *store.Store, what string) float64 {
	tb.Helper()
	info, err := s.Redis().Info(tb.Context(), "memory").Result()
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(info) {
		if name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); name == what {
			f, err := strconv.ParseFloat(value, 64)
			if err != nil {
				tb.Fatal(err)
			}
			return f
		}
	}
	tb.Fatalf("the server does not tell %s", what)
	return 0
}

// trips counts what goes to the server.
type trips struct{ n atomic.Int64 }

func (t *trips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (t *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		t.n.Add(1)
		return next(ctx, cmd)
	}
}

func (t *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		t.n.Add(1)
		return next(ctx, cmds)
	}
}
