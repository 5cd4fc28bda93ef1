package x

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// spentError says that the day's budget is read.
type spentError struct{ until time.Time }

func (e *spentError) Error() string {
	return "the day's budget of reads (daily_reads) is spent: asking pauses until midnight UTC"
}

// spend counts what was read against the day's budget.
func (a *Account) spend(ctx context.Context, n int) error {
	if a.cfg.DailyReads == 0 {
		return nil
	}
	a.spending.Lock()
	defer a.spending.Unlock()
	now := a.now().UTC()
	today := now.Format(time.DateOnly)
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
		return &spentError{now.Truncate(24 * time.Hour).Add(24 * time.Hour)}
	}
	return nil
}
