package telegram

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"loket/connectors/fetch"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// Warnings for the agent.
const (
	MarkEdited    = "edited: it replaces what was said before"
	MarkForwarded = "forwarded"
	MarkNoFile    = "a file could not be fetched"
	MarkStart     = "started the bot"
	MarkStop      = "wants no more messages: stopped or blocked the bot"
)

// unreadable says why an update that may be somebody's message cannot be read; "" when it can, or is surely none.
func unreadable(update vendor.Fields) string {
	kind, s := update.First("message", "edited_message")
	switch {
	case kind == "" && update["message"]+update["edited_message"] != "":
		return "its message is no object"
	case kind == "" || s["chat.type"] != "private" && s["chat.type"] != "":
		return ""
	case s["chat.type"] == "" || s["chat.id"] == "":
		return "it does not say in which chat it is"
	case s["message_id"] == "":
		return "its message has no number"
	case s["from.id"] == "":
		return "it does not say who wrote"
	}
	return ""
}

// read makes the message of an update, and tells which file comes with it. What is not said to us in private is none, nor is
// each step of who shows where they are.
func (b *Bot) read(update vendor.Fields) (*message.Message, []fetch.File) {
	kind, s := update.First("message", "edited_message", "my_chat_member")
	edited, status := kind == "edited_message", s["new_chat_member.status"]
	if s["chat.type"] != "private" || s["pinned_message.date"] != "" || edited && s["location.latitude"] != "" {
		return nil, nil
	}
	own, refs := s["chat.id"]+":"+s["message_id"], []string{s["chat.id"]}
	if replied := s["reply_to_message.message_id"]; replied != "" { // what they point at says more than who they are
		refs = []string{s["chat.id"] + ":" + replied, s["chat.id"]}
	}
	if edited {
		refs = append([]string{own}, refs...)
	}
	if kind != "message" {
		own += "/" + update["update_id"]
	}
	m := b.message(s, own, refs)
	files := b.filesOf(s, m.ID)
	switch command, _, _ := strings.Cut(s["text"], " "); {
	case command == "/start" || status == "member":
		m.Kind, m.Marks = message.Consent, []string{MarkStart}
	case command == "/stop" || status != "":
		m.Kind, m.Marks = message.Consent, []string{MarkStop}
	case edited:
		m.Marks = []string{MarkEdited}
	case s["forward_origin.type"] != "":
		m.Marks = []string{MarkForwarded}
	}
	if m.Text == "" && len(files) == 0 {
		m.Text = "(" + strings.Join(append(m.Marks, "only Telegram shows it")[:1], "") + ")"
	}
	return m, files
}

func (b *Bot) message(s vendor.Fields, own string, refs []string) *message.Message {
	bot, _, _ := strings.Cut(b.cfg.Token.Reveal(), ":")
	now := time.Now().UTC()
	m := &message.Message{
		ID: message.NewID([]byte("telegram"), []byte(bot), []byte(own)), Connector: b.env.Name, Channel: b.Channel, Own: own, References: refs,
		Name: message.Head(message.CleanLine(s["from.first_name"]+" "+s["from.last_name"]), 200), Text: words(s), Sent: now, Received: now,
	}
	if at := cmp.Or(s.Int("edit_date"), s.Int("date")); at > 0 && at < now.Unix() {
		m.Sent = time.Unix(at, 0).UTC()
	}
	if len(strings.Fields(s["text"]+s["caption"])) < 3 { // more words show their language themselves
		m.Language, _, _ = strings.Cut(message.CleanLine(s["from.language_code"]), "-")
	}
	m.AddFrom("tg", "", s["from.id"], message.Attested)
	m.AddFrom("tg.user", "", s["from.username"], message.Attested)
	if s["contact.user_id"] == s["from.id"] {
		m.AddFrom("phone", "", "+"+strings.TrimPrefix(s["contact.phone_number"], "+"), message.Claimed)
	}
	return m
}

// words are what was said, and what was shown without writing.
func words(s vendor.Fields) string {
	lines := []string{s["text"] + s["caption"], s["venue.title"], s["venue.address"]}
	switch {
	case s["sticker.file_id"] != "":
		lines = append(lines, "(sticker "+s["sticker.emoji"]+")")
	case s["location.latitude"] != "":
		lines = append(lines, "geo:"+s["location.latitude"]+","+s["location.longitude"])
	case s["contact.phone_number"] != "":
		lines = append(lines, "Contact: "+s["contact.first_name"]+" "+s["contact.last_name"]+" "+s["contact.phone_number"])
	}
	return message.Head(strings.TrimSpace(message.CleanText(strings.Join(lines, "\n"))), 64<<10)
}

// filesOf gives the file of a message, of which there is never more than one.
func (b *Bot) filesOf(s vendor.Fields, id string) []fetch.File {
	name, f := s.First("document", "voice", "audio", "video", "video_note")
	for size := range s.Each("photo") { // the largest is last
		name, f = "photo", size
	}
	if name == "" {
		return nil
	}
	return []fetch.File{{
		Type: f["mime_type"], Size: f.Int("file_size"), Name: message.CleanFileName(cmp.Or(f["file_name"], name)), Blob: id + "/1",
		Locate: func(ctx context.Context) (string, error) {
			path, err := b.api.Field(ctx, vendor.Call{Path: "/getFile", Query: url.Values{"file_id": {f["file_id"]}}}, "result.file_path")
			u := b.api.Base()
			u.Path = "/file" + u.Path + "/" + path
			return u.String(), err
		},
	}}
}
