package pages

import (
	"crypto/rand"
	"net/http"

	"loket/desk"
	"loket/router/queue"
)

// A beginView is the page on which a conversation is begun.
type beginView struct {
	frame
	Teams                                  []string
	Team, To, Customer, Subject, Text, Key string
	Problem                                string
	LostFiles                              bool // those that were chosen must be chosen again
}

// newPage asks for what a conversation begins with, perhaps with a customer.
func (h *Handler) newPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	h.showNew(w, r, http.StatusOK, beginView{Team: q.Get("team"), To: q.Get("to"), Customer: q.Get("customer"), Key: rand.Text()})
}

func (h *Handler) showNew(w http.ResponseWriter, r *http.Request, status int, view beginView) {
	v := visitorOf(r.Context())
	view.frame, view.Teams = h.framed(r, v.words.NewConversation), h.desk.Me(v.by).Teams
	view.Here = "/new"
	h.render(w, "new.html", status, view)
}

// beginConversation sends what was written, and leads to the task in which the customer's answer will stand. The same form sent again
// leads to the same task.
func (h *Handler) beginConversation(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	done, err := h.desk.Begin(r.Context(), v.by, desk.Beginning{
		Team: f.Get("team"), To: f.Get("to"), Customer: f.Get("customer"), Subject: f.Get("subject"), Text: f.Get("text"), Attachments: f.files, Key: f.Get("key"),
	})
	if err == nil {
		http.Redirect(w, r, taskAddress(queue.FormatNumber(done.Task.Card.Number), "sent"), http.StatusSeeOther)
		return
	}
	status, text := h.told(v.words, err)
	if status == http.StatusInternalServerError {
		h.trouble(w, r, v.words, err)
		return
	}
	h.showNew(w, r, status, beginView{
		Team: f.Get("team"), To: f.Get("to"), Customer: f.Get("customer"), Subject: f.Get("subject"), Text: f.Get("text"), Key: f.Get("key"),
		Problem: text, LostFiles: len(f.files) > 0,
	})
}
