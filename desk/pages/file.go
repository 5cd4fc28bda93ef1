package pages

import (
	"io"
	"mime"
	"net/http"
	"strings"

	"loket/desk"
)

// file gives an attachment to keep, under the name that its address ends with. Nothing that a customer sent is shown under the desk's own
// address as a page would be: it is a file to save, and even where a browser shows it all the same it may do nothing.
func (h *Handler) file(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	src, err := h.desk.Attachment(r.Context(), v.by, desk.FileID(r.PathValue("task"), r.PathValue("message")+"/"+r.PathValue("file")))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	defer func() { _ = src.Close() }()
	header := w.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(r.PathValue("name"))}))
	_, _ = io.Copy(w, src)
}

// fileName is a name that a file can have wherever it is saved.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '/' || r == '\\' {
			return '_'
		}
		return r
	}, name)
}
