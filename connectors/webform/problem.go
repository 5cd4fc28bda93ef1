package webform

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// A problem is one reason why a post is not taken, told to programs in English and to customers in their language.
type problem struct {
	status int
	field  string                // of the JSON; empty for the whole
	say    func(w *words) string // for customers
	detail string                // for programs
	wait   time.Duration         // when it may be tried again; 0 = not said
}

func badRequest(field, detail string) *problem {
	return &problem{status: http.StatusBadRequest, field: field, detail: detail, say: func(w *words) string { return w.Unreadable }}
}

func wrong(field, detail string, say func(w *words) string) *problem {
	return &problem{status: http.StatusUnprocessableEntity, field: field, detail: detail, say: say}
}

func unavailable() *problem {
	return &problem{
		status: http.StatusServiceUnavailable, wait: 5 * time.Second,
		detail: "cannot take the message now; send it again",
		say:    func(w *words) string { return w.NotNow },
	}
}

type fieldProblem struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// problemBody is application/problem+json: the first problem in the places the standard names, all of them in errors.
type problemBody struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Field  string         `json:"field,omitempty"`
	Errors []fieldProblem `json:"errors,omitempty"`
}

func writeProblems(w http.ResponseWriter, problems []*problem) {
	first := problems[0]
	body := problemBody{
		Type: "about:blank", Title: http.StatusText(first.status), Status: first.status,
		Detail: first.detail, Field: first.field,
	}
	if first.field != "" && first.detail != "" {
		body.Detail = fmt.Sprintf("%s %s", first.field, first.detail)
	}
	for _, p := range problems {
		if p.field != "" {
			body.Errors = append(body.Errors, fieldProblem{p.field, p.detail})
		}
	}
	retryAfter(w, first)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(first.status)
	_ = json.NewEncoder(w).Encode(body) // the client went away: nobody is left to be told
}

func retryAfter(w http.ResponseWriter, p *problem) {
	if p.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.wait.Seconds()))))
	}
}
