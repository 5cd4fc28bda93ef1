package meta

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/connectors/vendor"
	"loket/internal/message"
	"loket/internal/sms"
)

// Warnings for the agent.
const (
	MarkMissing   = "a file could not be fetched"
	MarkDisguised = "a file is not what it says it is"
	MarkForwarded = "forwarded"
	MarkEdited    = "edited: it replaces what was said before"
	MarkDeleted   = "taken down by who wrote it"
	MarkUnreacted = "took a reaction back"
	MarkStop      = "wants no more messages (STOP)"
	MarkStart     = "wants messages again"
	MarkUnshown   = "only Meta's own app shows it"
	MarkMoved     = "has another number now"
)

// takeWhatsApp takes a change at a number of WhatsApp. Whose number it is stands within.
func (a *App) takeWhatsApp(ctx context.Context, raw json.RawMessage) error {
	change := vendor.Flatten(raw)
	if change["field"] == fieldTemplate {
		a.noteTemplate(change.Under("value"))
		return nil
	}
	id := change["value.metadata.phone_number_id"]
	if id == "" && change["field"] == "messages" {
		return a.takeBroken(ctx, channelWhatsApp, "it does not say to which number", raw)
	}
	of := a.assets[objectWhatsApp+" "+id]
	if of == nil {
		return a.takeForeign(ctx, objectWhatsApp, id, raw, change["value.messages.0.id"] != "")
	}
	var in struct{ Value map[string]json.RawMessage }
	if json.Unmarshal(raw, &in) != nil {
		return a.takeBroken(ctx, channelWhatsApp, "a change without a value", raw)
	}
	return a.takeValue(ctx, of, in.Value, slices.Collect(change.Each("value.contacts")), raw)
}

// takeValue takes each thing that a change tells.
func (a *App) takeValue(ctx context.Context, of *asset, value map[string]json.RawMessage, contacts []vendor.Fields, raw json.RawMessage) error {
	w := &whatsApp{App: a, of: of, contacts: contacts}
	known := false
	var errs []error
	for _, part := range []struct {
		name string
		take func(context.Context, vendor.Fields) (why string, err error)
	}{
		{"messages", w.takeMessage}, {"message_echoes", w.takeEcho}, {"statuses", w.takeStatus}, {"user_preferences", w.takePreference},
		{"errors", w.takeError},
	} {
		list, ok := listOf(value[part.name])
		if !ok {
			errs = append(errs, a.takeBroken(ctx, channelWhatsApp, part.name+" is no list", raw))
		}
		known = known || value[part.name] != nil
		for _, one := range list {
			why, err := part.take(ctx, vendor.Flatten(one))
			if why != "" {
				err = a.takeBroken(ctx, channelWhatsApp, why, one)
			}
			errs = append(errs, err)
		}
	}
	if !known {
		a.Refused(hook.Unknown, nil)
	}
	return errors.Join(errs...)
}

// whatsApp reads what one change tells.
type whatsApp struct {
	*App
	of       *asset
	contacts []vendor.Fields
}

// takeMessage takes what a customer wrote or did. why is what can't be understood of it.
func (w *whatsApp) takeMessage(ctx context.Context, s vendor.Fields) (why string, err error) {
	account, name := w.account(s)
	m := w.begin(s, account)
	switch {
	case s["id"] == "":
		return "a message without an id", nil
	case len(m.From) == 0:
		return "a message without a sender", nil
	}
	m.Name = message.Head(message.CleanLine(name), 200)
	event := "message"
	var files []fetch.File
	switch kind := s["type"]; {
	case kind == "revoke":
		return "", w.takeDeleted(ctx, m, cmp.Or(s["revoke.original_message_id"], s["revoke.message_id"], s["context.id"]))
	case kind == "reaction":
		event = "reaction"
		react(m, s["reaction.message_id"], s["reaction.emoji"])
	case kind == "system":
		w.system(m, s.Under("system"), account)
	case kind == "edit":
		_, edited := s.First("edit.message", "edit")
		files = w.compose(m, edited)
		m.Mark(MarkEdited)
		m.References = slices.Insert(m.References, 0, cmp.Or(s["edit.original_message_id"], s["edit.message_id"], s["context.id"]))
	default:
		if kind == "text" && firstOf(s, "text.body", "text") == "" {
			return "a text without words", nil
		}
		files = w.compose(m, s)
	}
	m.References = slices.DeleteFunc(m.References, func(r string) bool { return r == "" })
	if err := w.accept(ctx, w.of, m, files); err != nil {
		return "", err
	}
	w.Took(event, byWebhook)
	return "", nil
}

