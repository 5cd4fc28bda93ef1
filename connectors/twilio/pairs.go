package twilio

import (
	"context"
	"errors"
	"slices"
	"time"

	"loket/connectors"
)

// What is remembered of a pair, our number and a customer's, each under a key of its own: that they want no more; what we
// sent.
const (
	stopKey = "stop:"
	sentKey = "sent:"
)

// pairWithin bounds looking into the cursor where the walk can go on without.
const pairWithin = time.Second

// wishLife is how long a STOP that comes again is known for the same one.
const wishLife = 30 * 24 * time.Hour

// A wish is what a customer last said of getting messages.
type wish struct {
	Stopped bool      `json:"stopped"`
	At      time.Time `json:"at"`
}

// rememberStop keeps a wish, unless a later one is known: an old message may come twice.
func (t *Twilio) rememberStop(ctx context.Context, pair string, w wish) error {
	have, err := t.wish(ctx, pair)
	if err == nil && have.At.After(w.At) {
		return nil
	}
	t.noteWish(pair, w)
	if err != nil {
		return err
	}
	return connectors.Keep(ctx, t.env.Cursor, stopKey+pair, w)
}

func (t *Twilio) wish(ctx context.Context, pair string) (w wish, err error) {
	_, err = connectors.Recall(ctx, t.env.Cursor, stopKey+pair, &w)
	return w, err
}

// noteWish lets Check know of a wish, which may not look it up.
func (t *Twilio) noteWish(pair string, w wish) {
	if w.Stopped {
		t.stopped.Store(pair, true)
	} else {
		t.stopped.Delete(pair)
	}
}

// hasStopped tells whether the customer of a pair wants no more.
func (t *Twilio) hasStopped(ctx context.Context, pair string) (bool, error) {
	w, err := t.wish(ctx, pair)
	if err != nil {
		return false, err
	}
	t.noteWish(pair, w)
	return w.Stopped, nil
}

// A sentOnce is an answer of ours that Twilio took.
type sentOnce struct {
	SID   string    `json:"sid"`
	Reply string    `json:"reply"`
	At    time.Time `json:"at"`
}

// maxSent is how many answers to one customer are remembered: those of which one may still be in doubt.
const maxSent = 30

// remembered are the answers that went out lately between a pair.
func (t *Twilio) remembered(ctx context.Context, pair string) (all []sentOnce, err error) {
	_, err = connectors.Recall(ctx, t.env.Cursor, sentKey+pair, &all)
	if errors.Is(err, connectors.ErrUnreadable) {
		return nil, nil // of a version to come: it is for doubts only
	}
	return all, err
}

// rememberSent notes that the answer reply is the message with that SID. The pair is locked.
func (t *Twilio) rememberSent(ctx context.Context, pair, reply, sid string) error {
	all, err := t.remembered(ctx, pair)
	if err != nil || slices.ContainsFunc(all, func(s sentOnce) bool { return s.SID == sid }) {
		return err
	}
	all = append(all, sentOnce{SID: sid, Reply: reply, At: t.now().UTC()})
	return connectors.Keep(ctx, t.env.Cursor, sentKey+pair, all[max(0, len(all)-maxSent):])
}
