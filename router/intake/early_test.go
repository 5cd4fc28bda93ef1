package intake_test

import (
	"fmt"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store/storetest"
)

// Two messages that a visitor wrote while they had no connection come back to back: the second waited for seconds, with a warning in the log, as
// the first was not in its thread yet.
func TestWhatComesBeforeItsThreadIsSoonTriedAgain(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	first := mail("1", "kate", func(m *message.Message) { m.Own, m.Connector, m.Channel = "", "chat", "chat" })
	first.Thread = first.ID
	second := &message.Message{ID: message.NewID([]byte("2")), Thread: first.ID, Channel: "chat", Text: "2", Received: time.Now()}
	h.accept(second)
	var due time.Duration
	for p := range 64 {
		for _, z := range h.store.Redis().ZRangeWithScores(t.Context(), fmt.Sprintf("lk:{j%d}:n", p), 0, -1).Val() {
			due = time.Until(time.UnixMilli(int64(z.Score)))
		}
	}
	if due > time.Second {
		t.Errorf("it is tried again in %v, want at most a second", due)
	}
	h.accept(first)
	h.sweep()
	h.drain()
	h.want(1, 2, 0, 0)
	h.placed(second, first.ID)
}
