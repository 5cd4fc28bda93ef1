package kpi

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"loket/internal/store"
)

// state says which rows there are: a generation, how often it was written to, and the last event that is in it.
type state struct {
	gen    string
	writes int64
	cursor string // "" before the first event
}

const firstGeneration = "1"

func (s state) String() string { return s.gen + " " + strconv.FormatInt(s.writes, 10) + " " + s.cursor }

// next is the state after one more write, up to an event.
func (s state) next(cursor string) state { return state{s.gen, s.writes + 1, cursor} }

func parseState(text string) (state, error) {
	if text == "" {
		return state{gen: firstGeneration}, nil
	}
	parts := strings.Split(text, " ")
	if len(parts) != 3 || parts[0] == "" {
		return state{}, fmt.Errorf("read state of the figures: %q is none", text)
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return state{}, fmt.Errorf("read state of the figures: %w", err)
	}
	return state{parts[0], n, parts[2]}, nil
}

// at is the state in a field of stateKey, and its text to compare by; "" when there is none yet.
func (l *Ledger) at(ctx context.Context, field string) (state, string, error) {
	_, values, err := l.store.Load(ctx, store.Field{Key: stateKey, Name: field})
	if err != nil {
		return state{}, "", fmt.Errorf("read state of the figures: %w", err)
	}
	s, err := parseState(values[0])
	return s, values[0], err
}

// An entry of the index is one chunk of a day. One whose id is negative is in the archive.
type entry struct{ id, rows int }

func (e entry) archived() bool { return e.id < 0 }

// tier is how large a chunk is: those of the same tier are written together into one.
func (e entry) tier() int {
	tier := 0
	for n := e.rows; n >= fanIn; n /= fanIn {
		tier++
	}
	return tier
}

// fanIn is how many chunks of a size a day may have before they become one.
const fanIn = 16

// A day's chunks, oldest first.
type entries []entry

func (es entries) String() string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = strconv.Itoa(e.id) + ":" + strconv.Itoa(e.rows)
	}
	return strings.Join(parts, ",")
}

func parseEntries(text string) (entries, error) {
	var es entries
	for part := range strings.SplitSeq(text, ",") {
		id, rows, _ := strings.Cut(part, ":")
		var e entry
		var err1, err2 error
		e.id, err1 = strconv.Atoi(id)
		e.rows, err2 = strconv.Atoi(rows)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("read index of the figures: %q is no chunk", part)
		}
		es = append(es, e)
	}
	return es, nil
}

// index reads the index of a generation.
func (l *Ledger) index(ctx context.Context, gen string) (map[string]entries, error) {
	raw, err := l.store.Redis().HGetAll(ctx, indexKey(gen)).Result()
	if err != nil {
		return nil, fmt.Errorf("read index of the figures: %w", store.Cause(err))
	}
	index := make(map[string]entries, len(raw))
	for day, text := range raw {
		if index[day], err = parseEntries(text); err != nil {
			return nil, err
		}
	}
	return index, nil
}

// add gives the day's chunks with one of so many rows more, and how many of the last ones are to become one with it.
func (es entries) add(rows int) (with entries, merged int) {
	e := entry{rows: rows}
	if len(es) > 0 {
		e.id = max(0, es[len(es)-1].id+1)
	}
	for {
		tail := 0
		for i := len(es) - 1; i >= 0 && !es[i].archived() && es[i].tier() <= e.tier(); i-- {
			tail++
		}
		if tail+1 < fanIn {
			return append(slices.Clone(es), e), merged
		}
		for _, m := range es[len(es)-tail:] {
			e.rows += m.rows
		}
		es, merged = es[:len(es)-tail], merged+tail
	}
}
