package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/desk/api"
)

// BenchmarkLivePages has 200 agents look while 20 tasks change in a second, and prints how long it takes from asking for a change until it is
// at their browsers, and what loket takes of a core meanwhile, beyond what the changes alone do.
func BenchmarkLivePages(b *testing.B) {
	const agents, rate, seconds = 200, 20, 20
	d := newDaemon(b, strings.Replace(fmt.Sprintf(standard, embedded), "level: debug", "level: info", 1)).start()
	names := make([]*http.Client, agents/4)
	for i := range names {
		names[i] = d.signedIn(fmt.Sprintf("agent%d", i))
	}
	for i := range 50 {
		if _, err := d.post("", fmt.Sprintf("No signal %d", i)); err != nil {
			b.Fatal(err)
		}
	}
	d.settled()
	tasks, anna := d.tasks("network"), d.client("anna")
	alone := livePart(b, d, anna, tasks, rate, seconds, func(string, time.Time) {})

	var mu sync.Mutex
	asked := map[string]time.Time{}
	var took []time.Duration
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	var following sync.WaitGroup
	begun := make(chan struct{}, agents)
	for i := range agents {
		following.Go(func() {
			first := true
			d.follow(ctx, names[i%len(names)], "", func(e told) {
				if first {
					begun <- struct{}{}
					first = false
				}
				mu.Lock()
				defer mu.Unlock()
				if at, ok := asked[e.Task]; ok && e.Kind == "row" {
					took = append(took, e.At.Sub(at))
				}
			})
		})
	}
	for range agents {
		<-begun
	}
	all := livePart(b, d, anna, tasks, rate, seconds, func(task string, at time.Time) {
		mu.Lock()
		defer mu.Unlock()
		asked[task] = at
	})
	d.await("the last changes", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(took) >= agents*rate*seconds*9/10
	})
	stop()
	following.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(100*all, "%-of-a-core")
	b.ReportMetric(100*(all-alone), "%-of-a-core-for-the-streams")
	b.ReportMetric(float64(len(took)), "rows")
}

// livePart changes tasks at a rate, and gives what part of a core loket took meanwhile.
func livePart(b *testing.B, d *daemon, c *api.Client, tasks []*api.Task, rate, seconds int, asked func(string, time.Time)) float64 {
	b.Helper()
	before, begun := processCPU(b, d.cmd.Process.Pid), time.Now()
	pace := time.NewTicker(time.Second / time.Duration(rate))
	defer pace.Stop()
	for i := range rate * seconds {
		<-pace.C
		task := tasks[i%len(tasks)].ID
		asked(task, time.Now())
		if _, err := c.Note(b.Context(), task, fmt.Sprintf("note %d", i)); err != nil {
			b.Fatal(err)
		}
	}
	return (processCPU(b, d.cmd.Process.Pid) - before).Seconds() / time.Since(begun).Seconds()
}
