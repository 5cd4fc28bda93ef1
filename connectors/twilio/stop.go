package twilio

import (
	"context"
	"net/url"
	"strings"

	"go.uber.org/zap"

	"loket/internal/message"
)

// stopWords and startWords are those at which Twilio itself stops sending, and begins again: a message by SMS that is
// nothing else. Other words and languages are the account's own, and the webhook says so (OptOutType).
const (
	stopWords  = "|stop|stopall|unsubscribe|cancel|end|quit|revoke|optout|arret|arrete|arrett|"
	startWords = "|start|yes|unstop|"
)

// plainWords are those that mean nothing else, on any channel and in any language. WhatsApp stops nothing by itself, so
// "cancel" may be an answer to a question there.
const plainWords = "|stop|stopp|stopall|stop all|unsubscribe|optout|opt-out|opt out|arret|arrêt|arrete|arrête|arrett|" +
	"stop sms|stop promotions|stop promotion|stop promoties|"

// isOne tells whether a text is one of the words, however it is written.
func isOne(text, words string) bool {
	word := strings.Join(strings.Fields(strings.ToLower(strings.Trim(text, " \t\r\n.,!?\"'“”"))), " ")
	return word != "" && !strings.Contains(word, "|") && strings.Contains(words, "|"+word+"|")
}

// noteStop notes that the sender of m wants no more, or wants it again: nobody waits for an answer to that. By SMS it is
// remembered, and Twilio sends them nothing either.
func (t *Twilio) noteStop(ctx context.Context, m *message.Message, params url.Values) {
	kind, sms := params.Get("OptOutType"), m.Channel == channelSMS
	stop := kind == "STOP" || isOne(m.Text, plainWords) || sms && isOne(m.Text, stopWords)
	start := !stop && sms && (kind == "START" || isOne(m.Text, startWords))
	again := false // "yes" is an answer, unless it takes a STOP back
	for _, key := range pairsOf(m) {
		was, err := t.wish(ctx, key)
		again = again || start && err == nil && was.Stopped
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
	if !sms {
		return
	}
	if first, err := t.env.Cursor.Once(ctx, stopKey+m.Own, wishLife); err == nil && !first {
		return // it comes again, perhaps by somebody who kept the webhook
	}
	for _, key := range pairsOf(m) {
		if err := t.rememberStop(ctx, key, wish{Stopped: stop, At: m.Sent}); err != nil { // Twilio keeps it too, and refuses for us
			t.env.Log.Warn("STOP or START not remembered", zap.String("message", m.ID), zap.Error(err))
		}
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
