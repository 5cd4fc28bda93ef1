package meta

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// byComment is how an answer goes out in public.
type byComment struct {
	*App
	of *asset
	id string // of what it answers
}

func (a *App) byComment(m *message.Message) (way, error) {
	w := &byComment{App: a, of: a.assetOf(m)}
	if len(m.References) > 0 {
		if parts := strings.Split(m.References[len(m.References)-1], "/"); len(parts) > 2 && parts[0] == public {
			w.id = parts[2]
		}
	}
	switch {
	case w.of == nil:
		return nil, connectors.Refuse("it is not known which Page or account of ours was written to")
	case !isID(w.id):
		return nil, connectors.Refuse("there is no comment to answer")
	}
	return w, nil
}

func (w *byComment) talk(*message.Message) string                              { return ref(public, w.id) }
func (w *byComment) refers(*message.Message) []string                          { return nil }
func (w *byComment) window(*message.Message) (_ connectors.Window, limit bool) { return }

// What hides a comment, and shows it again, instead of answering it.
const (
	signHide = templateSign + "hide"
	signShow = templateSign + "unhide"
)

func (w *byComment) check(m *message.Message) error {
	switch text := strings.TrimSpace(m.Text); {
	case len(m.Attachments) > 0:
		return connectors.Refuse("a comment takes no files here: answer in private, by --via private")
	case text == "":
		return connectors.Refuse("there is nothing to send")
	case w.of.object == objectInstagram:
		return tooLong("Instagram", text, maxInstagramComment)
	}
	return tooLong("Facebook", m.Text, maxFacebookComment)
}

func (w *byComment) send(ctx context.Context, m *message.Message) (string, error) {
	answered := m.References[len(m.References)-1]
	customer := strings.Split(answered, "/")[1]
	text := strings.TrimSpace(m.Text)
	if text == signHide || text == signShow {
		name := map[string]string{objectPage: "is_hidden", objectInstagram: "hide"}[w.of.object]
		_, err := w.of.api.Field(ctx, vendor.Call{Path: "/" + w.id, Form: url.Values{name: {fmt.Sprint(text == signHide)}}}, "success")
		return answered + "/" + m.ID[:8], err
	}
	path, form := "/"+w.id+"/comments", url.Values{"message": {m.Text}}
	if w.of.object == objectInstagram {
		path = "/" + w.id + "/replies"
	}
	if rest, ok := strings.CutPrefix(w.id, "mention:"); ok {
		media, one, _ := strings.Cut(rest, ":")
		path = "/" + w.of.id + "/mentions"
		form.Set("media_id", media)
		if one != "" {
			form.Set("comment_id", one)
		}
	}
	id, err := w.note(ctx, sentAs(w.talk(m), m.Text), func() (string, error) {
		return w.of.api.Field(ctx, vendor.Call{Path: path, Form: form}, "id")
	})
	return ref(public, customer, id), err
}

// note has it known what is sent before Meta tells of it, which may be sooner than it answers.
func (a *App) note(ctx context.Context, what string, send func() (string, error)) (string, error) {
	if err := a.own.Add(ctx, what); err != nil {
		return "", err
	}
	id, err := send()
	switch {
	case err == nil:
		a.own.Sent(ctx, what, id)
	case connectors.IsPermanent(err):
		_ = a.own.Drop(ctx, what) // somebody may write the same at Meta itself now
	}
	return id, err
}
