package intake

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count what comes in. A nil *Metrics counts nothing.
type Metrics struct {
	in    *prometheus.CounterVec
	walks *prometheus.HistogramVec

	mu    sync.Mutex
	names map[string]bool // connectors that are counted by their name
}

// maxNames bounds the labels: a program that brings messages in may name any connector.
const maxNames = 100

// NewMetrics registers the metrics of intake.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		names: map[string]bool{},
		in: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_messages_accepted_total",
			Help: "Messages accepted, by connector and by what took them: journal, spool, or known (accepted before).",
		}, []string{"connector", "by"}),
		walks: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "loket_walk_seconds",
			Help:    "Time from the journal to the end of a walk, by how it ended: queued, away, failed, quarantined, dropped.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 12),
		}, []string{"result"}),
	}
	reg.MustRegister(m.in, m.walks)
	return m
}

func (m *Metrics) accepted(connector, by string) {
	if m == nil {
		return
	}
	if connector == "" {
		connector = "portal"
	}
	m.in.WithLabelValues(m.label(connector), by).Inc()
}

// label is the name itself, or "other" when there are too many.
func (m *Metrics) label(connector string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.names[connector] {
		if len(m.names) == maxNames {
			return "other"
		}
		m.names[connector] = true
	}
	return connector
}

func (m *Metrics) walked(result string, took time.Duration) {
	if m != nil {
		m.walks.WithLabelValues(result).Observe(took.Seconds())
	}
}
