package webform

import (
	"net/http"
	"time"

	"loket/internal/problem"
)

// A refusal is one reason why a post is not taken, told to programs in English and to customers in their language.
type refusal struct {
	status int
	field  string                // of the JSON; empty for the whole
	say    func(w *words) string // for customers
	detail string                // for programs
	wait   time.Duration         // when it may be tried again; 0 = not said
}

func badRequest(field, detail string) *refusal {
	return &refusal{status: http.StatusBadRequest, field: field, detail: detail, say: func(w *words) string { return w.Unreadable }}
}

func wrong(field, detail string, say func(w *words) string) *refusal {
	return &refusal{status: http.StatusUnprocessableEntity, field: field, detail: detail, say: say}
}

func unavailable() *refusal {
	return &refusal{
		status: http.StatusServiceUnavailable, wait: 5 * time.Second,
		detail: "cannot take the message now; send it again",
		say:    func(w *words) string { return w.NotNow },
	}
}

// asProblem is the first of them as programs read it, with all fields that are wrong.
func asProblem(all []*refusal) *problem.Problem {
	first := all[0]
	p := &problem.Problem{Status: first.status, Field: first.field, Detail: first.detail, Wait: first.wait}
	for _, r := range all {
		if r.field != "" {
			p.Errors = append(p.Errors, problem.Field{Name: r.field, Detail: r.detail})
		}
	}
	return p
}
