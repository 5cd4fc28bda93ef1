package portal

import (
	"context"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"strconv"
	"time"

	"loket/internal/message"
	"loket/router/thread"
)

// attachment gives one file of one message of this thread, as a download that no browser runs: the customer, or
// somebody in their name, made it.
func (p *Portal) attachment(w http.ResponseWriter, r *http.Request, id string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		p.wrongMethod(w, r, "GET, HEAD")
		return
	}
	if wait := p.reads.Take(r.RemoteAddr); wait > 0 {
		p.refuse(w, r, tooMany(wait))
		return
	}
	a, err := p.findAttachment(r.Context(), id, r.PathValue("message"), r.PathValue("n"))
	if err == nil && a != nil {
		err = p.serveFile(w, r, a)
	}
	switch {
	case err == nil && a == nil, errors.Is(err, fs.ErrNotExist):
		p.nowhere(w, r)
	case err != nil:
		p.refuse(w, r, unavailable(awayWait))
	}
}

// findAttachment gives nil when the thread has no such attachment.
func (p *Portal) findAttachment(ctx context.Context, id, messageID, number string) (*message.Attachment, error) {
	n, err := strconv.Atoi(number)
	if err != nil || !message.ValidID(messageID) {
		return nil, nil
	}
	client := ctx
	ctx, cancel := context.WithTimeout(client, readTimeout)
	defer cancel()
	th, err := p.threads.Find(ctx, id)
	var entry thread.Entry
	if err == nil {
		entry, err = p.threads.Message(ctx, th.ID, messageID)
	}
	if errors.Is(err, thread.ErrNone) {
		return nil, nil
	}
	p.reading.Note(client, err)
	if err != nil {
		return nil, err
	}
	if m := entry.Message; shown(th, m) && n >= 1 && n <= len(m.Attachments) {
		return &m.Attachments[n-1], nil
	}
	return nil, nil
}

func (p *Portal) serveFile(w http.ResponseWriter, r *http.Request, a *message.Attachment) error {
	file, _, err := p.blobs.Get(r.Context(), a.Blob)
	p.opening.Note(r.Context(), err)
	if err != nil {
		return err
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Content-Type", a.Type)
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": a.Name})
	if disposition == "" {
		disposition = "attachment"
	}
	h.Set("Content-Disposition", disposition)
	http.ServeContent(w, r, "", time.Time{}, file)
	return nil
}
