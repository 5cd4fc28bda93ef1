// Package thread keeps what was said: messages, the references by which they find each other, and which task
// a thread belongs to now.
package thread

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
)

// ErrNone says that there is no such thread.
var ErrNone = errors.New("no such thread")

// A Thread is one conversation on one channel. Its id is the id of the message that began it, unless the
// connector knows a better one.
type Thread struct {
	ID        string               `json:"id"`
	Connector string               `json:"connector"`
	Channel   string               `json:"channel"`
	Public    bool                 `json:"public,omitempty"`
	Subject   string               `json:"subject,omitempty"`
	Name      string               `json:"name,omitempty"`
	From      []message.Identifier `json:"from,omitempty"` // who began it
	To        []message.Identifier `json:"to,omitempty"`   // whom he wrote to, where a connector has several addresses
	Began     time.Time            `json:"began"`
	Task      string               `json:"-"` // the task it belongs to now
}

// An Entry is one message of a thread and the task it was placed in.
type Entry struct {
	Task    string
	Message *message.Message
}

// Threads are all threads of a store. Its methods may be called concurrently and by several processes.
type Threads struct{ store *store.Store }

// New gives the threads of a store.
func New(s *store.Store) *Threads { return &Threads{store: s} }

// Find gives a thread, or ErrNone.
func (t *Threads) Find(ctx context.Context, id string) (*Thread, error) {
	v, err := t.store.Redis().HMGet(ctx, threadKey(id), "head", "task").Result()
	if err != nil {
		return nil, fmt.Errorf("find thread %s: %w", id, store.Cause(err))
	}
	head, _ := v[0].(string)
	if head == "" {
		return nil, fmt.Errorf("thread %s: %w", id, ErrNone)
	}
	var th Thread
	if err := json.Unmarshal([]byte(head), &th); err != nil {
		return nil, fmt.Errorf("read thread %s: %w", id, err)
	}
	th.Task, _ = v[1].(string)
	return &th, nil
}

// Messages gives the newest messages of a thread, at most limit, in the order they came. A thread that is not
// there has none.
func (t *Threads) Messages(ctx context.Context, id string, limit int) ([]Entry, error) {
	ids, err := t.store.Redis().ZRange(ctx, orderKey(id), -int64(limit), -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list messages of thread %s: %w", id, store.Cause(err))
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return t.entries(ctx, id, ids)
}

// entries are the messages of a thread with these ids.
func (t *Threads) entries(ctx context.Context, id string, ids []string) ([]Entry, error) {
	raw, err := t.store.Redis().HMGet(ctx, threadKey(id), ids...).Result()
	if err != nil {
		return nil, fmt.Errorf("read messages of thread %s: %w", id, store.Cause(err))
	}
	entries := make([]Entry, 0, len(raw))
	for _, r := range raw {
		text, _ := r.(string)
		e, err := decodeEntry(text)
		if err != nil {
			return nil, fmt.Errorf("read messages of thread %s: %w", id, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Message gives one message of a thread, or ErrNone.
func (t *Threads) Message(ctx context.Context, thread, id string) (Entry, error) {
	raw, err := t.store.Redis().HGet(ctx, threadKey(thread), id).Result()
	if errors.Is(err, redis.Nil) {
		return Entry{}, fmt.Errorf("message %s of thread %s: %w", id, thread, ErrNone)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("read message %s of thread %s: %w", id, thread, store.Cause(err))
	}
	return decodeEntry(raw)
}

// Record puts an answer of ours into its thread, once: doing it again changes nothing. Later messages that refer to
// its own id belong to the thread too.
func (t *Threads) Record(ctx context.Context, task string, m *message.Message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("record message %s: %w", m.ID, err)
	}
	var tx store.Tx
	tx.IfField(threadKey(m.Thread), m.ID, "")
	tx.SetField(threadKey(m.Thread), m.ID, task+"\n"+string(b))
	tx.ZAdd(orderKey(m.Thread), m.Received.UnixMilli(), m.ID)
	if _, err := t.store.Commit(ctx, &tx); err != nil {
		return fmt.Errorf("record message %s: %w", m.ID, err)
	}
	if m.Own == "" {
		return nil
	}
	_, err = t.join(ctx, m.Connector, []string{m.Own}, m.Thread, "")
	return err
}

func decodeEntry(raw string) (Entry, error) {
	task, body, ok := strings.Cut(raw, "\n")
	if !ok {
		return Entry{}, errors.New("an entry without its task")
	}
	var m message.Message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return Entry{}, err
	}
	return Entry{Task: task, Message: &m}, nil
}
