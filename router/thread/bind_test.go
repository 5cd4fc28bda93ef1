package thread_test

import (
	"testing"

	"loket/internal/message"
)

func TestWhatIsBoundLeadsToItsThreadWhereverItLedBefore(t *testing.T) {
	t.Parallel()
	threads := newThreads(t)
	join := func(name string) string {
		t.Helper()
		m := inbound(name, "")
		m.References = []string{"pair"}
		got, err := threads.Join(t.Context(), m, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if leads, err := threads.Leads(t.Context(), "website", []string{"pair", "other"}); err != nil || leads {
		t.Errorf("Leads before anything = %v, %v", leads, err)
	}
	first := join("a")
	ours := message.NewID([]byte("ours"))
	for range 2 { // a sending may begin again
		if err := threads.Bind(t.Context(), "website", []string{"pair"}, ours); err != nil {
			t.Fatal(err)
		}
	}
	if got := join("b"); got != ours {
		t.Errorf("what comes then joins %s, want %s and not %s", got, ours, first)
	}
	if leads, err := threads.Leads(t.Context(), "website", []string{"other", "pair"}); err != nil || !leads {
		t.Errorf("Leads = %v, %v", leads, err)
	}
	if leads, err := threads.Leads(t.Context(), "another", []string{"pair"}); err != nil || leads {
		t.Errorf("Leads on another connector = %v, %v", leads, err)
	}
}
