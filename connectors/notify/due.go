package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/internal/message"
)

// How often customers are told: once of an answer, and where nobody has checked the address, once an hour for a conversation and for an
// address; so many a minute in all. Whoever wants to annoy another must get little for it. What may not go yet goes later.
const (
	onceForAnswer    = 14 * 24 * time.Hour
	onceInAWhile     = time.Hour
	maxToldPerMinute = 30
	tellWithin       = 20 * time.Second
)

const (
	// stillComes is how long after its instant an answer may be missing in its thread: it is put there after it was handed over.
	stillComes = 2 * time.Minute
	// giveUpAfter is for how long what fails is tried again; the answer stands on the page.
	giveUpAfter        = 24 * time.Hour
	minPause, maxPause = time.Minute, time.Hour
)

// What became of telling somebody, as the metrics have it.
const (
	sent    = "sent"
	covered = "covered"
	seen    = "seen"
	inDoubt = "in_doubt"
	gaveUp  = "given_up"
)

// Key names an answer. It begins with its thread, so that the link of one conversation says nothing of the answers in another.
func Key(thread, id string) string { return thread + "/" + id }

func toldKey(answer string) string { return "told:" + answer }

// Keep has the customer told of an answer at an instant, unless they see it before; it is durable when it returns nil. Doing it again tells
// nobody twice.
func (n *Notifier) Keep(ctx context.Context, answer *message.Message, at time.Time) error {
	if _, _, ok := n.Reaches(answer); !ok {
		return nil
	}
	if _, told, err := n.Env.Cursor.Kept(ctx, toldKey(answer.ID)); err != nil || told {
		return err
	}
	return n.Env.RemindAt(ctx, Key(answer.Thread, answer.ID), at)
}

// Remind tells the customer of an answer that was kept, at the first address that they can be reached at; see connectors.Reminded.
func (n *Notifier) Remind(ctx context.Context, key string, due time.Time) (again time.Time, err error) {
	thread, id, _ := strings.Cut(key, "/")
	answer, err := n.Env.Said(ctx, thread, id)
	if errors.Is(err, connectors.ErrGone) && n.Now().Sub(due) > stillComes { // it was erased
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	if _, told, err := n.Env.Cursor.Kept(ctx, toldKey(answer.ID)); err != nil || told {
		return time.Time{}, err
	}
	if n.Seen != nil {
		if saw, err := n.Seen(ctx, key); err != nil || saw {
			return time.Time{}, n.ends(ctx, answer, seen, err)
		}
	}
	return n.tell(ctx, answer)
}

// tell tells the customer now, or says when to.
func (n *Notifier) tell(ctx context.Context, answer *message.Message) (again time.Time, err error) {
	connector, to, ok := n.Reaches(answer)
	if !ok { // it was possible when it was kept
		return time.Time{}, n.ends(ctx, answer, gaveUp, nil)
	}
	m := n.whole(answer, to)
	if m == nil {
		again, done, err := n.claim(ctx, answer, to)
		if done || err != nil {
			return time.Time{}, n.ends(ctx, answer, covered, err)
		}
		if !again.IsZero() {
			return again, nil
		}
		m = n.link(answer, to)
	}
	if r := n.limit.ReserveN(n.Now(), 1); r.DelayFrom(n.Now()) > 0 {
		again = n.Now().Add(r.DelayFrom(n.Now()))
		r.CancelAt(n.Now())
		return again, nil
	}
	call, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	return n.handed(ctx, answer, connector, n.Env.Tell(call, connector, m))
}

// handed settles what the connector that tells said. What it may have taken is not told again: the answer stands on the page.
func (n *Notifier) handed(ctx context.Context, answer *message.Message, connector string, err error) (again time.Time, _ error) {
	age := n.Now().Sub(answer.Received)
	switch {
	case err == nil:
		return time.Time{}, n.ends(ctx, answer, sent, nil)
	case connectors.IsInDoubt(err) || errors.Is(err, context.DeadlineExceeded):
		return time.Time{}, n.ends(ctx, answer, inDoubt, nil)
	case connectors.IsPermanent(err) || age > giveUpAfter:
		n.Env.Log.Warn("customer not told that there is an answer", zap.String("by", connector))
		n.Env.Log.Debug("customer not told", zap.String("message", answer.ID), zap.Error(err)) // it may name the address
		return time.Time{}, n.ends(ctx, answer, gaveUp, nil)
	}
	return n.Now().Add(max(min(age/2, maxPause), minPause, connectors.RetryAfter(err))), nil
}

// ends notes that an answer is dealt with, unless that failed.
func (n *Notifier) ends(ctx context.Context, answer *message.Message, result string, err error) error {
	if err != nil {
		return err
	}
	if _, err := n.Env.Cursor.First(ctx, toldKey(answer.ID), result, onceForAnswer); err != nil {
		return err
	}
	n.told.WithLabelValues(result).Inc()
	return nil
}

// A claim is that a link to a conversation goes to an address: who made it first has the hour.
type claim struct {
	at             time.Time
	thread, answer string
}

func (c claim) String() string { return fmt.Sprintf("%d %s %s", c.at.UnixMilli(), c.thread, c.answer) }

func readClaim(text string) (c claim) {
	ms, rest, _ := strings.Cut(text, " ")
	c.thread, c.answer, _ = strings.Cut(rest, " ")
	if n, err := strconv.ParseInt(ms, 10, 64); err == nil {
		c.at = time.UnixMilli(n).UTC()
	}
	return c
}

// claim claims the hour for an answer. again is when it is over where another answer has it; done, that the link which that one tells leads to
// this answer, too.
func (n *Notifier) claim(ctx context.Context, answer *message.Message, to message.Identifier) (again time.Time, done bool, err error) {
	sum := sha256.Sum256([]byte(to.String()))
	mine := claim{n.Now(), answer.Thread, answer.ID}
	for _, key := range []string{"told-to:" + hex.EncodeToString(sum[:12]), "told-in:" + answer.Thread} {
		kept, err := n.Env.Cursor.First(ctx, key, mine.String(), onceInAWhile)
		if err != nil {
			return time.Time{}, false, err
		}
		switch other := readClaim(kept); {
		case kept == "" || other.answer == answer.ID: // a process that died had claimed it
		case other.thread == answer.Thread && !other.at.Before(answer.Received):
			return time.Time{}, true, nil
		default:
			return other.at.Add(onceInAWhile), false, nil
		}
	}
	return time.Time{}, false, nil
}
