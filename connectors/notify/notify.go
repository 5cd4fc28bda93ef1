// Package notify tells customers, where they left an address, that the page of their conversation has an answer.
package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"loket/connectors"
	"loket/internal/message"
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
	// Seen tells whether the customer saw an answer, by its Key. nil: nobody knows.
	Seen func(ctx context.Context, key string) (bool, error)
	Now  func() time.Time
}

// A Notifier tells customers that their page has an answer. Whose address is proven reads the answer, everybody else the link, and nothing of
// what was said. What is to be told is kept in the store until it was handed to the connector that tells; a process that dies in between tells
// it once more, in the same words and by the same id. Its methods may be called concurrently, and by several processes.
type Notifier struct {
	Options
	limit *rate.Limiter
	told  *prometheus.CounterVec
}

// New makes one. It holds nothing that has to be closed.
func New(o Options) *Notifier {
	return &Notifier{
		Options: o, limit: rate.NewLimiter(rate.Every(time.Minute/maxToldPerMinute), maxToldPerMinute),
		told: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_notices_total", ConstLabels: prometheus.Labels{"connector": o.Env.Name},
			Help: "Answers of which customers were to be told elsewhere, by what became of that: sent, covered (by another that was sent), seen (before), in_doubt, given_up.",
		}, []string{"result"}),
	}
}

// Describe tells which metrics there are.
func (n *Notifier) Describe(ch chan<- *prometheus.Desc) { n.told.Describe(ch) }

// Collect gives the metrics.
func (n *Notifier) Collect(ch chan<- prometheus.Metric) { n.told.Collect(ch) }

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

// whole is the answer itself, for whose address is proven; nil for others. It belongs to the conversation, and what its reader answers does,
// too.
func (n *Notifier) whole(answer *message.Message, to message.Identifier) *message.Message {
	say := n.Words(n.language(answer))
	if to.Level < message.Proven || say.Answer == "" {
		return nil
	}
	m := n.message(answer, to, fmt.Sprintf(say.Answer, n.us(say), answer.Text, n.Env.ThreadURL(answer.Thread)))
	m.Thread = answer.Thread
	return m
}

func (n *Notifier) message(answer *message.Message, to message.Identifier, text string) *message.Message {
	language := n.language(answer)
	now := n.Now().UTC()
	return &message.Message{ // told again it is the same
		ID: message.NewID([]byte("notify"), []byte(answer.ID)), Direction: message.Out, Automatic: message.Reply,
		To: []message.Identifier{to}, Subject: n.Words(language).Subject, Text: text, Language: language, Sent: now, Received: now,
	}
}
