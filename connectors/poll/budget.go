package poll

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"loket/connectors"
)

// A Budget is how much may be read in a day (UTC) from a vendor who charges or counts. Its methods may be called concurrently.
type Budget struct {
	Cursor connectors.Cursor
	Key    string // of what was read, in the cursor
	Most   int    // 0 is no limit
	Spent  error  // says to an operator that the day's budget is read
	Now    func() time.Time

	mu sync.Mutex
}

// Spend counts what was read against the day's budget. It gives Spent when nothing is left.
func (b *Budget) Spend(ctx context.Context, n int) error {
	if b.Most == 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	today := b.Now().UTC().Format(time.DateOnly)
	had, err := b.Cursor.Load(ctx, b.Key)
	if err != nil {
		return fmt.Errorf("load budget: %w", err)
	}
	day, count, _ := strings.Cut(had, " ")
	spent, _ := strconv.Atoi(count)
	if day != today {
		spent = 0
	}
	if n > 0 {
		spent += n
		if err := b.Cursor.Save(ctx, b.Key, today+" "+strconv.Itoa(spent)); err != nil {
			return fmt.Errorf("save budget: %w", err)
		}
	}
	if spent >= b.Most {
		return b.Spent
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
	now := b.Now().UTC()
	return connectors.After(now.Truncate(24*time.Hour).Add(24*time.Hour).Sub(now), err)
}
