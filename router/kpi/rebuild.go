package kpi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"loket/internal/store"
)

// ErrRebuild says that somebody else began to compute the figures anew.
var ErrRebuild = errors.New("another began to rebuild the figures")

// Rebuild computes all rows anew from the events that are kept, with the calendars as they are now, and puts them in
// the place of the old ones in one step. Rows of events that are not kept any more stay as they are. Whoever asks for
// figures meanwhile gets the old ones. A second Rebuild takes over from one that runs, which then ends with ErrRebuild.
// It gives how many events it read.
func (l *Ledger) Rebuild(ctx context.Context) (int, error) {
	for {
		n, err := l.rebuild(ctx)
		if err == nil || !errors.Is(err, errTrimmed) {
			return n, wrap(err, "rebuild figures")
		}
	}
}

// errTrimmed says that events went between the copying of what they do not tell and their being read.
var errTrimmed = errors.New("events were trimmed meanwhile")

func (l *Ledger) rebuild(ctx context.Context) (int, error) {
	gen, oldest, err := l.begin(ctx)
	if err != nil {
		return 0, err
	}
	for total := 0; ; {
		n, err := l.rebuildStep(ctx, gen)
		if err != nil {
			return total, err
		}
		if total == 0 { // the first step, which read the oldest
			if still, err := l.oldest(ctx); err != nil || still != oldest {
				return 0, errors.Join(err, errTrimmed)
			}
		}
		if total += n; n > 0 {
			continue
		}
		swapped, old, err := l.swap(ctx, gen)
		if err != nil {
			return total, err
		}
		if swapped {
			l.step("kpi-swapped")
			return total, l.clear(ctx, old)
		}
	}
}

// oldest is the oldest event that is kept; the zero ID when there is none.
func (l *Ledger) oldest(ctx context.Context) (ID, error) {
	events, _, err := l.queue.After(ctx, "", 1)
	if err != nil || len(events) == 0 {
		return ID{}, err
	}
	return parseID(events[0].ID), nil
}

// begin makes an empty generation, and fills in what no kept event tells any more.
func (l *Ledger) begin(ctx context.Context) (gen string, oldest ID, err error) {
	_, left, err := l.at(ctx, building)
	if err != nil {
		return "", oldest, err
	}
	gen = strings.ToLower(rand.Text()[:12])
	tx := &store.Tx{}
	tx.IfField(stateKey, building, left)
	tx.SetField(stateKey, building, state{gen: gen}.String())
	switch done, err := l.store.Commit(ctx, tx); {
	case err != nil:
		return "", oldest, err
	case !done:
		return "", oldest, ErrRebuild
	}
	if left != "" { // of one that was broken off
		old, err := parseState(left)
		if err != nil {
			return "", oldest, err
		}
		if err := l.clear(ctx, old.gen); err != nil {
			return "", oldest, err
		}
	}
	if oldest, err = l.oldest(ctx); err != nil {
		return "", oldest, err
	}
	return gen, oldest, l.keepOld(ctx, gen, oldest)
}

// keepOld copies the rows whose events were trimmed. They are those of the day of the oldest event that is kept and
// of the days before: no row counts later than its event.
func (l *Ledger) keepOld(ctx context.Context, gen string, oldest ID) error {
	at, _, err := l.at(ctx, current)
	if err != nil {
		return err
	}
	index, err := l.index(ctx, at.gen)
	if err != nil {
		return err
	}
	for day, es := range index {
		if oldest != (ID{}) && day > dayOf(oldest.Ms) {
			continue
		}
		rows, err := l.load(ctx, at.gen, day, es)
		if err != nil {
			return err
		}
		kept := rows[:0]
		for _, r := range rows {
			if oldest == (ID{}) || r.ID.less(oldest) {
				kept = append(kept, r)
			}
		}
		was, text, err := l.mine(ctx, gen)
		if err != nil {
			return err
		}
		switch done, err := l.write(ctx, building, was, text, was.cursor, kept); {
		case err != nil:
			return err
		case !done:
			return ErrRebuild
		}
	}
	return nil
}

// mine is the state of the generation being built, if it is still gen.
func (l *Ledger) mine(ctx context.Context, gen string) (state, string, error) {
	s, text, err := l.at(ctx, building)
	if err == nil && (text == "" || s.gen != gen) {
		err = ErrRebuild
	}
	return s, text, err
}

func (l *Ledger) rebuildStep(ctx context.Context, gen string) (int, error) {
	if _, _, err := l.mine(ctx, gen); err != nil {
		return 0, err
	}
	return l.fold(ctx, building)
}

// swap makes the new generation the one that counts, once it has come as far as the old one.
func (l *Ledger) swap(ctx context.Context, gen string) (done bool, old string, err error) {
	mine, text, err := l.mine(ctx, gen)
	if err != nil {
		return false, "", err
	}
	at, was, err := l.at(ctx, current)
	if err != nil {
		return false, "", err
	}
	if parseID(mine.cursor).less(parseID(at.cursor)) {
		switch more, _, err := l.queue.After(ctx, mine.cursor, 1); {
		case err != nil || len(more) > 0:
			return false, "", err
		}
		mine.cursor = at.cursor // what it was read up to is kept no longer
	}
	tx := &store.Tx{}
	tx.IfField(stateKey, building, text)
	tx.IfField(stateKey, current, was)
	tx.SetField(stateKey, current, mine.String())
	tx.DelField(stateKey, building)
	done, err = l.store.Commit(ctx, tx)
	return done, at.gen, err
}

// clear removes a generation that does not count.
func (l *Ledger) clear(ctx context.Context, gen string) error {
	index, err := l.index(ctx, gen)
	if err != nil {
		return err
	}
	tx := &store.Tx{}
	for day := range index {
		tx.Del(dayKey(gen, day))
	}
	tx.Del(indexKey(gen))
	if _, err := l.store.Commit(ctx, tx); err != nil {
		return fmt.Errorf("remove old figures: %w", err)
	}
	for day, es := range index {
		for _, e := range es {
			if err := l.fromArchiveGoes(ctx, gen, day, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
