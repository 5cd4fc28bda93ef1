package pages

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/internal/message"
	"loket/internal/page"
)

// A replyView is the forms in which an answer and a note are written.
type replyView struct {
	Ways    []wayView // the ways it may go, the usual first
	Also    []string
	Via     string // the way that was chosen
	Length  string // how the channel cuts the text, or how much of its longest text that is
	Refusal string // why it would not be taken
	// RefusalLang is the language of that where it is not the page's.
	RefusalLang string
	Text        string
	Key, Seen   string
	Draft       string // what the answer is kept as for colleagues, that was refused
	Note        string // of the other form
	Rev         int64  // of what is kept of both
	Kept        moment // when
	Files       []keptFile
}

// A keptFile goes with the answer that is being written.
type keptFile struct {
	Name, Size, Blob string
	Out              bool // it was taken out just now
}

// replyTo is the form for an answer to a task, without what is asked for: to whom it would go.
func (h *Handler) replyTo(t *desk.Task) replyView {
	return replyView{Key: rand.Text(), Seen: t.Seen, Also: addresses(t.Others)}
}

// addUnfinished puts what the visitor was writing in the task into its forms.
func (h *Handler) addUnfinished(ctx context.Context, v *visitor, t *desk.Task, view *taskView) error {
	u, err := h.desk.Unfinished(ctx, v.by, t.Card.ID)
	if err != nil || u == nil {
		return err
	}
	out := &view.Reply
	out.Text, out.Note, out.Via, out.Draft, out.Rev, out.Kept = u.Text, u.Note, u.Via, u.Draft, u.Rev, h.moment(v.words, u.At, t.Zone)
	for _, a := range u.Files {
		out.Files = append(out.Files, keptFile{Name: a.Name, Size: page.Size(a.Size), Blob: a.Blob})
	}
	if u.Why != "" {
		view.Problem = v.words.notSent(u.Why)
	}
	if view.IsClosed && u.Text != "" { // there is no box to have it in
		view.Drafts = append(view.Drafts, entry{At: out.Kept, Who: v.by.Agent, Text: u.Text, Delivery: v.words.YoursUnfinished})
	}
	return nil
}

// fill puts what was sent and refused into the form that it came from.
func (r *replyView) fill(written *form) {
	if written.Has("text") {
		r.Text, r.Via, r.Draft = written.Get("text"), written.Get("via"), written.Get("draft")
	}
	if written.Has("note") {
		r.Note = written.Get("note")
	}
}

// reply answers the customer, after some seconds of regret where the channel leaves time for it.
func reply(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	a := desk.Answer{
		Text: f.Get("text"), Attachments: f.files, Key: f.Get("key"), Close: f.Get("close") != "", Outcome: f.Get("outcome"),
		Whom: desk.Whom{All: f.Get("all") != ""}, Via: f.Get("via"), Kept: f.Values["kept"],
	}
	if !a.Close {
		a.Outcome = ""
	}
	held, err := h.desk.Hold(ctx, v.by, ref, desk.Sending{
		Answer: a, Draft: f.Get("draft"), Regret: func(channel string) time.Duration { return v.settings.Hold(desk.UsualRegret(channel)) },
	})
	switch {
	case err != nil:
		return "", err
	case held != nil && !held.Going:
		return "held", nil
	}
	if a.Close {
		return "sentclosed", nil
	}
	return "sent", nil
}

// note tells colleagues something.
func note(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	if _, err := h.desk.Note(ctx, v.by, ref, f.Get("note")); err != nil {
		return "", err
	}
	if err := h.desk.NoteSaved(ctx, v.by, ref); err != nil {
		h.log.Warn("text of a note still stands in the box", zap.Error(err))
	}
	return "noted", nil
}

// edit is what a form says of what is being written.
func (f *form) edit() desk.Edit {
	e := desk.Edit{Key: f.Get("key")}
	e.Rev, _ = strconv.ParseInt(f.Get("rev"), 10, 64) // without one it is an edit of something else
	for name, to := range map[string]**string{"text": &e.Text, "note": &e.Note, "via": &e.Via, "draft": &e.Draft} {
		if f.Has(name) {
			text := message.CleanText(f.Get(name))
			*to = &text
		}
	}
	e.Files = f.files
	for _, name := range f.Values["had"] { // those that stood in the form
		if !slices.Contains(f.Values["kept"], name) {
			e.Drop = append(e.Drop, name)
		}
	}
	return e
}

// keep saves what is being written, for later and for other browsers: a script does so while it is written, a button without scripts.
func (h *Handler) keep(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	saved, err := h.desk.SaveUnfinished(r.Context(), v.by, r.PathValue("task"), f.edit())
	if err != nil {
		status, text := h.told(v.words, err)
		if status == http.StatusInternalServerError {
			h.trouble(w, r, v.words, err)
			return
		}
		h.showTask(w, r, status, text, f)
		return
	}
	if r.Header.Get("Accept") != "application/json" {
		http.Redirect(w, r, taskAddress(r.PathValue("task"), "kept"), http.StatusSeeOther)
		return
	}
	said := v.words.Kept(h.moment(v.words, saved.At, saved.Zone).Text)
	if saved.Elsewhere {
		said += " " + v.words.Elsewhere
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"rev": saved.Rev, "said": said}) // a browser that went away is no error
}

// keepWritten saves what was refused, as it may be for a long time that it is.
func (h *Handler) keepWritten(ctx context.Context, v *visitor, ref string, f *form) {
	if !f.Has("rev") { // nothing that is kept
		return
	}
	e := f.edit()
	e.Key = ""
	saved, err := h.desk.SaveUnfinished(ctx, v.by, ref, e)
	if err != nil {
		h.log.Debug("refused text not kept", zap.Error(err)) // the page has it
		return
	}
	f.Set("rev", strconv.FormatInt(saved.Rev, 10))
}
