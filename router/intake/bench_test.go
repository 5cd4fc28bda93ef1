package intake_test

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"loket/identity"
	"loket/internal/message"
	"loket/internal/spool"
	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/intake"
)

// BenchmarkWalk measures messages from Accept to queued, 64 at a time, on a Redis with its AOF synced always, and
// what they cost in CPU time: this process and Redis together.
func BenchmarkWalk(b *testing.B) {
	socket := storetest.Server(b, "--appendonly", "yes", "--appendfsync", "always")
	st := store.New(redis.NewClient(&redis.Options{Network: "unix", Addr: socket}), store.Info{Durable: true}, nil)
	b.Cleanup(func() { _ = st.Close() })
	r, err := router.New(router.Config{Teams: map[string]router.Team{"support": {}}, Fallback: "support"})
	if err != nil {
		b.Fatal(err)
	}
	sp, err := spool.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	in, err := intake.New(intake.Options{
		Store: st, Spool: sp, Registry: identity.New(st, identity.Defaults()), Threads: threadsOn(b, st),
		Queue: queueOn(b, st, teams{r, &atomic.Int64{}}), Router: func() *router.Router { return r }, Log: zap.NewNop(),
	})
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat("Since this morning I have no signal. ", 10)
	from, err := message.Email("anna@example.org", message.Claimed)
	if err != nil {
		b.Fatal(err)
	}
	before, redisBefore := ownCPU(b), redisCPU(b, st)
	var n atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		wg.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				id := message.NewID([]byte(strconv.FormatInt(i, 10)))
				err := in.Accept(b.Context(), &message.Message{
					ID: id, Thread: id, Connector: "website", Channel: "web", From: []message.Identifier{from},
					Name: "Anna", Text: text, Received: time.Now(),
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	in.Drain(b.Context())
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	own, rds := ownCPU(b)-before, redisCPU(b, st)-redisBefore
	b.ReportMetric(float64(own.Microseconds())/float64(b.N), "loket-cpu-µs/msg")
	b.ReportMetric(float64(rds.Microseconds())/float64(b.N), "redis-cpu-µs/msg")
}

func ownCPU(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func redisCPU(b *testing.B, st *store.Store) time.Duration {
	info, err := st.Redis().Info(b.Context(), "cpu").Result()
	if err != nil {
		b.Fatal(err)
	}
	total := 0.0
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_sys" || name == "used_cpu_user" {
			f, _ := strconv.ParseFloat(value, 64)
			total += f
		}
	}
	return time.Duration(total * float64(time.Second))
}
