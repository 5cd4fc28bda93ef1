package x

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"loket/connectors"
	"loket/internal/message"
)

// echoes know what we sent ourselves: X sends it back, often before it has answered our call. So it is noted before the call,
// by whom it is for and its text, and after it by its id. The notes are a table of fixed size in the cursor, so that every
// process has it and it does not grow.
type echoes struct {
	cursor connectors.Cursor
	mu     sync.Mutex
	now    func() time.Time
}

const (
	echoSlots = 512
	echoesIn  = 6 // in one slot
	echoLife  = 48 * time.Hour
)

func newEchoes(c connectors.Cursor) *echoes { return &echoes{cursor: c, now: time.Now} }

// publicEcho and privateEcho name what is sent, by what of it X sends back.
func publicEcho(to, text string) string            { return echo("post", to, text) }
func privateEcho(conversation, text string) string { return echo("direct", conversation, text) }

func echo(parts ...string) string {
	last := len(parts) - 1
	parts[last] = plain(parts[last])
	return message.NewID([]byte(strings.Join(parts, "\x00")))
}

// plain is a text without what X changes in it: it puts the names of those who are answered in front, makes links of
// addresses, and normalises.
func plain(text string) string {
	words := strings.Fields(norm.NFC.String(text))
	for len(words) > 0 && strings.HasPrefix(words[0], "@") {
		words = words[1:]
	}
	for i, w := range words {
		w = strings.TrimPrefix(strings.TrimPrefix(w, "https://"), "http://")
		words[i] = strings.TrimSuffix(w, "/")
	}
	return strings.Join(words, " ")
}

// add notes that something is sent.
func (e *echoes) add(ctx context.Context, what string) error {
	return e.put(ctx, what, []string{entry(what, e.now())})
}

// drop forgets it: it was not sent after all.
func (e *echoes) drop(ctx context.Context, what string) error { return e.put(ctx, what, nil) }

// put keeps these of what, and what else is in its slot.
func (e *echoes) put(ctx context.Context, what string, kept []string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	key := slot(what)
	had, err := e.cursor.Load(ctx, key)
	if err != nil {
		return fmt.Errorf("note what is sent: %w", err)
	}
	for _, old := range strings.Fields(had) {
		if name, at, ok := entryOf(old); ok && name != what && e.now().Sub(at) < echoLife && len(kept) < echoesIn {
			kept = append(kept, old)
		}
	}
	if err := e.cursor.Save(ctx, key, strings.Join(kept, " ")); err != nil {
		return fmt.Errorf("note what is sent: %w", err)
	}
	return nil
}

// sent notes that X took it, under an id: from then on that is how it is known, and the same words written once more, in X
// itself, are somebody's own. The id comes first, so that there is no moment at which neither is known.
func (e *echoes) sent(ctx context.Context, what, id string) {
	if e.add(ctx, id) == nil {
		_ = e.drop(ctx, what) // it ends by itself
	}
}

// recognise tells whether what X has under an id is what we sent. What was known by its words alone is known by the id
// from then on.
func (e *echoes) recognise(ctx context.Context, what, id string) (bool, error) {
	ours, err := e.has(ctx, what)
	if ours {
		return true, e.add(ctx, seen(id))
	}
	if err != nil {
		return false, err
	}
	return e.has(ctx, seen(id), id)
}

func seen(id string) string { return "seen:" + id }

// has tells whether one of these was sent by us.
func (e *echoes) has(ctx context.Context, ids ...string) (bool, error) {
	for _, what := range ids {
		had, err := e.cursor.Load(ctx, slot(what))
		if err != nil {
			return false, fmt.Errorf("look what was sent: %w", err)
		}
		for _, one := range strings.Fields(had) {
			if name, at, ok := entryOf(one); ok && name == what && e.now().Sub(at) < echoLife {
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

func entry(what string, at time.Time) string { return what + "@" + at.UTC().Format("20060102T150405") }

func entryOf(s string) (what string, at time.Time, ok bool) {
	what, when, ok := strings.Cut(s, "@")
	at, err := time.Parse("20060102T150405", when)
	return what, at, ok && err == nil
}
