package kpi

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"loket/internal/store"
)

// Fold reads the events that came since it was last called, by anybody, and writes their rows together with how far it
// read: all or nothing, once. It gives how many events it saw; fewer than it takes at once means that it is done.
func (l *Ledger) Fold(ctx context.Context) (int, error) { return l.fold(ctx, current) }

// The fields of stateKey.
const (
	current  = "at"
	building = "build"
)

func (l *Ledger) fold(ctx context.Context, field string) (int, error) {
	for {
		was, text, err := l.at(ctx, field)
		if err != nil {
			return 0, err
		}
		events, cursor, err := l.queue.After(ctx, was.cursor, batch)
		if err != nil || cursor == was.cursor {
			return 0, err
		}
		var rows []Row
		for i := range events {
			rows = append(rows, Fold(&events[i], l.working)...)
		}
		l.step("kpi-folded")
		done, err := l.write(ctx, field, was, text, cursor, rows)
		if err != nil {
			return 0, fmt.Errorf("write figures: %w", err)
		}
		l.step("kpi-written")
		if done {
			if field == current {
				l.metrics.observe(rows)
			}
			return len(events), nil
		}
	}
}

// write stores rows with how far the stream was read, if the state is still what text says.
func (l *Ledger) write(ctx context.Context, field string, was state, text, cursor string, rows []Row) (bool, error) {
	tx := &store.Tx{}
	tx.IfField(stateKey, field, text)
	tx.SetField(stateKey, field, was.next(cursor).String())
	if err := l.append(ctx, tx, was.gen, rows); err != nil {
		return false, err
	}
	return l.store.Commit(ctx, tx)
}

// append adds the rows to their days. A day's small chunks become one now and then, so that it has few: each row is
// written some four times in all.
func (l *Ledger) append(ctx context.Context, tx *store.Tx, gen string, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	days := map[string][]Row{}
	for _, r := range rows {
		day := dayOf(r.At)
		days[day] = append(days[day], r)
	}
	names := slices.Sorted(maps.Keys(days))
	have, err := l.store.Redis().HMGet(ctx, indexKey(gen), names...).Result()
	if err != nil {
		return store.Cause(err)
	}
	for i, day := range names {
		var es entries
		if text, ok := have[i].(string); ok {
			if es, err = parseEntries(text); err != nil {
				return err
			}
		}
		with, merged := es.add(len(days[day]))
		old := es[len(es)-merged:]
		all, err := l.load(ctx, gen, day, old)
		if err != nil {
			return err
		}
		for _, e := range old {
			tx.DelField(dayKey(gen, day), strconv.Itoa(e.id))
		}
		tx.SetField(dayKey(gen, day), strconv.Itoa(with[len(with)-1].id), string(encode(append(all, days[day]...))))
		tx.SetField(indexKey(gen), day, with.String())
	}
	return nil
}

// load reads the rows of some chunks of a day. What another process merged meanwhile is gone; then the state is
// another, and what was to be written is not.
func (l *Ledger) load(ctx context.Context, gen, day string, es entries) ([]Row, error) {
	if len(es) == 0 {
		return nil, nil
	}
	var rows []Row
	ids := make([]string, len(es))
	for i, e := range es {
		ids[i] = strconv.Itoa(e.id)
		if e.archived() {
			c, err := l.fromArchive(ctx, gen, day, e)
			if err != nil {
				return nil, err
			}
			rows = append(rows, c.rows()...)
		}
	}
	raw, err := l.store.Redis().HMGet(ctx, dayKey(gen, day), ids...).Result()
	if err != nil {
		return nil, store.Cause(err)
	}
	for _, v := range raw {
		text, ok := v.(string)
		if !ok {
			continue
		}
		c, err := decode([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("day %s: %w", day, err)
		}
		rows = append(rows, c.rows()...)
	}
	return rows, nil
}
