package meta

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// What WhatsApp takes (developers.facebook.com/docs/whatsapp/cloud-api/reference/messages and …/reference/media).
const (
	maxWhatsAppText    = 4096
	maxWhatsAppCaption = 1024
	maxWhatsAppFile    = 100 << 20
	whatsAppID         = "wamid."
)

// byWhatsApp is how an answer goes out from a number.
type byWhatsApp struct {
	*App
	of *asset
	to message.Identifier
}

// byWhatsApp finds the number that an answer leaves from, which is the one that the customer wrote to, and whom it goes to: the
// telephone's id before the account's, as it was received.
func (a *App) byWhatsApp(m *message.Message) (way, error) {
	w := &byWhatsApp{App: a}
	for _, id := range m.To {
		if (id.Kind == "wa" || id.Kind == "bsuid" && id.Scope == a.cfg.portfolio()) && (w.to.Kind == "" || w.to.Kind == "bsuid" && id.Kind == "wa") {
			w.to = id
		}
	}
	ours, _ := oneOf(m.From, "wa")
	for _, n := range a.cfg.WhatsApp {
		if w.of == nil || n.Number == "+"+ours.Value {
			w.of = a.assets[objectWhatsApp+" "+n.ID]
		}
	}
	switch {
	case w.to.Kind == "":
		return nil, connectors.Refuse("there is nobody on WhatsApp to answer to")
	case w.of == nil:
		return nil, connectors.Refuse("this connector has no number on WhatsApp")
	}
	return w, nil
}

func (w *byWhatsApp) refers(m *message.Message) []string { return w.of.conversations(m.To) }

func (w *byWhatsApp) talk(m *message.Message) string { return w.refers(m)[0] }

func (w *byWhatsApp) check(m *message.Message) error {
	template, _, err := w.template(m.Text)
	switch {
	case err != nil:
		return err
	case template != nil && len(m.Attachments) > 0:
		return connectors.Refuse("a template takes no files")
	case template != nil:
		return w.states.check(*template)
	case len(m.Attachments) > 1:
		return connectors.Refuse("WhatsApp takes one file with a message: send the others in further answers")
	case len(m.Attachments) == 1 && m.Attachments[0].Size > maxWhatsAppFile:
		return connectors.Refuse("a file on WhatsApp must be at most %d MB", maxWhatsAppFile>>20)
	case w.isLate(w.window(m)):
		return connectors.Refuse("WhatsApp takes a free text only within 24 hours of the customer's last message%s; %s", lastWrote(m), w.choice())
	case len(m.Attachments) == 1:
		return tooLong("WhatsApp beside a file", m.Text, maxWhatsAppCaption)
	case strings.TrimSpace(m.Text) == "":
		return connectors.Refuse("there is nothing to send")
	}
	return tooLong("WhatsApp", m.Text, maxWhatsAppText)
}

// send hands m over. Our own id goes with it and comes back with each report.
func (w *byWhatsApp) send(ctx context.Context, m *message.Message) (string, error) {
	call := map[string]any{
		"messaging_product": "whatsapp", "recipient_type": "individual", "biz_opaque_callback_data": m.ID,
	}
	if w.to.Kind == "wa" {
		call["to"] = w.to.Value
	} else { // in "to" it would be taken for a number, and nobody would get it
		call["recipient"] = w.to.Value
	}
	if id := replied(m, whatsAppID); id != "" {
		call["context"] = map[string]any{"message_id": id}
	}
	kind, content, err := w.content(ctx, m)
	if err != nil {
		return "", err
	}
	call["type"], call[kind] = kind, content
	return w.of.api.Field(ctx, vendor.Call{Path: "/" + w.of.id + "/messages", JSON: call}, "messages.0.id")
}

