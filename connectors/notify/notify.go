// Package notify tells customers, where they left an address, that the page of their conversation has an answer.
package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"loket/connectors"
	"loket/internal/message"
)

// How often customers are told: once of an answer, and where nobody has checked the address, once an hour for a conversation and for an
// address; so many a minute in all. Whoever wants to annoy another must get little for it.
const (
	onceForAnswer    = 14 * 24 * time.Hour
	onceInAWhile     = time.Hour
	maxToldPerMinute = 30
	tellWithin       = 20 * time.Second
)

// Words are what customers are told, in one language.
type Words struct {
	Us, Subject string
	Link        string // by mail, with two %s: who we are, and the address of the page
	LinkShort   string // by other channels; the same two
	// Answer is told with what was answered, with three %s: who we are, the answer, the address of the page. "" tells the link to everybody.
	Answer string
}

// Options is what a notifier is made of.
type Options struct {
	By        []string // the connectors that tell, in the order in which they are tried
	Languages []string // there are words in; the first is for whoever's is not known
	Words     func(language string) Words
	Env       connectors.Env
	Now       func() time.Time
}

// A Notifier tells customers that their page has an answer. Whose address is proven reads the answer, everybody else the link, and nothing of
// what was said. It does so at most once: what fails is not tried again, for the answer stands on the page. Its methods may be called concurrently.
type Notifier struct {
	Options
	limit *rate.Limiter
}

// New makes one. It holds nothing that has to be closed.
func New(o Options) *Notifier {
	return &Notifier{Options: o, limit: rate.NewLimiter(rate.Every(time.Minute/maxToldPerMinute), maxToldPerMinute)}
}

// Reaches gives the first connector that can tell one of those whom an answer of ours is for, and the address; ok is false when nobody can be
// told, or is to be.
func (n *Notifier) Reaches(answer *message.Message) (connector string, to message.Identifier, ok bool) {
	if n.Env.Tell == nil || n.Env.Reaches == nil || answer.Automatic != message.ByPerson {
		return "", message.Identifier{}, false
	}
	for _, connector := range n.By {
		for _, to := range answer.To {
			if n.Env.Reaches(connector, to) {
				return connector, to, true
			}
		}
	}
	return "", message.Identifier{}, false
}

// Tell tells those whom an answer of ours is for, at the first address that they can be reached at.
func (n *Notifier) Tell(ctx context.Context, answer *message.Message) {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	connector, to, ok := n.Reaches(answer)
	whole := to.Level >= message.Proven && n.Words(n.language(answer)).Answer != ""
	if !ok || !n.limit.Allow() || !n.first(ctx, answer, to, whole) {
		return
	}
	m := n.link(answer, to)
	if whole {
		m = n.whole(answer, to)
	}
	if err := n.Env.Tell(ctx, connector, m); err != nil {
		n.Env.Log.Warn("customer not told that there is an answer", zap.String("by", connector))
		n.Env.Log.Debug("customer not told", zap.String("message", answer.ID), zap.Error(err)) // it may name the address
	}
}

// first tells whether nobody was told of this answer, nor, by a link, of another of the conversation or at this address a short while ago.
func (n *Notifier) first(ctx context.Context, answer *message.Message, to message.Identifier, whole bool) bool {
	sum := sha256.Sum256([]byte(to.String()))
	keys := []struct {
		key  string
		keep time.Duration
	}{{"told:" + answer.ID, onceForAnswer}, {"told-in:" + answer.Thread, onceInAWhile}, {"told-to:" + hex.EncodeToString(sum[:12]), onceInAWhile}}
	if whole {
		keys = keys[:1]
	}
	for _, k := range keys {
		first, err := n.Env.Cursor.Once(ctx, k.key, k.keep)
		if err != nil || !first {
			return false
		}
	}
	return true
}

func (n *Notifier) language(answer *message.Message) string {
	if slices.Contains(n.Languages, answer.Language) {
		return answer.Language
	}
	return n.Languages[0]
}

// us is who answers, as customers know us.
func (n *Notifier) us(w Words) string {
	if look := n.Env.Look.Or(); look.Name != "" {
		return look.Name
	}
	return w.Us
}

// link has nothing of what the customer or we wrote: whoever typed the address may be another. For that reason it belongs to no
// conversation: what its reader answers must not stand on a page that somebody else has the link of.
func (n *Notifier) link(answer *message.Message, to message.Identifier) *message.Message {
	say := n.Words(n.language(answer))
	text := say.LinkShort
	if to.Kind == "email" {
		text = say.Link
	}
	m := n.message(answer, to, fmt.Sprintf(text, n.us(say), n.Env.ThreadURL(answer.Thread)))
	m.Thread = m.ID
	return m
}

// whole is the answer itself. It belongs to the conversation, and what its reader answers does, too.
func (n *Notifier) whole(answer *message.Message, to message.Identifier) *message.Message {
	say := n.Words(n.language(answer))
	m := n.message(answer, to, fmt.Sprintf(say.Answer, n.us(say), answer.Text, n.Env.ThreadURL(answer.Thread)))
	m.Thread = answer.Thread
	return m
}

func (n *Notifier) message(answer *message.Message, to message.Identifier, text string) *message.Message {
	language := n.language(answer)
	now := n.Now().UTC()
	return &message.Message{
		ID: message.NewID([]byte("notify"), []byte(answer.ID)), Direction: message.Out, Automatic: message.Reply,
		To: []message.Identifier{to}, Subject: n.Words(language).Subject, Text: text, Language: language, Sent: now, Received: now,
	}
}
