package webform

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"

	"loket/internal/form"
	"loket/internal/message"
	"loket/internal/page"
)

const maxKey = 200

// submit takes one post: read it, look whether it is right, store its files, hand it over, answer.
func (f *Form) submit(w http.ResponseWriter, r *http.Request) {
	kind, _ := form.Kind(r.Header)
	html := kind != form.JSON && page.Wanted(r.Header)
	wait := f.limit.Take(r.RemoteAddr)
	if wait > 0 && !html {
		asProblem([]*refusal{tooMany(wait)}).Write(w)
		return
	}
	p, bad := f.readPost(r, wait > 0)
	defer p.Close()
	problems := f.judge(p, bad, wait)
	var m *message.Message
	if len(problems) == 0 {
		m, problems = f.compose(p)
	}
	var link string
	if len(problems) == 0 {
		link = f.link(r, p, m) // before it is taken: who sends it again asks after them
		problems = f.deliver(r.Context(), m, p)
	}
	switch {
	case len(problems) > 0 && html:
		// A browser shows no answer before it is rid of the whole body.
		_, _ = io.CopyN(io.Discard, r.Body, 4*f.cfg.MaxBytes)
		f.showAgain(w, r, p, problems)
	case len(problems) > 0:
		asProblem(problems).Write(w)
	default:
		f.confirm(w, r, m, link, html)
	}
}

// judge says what stands in the way of the post as a whole.
func (f *Form) judge(p *post, bad *refusal, wait time.Duration) []*refusal {
	switch {
	case bad != nil:
		return []*refusal{bad}
	case wait > 0:
		return []*refusal{tooMany(wait)}
	case len(p.key) > maxKey:
		return []*refusal{badRequest(fieldKey, fmt.Sprintf("must be at most %d characters", maxKey))}
	case f.tooFast(p):
		return []*refusal{{
			status: http.StatusTooManyRequests, wait: f.cfg.MinFillTime,
			detail: "the form was filled in faster than people do",
			say:    func(w *words) string { return w.TooFast },
		}}
	}
	return nil
}

func tooMany(wait time.Duration) *refusal {
	return &refusal{
		status: http.StatusTooManyRequests, wait: wait, detail: "too many posts from this address",
		say: func(w *words) string { return w.TooMany },
	}
}

// tooFast believes what the form says of when it was rendered. That is but a low hurdle: a program that knows it
// leaves the field out, and one that is worth a signature would wait two seconds as well.
func (f *Form) tooFast(p *post) bool {
	at, err := strconv.ParseInt(p.rendered, 10, 64)
	if err != nil || f.cfg.MinFillTime == 0 {
		return false
	}
	took := f.now().Sub(time.UnixMilli(at))
	return took >= 0 && took < f.cfg.MinFillTime
}

// keepCaught is for how long what filled in the trap is kept: a browser that fills in forms by itself may have done it.
const keepCaught = 24 * time.Hour

// deliver hands the message over, its files first. What fills in the trap is told that all is well, and kept for a while
// where an operator can send it on its way.
func (f *Form) deliver(ctx context.Context, m *message.Message, p *post) []*refusal {
	if p.trap != "" {
		m.Problem, m.KeepUntil = "the field that people do not see was filled in, as programs do (honeypot)", m.Received.Add(keepCaught)
		f.env.Log.Info("posts caught by the honeypot", zap.Int64("count", f.caught.Add(1)))
	}
	err := f.store(ctx, m, p)
	f.storing.Note(ctx, err)
	if err != nil {
		return []*refusal{unavailable()}
	}
	return nil
}

func (f *Form) store(ctx context.Context, m *message.Message, p *post) error {
	if err := p.Store(ctx, m.ID, f.env.Blobs.Put); err != nil {
		return err
	}
	return f.env.Accept(ctx, m)
}

// id is the same for the same key and the same post; without a key every post is a message of its own.
func (f *Form) id(p *post) string {
	account := [][]byte{[]byte("webform"), []byte(f.env.Name)}
	if p.key == "" {
		return message.NewID(append(account, []byte(rand.Text()))...)
	}
	parts := append(account, []byte(p.key))
	for _, s := range []string{p.name, p.email, p.phone, p.customerNo, p.subject, p.text} {
		parts = append(parts, []byte(s))
	}
	if p.trap != "" { // sent again without it, it is another and not caught
		parts = append(parts, []byte(fieldTrap), []byte(p.trap))
	}
	return message.NewID(append(parts, p.Digest()...)...)
}
