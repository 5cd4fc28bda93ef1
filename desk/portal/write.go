package portal

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"loket/internal/form"
	"loket/internal/message"
	"loket/internal/page"
	"loket/router/thread"
)

// write takes what the customer writes. It works while the store is away: the token needs none, and Accept has
// the spool.
func (p *Portal) write(w http.ResponseWriter, r *http.Request, id string) {
	kind, _ := form.Kind(r.Header)
	html := kind != form.JSON && page.Wanted(r.Header)
	wait := p.writes.Take(r.RemoteAddr)
	if wait > 0 && !html {
		tooMany(wait).asProblem().Write(w)
		return
	}
	n, bad := p.readNote(r, wait > 0)
	defer n.Close()
	if wait > 0 {
		bad = tooMany(wait)
	}
	if bad == nil && p.erased(r.Context(), id) {
		bad = gone()
	}
	var m *message.Message
	if bad == nil {
		m = p.compose(id, n)
		bad = p.take(r.Context(), m, n)
	}
	switch {
	case bad != nil && html:
		// A browser shows no answer before it is rid of the whole body.
		_, _ = io.CopyN(io.Discard, r.Body, 4*p.maxBytes)
		p.showAgain(w, r, id, n, bad)
	case bad != nil:
		bad.asProblem().Write(w)
	case html:
		p.backToPage(w, r)
	default:
		writeJSON(w, http.StatusAccepted, form.JSON, struct {
			Receipt string `json:"receipt"`
			Message string `json:"message"`
		}{receipt(m.ID), m.ID})
	}
}

// erasedWithin is how long a customer waits for us to look whether their thread was erased.
const erasedWithin = time.Second

// erased tells whether a thread was erased: what is written to it would reach nobody. While that can't be told it was not.
func (p *Portal) erased(ctx context.Context, id string) bool {
	ctx, cancel := context.WithTimeout(ctx, erasedWithin)
	defer cancel()
	_, err := p.threads.Find(ctx, id)
	return errors.Is(err, thread.ErrForgotten)
}

// take stores the files, then the message: what is accepted has all that it names.
func (p *Portal) take(ctx context.Context, m *message.Message, n note) *refusal {
	err := n.Store(ctx, m.ID, p.blobs.Put)
	if err == nil {
		err = p.accept(ctx, m)
	}
	p.taking.Note(ctx, err)
	if err != nil {
		return unavailable(5 * time.Second)
	}
	return nil
}

// compose makes the message. Same thread, key, text and files are one message; without a key each is its own.
func (p *Portal) compose(id string, n note) *message.Message {
	parts := [][]byte{[]byte("portal"), []byte(id), []byte(n.key), []byte(n.text)}
	if n.key == "" {
		parts = append(parts, []byte(rand.Text()))
	}
	made := message.NewID(append(parts, n.Digest()...)...)
	return &message.Message{ID: made, Thread: id, Text: n.text, Received: p.now().UTC(), Attachments: n.Attachments(made)}
}

// backToPage leads a browser to the page, so that loading it again sends nothing twice.
func (p *Portal) backToPage(w http.ResponseWriter, r *http.Request) {
	q := url.Values{"sent": {"1"}}
	if lang := r.URL.Query().Get("lang"); lang != "" {
		q.Set("lang", lang)
	}
	w.Header().Set("Location", "./"+r.PathValue("token")+"?"+q.Encode()+"#sent")
	w.WriteHeader(http.StatusSeeOther)
}

// showAgain renders the page with what was typed and what is wrong with it.
func (p *Portal) showAgain(w http.ResponseWriter, r *http.Request, id string, n note, bad *refusal) {
	said, err := p.read(r.Context(), id)
	if errors.Is(err, thread.ErrForgotten) {
		p.refuseText(w, r, gone(), n.text)
		return
	}
	v := p.view(r, said, err)
	v.Problem, v.AtField, v.Text, v.Key, v.HadFiles = bad.say(v.W), bad.field, n.text, n.key, n.HadFiles
	v.Title = v.W.ProblemTitle + " – " + v.Title
	if v.Key == "" || len(v.Key) > maxKey {
		v.Key = rand.Text()
	}
	bad.asProblem().RetryAfter(w.Header())
	p.pages.render(w, "thread.html", bad.status, v)
}

// receipt is the beginning of the id in a form that can be read out over the telephone.
func receipt(id string) string {
	s := strings.ToUpper(id)
	return s[:5] + "-" + s[5:10]
}