// content is what m says, in WhatsApp's form.
func (w *byWhatsApp) content(ctx context.Context, m *message.Message) (kind string, content any, err error) {
	if template, filled, _ := w.template(m.Text); template != nil {
		return "template", template.call(filled), nil
	}
	if len(m.Attachments) == 0 {
		return "text", map[string]any{"body": m.Text}, nil
	}
	file := m.Attachments[0]
	id, err := w.of.api.Field(ctx, vendor.Call{
		Path: "/" + w.of.id + "/media", Form: url.Values{"messaging_product": {"whatsapp"}, "type": {file.Type}},
		File: &vendor.File{Field: "file", Attachment: file, Blobs: w.env.Blobs},
	}, "id")
	if err != nil {
		return "", nil, fmt.Errorf("upload file: %w", before(err))
	}
	kind = fileKind(file, m.Text)
	given := map[string]any{"id": id}
	if m.Text != "" {
		given["caption"] = m.Text
	}
	if kind == "document" {
		given["filename"] = file.Name
	}
	return kind, given, nil
}

// fileKind is as what a file goes. What WhatsApp does not show goes as a document, and so does a sound with words, which has none.
func fileKind(file message.Attachment, text string) string {
	const mb = 1 << 20
	switch {
	case slices.Contains([]string{"image/jpeg", "image/png"}, file.Type) && file.Size <= 5*mb:
		return "image"
	case slices.Contains([]string{"video/mp4", "video/3gpp"}, file.Type) && file.Size <= 16*mb:
		return "video"
	case slices.Contains([]string{"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, file.Type) && file.Size <= 16*mb && text == "":
		return "audio"
	}
	return "document"
}

// errNotAsked is why nobody can look for an answer by WhatsApp: the report on it tells, else a person decides.
var errNotAsked = errors.New("WhatsApp can't be asked what was sent: its report on the answer will tell")

func (w *byWhatsApp) find(context.Context, *message.Message, func(string) bool) (string, error) {
	return "", errNotAsked
}

const (
	templateSign      = "#"
	templateSeparator = "|"
)

// template reads "#name first | second". A text that begins with # and names no template is one.
func (a *App) template(text string) (t *Template, filled []string, err error) {
	rest, ok := strings.CutPrefix(text, templateSign)
	name, rest, _ := strings.Cut(rest, " ")
	i := slices.IndexFunc(a.cfg.Templates, func(t Template) bool { return t.Name == strings.TrimSpace(name) })
	if !ok || i < 0 {
		return nil, nil, nil
	}
	if rest = strings.TrimSpace(rest); rest != "" {
		for v := range strings.SplitSeq(rest, templateSeparator) {
			filled = append(filled, strings.TrimSpace(v))
		}
	}
	t = &a.cfg.Templates[i]
	if want := strings.Count(t.Text, "{{"); want != len(filled) {
		return nil, nil, connectors.Refuse("the template %s%s has %d places to fill in, split at %s; %d are given", templateSign, t.Name, want, templateSeparator, len(filled))
	}
	return t, filled, nil
}

// call is the template as WhatsApp wants it.
func (t *Template) call(filled []string) any {
	call := map[string]any{"name": t.Name, "language": map[string]any{"code": t.Language}}
	if len(filled) > 0 {
		var parameters []any
		for _, v := range filled {
			parameters = append(parameters, map[string]any{"type": "text", "text": v})
		}
		call["components"] = []any{map[string]any{"type": "body", "parameters": parameters}}
	}
	return call
}

// choice says which templates there are.
func (w *byWhatsApp) choice() error {
	if len(w.cfg.Templates) == 0 {
		return connectors.Refuse("a template would do, but none is configured")
	}
	var b strings.Builder
	for _, t := range w.usable() {
		fmt.Fprintf(&b, "\n  %s  %s", t.Begin, t.Text)
	}
	return connectors.Refuse("begin the answer with the name of a template instead:%s", b.String())
}

// usable are the templates that are not known to be refused now.
func (a *App) usable() (all []connectors.Template) {
	for _, t := range a.cfg.Templates {
		if a.states.check(t) == nil {
			all = append(all, connectors.Template{Begin: templateSign + t.Name, Text: t.Text})
		}
	}
	return all
}

func (w *byWhatsApp) window(m *message.Message) (connectors.Window, bool) {
	open, limited := openFor(m, day)
	open.Templates = w.usable()
	return open, limited
}

// stateName is how a template and its language are known.
func (t *Template) stateName() string { return t.Name + " " + cmp.Or(t.Language, "en") }
