package meta

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/echo"
	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/connectors/vendor"
	"loket/internal/message"
	"loket/internal/sms"
)

// More warnings for the agent.
const (
	MarkStory   = "names us in a story"
	MarkToStory = "answers a story of ours"
	MarkStandby = "another app has this conversation now: it may answer, too"
)

// takeMessaging takes what somebody did in a private conversation with a Page or an Instagram account.
func (a *App) takeMessaging(ctx context.Context, of *asset, list string, raw json.RawMessage) error {
	s := vendor.Flatten(raw)
	var keys map[string]json.RawMessage
	if _, in := s.First("message"); json.Unmarshal(raw, &keys) != nil || keys["message"] != nil && in == nil {
		return a.takeBroken(ctx, of.private, "what is said in it is no object", raw)
	}
	theirs := s["sender.id"]
	if s["message.is_echo"] == "true" || theirs == of.id {
		theirs = s["recipient.id"]
	}
	if _, err := message.NewIdentifier(of.kind, of.id, theirs, message.Attested); err != nil || theirs == of.id {
		return a.takeBroken(ctx, of.private, "it does not say whose it is", raw)
	}
	if list == "standby" {
		s["standby"] = "true"
	}
	return a.takePrivate(ctx, of, theirs, s, byWebhook)
}

// takePrivate takes one thing of a private conversation, by whichever way it came.
func (a *App) takePrivate(ctx context.Context, of *asset, theirs string, s vendor.Fields, by string) error {
	p := &private{App: a, of: of, theirs: theirs, at: instant(s["timestamp"], a.now().UTC()), by: by}
	kind, in := s.First("message", "postback", "message_edit", "reaction", "delivery", "read", "referral")
	switch {
	case kind == "message" && in["mid"] == "", kind == "message_edit" && in["mid"] == "":
		b, _ := json.Marshal(s) // texts always can be
		return a.takeBroken(ctx, of.private, "a message without an id", b)
	case kind == "delivery":
		return p.arrived(ctx, in, connectors.Delivered)
	case kind == "read":
		return p.arrived(ctx, in, connectors.Read)
	case in["is_deleted"] == "true":
		return a.takeDeleted(ctx, p.begin(in["mid"], "deleted"), in["mid"])
	case in["is_echo"] == "true":
		return p.takeEcho(ctx, in)
	case kind == "":
		a.Refused(hook.Unknown, nil)
		return nil
	}
	return p.take(ctx, kind, in, s["standby"] != "")
}

// private reads what happens in one private conversation.
type private struct {
	*App
	of     *asset
	theirs string
	at     time.Time
	by     string
}

// begin begins the message of something that the customer did.
func (p *private) begin(own string, more ...string) *message.Message {
	m := p.message(p.of.private, p.at, append([]string{p.of.id, own}, more...)...)
	m.Own, m.References, m.To = own, []string{p.of.conversation(p.theirs)}, p.of.ours()
	m.AddFrom(p.of.kind, p.of.id, p.theirs, message.Attested)
	return m
}

// take takes what the customer wrote or did.
func (p *private) take(ctx context.Context, kind string, in vendor.Fields, standby bool) error {
	event, m := "message", p.begin(in["mid"])
	var files []fetch.File
	switch kind {
	case "reaction":
		event, m = "reaction", p.begin("", "reaction", in["mid"], in["action"], in["emoji"], p.at.String())
		react(m, in["mid"], map[bool]string{true: cmp.Or(in["emoji"], in["reaction"])}[in["action"] != "unreact"])
	case "message_edit":
		m = p.begin(in["mid"]+"/"+cmp.Or(in["num_edit"], message.NewID([]byte(in["text"]))), "edit")
		m.Text = said(in["text"])
		m.Mark(MarkEdited)
		m.References = slices.Insert(m.References, 0, in["mid"])
	case "postback":
		if in["mid"] == "" { // else it is the message that lists have
			m = p.begin("postback/"+p.at.Format(time.RFC3339Nano), "postback")
		}
		m.Text = said(cmp.Or(in["title"], in["payload"]))
		mark(m, "button", in["payload"])
		refer(m, in.Under("referral"))
	case "referral": // they came by a link, and have said nothing yet
		event, m = "reaction", p.begin("", "referral", in["ref"], in["ad_id"], p.at.String())
		m.Kind, m.Text = message.Reaction, "(came by a link)"
		refer(m, in)
	default:
		files = p.compose(m, in)
	}
	if standby {
		m.Mark(MarkStandby)
	}
	p.name(ctx, m)
	if err := p.accept(ctx, p.of, m, files); err != nil {
		return err
	}
	p.Took(event, p.by)
	return nil
}

