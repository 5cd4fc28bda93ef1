package chat

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"loket/connectors/hook"
)

// Reasons for which something is refused, beside those of package hook.
const (
	notSignedIn = "sign_in" // who it says is signed in is not proven
	erased      = "erased"  // its conversation is not there any more
)

// reasonOf is the reason to count for a status that refuses.
func reasonOf(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return notSignedIn
	case http.StatusNotFound:
		return hook.Unknown
	case http.StatusGone:
		return erased
	case http.StatusRequestTimeout:
		return hook.Slow
	case http.StatusRequestEntityTooLarge:
		return hook.TooLarge
	case http.StatusUnprocessableEntity:
		return hook.Field
	case http.StatusTooManyRequests:
		return hook.TooMany
	case http.StatusServiceUnavailable:
		return hook.NotStored
	}
	return hook.Unreadable
}

// way is how something came: by the frame's script, or as a form without it.
func way(html bool) string {
	if html {
		return "form"
	}
	return "frame"
}

func newCounters(connector string) *hook.Counters {
	return hook.NewCounters(hook.Counts{
		Name: "chat", Vendor: "the chat", Connector: connector, Events: []string{"message", "read"}, Ways: []string{"frame", "form"},
		Reasons: []string{notSignedIn, hook.Unknown, erased, hook.Slow, hook.TooLarge, hook.Field, hook.TooMany, hook.NotStored, hook.Unreadable},
	})
}

// metrics are those of several parts.
type metrics []prometheus.Collector

// Describe tells which metrics there are.
func (m metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, one := range m {
		one.Describe(ch)
	}
}

// Collect gives the metrics.
func (m metrics) Collect(ch chan<- prometheus.Metric) {
	for _, one := range m {
		one.Collect(ch)
	}
}
