package kpi

import "github.com/prometheus/client_golang/prometheus"

// Metrics count answers as they are folded, in the process that folds. Labels are teams and priorities: names of the
// configuration.
type Metrics struct {
	answered *prometheus.CounterVec
	response *prometheus.HistogramVec
}

// NewMetrics registers the metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		answered: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_waits_answered_total", Help: "Waits of customers that people answered, by team, priority, and whether in time.",
		}, []string{"team", "priority", "in_time"}),
		response: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "loket_response_seconds", Help: "How long customers waited for an answer, by team, priority, and whether it was the first.",
			Buckets: []float64{60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200, 604800},
		}, []string{"team", "priority", "response"}),
	}
	reg.MustRegister(m.answered, m.response)
	return m
}

// observe counts what the rows tell; m may be nil.
func (m *Metrics) observe(rows []Row) {
	if m == nil {
		return
	}
	for i := range rows {
		r := &rows[i]
		if r.Ending != Answered {
			continue
		}
		inTime, response := "yes", "next"
		if r.Late() {
			inTime = "no"
		}
		if r.Wait == 1 {
			response = "first"
		}
		m.answered.WithLabelValues(r.Sort.Team, r.Sort.Priority, inTime).Inc()
		m.response.WithLabelValues(r.Sort.Team, r.Sort.Priority, response).Observe(float64(r.Wall) / 1000)
	}
}
