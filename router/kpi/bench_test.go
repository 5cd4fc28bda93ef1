package kpi

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

// A month of a large desk: waits spread over its days and hours, by five teams and forty agents, with what goes with
// them: 1.3 messages, 0.7 closings and 0.1 transfers for each wait.
const (
	monthWaits = 1_000_000
	monthDays  = 30
)

func monthStart() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }

// monthEvents gives the events around n waits, in order.
func monthEvents(n int, yield func(queue.Event)) {
	rnd := rand.New(rand.NewPCG(1, 2))
	teams := []string{"support", "webcare", "network", "billing", "sales"}
	step := int64(monthDays) * 24 * 3600 * 1000 / int64(n)
	for i := range n {
		at := monthStart().UnixMilli() + int64(i)*step
		team := teams[rnd.IntN(len(teams))]
		wait := int64(rnd.ExpFloat64() * 3_600_000)
		since := at - wait
		e := queue.Event{
			Number: int64(i%(n/2+1)) + 1, Task: "t", Team: team, Channel: []string{"email", "web", "whatsapp"}[rnd.IntN(3)],
			Connector: []string{"mail", "website", "phone-number"}[rnd.IntN(3)], Priority: []string{"high", "normal", "low"}[rnd.IntN(3)],
			Rule: "rule" + strconv.Itoa(rnd.IntN(8)), Created: since,
		}
		if rnd.IntN(4) == 0 {
			e.Tags = []string{"tag" + strconv.Itoa(rnd.IntN(6))}
		}
		seq := 0
		tell := func(typ queue.EventType, edit func(*queue.Event)) {
			o := e
			o.Type, o.At, o.ID = typ, at, fmt.Sprintf("%d-%d", at, seq)
			seq++
			if edit != nil {
				edit(&o)
			}
			yield(o)
		}
		for range 1 + rnd.IntN(10)/7 {
			tell(queue.Created, func(o *queue.Event) { o.Message = "m" })
		}
		if rnd.IntN(10) == 0 {
			tell(queue.Transferred, func(o *queue.Event) { o.FromTeam, o.HeldSince = teams[rnd.IntN(len(teams))], since })
		}
		claimed := at - rnd.Int64N(600_000)
		tell(queue.Replied, func(o *queue.Event) {
			o.Agent = "agent" + strconv.Itoa(rnd.IntN(40))
			o.Wait, o.WaitSince, o.WaitDue, o.WaitEnded = 1+rnd.IntN(2), since, since+4*3_600_000, true
			o.PickedAt, o.HeldSince, o.ClaimedAt = claimed, since, claimed
		})
		if rnd.IntN(10) < 7 {
			tell(queue.Finished, func(o *queue.Event) { o.Agent, o.OpenedAt = "agent1", since-rnd.Int64N(86_400_000) })
		}
	}
}

// halfTime stands for a calendar.
func halfTime(_ string, from, to time.Time) (time.Duration, bool) { return to.Sub(from) / 2, true }

// writeRows stores rows as folding would.
func writeRows(tb testing.TB, l *Ledger, rows []Row) {
	tb.Helper()
	ctx := context.Background()
	was, text, err := l.at(ctx, current)
	if err == nil {
		last := rows[len(rows)-1].ID
		_, err = l.write(ctx, current, was, text, last.String(), rows)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkMonth sums up a month of a million waits by team and day: cold, from Redis, and warm, with its days kept in
// the process. It uses one core.
func BenchmarkMonth(b *testing.B) {
	s := storetest.New(b)
	l := ledgerOn(b, Options{Store: s, Queue: queueOn(b, s)})
	var rows []Row
	total := 0
	monthEvents(monthWaits, func(e queue.Event) {
		rows = append(rows, Fold(&e, halfTime)...)
		if len(rows) > 4000 {
			writeRows(b, l, rows)
			total += len(rows)
			rows = rows[:0]
		}
	})
	writeRows(b, l, rows)
	total += len(rows)
	used := memory(b, s)
	q := Query{From: monthStart(), To: monthStart().AddDate(0, 0, monthDays), By: []Dimension{ByTeam, ByDay}}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, kind := range []string{"cold", "other", "warm"} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				switch kind {
				case "other": // the days are in the process, but were summed up for another question
					l.sums = cache[*partial]{most: maxSums}
				case "cold":
					l = ledgerOn(b, Options{Store: s, Queue: l.queue})
				}
				begun := time.Now()
				r, err := l.Report(b.Context(), q, time.Now())
				if err != nil || r.Total.Count("answered") != monthWaits || len(r.Groups) != 5*monthDays {
					b.Fatalf("Report = %d waits in %d groups, %v", r.Total.Count("answered"), len(r.Groups), err)
				}
				b.ReportMetric(float64(time.Since(begun).Milliseconds()), "ms/last")
			}
			b.ReportMetric(float64(used)/1e6, "MB-in-redis")
			b.ReportMetric(float64(used)/float64(total), "bytes/row")
		})
	}
}

func memory(b *testing.B, s *store.Store) int64 {
	b.Helper()
	var used int64
	keys, err := s.Redis().Keys(b.Context(), "lk:{k}*").Result()
	if err != nil {
		b.Fatal(err)
	}
	for _, k := range keys {
		n, err := s.Redis().MemoryUsage(b.Context(), k, 0).Result()
		if err != nil {
			b.Fatal(err)
		}
		used += n
	}
	return used
}

// BenchmarkFold folds the events around 50,000 waits out of the stream into rows.
func BenchmarkFold(b *testing.B) {
	var events []string
	monthEvents(50_000, func(e queue.Event) {
		text, err := json.Marshal(e)
		if err != nil {
			b.Fatal(err)
		}
		events = append(events, string(text))
	})
	for b.Loop() {
		b.StopTimer()
		s := storetest.New(b)
		for some := range slices.Chunk(events, 1000) {
			pipe := s.Redis().Pipeline()
			for _, e := range some {
				pipe.XAdd(b.Context(), &redis.XAddArgs{Stream: "lk:{q}:e", Values: []string{"e", e}})
			}
			if _, err := pipe.Exec(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		l := ledgerOn(b, Options{Store: s, Queue: queueOn(b, s), Working: halfTime})
		b.StartTimer()
		for n := batch; n == batch; {
			var err error
			if n, err = l.Fold(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(events))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(len(events))*float64(b.N)/b.Elapsed().Seconds()/10_000, "of-10000/s")
}

// BenchmarkSum sums up the rows around 50,000 waits, as they lie in the process, and BenchmarkRows makes such rows of
// events and stores them, both without a store.
func BenchmarkSum(b *testing.B) {
	var rows []Row
	monthEvents(50_000, func(e queue.Event) { rows = append(rows, Fold(&e, halfTime)...) })
	c, err := decode(encode(rows))
	if err != nil {
		b.Fatal(err)
	}
	q := Query{From: monthStart(), To: monthStart().AddDate(0, 0, monthDays), Zone: time.UTC, By: []Dimension{ByTeam}}
	for b.Loop() {
		newAggregator(&q, time.Time{}).partial([]*chunk{c})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/row")
}

func BenchmarkRows(b *testing.B) {
	var events []queue.Event
	monthEvents(50_000, func(e queue.Event) { events = append(events, e) })
	for b.Loop() {
		var rows []Row
		for i := range events {
			rows = append(rows, Fold(&events[i], halfTime)...)
		}
		if _, err := decode(encode(rows)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(events)), "ns/event")
}
