package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Problem is an answer that is not what was asked for (application/problem+json).
type Problem struct {
	// Type tells programs what it is: urn:loket:taken, closed, unseen, not-held, conflict, contradiction, confirm, joins, gone, field, syntax, forbidden,
	// token, not-found, method, too-large, away, busy, host, slowed, internal.
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail"`           // for people
	Field  string       `json:"field,omitempty"`  // of the request, the first that is wrong
	Errors []FieldError `json:"errors,omitempty"` // all fields that are wrong

	// Customers are those that a person must look at first; WouldBe is what a confirmed call makes of them.
	Customers []*Profile `json:"customers,omitempty"`
	WouldBe   *Profile   `json:"would_be,omitempty"`

	// Draft is what an answer that was not taken is kept as; Text is that of one that could not be kept.
	Draft string `json:"draft,omitempty"`
	Text  string `json:"text,omitempty"`
	// Unseen are the messages that came since the agent looked, Count how many, of which these are the newest; Seen is what
	// the task gives as seen now, Zone that in which people read its times.
	Unseen []Message `json:"unseen,omitempty"`
	Count  int       `json:"count,omitempty"`
	Seen   string    `json:"seen,omitempty"`
	Zone   string    `json:"zone,omitempty"`

	RetryAfter time.Duration `json:"-"` // when trying again may help; 0 when it was not said
	health     *Health
}

// A FieldError is what is wrong with one field.
type FieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string {
	if p.Detail == "" {
		return fmt.Sprintf("%d %s", p.Status, p.Title)
	}
	return p.Detail
}

// IsProblem tells whether err is a Problem of a type, given without urn:loket:.
func IsProblem(err error, typ string) bool {
	var p *Problem
	return errors.As(err, &p) && p.Type == problemPrefix+typ
}

const problemPrefix = "urn:loket:"

// maxProblem bounds what is read of an answer that is a problem: unseen messages stand in it.
const maxProblem = 4 << 20

// readProblem makes a Problem of any answer: something between us may have written it.
func readProblem(res *http.Response) error {
	p := &Problem{Status: res.StatusCode, Title: http.StatusText(res.StatusCode)}
	b, _ := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	kind := res.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(kind, "application/problem+json"):
		_ = json.Unmarshal(b, p) // what can't be read leaves the status
	case strings.HasPrefix(kind, "application/json"):
		var h Health
		if json.Unmarshal(b, &h) == nil && h.Reasons != nil {
			p.health, p.Detail = &h, strings.Join(h.Reasons, "; ")
		}
	}
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
		p.RetryAfter = time.Duration(s) * time.Second
	}
	return p
}

var _ error = (*Problem)(nil)
