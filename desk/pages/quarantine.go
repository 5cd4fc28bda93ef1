package pages

import (
	"cmp"
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"loket/desk/access"
	"loket/internal/page"
	"loket/router/intake"
)

// A quarantineView is a part of what was set aside.
type quarantineView struct {
	Messages []asideView
	More     string
}

// asideView is a message that could not be brought into a task.
type asideView struct {
	ID, Address string
	From        []string
	Name        string
	Subject     string
	Channel     string
	Connector   string
	Why         string
	Attempts    int
	Since       moment
	Until       moment // when it goes by itself
	Received    moment
	Text        string
	Files       []fileLink
	Body        string // what is stored, when it cannot be read
	HasOriginal bool
	Dropping    bool // somebody is asked whether it shall go
}

func (h *Handler) quarantinePage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	found, next, err := h.desk.Quarantine(r.Context(), v.by, 0, r.URL.Query().Get("after"))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	view := quarantineView{}
	for _, q := range found {
		view.Messages = append(view.Messages, h.aside(v, q))
	}
	if next != "" {
		view.More = "/operations/quarantine?after=" + url.QueryEscape(next)
	}
	h.render(w, "operate-quarantine", http.StatusOK, h.operate(r, "/operations/quarantine", view))
}

// asidePage shows one message of quarantine; with ?drop it asks whether it shall go.
func (h *Handler) asidePage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	q, err := h.desk.Quarantined(r.Context(), v.by, r.PathValue("id"))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	view := h.aside(v, *q)
	view.Dropping = r.URL.Query().Get("drop") != ""
	h.render(w, "operate-aside", http.StatusOK, h.operate(r, "/operations/quarantine", view))
}

func (h *Handler) aside(v *visitor, q intake.Quarantined) asideView {
	zone := h.desk.Zone()
	view := asideView{
		ID: q.ID, Address: "/operations/quarantine/" + url.PathEscape(q.ID), Why: q.Error, Attempts: q.Attempts, Since: h.moment(v.words, q.Since, zone), Body: q.Body,
		HasOriginal: q.Body != "", Subject: v.words.NoSubject, Name: v.words.Unknown,
	}
	if m := q.Message; m != nil {
		view.From, view.Name, view.Subject = addresses(m.From), cmp.Or(m.Name, strings.Join(addresses(m.From), ", "), v.words.Unknown), cmp.Or(m.Subject, v.words.NoSubject)
		view.Channel, view.Connector, view.Text = v.words.channel(m.Channel), m.Connector, m.Text
		view.Received, view.Until = h.moment(v.words, m.Received, zone), h.moment(v.words, m.KeepUntil, zone)
		view.HasOriginal = len(m.Raw) > 0 || m.RawBlob != ""
		for _, a := range m.Attachments {
			view.Files = append(view.Files, fileLink{Name: a.Name, Size: page.Size(a.Size)})
		}
	}
	return view
}

// asideOriginal gives what came of a message, as it came, to keep.
func (h *Handler) asideOriginal(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	src, err := h.desk.Original(r.Context(), v.by, r.PathValue("id"))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	defer func() { _ = src.Close() }()
	header := w.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(r.PathValue("id")) + ".eml"}))
	_, _ = io.Copy(w, src)
}

// decideAside does what somebody decided about a message of quarantine, and leads back to the list.
func (h *Handler) decideAside(done string, do func(context.Context, access.Actor, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := visitorOf(r.Context())
		if _, ok := h.readForm(w, r, v.words); !ok {
			return
		}
		if err := do(r.Context(), v.by, r.PathValue("id")); err != nil {
			h.trouble(w, r, v.words, err)
			return
		}
		http.Redirect(w, r, "/operations/quarantine?done="+done, http.StatusSeeOther)
	}
}
