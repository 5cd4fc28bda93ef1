package api

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"loket/connectors/vendor"
	"loket/internal/message"
)

// IsLimited tells whether we called too often.
func IsLimited(e *vendor.Error) bool { return e.Status == http.StatusTooManyRequests || e.Code == 88 }

// readRefusal reads the answer of a call that was not done. v1.1 lists errors with a code, v2 writes a problem (RFC 9457) and
// lists errors too; proxies write HTML, or nothing.
func readRefusal(e *vendor.Error, header http.Header, body []byte) {
	said := vendor.Flatten(body)
	detail := firstOf(said["detail"], said["title"])
	for one := range said.Each("errors") {
		if e.Code == 0 {
			e.Code = int(one.Int("code"))
		}
		detail = firstOf(detail, one["message"], one["detail"], one["title"])
	}
	e.Detail = fmt.Sprintf("X says %d", e.Status)
	if e.Code != 0 {
		e.Detail += fmt.Sprintf(" (%d)", e.Code)
	}
	e.Detail += " " + line(firstOf(detail, http.StatusText(e.Status)))
	judge(e, header)
}

// judge says what a refusal means where that is not what its status means elsewhere.
func judge(e *vendor.Error, header http.Header) {
	switch {
	case IsLimited(e):
		e.Verdict = vendor.Retry
		if e.After == 0 && header.Get("X-Rate-Limit-Reset") == "" {
			e.After = time.Minute
		}
	case e.Status/100 == 3: // somebody between us and X
		e.Verdict = vendor.Retry
	case e.Status/100 == 4 && e.Status != http.StatusRequestTimeout:
		e.Verdict = vendor.Permanent
	}
}

func firstOf(all ...string) string {
	for _, s := range all {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// line is s on one line, bounded.
func line(s string) string { return message.Head(message.CleanLine(s), 240) }
