package kpi

import (
	"context"
	"fmt"

	"loket/internal/store"
)

// Check looks for broken promises of the figures and lists them in words: every row is there once, in the day it
// counts in, and the index says how many there are. It only reads; rows that are written meanwhile are looked at again.
func (l *Ledger) Check(ctx context.Context) ([]string, error) {
	first, err := l.look(ctx)
	if err != nil || len(first) == 0 {
		return nil, err
	}
	again, err := l.look(ctx)
	var found []string
	for line := range first {
		if again[line] {
			found = append(found, line)
		}
	}
	return found, err
}

func (l *Ledger) look(ctx context.Context) (map[string]bool, error) {
	found := map[string]bool{}
	add := func(format string, args ...any) { found["figures: "+fmt.Sprintf(format, args...)] = true }
	at, _, err := l.at(ctx, current)
	if err != nil {
		return nil, err
	}
	index, err := l.index(ctx, at.gen)
	if err != nil {
		return nil, err
	}
	type own struct {
		id ID
		k  Kind
	}
	for day, es := range index {
		seen := map[own]bool{} // a row in two days is in a wrong one
		rows, err := l.load(ctx, at.gen, day, es)
		if err != nil {
			add("%v", err)
			continue
		}
		want, chunks := 0, int64(0)
		for _, e := range es {
			want += e.rows
			if !e.archived() {
				chunks++
			}
		}
		if n, err := l.store.Redis().HLen(ctx, dayKey(at.gen, day)).Result(); err != nil {
			return nil, store.Cause(err)
		} else if n != chunks {
			add("%s has %d chunks, its index says %d", day, n, chunks)
		}
		if len(rows) != want {
			add("%s has %d rows, its index says %d", day, len(rows), want)
		}
		for _, r := range rows {
			if dayOf(r.At) != day {
				add("%s holds row %s, which counts on %s", day, r.ID, dayOf(r.At))
			}
			if seen[own{r.ID, r.Kind}] {
				add("row %s counts twice", r.ID)
			}
			seen[own{r.ID, r.Kind}] = true
			if parseID(at.cursor).less(r.ID) {
				add("row %s is of an event that was not read", r.ID)
			}
		}
	}
	return found, nil
}
