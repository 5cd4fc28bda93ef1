package poll

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"loket/connectors"
)

// A Budget is how much may be read in a day from a vendor who charges or counts. Its methods may be called concurrently.
type Budget struct {
	Cursor  connectors.Cursor
	Key     string         // of what was read, in the cursor
	Most    int            // 0 is no limit
	Reserve int            // what of it is left for Draw
	Spent   error          // says to an operator that the day's budget is read
	Zone    *time.Location // in which days begin; nil is UTC
	// Low is called when four fifths of what may be read are, once in a day, with what is left; nil is not called.
	Low func(left int)
	Now func() time.Time

	mu sync.Mutex
}

// Spend counts what was read against the day's budget, less the reserve. It gives Spent when nothing is left.
func (b *Budget) Spend(ctx context.Context, n int) error {
	if b.Most == 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	spent, err := b.load(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		if err := b.save(ctx, spent, spent+n); err != nil {
			return err
		}
	}
	if spent+n >= b.Most-b.Reserve {
		return b.Spent
	}
	return nil
}

// Draw counts n before it is spent, against the whole of the day's budget. It gives Spent, and counts nothing, when that is not left.
func (b *Budget) Draw(ctx context.Context, n int) error {
	if b.Most == 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	spent, err := b.load(ctx)
	switch {
	case err != nil:
		return err
	case spent+n > b.Most:
		return b.Spent
	}
	return b.save(ctx, spent, spent+n)
}

// today is the day as it is kept.
func (b *Budget) today() string { return b.Now().In(b.zone()).Format(time.DateOnly) }

func (b *Budget) zone() *time.Location { return cmp.Or(b.Zone, time.UTC) }

func (b *Budget) load(ctx context.Context) (spent int, err error) {
	had, err := b.Cursor.Load(ctx, b.Key)
	if err != nil {
		return 0, fmt.Errorf("load budget: %w", err)
	}
	day, count, _ := strings.Cut(had, " ")
	if day == b.today() {
		spent, _ = strconv.Atoi(count) // what is none is 0
	}
	return spent, nil
}

func (b *Budget) save(ctx context.Context, before, spent int) error {
	if err := b.Cursor.Save(ctx, b.Key, b.today()+" "+strconv.Itoa(spent)); err != nil {
		return fmt.Errorf("save budget: %w", err)
	}
	readable := b.Most - b.Reserve
	if low := readable - readable/5; b.Low != nil && before < low && spent >= low {
		b.Low(max(0, readable-spent))
	}
	return nil
}

// Pages is Pages within the day's budget: read tells how much a page has. What is read is not lost when the last page spends it.
func (b *Budget) Pages(ctx context.Context, most int, read func(page string) (next string, n int, err error)) error {
	return Pages(ctx, most, func(page string) (string, error) {
		if err := b.Spend(ctx, 0); err != nil {
			return "", err
		}
		next, n, err := read(page)
		if err != nil {
			return "", err
		}
		if err := b.Spend(ctx, n); err != nil && next != "" {
			return "", err
		}
		return next, nil
	})
}

// UntilMidnight lets a pass for which the budget does not suffice wait for the next day's. A page does not: what was read
// so far would be kept until then.
func (b *Budget) UntilMidnight(err error) error {
	if !errors.Is(err, b.Spent) {
		return err
	}
	now := b.Now().In(b.zone())
	year, month, day := now.Date()
	return connectors.After(time.Date(year, month, day+1, 0, 0, 0, 0, b.zone()).Sub(now), err)
}
