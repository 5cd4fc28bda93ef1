package poll_test

import (
	"errors"
	"testing"
	"time"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/poll"
)

func TestBudgetIsThatOfADay(t *testing.T) {
	now := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
	spent := errors.New("nothing is left")
	budget := func(e *connectortest.Environment, most int) *poll.Budget {
		return &poll.Budget{Cursor: e.Env("x").Cursor, Key: "reads", Most: most, Spent: spent, Now: func() time.Time { return now }}
	}
	e := connectortest.New(t)
	b := budget(e, 10)
	pages := 0
	read := func(string) (string, int, error) { pages++; return "next", 4, nil }
	if err := b.Pages(t.Context(), 99, read); !errors.Is(err, spent) || pages != 3 {
		t.Errorf("Pages = %v after %d pages, want %v after 3", err, pages, spent)
	}
	if err := budget(e, 10).Spend(t.Context(), 0); !errors.Is(err, spent) {
		t.Errorf("after a restart: %v, want %v", err, spent)
	}
	if got := connectors.RetryAfter(b.UntilMidnight(spent)); got != time.Hour {
		t.Errorf("a pass waits %s, want an hour", got)
	}
	now = now.Add(time.Hour)
	if err := b.Spend(t.Context(), 9); err != nil {
		t.Errorf("the next day: %v", err)
	}
	if err := budget(e, 0).Spend(t.Context(), 1000); err != nil {
		t.Errorf("without a limit: %v", err)
	}
}
