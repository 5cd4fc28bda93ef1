package thread

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"loket/internal/message"
	"loket/internal/store"
)

//go:embed scripts/forget.lua
var forgetSource string

var forgetScript = store.NewScript("forget", forgetSource)

// A Forgetting says what of a thread is a person's.
type Forgetting struct {
	// Theirs tells whether a message is the person's, or was written to the person.
	Theirs func(m *message.Message) bool
	// Began tells whether the person began a thread.
	Began func(th *Thread) bool
	// Drop removes the files of a message. It comes before the message itself goes, and may come again.
	Drop func(ctx context.Context, m *message.Message) error
	// Identifiers are the person's, whatever their level.
	Identifiers []message.Identifier
}

// Forget takes out of a thread what is a person's: messages, their files and the references that lead to them, the name,
// and that the person took part. What others said stays. A thread of which nothing is left goes, and whoever has its token is told
// that it was forgotten. It tells whether anything went; doing it again when nothing does is harmless.
func (t *Threads) Forget(ctx context.Context, id string, f Forgetting) (bool, error) {
	// What the archive has is brought back: it is forgotten in one way, and no document of it is left behind.
	if _, err := t.restore(ctx, id, true); err != nil {
		return false, err
	}
	th, err := t.Find(ctx, id)
	if errors.Is(err, ErrNone) { // an answer that was being sent may have come after it went
		th, err = &Thread{ID: id}, nil
	}
	if err != nil {
		return false, err
	}
	args, err := f.outOfHead(th)
	if err != nil {
		return false, fmt.Errorf("forget in thread %s: %w", id, err)
	}
	uncopied, err := t.ungive(ctx, th, f.Identifiers)
	if err != nil {
		return false, fmt.Errorf("forget in thread %s: %w", id, err)
	}
	err = t.Each(ctx, id, func(e Entry) error {
		if !f.Theirs(e.Message) {
			gone, err := t.uncopy(ctx, id, e, f.Identifiers)
			uncopied = uncopied || gone
			return err
		}
		args = append(args, e.Message.ID)
		return t.dropMessage(ctx, id, e.Message, f.Drop)
	})
	if err != nil {
		return false, fmt.Errorf("forget in thread %s: %w", id, err)
	}
	went, err := t.store.Run(ctx, forgetScript, []string{threadKey(id), orderKey(id), goneKey(id)}, args...)
	if err != nil {
		return false, fmt.Errorf("forget in thread %s: %w", id, err)
	}
	return uncopied || went != int64(0), nil
}

// outOfHead begins the arguments of the script: what is left of the head, "" where it stays, and the fields that name the person.
func (f Forgetting) outOfHead(th *Thread) ([]any, error) {
	head := ""
	if f.Began(th) {
		b, err := json.Marshal(Thread{ID: th.ID, Connector: th.Connector, Channel: th.Channel, Public: th.Public, Began: th.Began})
		if err != nil {
			return nil, err
		}
		head = string(b)
	}
	args := []any{head, referenceLife.Milliseconds()}
	if head != "" { // whoever had its link gave addresses of whoever began it
		args = append(args, givenField)
	}
	for _, i := range f.Identifiers {
		args = append(args, participantField(i), copiedField(i))
	}
	return args, nil
}

// dropMessage takes away what stands elsewhere for a message of a thread: its files, and what leads to the thread.
func (t *Threads) dropMessage(ctx context.Context, id string, m *message.Message, drop func(context.Context, *message.Message) error) error {
	if err := drop(ctx, m); err != nil {
		return err
	}
	var link store.Tx
	link.Del(absorberKey(m.ID))
	if _, err := t.store.Commit(ctx, &link); err != nil {
		return err
	}
	return t.unrefer(ctx, id, m)
}

// uncopy takes a person out of those who had a copy of an answer to somebody else, and tells whether they were among them.
func (t *Threads) uncopy(ctx context.Context, id string, e Entry, who []message.Identifier) (bool, error) {
	theirs := func(c message.Identifier) bool {
		return slices.ContainsFunc(who, func(w message.Identifier) bool { return same(c, w) })
	}
	if e.Message.Direction != message.Out || !slices.ContainsFunc(e.Message.Cc, theirs) {
		return false, nil
	}
	key := threadKey(id)
	_, have, err := t.store.Load(ctx, store.Field{Key: key, Name: e.Message.ID})
	if err != nil || have[0] == "" {
		return false, err
	}
	if e, err = decodeEntry(have[0]); err != nil {
		return false, err
	}
	e.Message.Cc = slices.DeleteFunc(e.Message.Cc, theirs)
	b, err := json.Marshal(e.Message)
	if err != nil {
		return false, err
	}
	var tx store.Tx
	tx.IfField(key, e.Message.ID, have[0])
	tx.SetField(key, e.Message.ID, e.Task+"\n"+string(b))
	tx.MakeRoom()
	_, err = t.store.Commit(ctx, &tx)
	return true, err // what was not stored is gone through again
}

// Each calls f with every message of a thread in the order they came. An error of f ends it.
func (t *Threads) Each(ctx context.Context, id string, f func(Entry) error) error {
	const atOnce = 200
	for from := int64(0); ; from += atOnce {
		ids, a, err := t.order(ctx, id, from, from+atOnce-1)
		if err != nil {
			return fmt.Errorf("list messages of thread %s: %w", id, err)
		}
		entries, err := t.entries(ctx, id, a, ids)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := f(e); err != nil {
				return err
			}
		}
		if len(entries) < atOnce {
			return nil
		}
	}
}

// unrefer lets the ids by which a message was known, and those that it referred to, lead to the thread no more.
func (t *Threads) unrefer(ctx context.Context, id string, m *message.Message) error {
	refs := m.References
	if m.Own != "" {
		refs = append(slices.Clone(refs), m.Own)
	}
	if len(refs) == 0 {
		return nil
	}
	keys := referenceKeys(m.Connector, refs)
	for range restoreTries {
		values, err := t.store.Redis().MGet(ctx, keys...).Result()
		if err != nil {
			return store.Cause(err)
		}
		gone := true
		for i, v := range values {
			held, _ := v.(string)
			if !slices.Contains(readLead(held).threads, id) {
				continue
			}
			var tx store.Tx
			tx.IfString(keys[i], held)
			tx.Del(keys[i])
			done, err := t.store.Commit(ctx, &tx)
			if err != nil {
				return err
			}
			gone = gone && done // else somebody refers to it right now
		}
		if gone {
			return nil
		}
	}
	return errRestless
}
