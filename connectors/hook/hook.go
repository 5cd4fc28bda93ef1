// Package hook is the front of a webhook: what a vendor sends is read within bounds, believed for its signature, and
// acknowledged when it is stored. Nothing is said to, and nothing stored of, whoever did not sign.
package hook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/internal/body"
	"loket/internal/limit"
	"loket/internal/problem"
	"loket/internal/trouble"
)

// Options say what a vendor sends, and what is done with it. Paths, Verify, Counters and Log are needed.
type Options struct {
	// Paths take what comes to a path, such as "/" or "/status", once it is verified.
	Paths map[string]Take
	// Methods are those of what a vendor sends; none are POST alone.
	Methods []string
	// Challenge answers GET, by which some vendors look whether we know the secret. An error that is no *problem.Problem is
	// answered with 400 and its text. nil: there is none.
	Challenge func(r *http.Request) (Answer, error)
	// Admit tells from the headers whether a request can be one of the vendor's. What is not is refused before anything of
	// its body is read. nil lets all be read.
	Admit func(r *http.Request) bool
	// Verify tells whether the vendor sent a request whose body is these bytes, as they came.
	Verify func(r *http.Request, body []byte) bool
	// Limits bound the body while it is read; Bytes must be given. With Bytes alone its form is not looked at, else it must
	// be JSON or a form, whichever its content type says.
	Limits body.Limits
	// ReadWithin is how long a body may take to come, AnswerWithin how long it may take to store what is in it, which must be
	// less than the vendor waits. 0 is ten seconds each.
	ReadWithin, AnswerWithin time.Duration
	// BadPerMinute is how many requests that are not verified one client address may make in a minute; then all of its
	// requests are refused for a while. 0 is no limit: where a proxy hides who asks, the vendor would pay for others.
	BadPerMinute int
	// Signature says what is missing of a request that is not verified; "" is "the signature must be that of the body".
	Signature string

	Counters *Counters
	Log      *zap.Logger
}

// A Take takes responsibility for a request, or gives an error and leaves it to be sent again: a *problem.Problem says what
// is wrong with it, any other that it cannot be stored now.
type Take func(ctx context.Context, r *Request) (Answer, error)

// A Request is one that is verified.
type Request struct {
	*http.Request        // its Body is read
	Content       []byte // of the body
}

// An Answer is what the vendor is told with 200. The zero value tells it nothing.
type Answer struct {
	Type    string // of the content
	Content []byte
}

// Missing is the problem of a request without a field that it must have.
func Missing(field string) error {
	return &problem.Problem{Status: http.StatusUnprocessableEntity, Detail: field + " is missing or none"}
}

// Reasons for which a request is refused, as Counters have them.
const (
	Signature  = "signature"  // it is not verified
	Challenged = "challenge"  // it is no challenge
	TooLarge   = "too_large"  // more bytes, or more in it, than may be
	Slow       = "slow"       // its body did not come in time
	Busy       = "busy"       // too much is being read at the same time
	Unreadable = "unreadable" // its body is not what its content type says, or broke off
	Field      = "field"      // something in it is missing or wrong
	Unknown    = "unknown"    // nothing is at its path
	TooMany    = "too_many"   // its sender tries too often without a signature
	NotStored  = "not_stored" // it is to be sent again
)

// A Hook is an http.Handler. It may be called concurrently.
type Hook struct {
	o       Options
	allowed string
	bad     *limit.Limiter
	storing *trouble.Log
}

// New makes the front of a webhook.
func New(o Options) *Hook {
	if len(o.Methods) == 0 {
		o.Methods = []string{http.MethodPost}
	}
	o.ReadWithin, o.AnswerWithin = cmp.Or(o.ReadWithin, 10*time.Second), cmp.Or(o.AnswerWithin, 10*time.Second)
	o.Signature = cmp.Or(o.Signature, "the signature must be that of the body")
	h := &Hook{
		o: o, bad: limit.New(o.BadPerMinute, time.Now),
		storing: trouble.New(o.Log, "message not accepted", "messages are accepted again"),
	}
	allowed := o.Methods
	if o.Challenge != nil {
		allowed = append([]string{http.MethodGet, http.MethodHead}, allowed...)
	}
	h.allowed = strings.Join(allowed, ", ")
	return h
}

// ServeHTTP takes one request.
func (h *Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, reason, err := h.serve(w, r)
	if err != nil {
		if reason != "" {
			h.o.Counters.Refused(reason, err)
		}
		var p *problem.Problem
		if !errors.As(err, &p) {
			p = &problem.Problem{Status: http.StatusServiceUnavailable, Detail: "cannot take it now; send it again", Wait: 5 * time.Second}
		}
		p.Write(w)
		return
	}
	if answer.Type != "" {
		w.Header().Set("Content-Type", answer.Type)
	}
	_, _ = w.Write(answer.Content) // the vendor went away, and will ask again
}

