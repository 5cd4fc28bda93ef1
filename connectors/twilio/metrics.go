package twilio

import "github.com/prometheus/client_golang/prometheus"

// counters count what came and what was turned away. They are collected with the connector, see Describe.
type counters struct {
	in  *prometheus.CounterVec
	bad *prometheus.CounterVec
}

func newCounters(connector string) *counters {
	name := prometheus.Labels{"connector": connector}
	return &counters{
		in: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_twilio_taken_total", ConstLabels: name,
			Help: "What was taken in from Twilio, by connector, event (message, call, recording, transcription, status) and how it came: webhook or listing.",
		}, []string{"event", "by"}),
		bad: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_twilio_refused_total", ConstLabels: name,
			Help: "What was turned away from Twilio's webhooks, by connector and reason: signature, too_large, slow, unreadable, field, unknown, media, busy, not_stored.",
		}, []string{"reason"}),
	}
}

func (c *counters) took(event, by string) { c.in.WithLabelValues(event, by).Inc() }
func (c *counters) refused(reason string) { c.bad.WithLabelValues(reason).Inc() }

// Describe tells which metrics there are.
func (t *Twilio) Describe(ch chan<- *prometheus.Desc) {
	t.counts.in.Describe(ch)
	t.counts.bad.Describe(ch)
}

// Collect gives the metrics.
func (t *Twilio) Collect(ch chan<- prometheus.Metric) {
	t.counts.in.Collect(ch)
	t.counts.bad.Collect(ch)
}

var _ prometheus.Collector = (*Twilio)(nil)
