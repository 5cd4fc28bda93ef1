package desk_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"loket/internal/message"
	"loket/internal/store/storetest"
)

// said puts messages into the conversation of a task, a second apart from an instant on, and gives their ids.
func (h *env) said(task, of string, from time.Time, n int, placed func(i int) string) []string {
	h.t.Helper()
	ids := make([]string, n)
	var group errgroup.Group
	group.SetLimit(64)
	for i := range n {
		ids[i] = message.NewID([]byte(task), []byte(strconv.Itoa(i)))
		m := &message.Message{
			ID: ids[i], Thread: of, Connector: "mailbox", Channel: "email", Text: strings.Repeat("word ", 20), Received: from.Add(time.Duration(i) * time.Second),
			From: []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Attested}},
		}
		group.Go(func() error { return h.threads.Record(h.t.Context(), placed(i), m) })
	}
	if err := group.Wait(); err != nil {
		h.t.Fatal(err)
	}
	return ids
}

// reads is what showing a task costs: commands of the store, and bytes of what was said.
func (h *env) reads(task string) (commands, bytes int) {
	h.t.Helper()
	before := h.commands()
	v, err := h.desk.Task(h.t.Context(), h.by("anna"), task)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, m := range v.Messages {
		bytes += len(m.Text)
	}
	return h.commands() - before, bytes
}

func (h *env) commands() int {
	h.t.Helper()
	info, err := h.store.Redis().Info(h.t.Context(), "stats").Result()
	if err != nil {
		h.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(info, "total_commands_processed:")
	n, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]))
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// However much was said, showing a task costs what it costs after an hour's talk, and all of it can be read on.
func TestLongConversationIsReadAPartAtATime(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	conversation := func(who string, n int) (task string, ids []string) {
		task, first := h.says(who, "it began "+who, "", func(m *message.Message) { m.Received = begun.Add(-time.Hour) })
		return task, append([]string{first}, h.said(task, first, begun, n, func(int) string { return task })...)
	}
	short, _ := conversation("kate", 60)
	long, want := conversation("mia", 10_000)
	fewCommands, fewBytes := h.reads(short)
	commands, bytes := h.reads(long)
	if commands > fewCommands+10 || bytes != fewBytes {
		t.Errorf("showing 10,000 messages takes %d commands and %d bytes, 60 take %d and %d", commands, bytes, fewCommands, fewBytes)
	}

	// More is said while somebody reads on: nothing is left out, nothing stands there twice.
	var got []string
	for older, page := "", 0; page == 0 || older != ""; page++ {
		v, err := h.desk.TaskBefore(t.Context(), h.by("anna"), long, older)
		if err != nil {
			t.Fatal(err)
		}
		ids := make([]string, len(v.Messages))
		for i, m := range v.Messages {
			ids[i] = m.ID
		}
		got, older = append(ids, got...), v.Older
		h.said(long+fmt.Sprint(page), want[0], time.Now().Add(time.Hour), 1, func(int) string { return long })
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read page by page (-want +got):\n%s", diff)
	}
}

// What was said in one task is found behind thousands of messages of another in the same conversation.
func TestLongConversationOfAnotherTaskHidesNothing(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	task, first := h.says("kate", "the first matter", "", func(m *message.Message) { m.Received = begun.Add(-time.Hour) })
	h.said("another", first, begun, 1500, func(int) string { return "another" })
	v, err := h.desk.Task(t.Context(), h.by("anna"), task)
	if err != nil || len(v.Messages) != 1 || v.Messages[0].ID != first || v.Older != "" {
		t.Errorf("Task = %d messages, older %q, %v; want its own message", len(v.Messages), v.Older, err)
	}
}

func TestUnknownPositionIsRefused(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	task, _ := h.says("kate", "no signal", "")
	for _, older := range []string{"x", "-", "1-", "!-a", "1-" + strings.Repeat("a", 1000)} {
		if _, err := h.desk.TaskBefore(t.Context(), h.by("anna"), task, older); err == nil || !strings.HasPrefix(err.Error(), "before:") {
			t.Errorf("TaskBefore(%q) = %v, want a mistake in before", older, err)
		}
	}
}
