package kpi

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"loket/internal/store"
)

// Rows of days long past leave the store for the archive, one document a day, and still count: the index says where they
// are, so that reading knows no difference. A row that comes late into such a day stands beside them in the store until
// the day is archived again.

// archiveKind is what the archive calls them.
const archiveKind = "kpi"

// document is the name of an entry's rows in the archive. A day that is archived again gets another, so that the rows
// are never in two places that count.
func document(gen, day string, e entry) string { return gen + "." + day + "." + strconv.Itoa(-e.id) }

// stored is what the archive keeps.
type stored struct {
	Chunk []byte `json:"chunk"`
}

func (l *Ledger) fromArchive(ctx context.Context, gen, day string, e entry) (*chunk, error) {
	var s stored
	if err := l.archive.Get(ctx, archiveKind, document(gen, day, e), &s); err != nil {
		return nil, fmt.Errorf("read figures of %s: %w", day, err)
	}
	return decode(s.Chunk)
}

// fromArchiveGoes removes an entry's rows from the archive, if they are there.
func (l *Ledger) fromArchiveGoes(ctx context.Context, gen, day string, e entry) error {
	if !e.archived() {
		return nil
	}
	if err := l.archive.Delete(ctx, archiveKind, document(gen, day, e)); err != nil {
		return fmt.Errorf("remove archived figures of %s: %w", day, err)
	}
	return nil
}

// ArchiveBefore moves the rows of days that ended before an instant to the archive, and gives how many days. What is
// there already stays. Without an archive it does nothing.
func (l *Ledger) ArchiveBefore(ctx context.Context, before time.Time) (int, error) {
	if l.archive == nil {
		return 0, nil
	}
	at, _, err := l.at(ctx, current)
	if err != nil {
		return 0, err
	}
	index, err := l.index(ctx, at.gen)
	if err != nil {
		return 0, err
	}
	days := 0
	for day, es := range index {
		if day >= dayOf(before.UnixMilli()) || len(es) == 1 && es[0].archived() {
			continue
		}
		done, err := l.archiveDay(ctx, day)
		if err != nil {
			return days, fmt.Errorf("archive figures of %s: %w", day, err)
		}
		if done {
			days++
		}
	}
	return days, nil
}

// archiveDay has the rows in the archive before the store lets them go. Somebody who writes meanwhile comes first; the
// day is archived the next time then.
func (l *Ledger) archiveDay(ctx context.Context, day string) (bool, error) {
	was, text, err := l.at(ctx, current)
	if err != nil {
		return false, err
	}
	index, err := l.index(ctx, was.gen)
	if err != nil {
		return false, err
	}
	es := index[day]
	rows, err := l.load(ctx, was.gen, day, es)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	to := entry{id: -1, rows: len(rows)}
	tx := &store.Tx{}
	for _, e := range es {
		to.id = min(to.id, e.id-1)
		if !e.archived() {
			tx.DelField(dayKey(was.gen, day), strconv.Itoa(e.id))
		}
	}
	if err := l.archive.Put(ctx, archiveKind, document(was.gen, day, to), stored{encode(rows)}); err != nil {
		return false, err
	}
	l.step("kpi-archived")
	tx.IfField(stateKey, current, text)
	tx.SetField(stateKey, current, was.next(was.cursor).String())
	tx.SetField(indexKey(was.gen), day, entries{to}.String())
	tx.MakeRoom()
	done, err := l.store.Commit(ctx, tx)
	if err != nil || !done {
		return false, err
	}
	for _, e := range es {
		if err := l.fromArchiveGoes(ctx, was.gen, day, e); err != nil {
			return true, err
		}
	}
	return true, nil
}
