package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
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
	b, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("remember wish: %w", err)
	}
	return t.env.Cursor.Save(ctx, stopKey+pair, string(b))
}

func (t *Twilio) wish(ctx context.Context, pair string) (w wish, err error) {
	saved, err := t.env.Cursor.Load(ctx, stopKey+pair)
	if err != nil || saved == "" {
		return w, err
	}
	if err := json.Unmarshal([]byte(saved), &w); err != nil {
		return w, fmt.Errorf("read wish: %w", err)
	}
	return w, nil
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
func (t *Twilio) remembered(ctx context.Context, pair string) ([]sentOnce, error) {
	saved, err := t.env.Cursor.Load(ctx, sentKey+pair)
	if err != nil || saved == "" {
		return nil, err
	}
	var all []sentOnce
	if err := json.Unmarshal([]byte(saved), &all); err != nil {
		return nil, nil // of a version to come: it is for doubts only
	}
	return all, nil
}

// rememberSent notes that the answer reply is the message with that SID. The pair is locked.
func (t *Twilio) rememberSent(ctx context.Context, pair, reply, sid string) error {
	all, err := t.remembered(ctx, pair)
	if err != nil || slices.ContainsFunc(all, func(s sentOnce) bool { return s.SID == sid }) {
		return err
	}
	all = append(all, sentOnce{SID: sid, Reply: reply, At: t.now().UTC()})
	b, err := json.Marshal(all[max(0, len(all)-maxSent):])
	if err != nil {
		return fmt.Errorf("remember answer: %w", err)
	}
	return t.env.Cursor.Save(ctx, sentKey+pair, string(b))
}
