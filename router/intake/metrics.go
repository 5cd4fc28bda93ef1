package intake

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count what comes in. A nil *Metrics counts nothing.
type Metrics struct {
	in    *prometheus.CounterVec
	walks *prometheus.HistogramVec
}

// NewMetrics registers the metrics of intake. The connector is a name of the configuration: labels stay few.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
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
	m.in.WithLabelValues(connector, by).Inc()
}

func (m *Metrics) walked(result string, took time.Duration) {
	if m != nil {
		m.walks.WithLabelValues(result).Observe(took.Seconds())
	}
}
