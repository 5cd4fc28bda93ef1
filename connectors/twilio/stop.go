package twilio

import (
	"context"
	"net/url"
	"strings"

	"go.uber.org/zap"

	"loket/connectors/optout"
	"loket/internal/message"
	"loket/internal/sms"
)

// noteStop notes that the sender of m wants no more, or wants it again: nobody waits for an answer to that. By SMS it is
// remembered, and Twilio sends them nothing either.
func (t *Twilio) noteStop(ctx context.Context, m *message.Message, params url.Values) {
	kind, bySMS := params.Get("OptOutType"), m.Channel == channelSMS
	stop := kind == "STOP" || sms.IsPlainStop(m.Text) || bySMS && sms.IsStop(m.Text)
	start := !stop && bySMS && (kind == "START" || sms.IsStart(m.Text))
	again := false // "yes" is an answer, unless it takes a STOP back
	for _, key := range pairsOf(m) {
		stopped, err := t.wishes.Stopped(ctx, key)
		again = again || start && err == nil && stopped
	}
	switch {
	case stop:
		m.Kind, m.Marks = message.Consent, append(m.Marks, MarkStop)
	case again:
		m.Kind, m.Marks = message.Consent, append(m.Marks, MarkStart)
	case !start:
		return
	}
	if n := params.Get("NumMedia"); n != "" && n != "0" { // what came with it is for somebody to look at
		m.Kind = message.Said
	}
	if !bySMS {
		return
	}
	if err := t.wishes.Remember(ctx, m.Own, optout.Wish{Stopped: stop, At: m.Sent}, pairsOf(m)); err != nil { // Twilio keeps it too, and refuses for us
		t.env.Log.Warn("STOP or START not remembered", zap.String("message", m.ID), zap.Error(err))
	}
}

// pairsOf are the pairs of our number and the sender's that m stands in.
func pairsOf(m *message.Message) (keys []string) {
	for _, key := range m.References {
		if strings.HasPrefix(key, pairPrefix) {
			keys = append(keys, key)
		}
	}
	return keys
}

// noteReaction notes that m is an emoji beside a message of ours, or that it was taken away again.
func noteReaction(m *message.Message, params url.Values) {
	if !strings.EqualFold(params.Get("MessageType"), "reaction") {
		return
	}
	m.Kind = message.Reaction
	for _, name := range []string{"ReactionEmoji", "Emoji", "Body"} {
		if emoji := message.Head(message.CleanLine(params.Get(name)), maxEmoji); emoji != "" {
			m.Text, m.Marks = emoji, append(m.Marks, "reaction: "+emoji)
			return
		}
	}
	m.Text, m.Marks = "", append(m.Marks, MarkUnreacted)
}

// maxEmoji is how long one emoji may be, in bytes.
const maxEmoji = 64
