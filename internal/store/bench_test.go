package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
	"loket/internal/store/storetest"
)

// BenchmarkRunTogether compares calls that travel together with calls that travel alone, on a server that puts every
// answer on the disk first. The figure x is how many times more calls a second come back.
func BenchmarkRunTogether(b *testing.B) {
	for _, callers := range []int{1, 8, 64, 512} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			socket := storetest.Server(b, "--appendonly", "yes", "--appendfsync", "always")
			opt := &redis.Options{Network: "unix", Addr: socket}
			s, alone := storetest.On(b, opt), redis.NewClient(opt)
			defer alone.Close()
			ctx := context.Background()
			if err := alone.ScriptLoad(ctx, putSource).Err(); err != nil {
				b.Fatal(err)
			}
			sha := redis.NewScript(putSource).Hash()
			n := max(b.N, 10*callers)
			body := string(make([]byte, 1000))

			apart := spread(b, n, callers, func(i int) error {
				return alone.EvalSha(ctx, sha, []string{"{b}h"}, i%1000, body).Err()
			})
			b.ResetTimer()
			together := spread(b, n, callers, func(i int) error {
				_, err := s.Run(ctx, put, []string{"{b}h"}, i%1000, body)
				return err
			})
			b.StopTimer()
			b.ReportMetric(float64(n)/together.Seconds(), "together/s")
			b.ReportMetric(float64(n)/apart.Seconds(), "apart/s")
			b.ReportMetric(apart.Seconds()/together.Seconds(), "x")
		})
	}
}

const putSource = `redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) return ARGV[1]`

var put = store.NewScript("put", putSource)

func spread(b *testing.B, n, callers int, f func(i int) error) time.Duration {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range callers {
		wg.Go(func() {
			for {
				i := int(next.Add(1))
				if i > n {
					return
				}
				if err := f(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(began)
}
