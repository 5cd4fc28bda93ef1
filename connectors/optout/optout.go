// Package optout remembers which customers want no more messages on a channel, until they want them again.
package optout

import (
	"context"
	"sync"
	"time"

	"loket/connectors"
)

// Wishes are what customers last said of getting messages, by conversation: our address and theirs. Their methods may be called
// concurrently.
type Wishes struct {
	cursor  connectors.Cursor
	stopped sync.Map // conversations whose customer wants no more, as far as this process knows
}

// New gives the wishes that are kept in a cursor.
func New(c connectors.Cursor) *Wishes { return &Wishes{cursor: c} }

// A Wish is what a customer said.
type Wish struct {
	Stopped bool      `json:"stopped"`
	At      time.Time `json:"at"`
}

// again is how long a wish that comes a second time is known for the same one.
const again = 30 * 24 * time.Hour

// Remember keeps what message own says for its conversations, unless it was kept before, perhaps sent again by somebody who kept
// the webhook, or something said later is known: an old message may come twice.
func (w *Wishes) Remember(ctx context.Context, own string, wish Wish, conversations []string) (err error) {
	if first, err := w.cursor.Once(ctx, stopKey+own, again); err == nil && !first {
		return nil
	}
	for _, c := range conversations {
		if failed := w.remember(ctx, c, wish); failed != nil {
			err = failed
		}
	}
	return err
}

const stopKey = "stop:"

func (w *Wishes) remember(ctx context.Context, conversation string, wish Wish) error {
	var have Wish
	_, err := connectors.Recall(ctx, w.cursor, stopKey+conversation, &have)
	if err == nil && have.At.After(wish.At) {
		return nil
	}
	w.note(conversation, wish)
	if err != nil {
		return err
	}
	return connectors.Keep(ctx, w.cursor, stopKey+conversation, wish)
}

// note lets Known know of a wish, which may not look it up.
func (w *Wishes) note(conversation string, wish Wish) {
	if wish.Stopped {
		w.stopped.Store(conversation, true)
	} else {
		w.stopped.Delete(conversation)
	}
}

// Stopped tells whether the customer of a conversation wants no more.
func (w *Wishes) Stopped(ctx context.Context, conversation string) (bool, error) {
	var wish Wish
	if _, err := connectors.Recall(ctx, w.cursor, stopKey+conversation, &wish); err != nil {
		return false, err
	}
	w.note(conversation, wish)
	return wish.Stopped, nil
}

// Known is Stopped as far as this process knows. It does no I/O.
func (w *Wishes) Known(conversation string) bool {
	_, stopped := w.stopped.Load(conversation)
	return stopped
}