// begin begins the message of something that an account did.
func (w *whatsApp) begin(s vendor.Fields, account message.WhatsAppAccount) *message.Message {
	m := w.message(channelWhatsApp, instant(s["timestamp"], w.now().UTC()), w.of.number, s["id"])
	m.Own, m.From, m.To = s["id"], account.Identifiers(), w.of.whatsApp()
	m.References = w.of.conversations(m.From)
	return m
}

// account is who did something, as far as WhatsApp tells, and what they call themselves.
func (w *whatsApp) account(s vendor.Fields) (account message.WhatsAppAccount, name string) {
	from, user := s["from"], s["from_user_id"]
	account = message.WhatsAppAccount{Portfolio: w.cfg.portfolio(), Phones: []string{from}, UserIDs: []string{user, s["from_parent_user_id"]}}
	for _, c := range w.contacts {
		theirs := from != "" && from == c["wa_id"] || user != "" && user == c["user_id"]
		if !theirs && (from != "" || user != "" || len(w.contacts) > 1) {
			continue
		}
		account.Phones = append(account.Phones, c["wa_id"])
		account.UserIDs = append(account.UserIDs, c["user_id"], c["parent_user_id"])
		account.Username, name = c["profile.username"], c["profile.name"]
		break
	}
	return account, name
}

// compose adds what was said, and tells which files come with it.
func (w *whatsApp) compose(m *message.Message, s vendor.Fields) []fetch.File {
	m.Text = words(s)
	if replied := s["context.id"]; replied != "" { // what they point at says more than who they are
		m.References = slices.Insert(m.References, 0, replied)
	}
	if s["context.forwarded"] == "true" || s["context.frequently_forwarded"] == "true" {
		m.Mark(MarkForwarded)
	}
	for _, mark := range []struct{ name, path string }{
		{"button", "button.payload"}, {"chosen", "interactive.button_reply.id"}, {"chosen", "interactive.list_reply.id"},
		{"product", "context.referred_product.product_retailer_id"}, {"by an advertisement", "referral.headline"}, {"advertisement at", "referral.source_url"},
	} {
		if v := message.CleanLine(s[mark.path]); v != "" {
			m.Mark(mark.name + ": " + message.Head(v, 200))
		}
	}
	files := w.filesOf(m, s)
	switch {
	case m.Text == "" && len(files) == 0:
		m.Text = "(" + MarkUnshown + ")"
		m.Mark(MarkUnshown)
	case len(files) == 0 && sms.IsPlainStop(m.Text):
		m.Kind = message.Consent
		m.Mark(MarkStop)
	}
	return files
}

// words are what was said, and what was shown without writing.
func words(s vendor.Fields) string {
	lines := []string{firstOf(s, "text.body", "text", "button.text", "interactive.button_reply.title", "interactive.list_reply.title", "interactive.nfm_reply.body")}
	for _, kind := range []string{"image", "video", "document", "audio"} {
		lines = append(lines, s[kind+".caption"])
	}
	lines = append(lines, s["interactive.list_reply.description"], s["order.text"])
	form := vendor.Flatten([]byte(s["interactive.nfm_reply.response_json"]))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		lines = append(lines, name+": "+form[name])
	}
	for item := range s.Each("order.product_items") {
		lines = append(lines, item["quantity"]+" × "+item["product_retailer_id"])
	}
	if s["location.latitude"] != "" {
		lines = append(lines, s["location.name"], s["location.address"], "geo:"+s["location.latitude"]+","+s["location.longitude"])
	}
	for c := range s.Each("contacts") {
		lines = append(lines, "Contact: "+strings.Join(strings.Fields(c["name.formatted_name"]+" "+c["phones.0.phone"]+" "+c["emails.0.email"]), " "))
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "" })
	return said(lines...)
}

// filesOf gives the file of a message, of which there is never more than one. Where it is, Meta tells for five minutes at a time.
func (w *whatsApp) filesOf(m *message.Message, s vendor.Fields) []fetch.File {
	kind, f := s.First("image", "video", "audio", "voice", "document", "sticker")
	if f["id"] == "" {
		return nil
	}
	return []fetch.File{{
		Type: f["mime_type"], Name: message.CleanFileName(cmp.Or(f["filename"], kind)), SHA256: f["sha256"], Blob: m.ID + "/1",
		Locate: func(ctx context.Context) (string, error) {
			if !isID(f["id"]) {
				return "", connectors.Permanent(errors.New("it has no id"))
			}
			return w.of.api.Field(ctx, vendor.Call{Path: "/" + f["id"], Query: url.Values{"phone_number_id": {w.of.id}}}, "url")
		},
	}}
}

// react makes m an emoji beside a message, or says that it was taken away again.
func react(m *message.Message, to, emoji string) {
	m.Kind = message.Reaction
	m.References = slices.Insert(m.References, 0, to)
	if m.Text = message.Head(message.CleanLine(emoji), 64); m.Text == "" {
		m.Mark(MarkUnreacted)
		return
	}
	m.Mark("reaction: " + m.Text)
}

