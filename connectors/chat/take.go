package chat

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"time"

	"loket/internal/form"
	"loket/internal/message"
	"loket/internal/page"
	"loket/internal/problem"
)

type receiptBody struct {
	Message string `json:"message"` // its id, by which it is found on the page
	Thread  string `json:"thread"`  // the address of the page
}

// take takes one message of a visitor.
func (c *Chat) take(w http.ResponseWriter, r *http.Request) {
	kind, _ := form.Kind(r.Header)
	html := kind != form.JSON && page.Wanted(r.Header)
	wait := c.limit.Take(r.RemoteAddr)
	p, bad := c.readPost(r, wait > 0)
	defer p.Close()
	if wait > 0 {
		bad = &problem.Problem{Status: http.StatusTooManyRequests, Detail: "too many messages from this address", Wait: wait}
	}
	var m *message.Message
	var who *visitor
	if bad == nil {
		who, bad = c.login.identify(p)
	}
	if bad == nil {
		m, bad = c.compose(r.Context(), p, who)
	}
	if bad == nil {
		bad = c.accept(r, p, m)
	}
	if bad == nil && who != nil && m.Thread == m.ID {
		c.began(r.Context(), who, m.Thread)
	}
	if bad != nil {
		c.Refused(reasonOf(bad.Status), nil)
	} else {
		c.Took("message", way(html))
	}
	switch {
	case bad != nil && html:
		// A browser shows no answer before it is rid of the whole body.
		_, _ = io.CopyN(io.Discard, r.Body, 4*c.cfg.MaxBytes)
		c.showAgain(w, r, p, bad)
	case bad != nil:
		bad.Write(w)
	case html:
		to := url.Values{"sent": {"1"}, "lang": {c.pages.languages.Of(r)}}
		w.Header().Set("Location", "../../t/"+path.Base(c.env.ThreadURL(m.Thread))+"?"+to.Encode()+"#sent")
		w.WriteHeader(http.StatusSeeOther)
	default:
		w.Header().Set("Content-Type", form.JSON)
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(receiptBody{m.ID, c.env.ThreadURL(m.Thread)}) // who went away sends it again
	}
}

// accept hands the message over, its files first.
func (c *Chat) accept(r *http.Request, p *post, m *message.Message) *problem.Problem {
	err := p.Store(r.Context(), m.ID, c.env.Blobs.Put)
	if err == nil {
		err = c.env.Accept(r.Context(), m)
	}
	c.storing.Note(r.Context(), err)
	if err != nil {
		return &problem.Problem{Status: http.StatusServiceUnavailable, Detail: "cannot take the message now; send it again", Wait: 5 * time.Second}
	}
	return nil
}

// showAgain renders the frame with what was typed and that it was not sent.
func (c *Chat) showAgain(w http.ResponseWriter, r *http.Request, p *post, bad *problem.Problem) {
	v := c.frame(r)
	v.Text, v.Problem = p.text, v.W.problem(bad.Status)
	if c.isOurs(p) {
		v.Key, v.Proof = p.key, p.proof
	}
	bad.RetryAfter(w.Header())
	c.pages.render(w, bad.Status, v)
}

// compose makes the message of a post. Whoever holds the link of a conversation goes on in it; who is not proven to have begun it says
// nothing there but what its page would take from anybody.
func (c *Chat) compose(ctx context.Context, p *post, who *visitor) (*message.Message, *problem.Problem) {
	if bad := p.judge(); bad != nil {
		return nil, bad
	}
	from, marks := c.claims(p)
	m := &message.Message{From: from, Name: p.name, Text: p.text, Channel: "chat", Typed: p.typed, Received: c.now().UTC()}
	for _, mark := range marks {
		m.Mark(mark)
	}
	if who != nil {
		m.From, m.Name = slices.Concat(who.from, besides(who.from, from)), cmp.Or(who.name, p.name)
	}
	if p.thread == "" {
		if !c.isOurs(p) {
			return nil, &problem.Problem{Status: http.StatusUnprocessableEntity, Field: "proof", Detail: "must be that of the key, as the frame has it"}
		}
		m.ID = c.id(p, p.key)
		m.Thread, m.Connector = m.ID, c.env.Name
		m.Attachments = p.Attachments(m.ID)
		return m, nil
	}
	thread, bad := c.threadOf(ctx, p.thread)
	if bad != nil {
		return nil, bad
	}
	m.ID = c.id(p, thread, p.key)
	m.Attachments = p.Attachments(m.ID)
	m.Thread = thread // which knows its connector and who began it: anybody may bring the link of any
	return m, nil
}

// besides are those typed identifiers whose kind is not proven: what somebody types does not stand beside what their login says.
func besides(proven, typed []message.Identifier) []message.Identifier {
	return slices.DeleteFunc(slices.Clone(typed), func(t message.Identifier) bool {
		return slices.ContainsFunc(proven, func(p message.Identifier) bool { return p.Kind == t.Kind && !p.Claim() })
	})
}
