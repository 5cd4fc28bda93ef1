package identity

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"loket/internal/secret"
)

// hash stands for an identifier where it must not be read: only who has the key can tell whose it was.
func (r *Registry) hash(node string) string {
	return base64.RawURLEncoding.EncodeToString(secret.MAC(r.key, secret.ForIdentifier, node)[:16])
}

// logged is a LogEntry as it is kept. Identifiers are hashes, so that what is erased is nowhere in clear.
type logged struct {
	ID       string   `json:"id,omitempty"`
	Op       string   `json:"op"`
	Actor    string   `json:"by,omitempty"`
	Reason   string   `json:"why,omitempty"`
	Evidence string   `json:"ev,omitempty"`
	About    []string `json:"x,omitempty"`
	Before   []string `json:"from,omitempty"`
	After    []string `json:"to,omitempty"`
}

// moved is an event of outKey. Consumers derive who is who anew; the hash tells them what they know already.
type moved struct {
	Node string `json:"x"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// log writes down what the change did, if it did more than note a sighting.
func (w *writing) log() error {
	entry := logged{
		ID: ulid.MustNew(ulid.Timestamp(w.now), ulid.DefaultEntropy()).String(), Op: w.change.op, Actor: w.change.by.Name,
		Evidence: w.change.by.Message,
	}
	made := len(w.fresh) > 0
	for _, m := range w.moves {
		entry.Before, entry.After = include(entry.Before, m.from), include(entry.After, m.to)
		if !m.fresh {
			made = false
			if err := w.add(outKey(), moved{w.reg.hash(m.node), m.from, m.to}); err != nil {
				return err
			}
		}
	}
	w.conflicts(&entry)
	for _, x := range w.change.nodes {
		if cid, ok := cidOf(x); ok {
			entry.Before = include(entry.Before, cid)
			if g := w.p.group(x); g != nil {
				entry.After = include(entry.After, g.ID)
			}
		} else {
			entry.About = append(entry.About, w.reg.hash(x))
		}
	}
	switch {
	case w.change.quiet && len(w.moves) == 0 && !w.turned:
		return nil
	case made && w.change.quiet && len(entry.Before) == 0:
		// Its facts tell when and from what it was made: here it is enough that it was.
		return w.add(logKey(), logged{Op: "create", Actor: entry.Actor, Evidence: entry.Evidence, After: entry.After})
	}
	for _, x := range w.change.nodes {
		if g := w.p.group(x); g != nil && g.ID != "" {
			entry.After = include(entry.After, g.ID)
		}
	}
	if err := w.add(logKey(), entry); err != nil {
		return err
	}
	entry.Reason = w.change.by.Reason
	text, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	lives := slices.Clone(entry.Before)
	for _, id := range entry.After {
		lives = include(lives, id)
	}
	for _, id := range lives {
		w.tx.Append(lifeKey(id), string(text))
	}
	return nil
}

// conflicts files what is refused since the change: what it said itself, or what somebody said earlier and with less
// right.
func (w *writing) conflicts(entry *logged) {
	for _, r := range w.p.Refused {
		if w.view.refused[r.from] || r.rule == differing {
			continue
		}
		if x, y := w.p.group(r.X), w.p.group(r.Y); x != nil && y != nil {
			w.suggest(x.ID, y.ID, string(r.rule), int64(r.Rank)*10)
			entry.After = include(include(entry.After, x.ID), y.ID)
			if w.change.quiet {
				entry.Op = "conflict"
			}
		}
	}
}

func (w *writing) add(key string, event any) error {
	text, err := json.Marshal(event)
	if err == nil {
		w.tx.XAdd(key, string(text))
	}
	return err
}

func include(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// Log gives what happened to a customer, under all ids it ever had, the newest first, and last how it was made.
// cursor is empty at first, then what the call before gave; an empty one afterwards says that this was all.
func (r *Registry) Log(ctx context.Context, customer string, limit int, cursor string) ([]LogEntry, string, error) {
	v, _, g, err := r.find(ctx, customer)
	if err != nil {
		return nil, "", fmt.Errorf("log of customer %s: %w", customer, err)
	}
	names := map[string]string{}
	for x := range v.facts.nodes {
		names[r.hash(x)] = x
	}
	for x := range v.facts.stubs {
		names[r.hash(x)] = x
	}
	byID := map[string]LogEntry{}
	for _, id := range g.IDs {
		list, err := r.store.Redis().LRange(ctx, lifeKey(id), 0, -1).Result()
		if err != nil {
			return nil, "", fmt.Errorf("log of customer %s: %w", customer, away(err))
		}
		for _, text := range list {
			var l logged
			if err := json.Unmarshal([]byte(text), &l); err != nil {
				return nil, "", fmt.Errorf("log of customer %s: %w", customer, err)
			}
			byID[l.ID] = l.entry(names)
		}
		b := v.facts.born[id]
		made := LogEntry{
			ID: id, At: idTime(id), Op: "create", Evidence: b.by, After: []string{id}, Identifiers: []string{b.node},
		}
		byID[id] = made
	}
	out := make([]LogEntry, 0, len(byID))
	for id, e := range byID {
		if cursor == "" || id < cursor {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b LogEntry) int { return strings.Compare(b.ID, a.ID) })
	if limit <= 0 || limit >= len(out) {
		return out, "", nil
	}
	return out[:limit], out[limit-1].ID, nil
}

func (l logged) entry(names map[string]string) LogEntry {
	e := LogEntry{
		ID: l.ID, At: idTime(l.ID), Op: l.Op, Actor: l.Actor, Reason: l.Reason, Evidence: l.Evidence, Before: l.Before, After: l.After,
	}
	for _, h := range l.About {
		e.Identifiers = append(e.Identifiers, cmp.Or(names[h], "#"+h))
	}
	return e
}

func idTime(id string) time.Time {
	u, err := ulid.ParseStrict(id)
	if err != nil {
		return time.Time{}
	}
	return ulid.Time(u.Time()).UTC()
}
