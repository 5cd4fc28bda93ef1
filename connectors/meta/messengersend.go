package meta

import (
	"context"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// What Messenger and Instagram take (developers.facebook.com/docs/messenger-platform/reference/send-api, …/instagram-messaging).
const (
	maxMessengerText  = 2000
	maxInstagramBytes = 1000
	maxPrivateFile    = 25 << 20
	week              = 7 * 24 * time.Hour
)

// byPrivate is how an answer goes out in private from a Page or an Instagram account.
type byPrivate struct {
	*App
	of *asset
	to string
	// comment is what was said in public and is answered in private, once; "" when a private message is answered.
	comment string
}

func (a *App) byPrivate(m *message.Message) (way, error) {
	w := &byPrivate{App: a, of: a.assetOf(m)}
	if w.of == nil {
		return nil, connectors.Refuse("there is nobody on %s to answer to", m.Channel)
	}
	id, _ := oneOf(m.To, w.of.kind)
	w.to = id.Value
	for _, said := range m.Answers {
		if parts := strings.Split(said, "/"); len(parts) > 2 && parts[0] == public && isID(parts[2]) {
			w.comment = parts[2]
		}
	}
	return w, nil
}

func (w *byPrivate) talk(*message.Message) string       { return w.of.conversation(w.to) }
func (w *byPrivate) refers(m *message.Message) []string { return []string{w.talk(m)} }

func (w *byPrivate) window(m *message.Message) (connectors.Window, bool) {
	if w.comment != "" || w.cfg.HumanAgent {
		return openFor(m, week)
	}
	return openFor(m, day)
}

func (w *byPrivate) check(m *message.Message) error {
	name := map[string]string{objectPage: "Messenger", objectInstagram: "Instagram"}[w.of.object]
	open, limited := w.window(m)
	switch {
	case strings.HasPrefix(w.comment, "mention:"):
		return connectors.Refuse("a mention by somebody who never wrote can't be answered in private")
	case w.isLate(open, limited) && w.comment != "":
		return connectors.Refuse("%s takes a private answer to a comment within 7 days%s", name, lastWrote(m))
	case w.isLate(open, limited):
		return connectors.Refuse("%s takes an answer only within %s of the customer's last message%s", name, map[bool]error{true: connectors.Refuse("7 days"), false: connectors.Refuse("24 hours")}[w.cfg.HumanAgent], lastWrote(m))
	case len(m.Attachments) > 1, len(m.Attachments) == 1 && strings.TrimSpace(m.Text) != "":
		return connectors.Refuse("%s takes a text or one file with a message: send the file in a further answer, without a text", name)
	case len(m.Attachments) == 1 && m.Attachments[0].Size > maxPrivateFile:
		return connectors.Refuse("a file on %s must be at most %d MB", name, maxPrivateFile>>20)
	case len(m.Attachments) == 0 && strings.TrimSpace(m.Text) == "":
		return connectors.Refuse("there is nothing to send")
	case w.of.object == objectInstagram && len(m.Text) > maxInstagramBytes:
		return connectors.Refuse("a text on Instagram must be at most %d bytes (a letter with an accent 2, an emoji 4), not %d", maxInstagramBytes, len(m.Text))
	}
	return tooLong(name, m.Text, maxMessengerText)
}

func sentOf(m *message.Message) time.Time {
	if m.Earlier == nil {
		return time.Time{}
	}
	return m.Earlier.Sent
}

// send hands m over. Our own id goes along and comes back with Meta's echo of it.
func (w *byPrivate) send(ctx context.Context, m *message.Message) (string, error) {
	said := map[string]any{"text": m.Text}
	if w.of.object == objectPage {
		said["metadata"] = m.ID
	}
	if len(m.Attachments) > 0 {
		delete(said, "text")
		kind, _, _ := strings.Cut(m.Attachments[0].Type, "/")
		if !slices.Contains([]string{"image", "video", "audio"}, kind) {
			kind = "file"
		}
		said["attachment"] = map[string]any{"type": kind, "payload": map[string]any{"url": w.links.URL(m.Attachments[0])}}
	}
	call := map[string]any{"recipient": map[string]any{"id": w.to}, "messaging_type": "RESPONSE", "message": said}
	switch {
	case w.comment != "":
		call["recipient"] = map[string]any{"comment_id": w.comment}
	case w.now().Sub(sentOf(m)) > day:
		call["messaging_type"], call["tag"] = "MESSAGE_TAG", "HUMAN_AGENT"
	}
	return w.note(ctx, sentAs(w.talk(m), m.Text), func() (string, error) {
		return w.of.api.Field(ctx, vendor.Call{Path: "/" + w.of.page + "/messages", JSON: call}, "message_id")
	})
}

// assetOf is the Page or account that an answer leaves from: the one whose the customer's identifier is.
func (a *App) assetOf(m *message.Message) *asset {
	for _, id := range append(slices.Clone(m.To), m.From...) {
		for _, object := range []string{objectPage, objectInstagram} {
			if of := a.assets[object+" "+id.Scope]; of != nil && of.kind == id.Kind && (of.private == m.Channel || of.public == m.Channel) {
				return of
			}
		}
	}
	return nil
}
