// Package thread keeps what was said: messages, the references by which they find each other, and which task
// a thread belongs to now.
package thread

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/internal/archive"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/store"
)

// ErrNone says that there is no such thread.
var ErrNone = errors.New("no such thread")

// ErrForgotten says that a thread was there and that all of it was forgotten: what is written to it reaches nobody. It is ErrNone.
var ErrForgotten = fmt.Errorf("%w: it was forgotten", ErrNone)

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
	To        []message.Identifier `json:"to,omitempty"`   // whom they wrote to, where a connector has several addresses
	Began     time.Time            `json:"began"`
	Task      string               `json:"-"` // the task it belongs to now
	// Given are the newest addresses of each kind at which its writers said that they can be reached, the newest first (see Give).
	Given []Given `json:"-"`
	// Absorbed is the message that the thread was found by, although it did not begin it (see Absorb): From, To, Name and
	// Subject are those of that message then. "" otherwise.
	Absorbed string `json:"-"`
}

// An Entry is one message of a thread and the task it was placed in.
type Entry struct {
	Task    string
	Message *message.Message
}

// Options are what Threads work with. Store must be given.
type Options struct {
	Store *store.Store
	// Archive is the place for threads that are old. Nil: all stay in the store.
	Archive *archive.Archive
	// Step is called after each step of archiving with its name; tests stop the process there. May be nil.
	Step func(name string)
}

// Threads are all threads of a store. Its methods may be called concurrently and by several processes.
type Threads struct {
	store   *store.Store
	archive *archive.Archive // may be nil
	step    func(string)
}

// New gives the threads of a store. They hold nothing that has to be closed.
func New(o Options) (*Threads, error) {
	if err := field.Given(o, "Store"); err != nil {
		return nil, err
	}
	if o.Step == nil {
		o.Step = func(string) {}
	}
	return &Threads{store: o.Store, archive: o.Archive, step: o.Step}, nil
}

// Find gives a thread, or the one that took up the message which should have begun it, or ErrNone; ErrForgotten when it was there.
func (t *Threads) Find(ctx context.Context, id string) (*Thread, error) {
	v, err := t.fields(ctx, id, "head", "task", givenField)
	if err != nil {
		return nil, fmt.Errorf("find thread %s: %w", id, err)
	}
	if v[0] == "" {
		return t.findAbsorbed(ctx, id)
	}
	var th Thread
	if err := json.Unmarshal([]byte(v[0]), &th); err != nil {
		return nil, fmt.Errorf("read thread %s: %w", id, err)
	}
	th.Task = v[1]
	if th.Given, err = readGiven(v[2]); err != nil {
		return nil, fmt.Errorf("read addresses of thread %s: %w", id, err)
	}
	return &th, nil
}

// Messages gives the newest messages of a thread, at most limit, in the order they came. A thread that is not
// there has none.
func (t *Threads) Messages(ctx context.Context, id string, limit int) ([]Entry, error) {
	ids, a, err := t.order(ctx, id, -int64(limit), -1)
	if err != nil {
		return nil, fmt.Errorf("list messages of thread %s: %w", id, err)
	}
	return t.entries(ctx, id, a, ids)
}

// entries are the messages of a thread with these ids: of a, or without it those that the store had a moment ago.
func (t *Threads) entries(ctx context.Context, id string, a *archived, ids []string) ([]Entry, error) {
	if a != nil {
		return a.entries(ids)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	entries := make([]Entry, 0, len(ids))
	texts, err := t.texts(ctx, id, ids)
	if err != nil {
		return nil, fmt.Errorf("read messages of thread %s: %w", id, err)
	}
	for _, text := range texts {
		e, err := decodeEntry(text)
		if err != nil {
			return nil, fmt.Errorf("read messages of thread %s: %w", id, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// texts reads fields of a thread that may go to the archive, or come back, this moment.
func (t *Threads) texts(ctx context.Context, id string, ids []string) ([]string, error) {
	texts := make([]string, len(ids))
	for range restoreTries {
		raw, err := t.store.Redis().HMGet(ctx, threadKey(id), ids...).Result()
		if err != nil {
			return nil, store.Cause(err)
		}
		for i, r := range raw {
			if text, ok := r.(string); ok {
				texts[i] = text
			}
		}
		if !slices.Contains(texts, "") || t.archive == nil {
			break
		}
		old, err := t.fromArchive(ctx, id)
		if err != nil {
			return nil, err
		}
		for i := range texts {
			if texts[i] == "" && old != nil {
				texts[i] = old.Fields[ids[i]]
			}
		}
		if !slices.Contains(texts, "") {
			break
		}
	}
	return texts, nil
}

// Message gives one message of a thread, or ErrNone.
func (t *Threads) Message(ctx context.Context, thread, id string) (Entry, error) {
	raw, err := t.fields(ctx, thread, id)
	if err != nil {
		return Entry{}, fmt.Errorf("read message %s of thread %s: %w", id, thread, err)
	}
	if raw[0] == "" {
		return Entry{}, fmt.Errorf("message %s of thread %s: %w", id, thread, ErrNone)
	}
	return decodeEntry(raw[0])
}

// Record puts an answer of ours into its thread, once: doing it again changes nothing. Later messages that refer to
// its own id belong to the thread too, and whom a person wrote it to takes part.
func (t *Threads) Record(ctx context.Context, task string, m *message.Message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("record message %s: %w", m.ID, err)
	}
	if err := t.record(ctx, m, task+"\n"+string(b)); err != nil {
		return fmt.Errorf("record message %s: %w", m.ID, err)
	}
	if m.Own == "" {
		return nil
	}
	return t.Bind(ctx, m.Connector, []string{m.Own}, m.Thread)
}

// record stores an entry in its thread, which is brought back first if it is archived.
func (t *Threads) record(ctx context.Context, m *message.Message, entry string) error {
	key := threadKey(m.Thread)
	for range restoreTries {
		_, have, err := t.store.Load(ctx, store.Field{Key: key, Name: "head"}, store.Field{Key: key, Name: m.ID})
		if err != nil || have[1] != "" {
			return err
		}
		if have[0] == "" {
			if back, err := t.Restore(ctx, m.Thread); err != nil {
				return err
			} else if back {
				continue
			}
		}
		var tx store.Tx
		tx.IfField(key, "head", have[0])
		tx.IfField(key, m.ID, "")
		tx.SetField(key, m.ID, entry)
		tx.ZAdd(orderKey(m.Thread), m.Received.UnixMilli(), m.ID)
		welcome(&tx, m)
		if done, err := t.store.Commit(ctx, &tx); done || err != nil {
			return err
		}
	}
	return errRestless
}

// restoreTries bounds how often a thread is looked for that comes and goes.
const restoreTries = 5

var errRestless = errors.New("its thread comes and goes, try again")

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
