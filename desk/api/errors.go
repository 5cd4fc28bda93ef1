package api

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
	"loket/desk/customers"
	"loket/desk/figures"
	"loket/desk/people"
	"loket/internal/body"
	"loket/internal/field"
	"loket/internal/limit"
)

var (
	errPath   = errors.New("there is nothing at this path")
	errMethod = errors.New("this path does not know the method")
	errBroken = errors.New("the body broke off")
	errHost   = errors.New("this listener is not reached by that name: list it under listen.desk_hosts if it is yours")
)

// answers say which status an error has. The first that fits counts.
func answers() []struct {
	err    error
	typ    string
	status int
} {
	return []struct {
		err    error
		typ    string
		status int
	}{
		{errPath, "not-found", http.StatusNotFound},
		{errMethod, "method", http.StatusMethodNotAllowed},
		{errHost, "host", http.StatusMisdirectedRequest},
		{errBroken, "syntax", http.StatusBadRequest},
		{errSyntax, "syntax", http.StatusBadRequest},
		{access.ErrToken, "token", http.StatusUnauthorized},
		{access.ErrForbidden, "forbidden", http.StatusForbidden},
		{desk.ErrNone, "not-found", http.StatusNotFound},
		{desk.ErrNotFound, "not-found", http.StatusNotFound},
		{desk.ErrNoDraft, "not-found", http.StatusNotFound},
		{desk.ErrStranger, "not-found", http.StatusNotFound},
		{people.ErrNobody, "not-found", http.StatusNotFound},
		{people.ErrThere, "conflict", http.StatusConflict},
		{desk.ErrGone, "gone", http.StatusGone},
		{desk.ErrAnchored, "confirm", http.StatusConflict},
		{desk.ErrContradiction, "contradiction", http.StatusConflict},
		{desk.ErrJoins, "joins", http.StatusConflict},
		{desk.ErrTaken, "taken", http.StatusConflict},
		{desk.ErrClosed, "closed", http.StatusConflict},
		{desk.ErrUnseen, "unseen", http.StatusConflict},
		{desk.ErrNotHeld, "not-held", http.StatusConflict},
		{desk.ErrConflict, "conflict", http.StatusConflict},
		{figures.ErrRebuild, "conflict", http.StatusConflict},
		{body.ErrTooLarge, "too-large", http.StatusRequestEntityTooLarge},
		{desk.ErrTooLarge, "too-large", http.StatusRequestEntityTooLarge},
		{desk.ErrBusy, "busy", http.StatusServiceUnavailable},
		{desk.ErrSearching, "busy", http.StatusServiceUnavailable},
		{limit.ErrBusy, "busy", http.StatusServiceUnavailable},
		{desk.ErrUnsettled, "busy", http.StatusServiceUnavailable},
	}
}

// retryAfter is when trying again may help.
const retryAfter = 2 * time.Second

// answer answers with an error. What is our own trouble is logged and told without its cause.
func (s *server) answer(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		// Whoever asked is gone, or the daemon stops before it was done. Silence would be taken for 200.
		s.write(w, newProblem("away", http.StatusServiceUnavailable, "the request was broken off; try again"))
		return
	}
	p := s.problem(err)
	switch {
	case p.Type == problemPrefix+"internal":
		s.log.Error("request failed", zap.String("method", r.Method), zap.String("path", r.Pattern), zap.Error(err))
	case p.Status == http.StatusServiceUnavailable:
		s.log.Debug("request refused", zap.String("method", r.Method), zap.String("path", r.Pattern), zap.Error(err))
	}
	s.write(w, p)
}

func (s *server) problem(err error) *Problem {
	switch {
	case errors.Is(err, desk.ErrNotNow):
		return newProblem("away", http.StatusServiceUnavailable, desk.ErrNotNow.Error())
	case desk.IsAway(err):
		return newProblem("away", http.StatusServiceUnavailable, s.desk.Away())
	}
	for _, a := range answers() {
		if errors.Is(err, a.err) {
			p := newProblem(a.typ, a.status, desk.InWords(err))
			if unsure := (*customers.Unsure)(nil); errors.As(err, &unsure) {
				p.Customers = profilesOf(unsure.Customers...)
				if unsure.WouldBe != nil {
					p.WouldBe = profileOf(unsure.WouldBe)
				}
			}
			if unsent := (*desk.Unsent)(nil); errors.As(err, &unsent) {
				p.Draft, p.Text = unsent.Draft, unsent.Text
			}
			if unseen := (*desk.Unseen)(nil); errors.As(err, &unseen) {
				p.Unseen, p.Count, p.Seen, p.Zone = messagesOf(unseen.Messages), unseen.Count, unseen.Seen, unseen.Zone
			}
			return p
		}
	}
	var wrong *field.Error
	if errors.As(err, &wrong) {
		return fieldProblem(err)
	}
	return newProblem("internal", http.StatusInternalServerError, "something went wrong inside")
}

// slowed is for whoever tries tokens.
func slowed(wait time.Duration) *Problem {
	p := newProblem("slowed", http.StatusTooManyRequests, "too many wrong tokens came from this address; try again later")
	p.RetryAfter = wait
	return p
}

func newProblem(typ string, status int, detail string) *Problem {
	return &Problem{Type: problemPrefix + typ, Title: http.StatusText(status), Status: status, Detail: detail}
}

// fieldProblem names every field that is wrong.
func fieldProblem(err error) *Problem {
	p := newProblem("field", http.StatusUnprocessableEntity, "")
	for _, e := range field.All(err) {
		if p.Detail == "" {
			p.Detail, p.Field = e.Error(), e.Path
		}
		if e.Path != "" {
			p.Errors = append(p.Errors, FieldError{Field: e.Path, Detail: e.Reason})
		}
	}
	return p
}

func (s *server) write(w http.ResponseWriter, p *Problem) {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="loket"`)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	case http.StatusTooManyRequests:
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.RetryAfter.Seconds()))))
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(b, '\n')) // whoever asked is gone: nobody is left to be told
}
