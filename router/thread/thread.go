// Package thread keeps what was said: messages, the references by which they find each other, and which task
// a thread belongs to now.
package thread

import (
	"context"
	"errors"
	"time"

	"loket/internal/message"
	"loket/internal/store"
)

// ErrNone says that there is no such thread.
var ErrNone = errors.New("no such thread")

// A Thread is one conversation on one channel.
type Thread struct {
	ID        string               `json:"id"`
	Connector string               `json:"connector"`
	Channel   string               `json:"channel"`
	Public    bool                 `json:"public,omitempty"`
	Subject   string               `json:"subject,omitempty"`
	Name      string               `json:"name,omitempty"`
	From      []message.Identifier `json:"from,omitempty"` // who began it
	Began     time.Time            `json:"began"`
	Task      string               `json:"-"` // the task it belongs to now
}

// An Entry is one message of a thread and the task it was placed in.
type Entry struct {
	Task    string
	Message *message.Message
}

// Threads are all threads of a store. Its methods may be called concurrently.
type Threads struct{ store *store.Store }

// New gives the threads of a store.
func New(s *store.Store) *Threads { return &Threads{store: s} }

// Find gives a thread, or ErrNone.
func (t *Threads) Find(ctx context.Context, id string) (*Thread, error) {
	panic("follows")
}

// Messages gives the newest messages of a thread, at most limit, oldest first. A thread that is not there has none.
func (t *Threads) Messages(ctx context.Context, id string, limit int) ([]Entry, error) {
	panic("follows")
}
