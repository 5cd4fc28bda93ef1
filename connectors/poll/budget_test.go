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

// A day is that of the vendor's zone, also when clocks are changed; a reserve is left, and who is low is told once.
func TestBudgetHasAReserveAndAZone(t *testing.T) {
	pacific, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 1, 7, 30, 0, 0, time.UTC) // half past midnight there, on a day of 25 hours
	spent := errors.New("nothing is left")
	var told []int
	e := connectortest.New(t)
	b := &poll.Budget{
		Cursor: e.Env("x").Cursor, Key: "units", Most: 100, Reserve: 50, Spent: spent, Zone: pacific, Now: func() time.Time { return now }, Low: func(left int) { told = append(told, left) },
	}
	for range 49 {
		if err := b.Spend(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Spend(t.Context(), 1); !errors.Is(err, spent) {
		t.Errorf("Spend of the reserve = %v, want %v", err, spent)
	}
	if err := b.Draw(t.Context(), 50); err != nil {
		t.Errorf("Draw of the reserve = %v", err)
	}
	if err := b.Draw(t.Context(), 1); !errors.Is(err, spent) {
		t.Errorf("Draw of what is not there = %v, want %v", err, spent)
	}
	if got, want := connectors.RetryAfter(b.UntilMidnight(spent)), 24*time.Hour+30*time.Minute; got != want {
		t.Errorf("a pass waits %s, want %s", got, want)
	}
	now = now.Add(24*time.Hour + 29*time.Minute)
	if err := b.Draw(t.Context(), 1); !errors.Is(err, spent) {
		t.Errorf("Draw before midnight = %v, want %v", err, spent)
	}
	now = now.Add(time.Minute)
	if err := b.Draw(t.Context(), 1); err != nil {
		t.Errorf("Draw after midnight = %v", err)
	}
	if len(told) != 1 || told[0] != 10 {
		t.Errorf("told of %d left, want 10, once", told)
	}
}
