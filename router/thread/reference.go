package thread

import (
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/internal/message"
	"loket/internal/store"
)

//go:embed scripts/join.lua
var joinSource string

//go:embed scripts/bind.lua
var bindSource string

var (
	joinScript = store.NewScript("join", joinSource)
	bindScript = store.NewScript("bind", bindSource)
)

// referenceLife is how long an id that was mentioned can still bring a message to its thread.
const referenceLife = 400 * 24 * time.Hour

// Join finds the thread that a message belongs to by what it refers to, root first; fresh is the thread it
// begins otherwise. Ancestors that were never seen are remembered, so that siblings who share any one of
// them meet, even when they come at the same instant, if one of those who wrote or got the one also wrote or got the
// other: a newsletter that many answer brings no strangers together. Nor does an id that several messages call their own,
// as those of a form mailer: it leads only those who wrote or got one of them. A message that knows its thread keeps it, and
// its references lead there from then on. Doing it again gives the same thread.
func (t *Threads) Join(ctx context.Context, m *message.Message, fresh string) (string, error) {
	refs, own := m.References, slices.Index(m.References, m.Own)
	if m.Own != "" && own < 0 {
		own = len(refs)
		refs = append(slices.Clone(refs), m.Own)
	}
	if len(refs) == 0 {
		return cmp.Or(m.Thread, fresh), nil
	}
	v, err := t.store.Run(ctx, joinScript, referenceKeys(m.Connector, refs), m.Thread, fresh, referenceLife.Milliseconds(), own+1, people(m), m.ID)
	if err != nil {
		return "", fmt.Errorf("join thread: %w", err)
	}
	thread, _ := v.(string)
	return thread, nil
}

// Bind lets references lead to a thread from now on, wherever they led before: what one of ours is known by, which belongs
// to no other thread. Doing it again changes nothing.
func (t *Threads) Bind(ctx context.Context, connector string, references []string, thread string) error {
	if len(references) == 0 {
		return nil
	}
	_, err := t.store.Run(ctx, bindScript, referenceKeys(connector, references), thread, referenceLife.Milliseconds())
	if err != nil {
		return fmt.Errorf("bind references to thread %s: %w", thread, err)
	}
	return nil
}

// Leads tells whether anything that a message refers to was ever seen or referred to, by whomever.
func (t *Threads) Leads(ctx context.Context, connector string, references []string) (bool, error) {
	if len(references) == 0 {
		return false, nil
	}
	n, err := t.store.Redis().Exists(ctx, referenceKeys(connector, references)...).Result()
	if err != nil {
		return false, fmt.Errorf("look up references: %w", store.Cause(err))
	}
	return n > 0, nil
}

// people are who wrote a message and who else got it, as words that name nobody.
func people(m *message.Message) string { return strings.Join(words(slices.Concat(m.From, m.Cc)), " ") }

func words(ids []message.Identifier) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		sum := sha256.Sum256([]byte(id.String()))
		out[i] = hex.EncodeToString(sum[:6])
	}
	return out
}

// Known finds the thread that an answer of ours belongs to by what it refers to, and "" when there is none: that of a
// message that was seen, or of one that somebody it is written to referred to. It remembers nothing.
func (t *Threads) Known(ctx context.Context, m *message.Message) (string, error) {
	if m.Thread != "" || len(m.References) == 0 {
		return m.Thread, nil
	}
	leads, err := t.store.Redis().MGet(ctx, referenceKeys(m.Connector, m.References)...).Result()
	if err != nil {
		return "", fmt.Errorf("look up references: %w", store.Cause(err))
	}
	for _, l := range leads {
		held, _ := l.(string)
		if thread := readLead(held).to(words(m.To)); thread != "" {
			return thread, nil
		}
	}
	return "", nil
}

// LeadTo gives the threads that the ids lead to which a message has or refers to, whoever wrote it. It remembers nothing.
func (t *Threads) LeadTo(ctx context.Context, m *message.Message) ([]string, error) {
	refs := m.References
	if m.Own != "" {
		refs = append(slices.Clone(refs), m.Own)
	}
	if len(refs) == 0 {
		return nil, nil
	}
	leads, err := t.store.Redis().MGet(ctx, referenceKeys(m.Connector, refs)...).Result()
	if err != nil {
		return nil, fmt.Errorf("look up references: %w", store.Cause(err))
	}
	var threads []string
	for _, l := range leads {
		held, _ := l.(string)
		threads = append(threads, readLead(held).threads...)
	}
	slices.Sort(threads)
	return slices.Compact(threads), nil
}
