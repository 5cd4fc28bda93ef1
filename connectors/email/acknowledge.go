package email

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"loket/connectors"
	"loket/internal/message"
)

// How often an acknowledgement goes out: once for a mail, once a day to an address (RFC 3834 §2), and so many a minute
// in all, so that no two machines write to each other for long.
const (
	onceForMail    = 14 * 24 * time.Hour
	onceForAddress = 24 * time.Hour
	maxPerMinute   = 30
	ackWithin      = 30 * time.Second
	atOnce         = time.Hour // who has waited longer needs an answer, and old mail of a first run nothing at all
)

// An acknowledger tells customers that their first mail has come. It does so at most once: what fails is not tried
// again, for nothing depends on it.
type acknowledger struct {
	texts  map[string]string
	cursor connectors.Cursor
	accept connectors.Accept
	url    func(thread string) string
	log    *zap.Logger
	limit  *rate.Limiter
	mail   connectors.Sender
}

func newAcknowledger(s *sending) *acknowledger {
	return &acknowledger{
		texts: s.cfg.Acknowledge, cursor: s.env.Cursor, accept: s.env.Accept, url: s.env.ThreadURL, log: s.env.Log,
		limit: rate.NewLimiter(rate.Every(time.Minute/maxPerMinute), maxPerMinute), mail: s.sender,
	}
}

// begins tells whether m is the first mail of a conversation, has just come, and is by a person who is who they say: nobody
// may make us write to strangers.
func begins(m *message.Message, now time.Time) bool {
	return now.Sub(m.Received) < atOnce && m.Kind == message.Said && m.Direction == message.In && m.Automatic == message.ByPerson && m.Problem == "" &&
		m.Thread == "" && m.Forward == "" && len(m.References) == 0 && m.Ticket == "" && m.Own != "" &&
		len(m.From) == 1 && m.From[0].Level >= message.Attested && !m.From[0].Role()
}

// send acknowledges m, which has begun a thread of its own.
func (a *acknowledger) send(ctx context.Context, m *message.Message) {
	ctx, cancel := context.WithTimeout(ctx, ackWithin)
	defer cancel()
	if !a.first(ctx, m) || !a.limit.Allow() {
		return
	}
	ack := a.compose(m)
	if _, err := a.mail.Send(ctx, ack); err != nil {
		a.log.Debug("mail not acknowledged", zap.String("message", m.ID), zap.Error(err))
		return
	}
	if err := a.accept(ctx, ack); err != nil {
		a.log.Debug("acknowledgement not noted", zap.String("message", m.ID), zap.Error(err))
	}
}

// first tells whether neither the mail nor its sender had an acknowledgement.
func (a *acknowledger) first(ctx context.Context, m *message.Message) bool {
	sum := sha256.Sum256([]byte(m.From[0].Value))
	for _, k := range []struct {
		key  string
		keep time.Duration
	}{{"ack:" + m.ID, onceForMail}, {"ack-to:" + hex.EncodeToString(sum[:12]), onceForAddress}} {
		first, err := a.cursor.Once(ctx, k.key, k.keep)
		if err != nil || !first {
			return false
		}
	}
	return true
}

// compose writes nothing of what the customer wrote but their subject: whoever can make us write must not choose the text.
func (a *acknowledger) compose(m *message.Message) *message.Message {
	text, ok := a.texts[m.Language]
	if !ok { // whoever it is reads one of them
		var all []string
		for _, language := range slices.Sorted(maps.Keys(a.texts)) {
			all = append(all, strings.TrimSpace(a.texts[language]))
		}
		text = strings.Join(all, "\n\n* * *\n\n")
	}
	text = strings.NewReplacer("{url}", a.url(m.ID), "{subject}", m.Subject).Replace(text)
	now := time.Now().UTC()
	return &message.Message{
		ID: message.NewID([]byte("acknowledgement"), []byte(m.ID)), Direction: message.Out, Automatic: message.Reply,
		Connector: m.Connector, Channel: m.Channel, Thread: m.ID, References: []string{m.Own},
		From: m.To, To: m.From, Subject: m.Subject, Text: message.CleanText(text), Language: m.Language, Sent: now, Received: now,
	}
}
