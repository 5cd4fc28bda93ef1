package vendor

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"loket/connectors"
)

// An Error is why a call came to nothing. Its text names the vendor, the status, and what Options.Read made of the answer;
// it holds no address and no secret.
type Error struct {
	Vendor string
	Status int    // of the answer; 0 when there was none
	Code   int    // the vendor's own number; 0 when it gave none
	Detail string // in words for people; "" when there is only the status
	// After is how long the vendor asked to wait; 0 when it did not say.
	After time.Duration
	// Sent tells that the vendor may have the request, and may have done what was asked.
	Sent bool
	// Verdict is what the error means for the message that was to be sent.
	Verdict Verdict

	cause error
}

// A Verdict is what a failed call means.
type Verdict int

// ByStatus is the verdict of an error about which the vendor says nothing else: a status of 4xx is Permanent but for 401,
// 403 and 404 without a code of the vendor's, 408 and 429; after one of 3xx and 5xx, and without an answer, a call that is
// no reading is InDoubt; all else is Retry.
const (
	ByStatus  Verdict = iota
	Retry             // it may be tried again
	Permanent         // trying again cannot help
	InDoubt           // it may have been done
	Unclear           // InDoubt, unless the call only read: then Retry
)

func (e *Error) Error() string {
	switch {
	case e.Status == 0 && !e.Sent:
		return "reach " + e.Vendor + ": " + e.cause.Error()
	case e.cause != nil:
		return "call " + e.Vendor + ": " + e.cause.Error()
	case e.Detail != "":
		return e.Detail
	}
	return fmt.Sprintf("%s answered %d", e.Vendor, e.Status)
}

// Unwrap gives why there was no answer that can be read, nil when there was one.
func (e *Error) Unwrap() error { return e.cause }

// As gives the Error in err, nil when there is none.
func As(err error) *Error {
	var e *Error
	errors.As(err, &e)
	return e
}

// marked is e as the outbox reads it.
func (e *Error) marked(method string) error {
	if e.Verdict == ByStatus {
		e.Verdict = e.byStatus(method)
	}
	if e.Verdict == Unclear {
		e.Verdict = unclear(method)
	}
	switch {
	case e.Status == http.StatusTooManyRequests && e.Verdict != Permanent:
		return connectors.After(max(e.After, time.Second), e)
	case e.Verdict == Permanent:
		return connectors.Permanent(e)
	case e.Verdict == InDoubt:
		return connectors.InDoubt(e)
	case e.After > 0:
		return connectors.After(e.After, e)
	}
	return e
}

func (e *Error) byStatus(method string) Verdict {
	switch {
	case e.cause != nil && !e.Sent, e.Status == http.StatusTooManyRequests:
		return Retry
	case e.cause != nil, e.Status == http.StatusRequestTimeout, e.Status/100 != 4:
		return unclear(method)
	case e.Code == 0 && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden || e.Status == http.StatusNotFound):
		return Retry // by a proxy, or settings that somebody puts right
	}
	return Permanent
}

func unclear(method string) Verdict {
	if method == http.MethodGet || method == http.MethodHead {
		return Retry // it changed nothing
	}
	return InDoubt
}

// longest is how long a vendor may ask us to wait.
const longest = 24 * time.Hour

// after is how long the headers of an answer ask to wait: Retry-After in seconds or as a date, else the reset of a limit
// of which nothing remains, that of a day first, as an instant; 0 when they do not say.
func after(h http.Header, now time.Time) time.Duration {
	if wait, ok := instant(h.Get("Retry-After"), now); ok {
		return wait
	}
	for _, limit := range []string{"X-User-Limit-24hour-", "X-App-Limit-24hour-", "X-Rate-Limit-", "X-RateLimit-", "RateLimit-"} {
		if left := h.Get(limit + "Remaining"); left == "" || left == "0" {
			if wait, ok := instant(h.Get(limit+"Reset"), now); ok {
				return wait
			}
		}
	}
	return 0
}

// instant reads seconds from now, a Unix time, or a date, as a time from now.
func instant(s string, now time.Time) (time.Duration, bool) {
	at, err := http.ParseTime(s)
	if err != nil {
		at, err = time.Parse(time.RFC3339, s)
	}
	if n, errNumber := strconv.ParseInt(s, 10, 64); errNumber == nil && n >= 0 {
		at, err = time.Unix(n, 0), nil
		if n < 1e9 { // no instant of today, in seconds
			at = now.Add(time.Duration(n) * time.Second)
		}
	}
	if err != nil {
		return 0, false
	}
	return min(max(0, at.Sub(now)), longest), true
}

// Cause is why a request got no answer, on one line and without an address: what is in a URL may be a secret, or somebody's
// number. What errors.Is finds in err it finds in it.
func Cause(err error) error {
	text := err.Error()
	var whole *url.Error
	var op *net.OpError
	var lookup *net.DNSError
	switch {
	case errors.As(err, &lookup):
		text = "its name can't be looked up"
	case errors.As(err, &op) && op.Err != nil:
		text = op.Op + ": " + op.Err.Error()
	case errors.As(err, &whole):
		text = whole.Err.Error()
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	return &reworded{text, err}
}

const maxText = 240

type reworded struct {
	text string
	err  error
}

func (r *reworded) Error() string { return r.text }
func (r *reworded) Unwrap() error { return r.err }
