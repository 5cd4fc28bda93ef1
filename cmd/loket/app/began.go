package app

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"loket/connectors"
	"loket/internal/message"
	"loket/internal/secret"
	"loket/internal/store"
	"loket/router/queue"
	"loket/router/thread"
)

// beganWithin is how long a customer waits for us to look whether they began the conversation.
const beganWithin = 2 * time.Second

// nobody is kept where a conversation was there before it was known who began it.
const nobody = "-"

// began remembers who begins which conversation, for as long as a message that comes again is known; see
// connectors.Env.Began.
func began(cursor *store.Cursor, threads *thread.Threads, key []byte) func(context.Context, string, string) (bool, error) {
	return func(ctx context.Context, id, client string) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, beganWithin)
		defer cancel()
		who := base64.RawURLEncoding.EncodeToString(secret.MAC(key, secret.ForClient, id, client)[:12])
		claim := who
		switch _, err := threads.Find(ctx, id); {
		case err == nil:
			claim = nobody
		case !errors.Is(err, thread.ErrNone):
			return false, err
		}
		kept, err := cursor.First(ctx, "began:"+id, claim, queue.Retention)
		return err == nil && (kept == who || kept == "" && claim == who), err
	}
}

// said gives connectors what was said in a thread; see connectors.Env.Said.
func said(threads *thread.Threads) func(context.Context, string, string) (*message.Message, error) {
	return func(ctx context.Context, id, messageID string) (*message.Message, error) {
		entry, err := threads.Message(ctx, id, messageID)
		if errors.Is(err, thread.ErrNone) {
			return nil, connectors.ErrGone
		}
		return entry.Message, err
	}
}

// ended tells connectors whether a thread was erased; see connectors.Env.Ended.
func ended(threads *thread.Threads) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, id string) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, beganWithin)
		defer cancel()
		_, err := threads.Find(ctx, id)
		if errors.Is(err, thread.ErrNone) {
			return errors.Is(err, thread.ErrForgotten), nil
		}
		return false, err
	}
}
