package portal

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"loket/internal/form"
	"loket/internal/message"
	"loket/internal/page"
)

const (
	maxText    = 100_000
	maxKey     = 200
	fieldKey   = "idempotency_key"
	fieldFiles = "attachments"

	// maxTyped bounds what is typed, which waits in memory. The longest text is shorter, however it is encoded.
	maxTyped = 2 << 20
	// maxParts bounds the fields of a form; the page's own has two, and senders may carry their own.
	maxParts = 100
)

// A note is what a customer writes on the page.
type note struct {
	*form.Post
	text, key string
}

// readNote gives what could be read, and what is wrong with it. The caller closes the note.
func (p *Portal) readNote(r *http.Request, dropFiles bool) (note, *refusal) {
	rd := form.Reader{
		Bytes: p.maxBytes, Typed: maxTyped, Fields: maxParts, Files: p.maxFiles, FilesIn: fieldFiles, DropFiles: dropFiles,
		Known: []string{"text", fieldKey}, Members: []string{"text"},
	}
	got, err := rd.Read(r.Header, r.Body)
	n := note{Post: got, text: message.CleanText(got.Get("text")), key: got.Get(fieldKey)}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		n.key = key
	}
	if err != nil {
		return n, unread(err)
	}
	return n, n.judge()
}

func (n *note) judge() *refusal {
	switch {
	case len(n.key) > maxKey:
		return badRequest(fieldKey, fmt.Sprintf("must be at most %d characters", maxKey))
	case strings.TrimSpace(n.text) == "":
		return wrong("text", "must not be empty", func(w *words) string { return w.TextMissing })
	case utf8.RuneCountInString(n.text) > maxText:
		return wrong("text", fmt.Sprintf("must be at most %d characters", maxText), func(w *words) string {
			return fmt.Sprintf(w.TooLong, maxText)
		})
	}
	return nil
}

// unread is why a form was not read.
func unread(err error) *refusal {
	var bad *form.Error
	if !errors.As(err, &bad) {
		return unavailable(awayWait)
	}
	p := bad.Problem()
	return &refusal{status: p.Status, field: p.Field, detail: p.Detail, wait: p.Wait, say: func(w *words) string {
		switch bad.Fault {
		case form.TooLarge:
			return fmt.Sprintf(w.TooLarge, page.Size(bad.Max))
		case form.TooManyFiles:
			return w.tooManyFiles(bad.Max)
		case form.Unavailable:
			return w.NotNow
		}
		return w.Unreadable
	}}
}

func badRequest(field, detail string) *refusal {
	return &refusal{status: http.StatusBadRequest, field: field, detail: detail, say: func(w *words) string { return w.Unreadable }}
}

func wrong(field, detail string, say func(w *words) string) *refusal {
	return &refusal{status: http.StatusUnprocessableEntity, field: field, detail: detail, say: say}
}
