package hook

import (
	"fmt"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// Counts say what a connector counts.
type Counts struct {
	Name      string // of the metrics: loket_<name>_taken_total and loket_<name>_refused_total
	Vendor    string // for people
	Connector string
	// Events, Ways and Reasons are those that may be counted, for the metrics' help.
	Events, Ways, Reasons []string
	// Log is told at the first, tenth, hundredth… time that something is refused, so that who knows our address can't fill it;
	// at debug for Quiet reasons. nil logs nothing.
	Log   *zap.Logger
	Quiet []string
}

// Counters count what came from a vendor and what was turned away. They are a prometheus.Collector, to be embedded in the
// connector. Their methods may be called concurrently.
type Counters struct {
	Counts
	in, bad *prometheus.CounterVec

	mu    sync.Mutex
	times map[string]int64
}

// NewCounters makes counters that stand at 0.
func NewCounters(c Counts) *Counters {
	labels := prometheus.Labels{"connector": c.Connector}
	return &Counters{
		Counts: c, times: map[string]int64{},
		in: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_" + c.Name + "_taken_total", ConstLabels: labels,
			Help: fmt.Sprintf("What was taken in from %s, by connector, event (%s) and how it came: %s.", c.Vendor, strings.Join(c.Events, ", "), strings.Join(c.Ways, " or ")),
		}, []string{"event", "by"}),
		bad: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_" + c.Name + "_refused_total", ConstLabels: labels,
			Help: fmt.Sprintf("What was not taken in from %s, by connector and reason: %s.", c.Vendor, strings.Join(c.Reasons, ", ")),
		}, []string{"reason"}),
	}
}

// Took counts an event, by the way it came.
func (c *Counters) Took(event, by string) { c.in.WithLabelValues(event, by).Inc() }

// Refused counts what was turned away. err says why to the log; nil when the reason says it all.
func (c *Counters) Refused(reason string, err error) {
	c.bad.WithLabelValues(reason).Inc()
	if c.Log == nil {
		return
	}
	c.mu.Lock()
	c.times[reason]++
	n := c.times[reason]
	c.mu.Unlock()
	if !isPowerOfTen(n) {
		return
	}
	level := zap.WarnLevel
	for _, quiet := range c.Quiet {
		if reason == quiet {
			level = zap.DebugLevel
		}
	}
	c.Log.Log(level, "not taken from "+c.Vendor, zap.String("reason", reason), zap.Int64("count", n), zap.Error(err))
}

func isPowerOfTen(n int64) bool {
	for n%10 == 0 {
		n /= 10
	}
	return n == 1
}

// Metrics makes a connectors.Metered of a connector that embeds the counters.
func (c *Counters) Metrics() prometheus.Collector { return c }

// Describe tells which metrics there are.
func (c *Counters) Describe(ch chan<- *prometheus.Desc) {
	c.in.Describe(ch)
	c.bad.Describe(ch)
}

// Collect gives the metrics.
func (c *Counters) Collect(ch chan<- prometheus.Metric) {
	c.in.Collect(ch)
	c.bad.Collect(ch)
}

var _ prometheus.Collector = (*Counters)(nil)
