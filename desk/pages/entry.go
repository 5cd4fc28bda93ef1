package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"loket/desk"
	"loket/internal/message"
	"loket/internal/page"
	"loket/router/queue"
)

// maxEntryText is how much of one text stands in a conversation, in bytes; the rest is on a page of its own.
const maxEntryText = 10_000

// An entry is one thing that was said: a message, or a note between colleagues.
type entry struct {
	ID                          string
	At                          moment
	Ours, Note, New             bool
	Who, Channel, Subject, Text string
	To                          []string
	Quoted                      string // what stands below in the mail
	Automatic                   bool
	Marks                       []string
	Delivery                    string // in words
	DeliveryAt                  moment // since when it stands so
	Reason, ReasonLang          string // why it stands so, and the language of that where it is not the page's
	Failed                      bool
	Task                        string // of which it is
	Resend                      bool   // it can be sent again
	Files                       []fileLink
	Formatted                   string // where it is shown as its sender formatted it
	Whole                       string // where all of it is shown, as it is long
}

// A fileLink is an attachment.
type fileLink struct {
	Name, Address, Size string
	Picture             string // where it is shown, if it says that it is a picture
}

// entries are the messages and notes of a task, oldest first.
func (h *Handler) entries(v *visitor, t *desk.Task) []entry {
	type timed struct {
		at time.Time
		entry
	}
	var all []timed
	for _, m := range t.Messages {
		at := m.Received
		if at.IsZero() {
			at = m.Sent
		}
		e := h.messageEntry(v, t, m)
		e.At = h.moment(v.words, at, t.Zone)
		all = append(all, timed{at, e})
	}
	for _, n := range t.Notes {
		if n.At.Before(t.Since) || !t.Until.IsZero() && !n.At.Before(t.Until) { // it is on another page
			continue
		}
		all = append(all, timed{n.At, h.noteEntry(v, t, n)})
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.at.Compare(b.at) })
	out := make([]entry, len(all))
	for i := range all {
		out[i] = all[i].entry
	}
	return out
}

func (h *Handler) messageEntry(v *visitor, t *desk.Task, m desk.Message) entry {
	e := entry{
		ID: m.ID, Ours: m.Direction == message.Out, Channel: v.words.channel(cmp.Or(m.Channel, t.Card.Channel)), Text: m.Text,
		Automatic: m.Automatic != message.ByPerson, Marks: m.Marks, Files: files(t.Card, m.Attachments),
		Who: cmp.Or(m.Name, strings.Join(addresses(m.From), ", "), v.words.Unknown),
	}
	if m.HTML != "" && !e.Ours {
		e.Formatted = "/tasks/" + url.PathEscape(queue.FormatNumber(t.Card.Number)) + "/html/" + url.PathEscape(m.ID)
	}
	if m.SubjectChanged {
		e.Subject = m.Subject
	}
	if rest, ok := strings.CutPrefix(m.Whole, m.Text); ok {
		e.Quoted = strings.Trim(rest, "\n")
	} else {
		e.Quoted = m.Whole
	}
	kept := m.Delivery == nil || m.Delivery.Message == nil // in its thread, where all of it is found
	if kept && (len(e.Text) > maxEntryText || len(e.Quoted) > maxEntryText) {
		e.Whole = taskAddress(queue.FormatNumber(t.Card.Number), "") + "/messages/" + url.PathEscape(m.ID)
		e.Text, e.Quoted = message.Head(e.Text, maxEntryText), message.Head(e.Quoted, maxEntryText)
	}
	if e.Ours {
		e.Who, e.To = cmp.Or(m.Agent, v.words.Us), addresses(m.To)
	}
	if d := m.Delivery; d != nil {
		if d.State != queue.ReplyDone { // which was when it was said, but for a moment
			e.DeliveryAt = h.millis(v.words, d.StateAt, t.Zone)
		}
		e.Delivery, e.Failed = known(v.words.Delivery, string(d.State)), d.State == queue.ReplyGaveUp
		if e.Failed || d.State == queue.ReplyDoubt {
			e.Reason, e.ReasonLang = v.words.refusal(d.Error)
		}
		e.Task, e.Resend = queue.FormatNumber(t.Card.Number), d.State == queue.ReplyGaveUp || d.State == queue.ReplyDoubt
	}
	return e
}

func (h *Handler) noteEntry(v *visitor, t *desk.Task, n desk.Note) entry {
	e := entry{At: h.moment(v.words, n.At, t.Zone), Note: true, Who: n.Agent, Text: n.Text}
	if n.Way != "" {
		e.Channel = v.words.answeredBy(n.Way)
	}
	if m := n.Mail; m != nil {
		e.Who, e.Subject, e.To, e.Marks, e.Files = cmp.Or(n.Agent, m.Name, strings.Join(addresses(m.From), ", ")), m.Subject, addresses(m.To), m.Marks, files(t.Card, m.Attachments)
	}
	return e
}

func files(card *queue.Task, all []message.Attachment) []fileLink {
	var out []fileLink
	for _, a := range all {
		link := fileLink{Name: a.Name, Size: page.Size(a.Size)}
		if of, file, ok := strings.Cut(a.Blob, "/"); ok {
			link.Address = "/tasks/" + url.PathEscape(queue.FormatNumber(card.Number)) + "/files/" + url.PathEscape(of) + "/" + url.PathEscape(file) + "/" + url.PathEscape(cmp.Or(strings.Trim(a.Name, "."), "file"))
			if mayShow(a.Type, a.Size) {
				link.Picture = pictureAddress(queue.FormatNumber(card.Number), a)
			}
		}
		out = append(out, link)
	}
	return out
}

// A messagePage is one message, whole.
type messagePage struct {
	frame
	Task    string
	Message entry
}

// messagePage shows a message that is too long to stand in its conversation.
func (h *Handler) messagePage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	m, err := h.desk.Message(r.Context(), v.by, r.PathValue("task"), r.PathValue("message"))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	number := r.PathValue("task")
	e := entry{Who: cmp.Or(m.Agent, m.Name, strings.Join(addresses(m.From), ", "), v.words.Unknown), Subject: m.Subject, Text: cmp.Or(m.Whole, m.Text)}
	h.render(w, "message.html", http.StatusOK, messagePage{frame: h.framed(r, number+" "+m.Subject), Task: taskAddress(number, ""), Message: e})
}
