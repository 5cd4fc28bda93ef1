package x

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/hook"
	"loket/connectors/x/api"
	"loket/internal/message"
)

// Warnings for the agent, as marks of a message.
const (
	// MarkEdited marks a post that takes the place of an earlier one.
	MarkEdited = "edited: it replaces an earlier version"
	// MarkUnsummoned marks a post under which X may not let us answer.
	MarkUnsummoned = "it does not name us: X may refuse a public answer"
	// MarkEncrypted marks a message that only X's own programs can show.
	MarkEncrypted = "encrypted: open it in X"
	// MarkMedia marks a message of which a picture or film could not be had.
	MarkMedia = "a picture or film could not be fetched: see it on X"
	// MarkDisguised marks a message with a file that is not of the kind that X says.
	MarkDisguised = "a file is not what it says it is"
)

const (
	channel = "x"
	maxText = 64 << 10
)

// takePost takes responsibility for a post.
func (a *Account) takePost(ctx context.Context, p *api.Post) error {
	switch {
	case p.Repost:
		a.Refused(hook.Unknown, nil)
		return nil
	case p.Author.ID == a.self:
		return a.takeOwnPost(ctx, p)
	}
	m := a.post(p)
	m.References, m.Own = postRefs(p.Author.ID, p), ref(p.Author.ID, p.ID)
	m.From, m.Name = people(p.Author), message.CleanLine(p.Author.Name)
	m.Answers, m.AnswersLink = answers(p), postLink(cmp.Or(p.ReplyTo, p.Quotes))
	if len(p.Versions) > 0 {
		m.Mark(MarkEdited)
	}
	if a.cfg.API == apiV2 && !slices.Contains(p.Mentions, a.self) && p.Quotes == "" {
		m.Mark(MarkUnsummoned)
	}
	return a.accept(ctx, m, p.Media)
}

// takeOwnPost takes in an answer that somebody of ours gave in X itself, and what they wrote for everybody, for those who
// answer it. What loket sent is in its thread already. Pictures of what is for everybody are seen where its link leads.
func (a *Account) takeOwnPost(ctx context.Context, p *api.Post) error {
	m := a.post(p)
	m.Direction, m.From, m.To = message.Out, m.To, nil
	if p.ReplyTo == "" || p.ReplyToUser == "" || p.ReplyToUser == a.self {
		if m.Own = ref(forAll, p.ID); len(p.Media) > 0 {
			m.Mark(MarkMedia)
		}
		return a.env.Accept(ctx, m)
	}
	ours, err := a.own.Recognise(ctx, publicEcho(p.ReplyTo, p.Text), p.ID)
	if err != nil || ours {
		return err
	}
	m.References, m.Own = postRefs(p.ReplyToUser, p), ref(p.ReplyToUser, p.ID)
	m.To, m.AnswersLink = people(api.User{ID: p.ReplyToUser}), postLink(p.ReplyTo)
	return a.accept(ctx, m, p.Media)
}

// post begins the message that a post becomes.
func (a *Account) post(p *api.Post) *message.Message {
	m := a.message("post", p.ID, p.Created)
	m.Public, m.Text, m.Language, m.Link = true, text(p.Text), p.Lang, postLink(p.ID)
	return m
}

// takeDirect takes responsibility for a private message, a customer's or one of ours written in X itself.
func (a *Account) takeDirect(ctx context.Context, d *api.Direct) error {
	m := a.message("direct", d.ID, d.Created)
	m.Text = text(d.Text)
	m.References, m.Own = []string{ref(private, d.Conversation)}, ref(private, d.Conversation, d.ID)
	m.Link = directLink(d.Conversation)
	if d.Sender.ID == a.self {
		ours, err := a.own.Recognise(ctx, privateEcho(d.Conversation, d.Text), d.ID)
		if err != nil || ours {
			return err
		}
		m.Direction, m.From, m.To = message.Out, m.To, people(api.User{ID: d.Recipient})
	} else {
		m.From, m.Name = people(d.Sender), message.CleanLine(d.Sender.Name)
	}
	return a.accept(ctx, m, d.Media)
}

