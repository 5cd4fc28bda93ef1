// Package echo knows what we sent ourselves, for channels that tell of it again as if somebody else had written it for us.
package echo

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"

	"loket/connectors"
)

// Echoes are notes of what was sent. A vendor may tell of it before it has answered our call, so it is noted before the call, by
// whom it is for and its text, and after it by its id. The notes are a table of fixed size in the cursor, so that every process
// has it and it does not grow. Their methods may be called concurrently.
type Echoes struct {
	cursor connectors.Cursor
	mu     sync.Mutex
	now    func() time.Time
}

const (
	echoSlots = 512
	echoesIn  = 24 // in one slot
	// echoLife is how long words are known, idLife an id: longer than any look at what a vendor has goes back after an outage.
	echoLife = 48 * time.Hour
	idLife   = 8 * 24 * time.Hour
)

// New gives the notes that are in a cursor.
func New(c connectors.Cursor) *Echoes { return &Echoes{cursor: c, now: time.Now} }

// Add notes that something is sent.
func (e *Echoes) Add(ctx context.Context, what string) error {
	return e.put(ctx, what, []string{entry(what, e.now())})
}

// AddID notes that the vendor has something of ours under an id.
func (e *Echoes) AddID(ctx context.Context, id string) error {
	return e.put(ctx, id, []string{entry(id, e.now()) + ofID})
}

// Drop forgets it: it was not sent after all.
func (e *Echoes) Drop(ctx context.Context, what string) error { return e.put(ctx, what, nil) }

// put keeps these of what, and what else is in its slot.
func (e *Echoes) put(ctx context.Context, what string, kept []string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	key := slot(what)
	had, err := e.cursor.Load(ctx, key)
	if err != nil {
		return fmt.Errorf("note what is sent: %w", err)
	}
	for _, old := range strings.Fields(had) {
		if name, until, ok := entryOf(old); ok && name != what && e.now().Before(until) && len(kept) < echoesIn {
			kept = append(kept, old)
		}
	}
	if err := e.cursor.Save(ctx, key, strings.Join(kept, " ")); err != nil {
		return fmt.Errorf("note what is sent: %w", err)
	}
	return nil
}

// Sent notes that the vendor took it, under an id: from then on that is how it is known, and the same words written once more,
// by the vendor's own program, are somebody's own. The id comes first, so that there is no moment at which neither is known.
func (e *Echoes) Sent(ctx context.Context, what, id string) {
	if e.AddID(ctx, id) == nil {
		_ = e.Drop(ctx, what) // it ends by itself
	}
}

// Recognise tells whether what the vendor has under an id is what we sent. What was known by its words alone is known by the id
// from then on; what is "" where others may have written the same words.
func (e *Echoes) Recognise(ctx context.Context, what, id string) (bool, error) {
	ours, err := e.Has(ctx, what)
	if ours {
		return true, e.AddID(ctx, seen(id))
	}
	if err != nil {
		return false, err
	}
	return e.Has(ctx, seen(id), id)
}

func seen(id string) string { return "seen:" + id }

// Has tells whether one of these was sent by us.
func (e *Echoes) Has(ctx context.Context, ids ...string) (bool, error) {
	for _, what := range ids {
		if what == "" {
			continue
		}
		had, err := e.cursor.Load(ctx, slot(what))
		if err != nil {
			return false, fmt.Errorf("look what was sent: %w", err)
		}
		for _, one := range strings.Fields(had) {
			if name, until, ok := entryOf(one); ok && name == what && e.now().Before(until) {
				return true, nil
			}
		}
	}
	return false, nil
}

func slot(what string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(what)) // never fails
	return fmt.Sprintf("sent:%d", h.Sum32()%echoSlots)
}

const (
	entryTime = "20060102T150405"
	ofID      = "@id" // behind an entry
)

func entry(what string, at time.Time) string { return what + "@" + at.UTC().Format(entryTime) }

func entryOf(s string) (what string, until time.Time, ok bool) {
	s, isID := strings.CutSuffix(s, ofID)
	what, when, ok := strings.Cut(s, "@")
	at, err := time.Parse(entryTime, when)
	if isID {
		return what, at.Add(idLife), ok && err == nil
	}
	return what, at.Add(echoLife), ok && err == nil
}
