package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"loket/router"
	"loket/router/kpi"
)

// working is how much of a span lies in a team's working time; false for a team without a calendar.
func (r *rules) working(team string, from, to time.Time) (time.Duration, bool) {
	set := r.now.Load()
	t, _ := set.router.Team(team)
	c := set.cfg.Router.Calendars[t.Calendar]
	if c == nil {
		return 0, false
	}
	return c.Between(from, to), true
}

// queueCollector tells Prometheus how many waits run, how long, and how many are late. Its labels are teams and priorities.
type queueCollector struct {
	ledger *kpi.Ledger
	rules  *rules

	mu   sync.Mutex
	at   time.Time
	last []kpi.Snapshot
}

// lookAgain is how old what is told may be: every look reads the card of every open wait.
const lookAgain = 10 * time.Second

// Describe sends nothing: what can be told depends on what is open.
func (s *queueCollector) Describe(chan<- *prometheus.Desc) {}

// Collect tells what is open. With the store away it tells nothing.
func (s *queueCollector) Collect(out chan<- prometheus.Metric) {
	for _, l := range s.look() {
		for _, g := range []struct {
			name, help string
			value      float64
		}{
			{"loket_waits_open", "Customers who wait for an answer, by team and priority.", float64(l.Backlog)},
			{"loket_wait_oldest_seconds", "How long the one has waited who waits longest, by team and priority.", l.OldestWait},
			{"loket_waits_due_soon", "Waits that are late soon, by team and priority.", float64(l.DueSoon)},
			{"loket_waits_breached", "Waits that run and are late, by team and priority.", float64(l.Breached)},
		} {
			out <- prometheus.MustNewConstMetric(describe(g.name, g.help, "team", "priority"), prometheus.GaugeValue, g.value, l.Team, l.Priority)
		}
	}
}

func (s *queueCollector) look() []kpi.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.at) < lookAgain {
		return s.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	found, err := s.ledger.Snapshots(ctx, s.rules.router().Teams(), time.Now())
	if err != nil {
		return nil
	}
	for _, team := range s.rules.router().Teams() { // nobody waits is told too
		for _, priority := range router.Priorities() {
			if !slices.ContainsFunc(found, func(f kpi.Snapshot) bool { return f.Team == team && f.Priority == priority }) {
				found = append(found, kpi.Snapshot{Team: team, Priority: priority})
			}
		}
	}
	s.last, s.at = found, time.Now()
	return found
}