// serve gives the answer to a request, or why it is refused; reason is "" for what is not counted.
func (h *Hook) serve(w http.ResponseWriter, r *http.Request) (answer Answer, reason string, err error) {
	take, ok := h.o.Paths["/"+strings.Trim(r.URL.Path, "/")]
	switch {
	case !ok:
		return answer, Unknown, problem.New(http.StatusNotFound, "there is nothing here")
	case h.o.Challenge != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		return h.challenge(r)
	case !slices.Contains(h.o.Methods, r.Method):
		w.Header().Set("Allow", h.allowed)
		return answer, "", problem.New(http.StatusMethodNotAllowed, "the method must be one of %s", h.allowed)
	}
	if wait := h.bad.Wait(r.RemoteAddr); wait > 0 {
		return answer, TooMany, &problem.Problem{Status: http.StatusTooManyRequests, Detail: "too many requests without a signature", Wait: wait}
	}
	content, reason, err := h.read(r)
	if err != nil {
		return answer, reason, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.o.AnswerWithin)
	defer cancel()
	answer, err = take(ctx, &Request{r, content})
	return answer, h.stored(r, err), err
}

func (h *Hook) challenge(r *http.Request) (Answer, string, error) {
	answer, err := h.o.Challenge(r)
	var p *problem.Problem
	if err != nil && !errors.As(err, &p) {
		err = problem.New(http.StatusBadRequest, "%s", err)
	}
	return answer, Challenged, err
}

// read gives the body of a request that is verified.
func (h *Hook) read(r *http.Request) (content []byte, reason string, err error) {
	unsigned := problem.New(http.StatusForbidden, "%s", h.o.Signature)
	if h.o.Admit != nil && !h.o.Admit(r) {
		h.bad.Take(r.RemoteAddr)
		return nil, Signature, unsigned
	}
	limit.Hurry(r, h.o.ReadWithin)
	limit.Whole(r)
	content, err = h.content(r)
	shape := (*body.ShapeError)(nil)
	switch {
	case errors.Is(err, body.ErrTooLarge), body.TooMany(err):
		return nil, TooLarge, problem.New(http.StatusRequestEntityTooLarge, "the body must be at most %s", h.bounds())
	case errors.Is(err, limit.ErrBusy):
		return nil, Busy, &problem.Problem{Status: http.StatusServiceUnavailable, Detail: "too much at the same time; send it again", Wait: time.Second}
	case errors.Is(err, limit.ErrSlow):
		return nil, Slow, problem.New(http.StatusRequestTimeout, "the body must come within %s", h.o.ReadWithin)
	case errors.As(err, &shape):
		return nil, Unreadable, problem.New(http.StatusBadRequest, "the body must be a form or JSON: %s", shape.Reason)
	case err != nil:
		return nil, Unreadable, problem.New(http.StatusBadRequest, "the body broke off")
	case !h.o.Verify(r, content):
		h.bad.Take(r.RemoteAddr)
		return nil, Signature, unsigned
	}
	return content, "", nil
}

func (h *Hook) bounds() string {
	s := fmt.Sprintf("%d bytes", h.o.Limits.Bytes)
	if h.o.Limits.Each > 0 {
		s += fmt.Sprintf(" and %d fields", h.o.Limits.Each)
	}
	return s
}

func (h *Hook) content(r *http.Request) ([]byte, error) {
	l := h.o.Limits
	if l.Depth == 0 && l.Values == 0 && l.Each == 0 {
		return body.Read(r.Body, l)
	}
	return read(r.Body, IsJSON(r.Header), l)
}

func read(r io.Reader, isJSON bool, l body.Limits) ([]byte, error) {
	if isJSON {
		return body.JSON(r, l)
	}
	return body.Form(r, l)
}

// IsJSON tells whether a body is called JSON.
func IsJSON(h http.Header) bool {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type")) // what is none is no JSON
	return kind == "application/json"
}

// stored gives the reason to count; "" when it is stored.
func (h *Hook) stored(r *http.Request, err error) (reason string) {
	var p *problem.Problem
	if errors.As(err, &p) {
		h.o.Log.Debug("webhook refused", zap.String("path", r.URL.Path), zap.Error(err))
		if p.Status == http.StatusBadRequest {
			return Unreadable
		}
		return Field
	}
	h.storing.Note(r.Context(), err)
	if err != nil {
		return NotStored
	}
	return ""
}
