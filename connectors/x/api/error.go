package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An Error is why a call came to nothing: what X answered, or that it did not answer.
type Error struct {
	Status int    // of the answer; 0 when there was none
	Code   int    // X's own number in v1.1; 0 when it gave none
	Detail string // what X says, on one line
	// Reset is when calls are taken again, of an answer that says we call too often.
	Reset time.Time
	// Wrote tells that X had the whole request: it may have done what was asked.
	Wrote bool
}

// Error says what X said.
func (e *Error) Error() string {
	if e.Status == 0 {
		return "call X: " + e.Detail
	}
	if e.Code != 0 {
		return fmt.Sprintf("X says %d (%d) %s", e.Status, e.Code, e.Detail)
	}
	return fmt.Sprintf("X says %d %s", e.Status, e.Detail)
}

// Limited tells whether we called too often.
func (e *Error) Limited() bool { return e.Status == http.StatusTooManyRequests || e.Code == 88 }

// As gives the Error in err, nil when there is none.
func As(err error) *Error {
	var e *Error
	errors.As(err, &e)
	return e
}

// refused reads the answer of a call that was not done. v1.1 lists errors with a code, v2 writes a problem (RFC 9457) and
// lists errors too; proxies write HTML, or nothing.
func refused(status int, header http.Header, body []byte, now time.Time) *Error {
	e := &Error{Status: status, Wrote: true}
	var said struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Errors []struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Title   string `json:"title"`
			Detail  string `json:"detail"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &said) == nil {
		e.Detail = firstOf(said.Detail, said.Title)
		for _, one := range said.Errors {
			if e.Code == 0 {
				e.Code = one.Code
			}
			e.Detail = firstOf(e.Detail, one.Message, one.Detail, one.Title)
		}
	}
	e.Detail = line(firstOf(e.Detail, http.StatusText(status)))
	if e.Limited() {
		e.Reset = reset(header, now)
	}
	return e
}

// reset is when calls are taken again: at most a day from now, and in a minute when X does not tell.
func reset(header http.Header, now time.Time) time.Time {
	at := now.Add(time.Minute)
	for _, limit := range []string{"x-user-limit-24hour-", "x-app-limit-24hour-"} { // of posts in a day
		if s, err := strconv.ParseInt(header.Get(limit+"reset"), 10, 64); err == nil && header.Get(limit+"remaining") == "0" {
			header = http.Header{"X-Rate-Limit-Reset": {strconv.FormatInt(s, 10)}}
		}
	}
	if s, err := strconv.ParseInt(header.Get("x-rate-limit-reset"), 10, 64); err == nil {
		at = time.Unix(s, 0)
	} else if s, err := strconv.ParseInt(header.Get("Retry-After"), 10, 32); err == nil {
		at = now.Add(time.Duration(s) * time.Second)
	}
	if at.Before(now.Add(time.Second)) {
		return now.Add(time.Second)
	}
	if most := now.Add(24 * time.Hour); at.After(most) {
		return most
	}
	return at
}

func firstOf(all ...string) string {
	for _, s := range all {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

const mostDetail = 240

// line is s on one line, bounded.
func line(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if len(s) > mostDetail {
		s = strings.ToValidUTF8(s[:mostDetail], "")
	}
	return s
}
