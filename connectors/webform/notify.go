package webform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"loket/internal/message"
)

// How often customers are told that they have an answer: once for an answer, once an hour for a conversation and for an address, so many
// a minute in all. Nobody has checked the address that a form was filled in with, so whoever wants to annoy another must get little for it.
const (
	onceForAnswer    = 14 * 24 * time.Hour
	onceInAWhile     = time.Hour
	maxToldPerMinute = 30
	tellWithin       = 20 * time.Second
)

// A notifier tells customers that their page has an answer: the link, and nothing of what was said. It does so at most once: what fails is
// not tried again, for the answer stands on the page.
type notifier struct {
	by       []string // the connectors that do
	language string   // for whoever's is not known
	form     *Form
	limit    *rate.Limiter
}

func newNotifier(f *Form) *notifier {
	return &notifier{by: f.cfg.Notify, language: f.cfg.Languages[0], form: f, limit: rate.NewLimiter(rate.Every(time.Minute/maxToldPerMinute), maxToldPerMinute)}
}

// tell tells those whom an answer of ours is for, at the first address that they can be reached at.
func (n *notifier) tell(ctx context.Context, answer *message.Message) {
	env := &n.form.env
	if len(n.by) == 0 || env.Tell == nil || env.Reaches == nil || answer.Automatic != message.ByPerson {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	for _, connector := range n.by {
		for _, to := range answer.To {
			if !env.Reaches(connector, to) {
				continue
			}
			if !n.limit.Allow() || !n.first(ctx, answer, to) {
				return
			}
			if err := env.Tell(ctx, connector, n.compose(answer, to)); err != nil {
				env.Log.Warn("customer not told that there is an answer", zap.String("by", connector))
				env.Log.Debug("customer not told", zap.String("message", answer.ID), zap.Error(err)) // it may name the address
			}
			return
		}
	}
}

// first tells whether nobody was told of this answer, nor of another of the conversation or at this address a short while ago.
func (n *notifier) first(ctx context.Context, answer *message.Message, to message.Identifier) bool {
	sum := sha256.Sum256([]byte(to.String()))
	for _, k := range []struct {
		key  string
		keep time.Duration
	}{{"told:" + answer.ID, onceForAnswer}, {"told-in:" + answer.Thread, onceInAWhile}, {"told-to:" + hex.EncodeToString(sum[:12]), onceInAWhile}} {
		first, err := n.form.env.Cursor.Once(ctx, k.key, k.keep)
		if err != nil || !first {
			return false
		}
	}
	return true
}

// compose writes nothing of what the customer or we wrote: whoever typed the address may be another. For that reason it belongs to no
// conversation: what its reader answers must not stand on a page that somebody else has the link of.
func (n *notifier) compose(answer *message.Message, to message.Identifier) *message.Message {
	language := n.language
	if slices.Contains(n.form.cfg.Languages, answer.Language) {
		language = answer.Language
	}
	say := wordsIn(language)
	who := say.Us
	if look := n.form.pages.look; look.Name != "" {
		who = look.Name
	}
	text := fmt.Sprintf(say.NotifyShort, who, n.form.env.ThreadURL(answer.Thread))
	if to.Kind == "email" {
		text = fmt.Sprintf(say.Notify, who, n.form.env.ThreadURL(answer.Thread))
	}
	id, now := message.NewID([]byte("notify"), []byte(answer.ID)), n.form.now().UTC()
	return &message.Message{
		ID: id, Direction: message.Out, Automatic: message.Reply, Thread: id,
		To: []message.Identifier{to}, Subject: say.NotifySubject, Text: text, Language: language, Sent: now, Received: now,
	}
}
