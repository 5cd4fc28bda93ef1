package pages

import (
	"io"
	"mime"
	"net/http"
	"strings"

	"loket/desk"
	"loket/internal/message"
)

// file gives an attachment to keep. Nothing that a customer sent is shown by the desk's own address as a page would be: it is a file to save,
// and even where a browser shows it all the same it may do nothing.
func (h *Handler) file(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	t, err := h.desk.Task(r.Context(), v.by, r.PathValue("task"))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	name := r.PathValue("message") + "/" + r.PathValue("file")
	src, err := h.desk.Attachment(r.Context(), v.by, desk.FileID(t.Card.ID, name))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	defer func() { _ = src.Close() }()
	header := w.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(t, name)}))
	_, _ = io.Copy(w, src)
}

// fileName is what a file of a task is called.
func fileName(t *desk.Task, blob string) string {
	var all []message.Attachment
	for _, m := range t.Messages {
		all = append(all, m.Attachments...)
	}
	for _, n := range t.Notes {
		if n.Mail != nil {
			all = append(all, n.Mail.Attachments...)
		}
	}
	for _, a := range all {
		if a.Blob == blob {
			return strings.Map(func(r rune) rune {
				if r < ' ' || r == '/' || r == '\\' {
					return '_'
				}
				return r
			}, a.Name)
		}
	}
	return "file"
}
