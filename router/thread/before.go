package thread

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
)

//go:embed scripts/remember.lua
var rememberSource string

//go:embed scripts/await.lua
var awaitSource string

var (
	rememberScript = store.NewScript("remember", rememberSource)
	awaitScript    = store.NewScript("await", awaitSource)
)

// What is kept of what we said first: for how long, and how many messages of one conversation.
const (
	beforeLife = 30 * 24 * time.Hour
	maxBefore  = 10
	// For how long an answer that came first is found by what it answers, and how many of one post.
	awaitLife = time.Hour
	maxAwait  = 100
)

// Remember keeps for 30 days what one of us said first, in the channel's own app: it belongs to no thread before somebody
// answers it. Doing it again changes nothing.
func (t *Threads) Remember(ctx context.Context, m *message.Message) error {
	kept := *m
	kept.Text, kept.Whole, kept.HTML, kept.Raw = message.Head(m.Text, message.MaxEarlier), "", "", nil
	b, err := json.Marshal(&kept)
	if err != nil {
		return fmt.Errorf("remember message %s: %w", m.ID, err)
	}
	keys := []string{beforeKey(m.ID)}
	for _, ref := range append(slices.Clone(m.References), m.Own) {
		if ref != "" {
			keys = append(keys, beforeIndex("r", m.Connector+"\x00"+ref))
		}
	}
	ids := len(keys) - 1
	for _, to := range slices.Concat(m.To, m.Cc) {
		keys = append(keys, beforeIndex("p", to.String()))
	}
	if _, err := t.store.Run(ctx, rememberScript, keys, b, m.ID, m.Received.UnixMilli(), beforeLife.Milliseconds(), maxBefore, ids); err != nil {
		return fmt.Errorf("remember message %s: %w", m.ID, err)
	}
	return nil
}

// Await notes that m, which has begun its thread, answers something of ours that may come only now. It is to be called
// before Before: then whichever of the two comes later finds the other. Doing it again changes nothing.
func (t *Threads) Await(ctx context.Context, m *message.Message) error {
	if len(m.Answers) == 0 {
		return nil
	}
	var keys []string
	for _, id := range m.Answers {
		keys = append(keys, beforeIndex("w", m.Connector+"\x00"+id))
	}
	if _, err := t.store.Run(ctx, awaitScript, keys, m.Thread, m.Received.UnixMilli(), awaitLife.Milliseconds(), maxAwait); err != nil {
		return fmt.Errorf("await what message %s answers: %w", m.ID, err)
	}
	return nil
}

// Awaiting gives the threads that answer m, which came after them. It is to be called after Remember.
func (t *Threads) Awaiting(ctx context.Context, m *message.Message) ([]string, error) {
	if m.Own == "" {
		return nil, nil
	}
	ids, err := t.store.Redis().ZRange(ctx, beforeIndex("w", m.Connector+"\x00"+m.Own), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("look what answers message %s: %w", m.ID, store.Cause(err))
	}
	return ids, nil
}

// Before gives what was remembered that m answers, in the order in which it was said.
func (t *Threads) Before(ctx context.Context, m *message.Message) ([]*message.Message, error) {
	var indexes []string
	for _, ref := range slices.Concat(m.Answers, m.References) {
		indexes = append(indexes, beforeIndex("r", m.Connector+"\x00"+ref))
	}
	found, err := t.remembered(ctx, indexes)
	if err != nil {
		return nil, fmt.Errorf("look what message %s answers: %w", m.ID, err)
	}
	return found, nil
}

// ForgetBefore forgets what is remembered and was written to one of a person's identifiers, if it is theirs. drop removes
// its files first. It tells whether anything went; doing it again when nothing does is harmless.
func (t *Threads) ForgetBefore(ctx context.Context, f Forgetting) (bool, error) {
	var indexes []string
	for _, id := range f.Identifiers {
		indexes = append(indexes, beforeIndex("p", id.String()))
	}
	found, err := t.remembered(ctx, indexes)
	if err != nil {
		return false, fmt.Errorf("forget what was said first: %w", err)
	}
	went := false
	for _, m := range found {
		if !f.Theirs(m) {
			continue
		}
		if err := f.Drop(ctx, m); err != nil {
			return went, err
		}
		var tx store.Tx
		tx.Del(beforeKey(m.ID))
		if _, err := t.store.Commit(ctx, &tx); err != nil {
			return went, fmt.Errorf("forget what was said first: %w", err)
		}
		went = true
	}
	return went, nil
}

// remembered are the messages that stand in any of the indexes, oldest first.
func (t *Threads) remembered(ctx context.Context, indexes []string) ([]*message.Message, error) {
	seen := map[string]bool{}
	var found []*message.Message
	for _, index := range indexes {
		ids, err := t.store.Redis().ZRange(ctx, index, 0, -1).Result()
		if err != nil {
			return nil, store.Cause(err)
		}
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			text, err := t.store.Redis().Get(ctx, beforeKey(id)).Result()
			if errors.Is(err, redis.Nil) {
				continue
			}
			if err != nil {
				return nil, store.Cause(err)
			}
			var m message.Message
			if err := json.Unmarshal([]byte(text), &m); err != nil {
				return nil, err
			}
			found = append(found, &m)
		}
	}
	slices.SortFunc(found, func(a, b *message.Message) int {
		return cmp.Or(a.Received.Compare(b.Received), cmp.Compare(a.ID, b.ID))
	})
	return found, nil
}
