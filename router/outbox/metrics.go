package outbox

import "github.com/prometheus/client_golang/prometheus"

// Metrics count what goes out. A nil *Metrics counts nothing.
type Metrics struct{ replies *prometheus.CounterVec }

// NewMetrics registers the metrics of the outbox.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{replies: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "loket_replies_total",
		Help: "Replies handed to channels, by connector and by what came of it: sent, retried, in_doubt, failed.",
	}, []string{"connector", "result"})}
	reg.MustRegister(m.replies)
	return m
}

func (m *Metrics) count(connector, result string) {
	if m != nil {
		m.replies.WithLabelValues(connector, result).Inc()
	}
}
