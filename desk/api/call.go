package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"loket/desk/access"
	"loket/internal/body"
	"loket/internal/field"
	"loket/internal/limit"
)

// A call is one request on its way to the desk and back.
type call struct {
	*server
	w   http.ResponseWriter
	r   *http.Request
	who *access.Principal

	bodyDone func() // gives back what the body held, once the call is answered
}

// serve runs a handler: it decodes, makes one call of the desk and encodes. Its error is answered here.
func (s *server) serve(handle func(*call) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, _ := r.Context().Value(principalKey{}).(*access.Principal)
		c := &call{server: s, w: w, r: r, who: who, bodyDone: func() {}}
		defer func() { c.bodyDone() }()
		c.mayTake(answerWithin)
		if err := handle(c); err != nil {
			s.answer(w, r, err)
		}
	}
}

// mayTake sets when the answer must be written. Without it the server's own limit, which knows nothing of long
// polls, would end them; a connection that knows no deadlines does without.
func (c *call) mayTake(d time.Duration) {
	control := http.NewResponseController(c.w)
	_ = control.SetReadDeadline(time.Now().Add(d))
	_ = control.SetWriteDeadline(time.Now().Add(d))
}

func (c *call) ctx() context.Context { return c.r.Context() }

// loginHeader names who acts where a call names nobody and the token is no person's: who a program runs for.
const loginHeader = "Loket-Login"

// by is who makes the call.
func (c *call) by(p person) access.Actor {
	if p.Agent == "" && c.who.Person == "" {
		p.Agent = c.r.Header.Get(loginHeader)
	}
	return access.Actor{Principal: c.who, Agent: p.Agent, Lease: p.Lease}
}

// knowing is by, with what the person saw of the task.
func (c *call) knowing(p person, l looked) access.Actor {
	by := c.by(p)
	by.Seen, by.Anyway = l.Seen, l.Anyway
	return by
}

// asked is who asks, where reading needs nobody but the principal.
func (c *call) asked() access.Actor { return c.by(person{Agent: c.query().Get("agent")}) }

func (c *call) query() url.Values { return c.r.URL.Query() }

// body reads the request's body, which is JSON, within its bounds, in UTF-8 or the charset that it names. It has the time that its size takes, and the answer its
// own afterwards.
func (c *call) body() ([]byte, error) {
	within := shape()
	within.Bytes = c.maxBody
	c.open()
	_, params, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	charset, err := body.FindCharset(params["charset"])
	if err != nil {
		return nil, fmt.Errorf("%w: the content type %w", errSyntax, err)
	}
	b, err := body.JSON(charset.Reader(c.r.Body), within)
	c.mayTake(answerWithin)
	var shape *body.ShapeError
	switch {
	case errors.Is(err, body.ErrCharset):
		return nil, fmt.Errorf("%w: it %w", errSyntax, err)
	case errors.Is(err, body.ErrTooLarge), errors.As(err, &shape):
		return b, shapeMistake(err)
	}
	return b, broken(err)
}

// raw reads the request's body as it is, within the same bounds.
func (c *call) raw() ([]byte, error) {
	c.open()
	b, err := io.ReadAll(io.LimitReader(c.r.Body, c.maxBody+1))
	c.mayTake(answerWithin)
	switch {
	case err != nil:
		return nil, broken(err)
	case int64(len(b)) > c.maxBody:
		return nil, body.ErrTooLarge
	}
	return b, nil
}

// open counts the request's body, which is kept in memory whole, among those that its client sends.
func (c *call) open() {
	c.bodyDone = c.bodies.Open(c.w, c.r)
	limit.Whole(c.r)
}

// broken is what the caller is told of an error of reading a body.
func broken(err error) error {
	switch {
	case err == nil, errors.Is(err, limit.ErrBusy):
		return err
	case errors.Is(err, limit.ErrSlow):
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	return errBroken
}

// read decodes the body.
func (c *call) read(into any) error {
	b, err := c.body()
	if err != nil {
		return err
	}
	return decode(b, into)
}

// json answers with v.
func (c *call) json(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(append(b, '\n')) // whoever asked is gone: nobody is left to be told
	return nil
}

// number is a number of the query; 0 when it is not there.
func (c *call) number(name string) (int, error) {
	s := c.query().Get(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, field.Errorf(name, "must be a number from 1, not %q", s)
	}
	return n, nil
}

// instant is an instant of the query; zero when it is not there.
func (c *call) instant(name string) (time.Time, error) {
	s := c.query().Get(name)
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, field.Errorf(name, "must be an instant such as 2026-11-22T09:30:00Z")
	}
	return t, nil
}