// system notes what WhatsApp itself says of an account: it has another number now. Nobody is made one by that; it is a sign.
func (w *whatsApp) system(m *message.Message, s vendor.Fields, was message.WhatsAppAccount) {
	m.Automatic, m.Text = message.Notice, cmp.Or(said(s["body"]), "("+MarkMoved+")")
	now := message.WhatsAppAccount{Portfolio: was.Portfolio, Phones: []string{s["wa_id"], s["new_wa_id"]}, UserIDs: []string{s["user_id"]}}
	ids := now.Identifiers()
	if s["type"] != "user_changed_number" || len(ids) == 0 {
		return
	}
	was.Phones = append(was.Phones, s["customer"])
	was.UserIDs = append(was.UserIDs, s["previous_user_id"])
	was.Username = "" // which they keep
	m.Formerly = slices.DeleteFunc(was.Identifiers(), func(id message.Identifier) bool { return slices.Contains(ids, id) })
	m.From, m.References = ids, append(m.References, w.of.conversations(ids)...)
	m.Mark(MarkMoved)
}

// takeDeleted notes in a conversation that something of it was taken down.
func (a *App) takeDeleted(ctx context.Context, m *message.Message, which string) error {
	m.Marks = []string{MarkDeleted}
	return a.notice(ctx, m, which, "A message of this conversation was deleted by who wrote it.")
}

// notice notes what became of something that was said, in the conversation that it stands in.
func (a *App) notice(ctx context.Context, m *message.Message, of, what string) error {
	m.Direction, m.Automatic, m.Own, m.Text = message.Out, message.Notice, "", what
	m.From, m.To, m.Name, m.References, m.Answers = m.To, nil, "", []string{of}, nil
	if err := a.env.Accept(ctx, m); err != nil {
		return err
	}
	a.Took("deletion", byWebhook)
	return nil
}

// takeEcho takes in what one of us wrote in the app of WhatsApp Business itself, where a number is used by both.
func (w *whatsApp) takeEcho(ctx context.Context, s vendor.Fields) (why string, err error) {
	to := message.WhatsAppAccount{Portfolio: w.cfg.portfolio(), Phones: []string{s["to"]}, UserIDs: []string{s["to_user_id"]}}
	m := w.begin(s, to)
	if s["id"] == "" || len(m.From) == 0 {
		return "", nil // it is nobody's question
	}
	if s["type"] == "revoke" {
		return "", w.takeDeleted(ctx, m, s["revoke.original_message_id"])
	}
	_, edited := s.First("edit.message")
	if edited == nil {
		edited = s
	}
	files := w.compose(m, edited)
	m.Kind, m.Direction, m.From, m.To = message.Said, message.Out, m.To, m.From
	if err := w.accept(ctx, w.of, m, files); err != nil {
		return "", err
	}
	w.Took("echo", byWebhook)
	return "", nil
}

// takePreference notes that an account wants no more of what we send to many, or wants it again.
func (w *whatsApp) takePreference(ctx context.Context, s vendor.Fields) (why string, err error) {
	s["from"], s["from_user_id"], s["id"] = s["wa_id"], s["user_id"], strings.Join([]string{"preference", s["wa_id"], s["user_id"], s["value"], s["timestamp"]}, "/")
	account, _ := w.account(s)
	m := w.begin(s, account)
	if len(m.From) == 0 {
		return "a preference of nobody", nil
	}
	m.Kind, m.Text = message.Consent, said(cmp.Or(s["detail"], s["category"]))
	m.Mark(MarkStop)
	if s["value"] == "resume" {
		m.Marks = []string{MarkStart}
	}
	if err := w.env.Accept(ctx, m); err != nil {
		return "", err
	}
	w.Took("preference", byWebhook)
	return "", nil
}

// takeError counts what Meta says went wrong.
func (w *whatsApp) takeError(_ context.Context, s vendor.Fields) (why string, err error) {
	w.Refused(reasonError, nil)
	w.env.Log.Debug("Meta tells of an error", zap.Int64("code", s.Int("code")))
	return "", nil
}

// whatsApp is the identifier of the number.
func (of *asset) whatsApp() []message.Identifier {
	id, err := message.WhatsApp(of.number, message.Mentioned)
	if err != nil {
		return nil
	}
	return []message.Identifier{id}
}

// conversations are the keys of that between the number and who has these identifiers.
func (of *asset) conversations(ids []message.Identifier) []string {
	return message.WhatsAppConversations(strings.TrimPrefix(of.number, "+"), message.WhatsAppAddresses(ids)...)
}