// takeEncrypted takes in that somebody wrote what we cannot read.
func (a *Account) takeEncrypted(ctx context.Context, e *api.Encrypted) error {
	if e.Sender == a.self {
		return nil
	}
	m := a.message("chat", e.ID, time.Time{})
	m.From, m.Marks = people(api.User{ID: e.Sender}), []string{MarkEncrypted}
	m.Text = "An encrypted message has come. It can be read and answered in X only."
	m.Own = ref("chat", e.ID)
	if e.Conversation != "" {
		m.References = []string{ref("chat", message.NewID([]byte(e.Conversation)))}
	}
	return a.accept(ctx, m, nil)
}

// takeDeleted notes in the thread of a post that its author took it back. A post that we do not have leaves nothing.
func (a *Account) takeDeleted(ctx context.Context, d *api.Deleted) error {
	if d.User == "" || d.User == a.self {
		return nil
	}
	m := a.message("deleted", d.ID, time.Time{})
	m.Direction, m.Automatic, m.Public = message.Out, message.Notice, true
	m.From, m.To = m.To, nil
	m.Text = "The author has deleted a post of this conversation."
	m.References = []string{ref(d.User, d.ID)}
	return a.accept(ctx, m, nil)
}

// takeRead reports that the customer has read an answer of ours. What loket did not send lately is not reported.
func (a *Account) takeRead(ctx context.Context, r *api.Read) error {
	if r.User == a.self {
		return nil
	}
	ours, err := a.own.Has(ctx, r.ID)
	if err != nil || !ours {
		return err
	}
	m := a.message("read", r.ID, time.Time{})
	m.Kind, m.To = message.Delivery, nil
	m.Report = &message.DeliveryReport{Of: ref(private, r.Conversation, r.ID), State: string(connectors.Read)}
	return a.env.Accept(ctx, m)
}

// takeBroken keeps what cannot be read, for somebody to look at.
func (a *Account) takeBroken(ctx context.Context, b *api.Broken) error {
	a.Refused(hook.Unreadable, nil)
	m := a.message("broken", string(b.Raw), time.Time{})
	m.Problem = fmt.Sprintf("this event of X (%s) cannot be read: %s", message.Head(message.CleanLine(b.Type), 60), b.Why)
	if len(b.Raw) <= message.MaxInlineRaw {
		m.Raw = b.Raw
	} else {
		m.RawBlob = m.ID + "/original"
		if _, err := a.env.Blobs.Put(ctx, m.RawBlob, strings.NewReader(string(b.Raw))); err != nil {
			return fmt.Errorf("store original: %w", err)
		}
	}
	return a.env.Accept(ctx, m)
}

// message begins one. It came when it was written, however late we ask: the customer has waited since.
func (a *Account) message(kind, id string, written time.Time) *message.Message {
	now := a.now().UTC()
	m := &message.Message{
		ID: message.NewID([]byte("x"), []byte(a.self), []byte(kind), []byte(id)), Connector: a.env.Name, Channel: channel,
		To: people(api.User{ID: a.self}), Received: now,
	}
	if !written.IsZero() {
		m.Sent = written.UTC()
		if m.Sent.Before(now) {
			m.Received = m.Sent
		}
	}
	return m
}

// people are the identifiers of a user. X itself says who they are; their number stays theirs, their handle need not.
func people(u api.User) (ids []message.Identifier) {
	if id, err := message.NewIdentifier("xu", "", u.ID, message.Attested); err == nil {
		ids = append(ids, id)
	}
	if id, err := message.NewIdentifier("xh", "", u.Handle, message.Attested); err == nil {
		ids = append(ids, id)
	}
	return ids
}

func text(s string) string { return message.Head(message.CleanText(s), maxText) }

// accept hands a message over, its files first.
func (a *Account) accept(ctx context.Context, m *message.Message, media []api.Media) error {
	if a.cfg.MaxMedia > 0 && len(media) > 0 {
		if err := a.fetch(ctx, m, media); err != nil {
			return err
		}
	} else if len(media) > 0 {
		m.Marks = append(m.Marks, MarkMedia)
	}
	return a.env.Accept(ctx, m)
}
