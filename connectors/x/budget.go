package x

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"loket/connectors"
)

// errSpent says that the day's budget is read.
var errSpent = errors.New("the day's budget of reads (daily_reads) is spent: asking pauses until midnight UTC")

// spend counts what was read against the day's budget.
func (a *Account) spend(ctx context.Context, n int) error {
	if a.cfg.DailyReads == 0 {
		return nil
	}
	a.spending.Lock()
	defer a.spending.Unlock()
	today := a.now().UTC().Format(time.DateOnly)
	had, err := a.env.Cursor.Load(ctx, "reads")
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
		if err := a.env.Cursor.Save(ctx, "reads", today+" "+strconv.Itoa(spent)); err != nil {
			return fmt.Errorf("save budget: %w", err)
		}
	}
	if spent >= a.cfg.DailyReads {
		return errSpent
	}
	return nil
}

// untilMidnight lets a pass for which the budget does not suffice wait for the next day's. A page does not: what was read
// so far would be kept until then.
func (a *Account) untilMidnight(err error) error {
	if !errors.Is(err, errSpent) {
		return err
	}
	now := a.now().UTC()
	return connectors.After(now.Truncate(24*time.Hour).Add(24*time.Hour).Sub(now), err)
}
