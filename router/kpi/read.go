package kpi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"loket/internal/store"
)

// What is kept in the process at most: days as they are stored, and days summed up.
const (
	maxBytes = 128 << 20
	maxSums  = 128 << 20
)

// A storedDay says where the rows of a day are, and which version of them.
type storedDay struct {
	name, key, version string
	gen                string
	entries            entries
}

// between calls each for the days, in order, that have an instant from from to before to, in ms; again is called when
// all begins anew, because the rows were computed anew meanwhile. A day may hold rows outside.
func (l *Ledger) between(ctx context.Context, from, to int64, each func(storedDay) error, again func()) error {
	for {
		at, _, err := l.at(ctx, current)
		if err != nil {
			return err
		}
		index, err := l.index(ctx, at.gen)
		if err != nil {
			return err
		}
		var days []storedDay
		for name, es := range index {
			if name >= dayOf(from) && name <= dayOf(to-1) {
				days = append(days, storedDay{name, dayKey(at.gen, name), es.String(), at.gen, es})
			}
		}
		slices.SortFunc(days, func(a, b storedDay) int { return strings.Compare(a.name, b.name) })
		for _, d := range days {
			if err := each(d); err != nil {
				return err
			}
		}
		if now, _, err := l.at(ctx, current); err != nil || now.gen == at.gen {
			return err
		}
		again()
	}
}

// A storedRows is the rows of a day.
type storedRows []*chunk

func (r storedRows) bytes() int {
	n := 0
	for _, c := range r {
		n += c.size
	}
	return n
}

// chunks reads a day. What is written to it meanwhile may be in it.
func (l *Ledger) chunks(ctx context.Context, d storedDay) (storedRows, error) {
	if rows, ok := l.rows.get(d.key, d.version); ok {
		return rows, nil
	}
	raw, err := l.store.Redis().HVals(ctx, d.key).Result()
	if err != nil {
		return nil, fmt.Errorf("read figures of %s: %w", d.name, store.Cause(err))
	}
	rows := make(storedRows, len(raw))
	for i, text := range raw {
		if rows[i], err = decode([]byte(text)); err != nil {
			return nil, fmt.Errorf("read figures of %s: %w", d.name, err)
		}
	}
	for _, e := range d.entries {
		if !e.archived() {
			continue
		}
		c, err := l.fromArchive(ctx, d.gen, d.name, e)
		if err != nil {
			return nil, err
		}
		rows = append(rows, c)
	}
	l.rows.put(d.key, d.version, rows)
	return rows, nil
}

// Rows gives every row from from to before to, in ms, in no order: for exports and for looking closely.
func (l *Ledger) Rows(ctx context.Context, from, to int64) ([]Row, error) {
	var all []Row
	err := l.between(ctx, from, to, func(d storedDay) error {
		chunks, err := l.chunks(ctx, d)
		if err != nil {
			return err
		}
		for _, c := range chunks {
			for _, r := range c.rows() {
				if r.At >= from && r.At < to {
					all = append(all, r)
				}
			}
		}
		return nil
	}, func() { all = nil })
	return all, err
}
