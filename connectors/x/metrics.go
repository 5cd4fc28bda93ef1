package x

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"loket/connectors"
)

// Reasons for which something is not taken in. What others choose stands beside them in the log.
const (
	reasonSignature = "signature"
	reasonChallenge = "challenge" // it could be a body, or is none
	reasonTooLarge  = "too_large"
	reasonSlow      = "slow"
	reasonBusy      = "busy"
	reasonBroken    = "unreadable" // it goes to quarantine
	reasonUnknown   = "unknown"    // an event that is no matter for a desk
	reasonAccount   = "account"    // of another one
	reasonRefused   = "not_stored"
	reasonMedia     = "media"
)

// How something came.
const (
	byHook = "webhook"
	byPoll = "polling"
)

// counters count what came and what was turned away, and say so in the log at the first, tenth, hundredth… time: whoever
// knows our address must not be able to fill it. See Metrics.
type counters struct {
	in, bad *prometheus.CounterVec
	log     *zap.Logger
	mu      sync.Mutex
	times   map[string]int64
}

func newCounters(connector string, log *zap.Logger) *counters {
	name := prometheus.Labels{"connector": connector}
	return &counters{
		log: log, times: map[string]int64{},
		in: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_x_taken_total", ConstLabels: name,
			Help: "What was taken in from X, by connector, event (post, direct, deleted, read, encrypted) and how it came: webhook or polling.",
		}, []string{"event", "by"}),
		bad: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_x_refused_total", ConstLabels: name,
			Help: "What was not taken from X, by connector and reason: signature, challenge, too_large, slow, busy, unreadable (goes to quarantine), unknown, account, not_stored, media.",
		}, []string{"reason"}),
	}
}

func (c *counters) took(event, by string) { c.in.WithLabelValues(event, by).Inc() }

func (c *counters) refused(reason string, more ...zap.Field) {
	c.bad.WithLabelValues(reason).Inc()
	c.mu.Lock()
	c.times[reason]++
	n := c.times[reason]
	c.mu.Unlock()
	at := n
	for at%10 == 0 {
		at /= 10
	}
	if at != 1 {
		return
	}
	level := zap.WarnLevel
	if reason == reasonUnknown { // most that X tells is none of the desk's
		level = zap.DebugLevel
	}
	c.log.Log(level, "not taken from X", append([]zap.Field{zap.String("reason", reason), zap.Int64("count", n)}, more...)...)
}

// Metrics gives what is counted.
func (a *Account) Metrics() prometheus.Collector { return a.count }

// Describe tells which metrics there are.
func (c *counters) Describe(ch chan<- *prometheus.Desc) {
	c.in.Describe(ch)
	c.bad.Describe(ch)
}

// Collect gives the metrics.
func (c *counters) Collect(ch chan<- prometheus.Metric) {
	c.in.Collect(ch)
	c.bad.Collect(ch)
}

var _ connectors.Metered = (*Account)(nil)
