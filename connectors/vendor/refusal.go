package vendor

import (
	"net/http"
	"strings"
	"time"
)

// A Reason is what a refusal means, in words for people.
type Reason struct {
	Status  int
	Says    string // something in the vendor's words, in small letters
	Means   string
	Verdict Verdict
}

// Refusals reads answers, for Options.Read, that are an object of JSON with the vendor's words at one path and, in seconds, how
// long to wait at another. Of the reasons the first that fits holds. An answer without such words is somebody's between us
// and the vendor.
func Refusals(words, wait string, reasons []Reason) func(*Error, http.Header, []byte) {
	return func(e *Error, _ http.Header, body []byte) {
		said := Flatten(body)
		if said[words] == "" {
			return
		}
		e.Code = e.Status
		if d, err := time.ParseDuration(said[wait] + "s"); err == nil {
			e.After = min(max(d, e.After), longest)
		}
		for _, r := range reasons {
			if r.Status == e.Status && strings.Contains(strings.ToLower(said[words]), r.Says) {
				e.Detail, e.Verdict = r.Means, r.Verdict
				return
			}
		}
	}
}
