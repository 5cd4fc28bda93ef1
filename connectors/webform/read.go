package webform

import (
	"errors"
	"fmt"
	"net/http"

	"loket/internal/form"
	"loket/internal/message"
	"loket/internal/page"
)

// A post is what somebody sent us, as far as it could be read.
type post struct {
	*form.Post
	name, email, phone, customerNo, subject, text string

	key      string // idempotency key; empty when there is none
	proof    string // that the key was made by us for this page, where it was
	rendered string // when the form was rendered, as the form says
	trap     string // what stands in the field that people do not see
}

const (
	// maxFields bounds what is typed, which waits in memory. The longest text is shorter, however it is encoded.
	maxFields = 2 << 20
	// maxParts bounds the fields of a form. Ours has fewer than ten, besides files, and senders may carry their own.
	maxParts = 100
)

// readPost gives what could be read of a request, never nil, and what stopped it. The caller closes the post.
func (f *Form) readPost(r *http.Request, dropFiles bool) (*post, *refusal) {
	typed := []string{"name", "email", "phone", "customer_no", "subject", "text"}
	rd := form.Reader{
		Bytes: f.cfg.MaxBytes, Typed: maxFields, Fields: maxParts, Files: f.cfg.MaxAttachments, FilesIn: fieldFiles, DropFiles: dropFiles,
		Known: append([]string{fieldKey, fieldProof, fieldRendered, fieldTrap}, typed...), Members: typed,
	}
	got, err := rd.Read(r.Header, r.Body)
	p := &post{
		Post: got,
		name: message.CleanLine(got.Get("name")), email: message.CleanLine(got.Get("email")), phone: message.CleanLine(got.Get("phone")),
		customerNo: message.CleanLine(got.Get("customer_no")), subject: message.CleanLine(got.Get("subject")), text: message.CleanText(got.Get("text")),
		key: got.Get(fieldKey), proof: got.Get(fieldProof), rendered: got.Get(fieldRendered), trap: got.Get(fieldTrap),
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		p.key = key
	}
	return p, unread(err)
}

// unread is why a form was not read; nil of nil.
func unread(err error) *refusal {
	var bad *form.Error
	if !errors.As(err, &bad) {
		return nil
	}
	p := bad.Problem()
	return &refusal{status: p.Status, field: p.Field, detail: p.Detail, wait: p.Wait, say: func(w *words) string {
		switch bad.Fault {
		case form.TooLarge:
			return fmt.Sprintf(w.TooLarge, page.Size(bad.Max))
		case form.TooManyFiles:
			return fmt.Sprintf(w.TooManyFiles, bad.Max)
		case form.Unavailable:
			return w.NotNow
		}
		return w.Unreadable
	}}
}