// compose adds what was said, and tells which files come with it.
func (p *private) compose(m *message.Message, in vendor.Fields) (files []fetch.File) {
	lines := []string{in["text"]}
	if in["reply_to.mid"] != "" {
		m.References = slices.Insert(m.References, 0, in["reply_to.mid"])
	}
	if in["reply_to.story.id"] != "" || in["reply_to.story.url"] != "" {
		m.Mark(MarkToStory)
		mark(m, "story", in["reply_to.story.url"])
	}
	mark(m, "chosen", in["quick_reply.payload"])
	refer(m, in.Under("referral"))
	for at := range in.Each("attachments") {
		url := cmp.Or(at["payload.url"], at["url"])
		switch kind := at["type"]; {
		case slices.Contains([]string{"image", "video", "audio", "file", "story_mention"}, kind) && url != "":
			if kind == "story_mention" {
				m.Mark(MarkStory)
				kind = "story"
			}
			name := message.CleanFileName(cmp.Or(at["name"], kind))
			files = append(files, fetch.File{URL: url, Type: at["mime_type"], Name: name, Blob: m.ID + "/" + string(rune('1'+len(files)))})
		case at["payload.coordinates.lat"] != "":
			lines = append(lines, at["title"], "geo:"+at["payload.coordinates.lat"]+","+at["payload.coordinates.long"])
		default: // what is shared: a post, a film, a link
			lines = append(lines, cmp.Or(at["payload.title"], at["title"]), url)
		}
		if len(files) == maxFiles {
			break
		}
	}
	m.Text = said(slices.DeleteFunc(lines, func(line string) bool { return line == "" })...)
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

// maxFiles is how many files are taken of one message.
const maxFiles = 9

// mark notes something beside the text.
func mark(m *message.Message, name, value string) {
	if v := message.CleanLine(value); v != "" {
		m.Mark(name + ": " + message.Head(v, 200))
	}
}

// refer notes by what the customer came to us.
func refer(m *message.Message, referral vendor.Fields) {
	mark(m, "came by", referral["ref"])
	mark(m, "by an advertisement", cmp.Or(referral["ads_context_data.ad_title"], referral["ad_id"]))
	mark(m, "product", referral["product.id"])
}

// takeEcho takes in what was written for us. Meta tells of what we sent, too, which brings our own id back; what is known by that, by
// its text or by its id is in its conversation already.
func (p *private) takeEcho(ctx context.Context, in vendor.Fields) error {
	if ours := in["metadata"]; message.ValidID(ours) && (in["app_id"] == "" || in["app_id"] == p.cfg.AppID) {
		return p.report(ctx, &message.DeliveryReport{Of: ours, State: string(connectors.Sent)}, in["mid"])
	}
	talk := p.of.conversation(p.theirs)
	ours, err := p.own.Recognise(ctx, sentAs(talk, in["text"]), in["mid"])
	if err != nil || ours {
		return err
	}
	m := p.begin(in["mid"])
	files := p.compose(m, in)
	m.Kind, m.Direction, m.From, m.To = message.Said, message.Out, m.To, m.From
	if err := p.accept(ctx, p.of, m, files); err != nil {
		return err
	}
	p.Took("echo", p.by)
	return nil
}

// sentAs names what is sent to a conversation, by what Meta tells of it again.
func sentAs(talk, text string) string {
	return message.NewID([]byte(talk), []byte(strings.Join(strings.Fields(text), " ")))
}

// seenWithin is how much earlier than we heard of it Meta may have taken a message.
const seenWithin = 2 * time.Second

// arrived reports answers that arrived or were read: those that are named, else all until an instant.
func (p *private) arrived(ctx context.Context, in vendor.Fields, state connectors.State) error {
	mids := in.List("mids")
	if in["mid"] != "" {
		mids = append(mids, in["mid"])
	}
	if until := instant(in["watermark"], p.now().UTC()); len(mids) == 0 && in["watermark"] != "" {
		sent, err := p.answers.Lately(ctx, p.of.conversation(p.theirs))
		if err != nil {
			return err
		}
		for _, one := range slices.DeleteFunc(sent, func(one echo.Answer) bool { return one.At.Add(-seenWithin).After(until) }) {
			mids = append(mids, one.ID)
		}
	}
	for _, mid := range mids {
		if err := p.report(ctx, &message.DeliveryReport{Of: mid, State: string(state)}, mid); err != nil {
			return err
		}
	}
	return nil
}

// conversation is the key of the private one with somebody.
func (of *asset) conversation(theirs string) string {
	return strings.Join([]string{of.private, of.id, theirs}, "/")
}

// ours is the identifier of the Page or account.
func (of *asset) ours() []message.Identifier {
	id, err := message.NewIdentifier(of.kind, of.id, of.id, message.Mentioned)
	if err != nil {
		return nil
	}
	return []message.Identifier{id}
}
