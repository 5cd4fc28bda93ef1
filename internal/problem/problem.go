// Package problem writes why a request is not served, as programs read it (application/problem+json, RFC 9457).
package problem

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// A Problem is why a request is not served. As an error it reads as its Detail.
type Problem struct {
	Status int
	Field  string        // of the request that is wrong; "" for the whole
	Detail string        // behind the name of the field
	Wait   time.Duration // when it may be tried again; 0 is not said
	Errors []Field       // where several fields are wrong: each of them
}

// A Field is one of the request that is wrong, and why.
type Field struct {
	Name   string `json:"field"`
	Detail string `json:"detail"`
}

// New gives the problem of a whole request.
func New(status int, format string, args ...any) *Problem {
	return &Problem{Status: status, Detail: fmt.Sprintf(format, args...)}
}

func (p *Problem) Error() string {
	if p.Field != "" && p.Detail != "" {
		return p.Field + " " + p.Detail
	}
	return p.Detail
}

// Write answers with p. A client that went away is no error.
func (p *Problem) Write(w http.ResponseWriter) {
	p.RetryAfter(w.Header())
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(struct {
		Type   string  `json:"type"`
		Title  string  `json:"title"`
		Status int     `json:"status"`
		Detail string  `json:"detail"`
		Field  string  `json:"field,omitempty"`
		Errors []Field `json:"errors,omitempty"`
	}{"about:blank", http.StatusText(p.Status), p.Status, p.Error(), p.Field, p.Errors})
}

// RetryAfter sets the header of that name, in whole seconds, where p says when to try again.
func (p *Problem) RetryAfter(h http.Header) {
	if p.Wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.Wait.Seconds()))))
	}
}
