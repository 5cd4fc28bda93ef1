package pages

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count what browsers are told while they look. A nil *Metrics counts nothing.
type Metrics struct {
	streams prometheus.Gauge
	late    prometheus.Histogram
	cuts    *prometheus.CounterVec
}

// NewMetrics registers the metrics of the pages.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "loket_live_streams", Help: "Browsers that are told what happens."}),
		late: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "loket_live_seconds", Help: "From a change of a task until it was written to a browser.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 5},
		}),
		cuts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_live_cut_total", Help: "Streams that we ended: slow (not read in time), rights (signed out, or may see other things).",
		}, []string{"reason"}),
	}
	reg.MustRegister(m.streams, m.late, m.cuts)
	return m
}

func (m *Metrics) stream(n float64) {
	if m != nil {
		m.streams.Add(n)
	}
}

func (m *Metrics) cut(reason string) {
	if m != nil {
		m.cuts.WithLabelValues(reason).Inc()
	}
}

// told counts what was written just now.
func (m *Metrics) told(notices []notice) {
	if m == nil {
		return
	}
	now := time.Now()
	for _, n := range notices {
		if !n.at.IsZero() {
			m.late.Observe(now.Sub(n.at).Seconds())
		}
	}
}
