package thread_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/internal/message"
	"loket/router/thread"
)

func inbound(id, thread string) *message.Message {
	return &message.Message{
		ID: message.NewID([]byte(id)), Thread: thread, Connector: "website", Channel: "web", Text: id,
		Received: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
	}
}

func TestPlaceGivesSimultaneousFirstMessagesOneTask(t *testing.T) {
	threads := newThreads(t)
	const threadsN, each = 50, 8
	for n := range threadsN {
		id := message.NewID([]byte(fmt.Sprint("thread", n)))
		tasks := make([]string, each)
		var wg sync.WaitGroup
		for i := range each {
			wg.Go(func() {
				m := inbound(fmt.Sprint(n, "-", i), id)
				task, record, err := threads.Place(t.Context(), thread.Placing{Message: m, Task: "task-" + m.ID, Record: []byte("record-" + m.ID)})
				if err != nil {
					t.Error(err)
				}
				if string(record) != strings.Replace(task, "task-", "record-", 1) {
					t.Errorf("Place gave task %s with record %s", task, record)
				}
				tasks[i] = task
			})
		}
		wg.Wait()
		for _, task := range tasks {
			if task != tasks[0] {
				t.Fatalf("thread %d: two tasks, %s and %s", n, task, tasks[0])
			}
		}
		entries, err := threads.Messages(t.Context(), id, 100)
		if err != nil || len(entries) != each {
			t.Fatalf("Messages = %d entries, %v; want %d", len(entries), err, each)
		}
	}
}

func TestPlaceAgainKeepsTheTask(t *testing.T) {
	threads := newThreads(t)
	ctx := t.Context()
	id := message.NewID([]byte("thread"))
	a, b := inbound("a", id), inbound("b", id)
	place := func(m *message.Message, task, closed string) (string, string) {
		t.Helper()
		got, record, err := threads.Place(ctx, thread.Placing{Message: m, Task: task, Record: []byte("r" + task), Closed: closed})
		if err != nil {
			t.Fatal(err)
		}
		return got, string(record)
	}
	expect := func(what string, got, record, want, wantRecord string) {
		t.Helper()
		if got != want || record != wantRecord {
			t.Fatalf("%s: Place = %q, %q; want %q, %q", what, got, record, want, wantRecord)
		}
	}
	got, record := place(a, "T1", "")
	expect("first", got, record, "T1", "rT1")
	got, record = place(a, "other", "")
	expect("repeat", got, record, "T1", "rT1")
	got, record = place(b, "T2", "T1")
	expect("closed before it was placed", got, record, "T2", "rT2")
	got, record = place(a, "other", "")
	expect("repeat after a new task began", got, record, "T1", "")
	got, record = place(a, "T3", "T1")
	expect("moved on to the open task", got, record, "T2", "rT2")
	got, record = place(b, "T4", "T1")
	expect("a stale word about another task changes nothing", got, record, "T2", "rT2")
}

func TestRecordOnce(t *testing.T) {
	threads := newThreads(t)
	id := message.NewID([]byte("thread"))
	m := inbound("answer", id)
	m.Direction = message.Out
	for range 3 {
		if err := threads.Record(t.Context(), "T1", m); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := threads.Messages(t.Context(), id, 10)
	if err != nil || len(entries) != 1 || entries[0].Task != "T1" || entries[0].Message.Text != "answer" {
		t.Fatalf("Messages = %+v, %v; want the one answer", entries, err)
	}
}

func TestJoinLetsSiblingsMeet(t *testing.T) {
	threads := newThreads(t)
	const siblings = 8
	for n := range 30 {
		got := make([]string, siblings)
		var wg sync.WaitGroup
		for i := range siblings {
			wg.Go(func() {
				m := inbound(fmt.Sprint(n, i), "")
				m.Own, m.References = fmt.Sprintf("<%d.%d@x>", n, i), []string{fmt.Sprintf("<never-seen-%d@x>", n)}
				var err error
				if got[i], err = threads.Join(t.Context(), m, m.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, th := range got {
			if th != got[0] {
				t.Fatalf("siblings in %s and %s", th, got[0])
			}
		}
		late := inbound("late", "")
		late.Own, late.References = "<late@x>", []string{fmt.Sprintf("<%d.3@x>", n)}
		if th, err := threads.Join(t.Context(), late, late.ID); err != nil || th != got[0] {
			t.Fatalf("answer to a sibling: Join = %s, %v; want %s", th, err, got[0])
		}
	}
}

// Programs cut References at either end, so that siblings agree on some ancestors and not on the first.
func TestJoinLetsSiblingsMeetWhoseReferencesAreCut(t *testing.T) {
	threads := newThreads(t)
	const siblings = 6
	for n := range 40 {
		chain := make([]string, 5)
		for i := range chain {
			chain[i] = fmt.Sprintf("<%d.%d@x>", n, i)
		}
		got := make([]string, siblings)
		var wg sync.WaitGroup
		for i := range siblings {
			wg.Go(func() {
				m := inbound(fmt.Sprint(n, i), "")
				m.Own, m.References = fmt.Sprintf("<own.%d.%d@x>", n, i), chain[i%3:4+i%2] // all have the fourth
				var err error
				if got[i], err = threads.Join(t.Context(), m, m.ID); err != nil {
					t.Error(err)
				}
				if again, err := threads.Join(t.Context(), m, m.ID); err != nil || again != got[i] {
					t.Errorf("Join again = %s, %v; want %s", again, err, got[i])
				}
			})
		}
		wg.Wait()
		for _, th := range got {
			if th != got[0] {
				t.Fatalf("siblings in %s and %s", th, got[0])
			}
		}
	}
}

// Many answer the same newsletter, which we never saw: they have nothing to do with each other. Who was written to
// beside us belongs to the conversation.
func TestJoinBringsNoStrangersTogether(t *testing.T) {
	threads := newThreads(t)
	join := func(name string, cc ...string) (thread string) {
		t.Helper()
		m := inbound(name, "")
		m.Own, m.References, m.From = "<"+name+"@x>", []string{"<newsletter@x>"}, mailboxes(strings.TrimRight(name, "0123456789"))
		m.Cc = mailboxes(cc...)
		for range 2 { // doing it again is the same
			var err error
			if thread, err = threads.Join(t.Context(), m, m.ID); err != nil {
				t.Fatal(err)
			}
		}
		return thread
	}
	kate, joe := join("kate"), join("joe")
	if kate == joe {
		t.Error("two strangers who answer one newsletter are in one thread")
	}
	if again := join("kate2"); again != kate {
		t.Error("who answers it again is in another thread")
	}
	if anna := join("anna", "kate"); anna != kate {
		t.Error("who wrote to kate as well is in another thread")
	}
	if anna := join("anna2"); anna != kate {
		t.Error("who joined is forgotten")
	}
	// An answer of ours goes to the thread of whom it is written to.
	ours := &message.Message{ID: "x", Connector: "website", References: []string{"<newsletter@x>"}, To: mailboxes("kate")}
	if got, err := threads.Known(t.Context(), ours); err != nil || got != kate {
		t.Errorf("Known = %s, %v; want kate's thread", got, err)
	}
	ours.To = mailboxes("joe")
	if got, err := threads.Known(t.Context(), ours); err != nil || got != "" {
		t.Errorf("Known = %s, %v; want none", got, err)
	}
	// The answer to a mail that was seen needs nobody in common: its writer has read it.
	m := inbound("other", "")
	m.References, m.From = []string{"<newsletter@x>", "<joe@x>"}, mailboxes("boss")
	if got, err := threads.Join(t.Context(), m, m.ID); err != nil || got != joe {
		t.Errorf("Join = %s, %v; want the thread of the mail it answers", got, err)
	}
}

// Two strangers whose programs write the same Message-ID were one thread, and one of them got the other's answer.
func TestAnIDThatSeveralMessagesCallTheirOwnIsNoReference(t *testing.T) {
	t.Parallel()
	threads := newThreads(t)
	join := func(name, own string, refs ...string) string {
		t.Helper()
		m := inbound(name, "")
		m.Own, m.References, m.From = own, refs, mailboxes(strings.TrimRight(name, "0123456789"))
		got := ""
		for i := range 3 { // its walk may be broken off, and begin again
			again, err := threads.Join(t.Context(), m, m.ID)
			if err != nil || i > 0 && again != got {
				t.Fatalf("Join %d of %s = %s, %v; want %s", i, name, again, err, got)
			}
			got = again
		}
		return got
	}
	known := func(own, to string) string {
		t.Helper()
		got, err := threads.Known(t.Context(), &message.Message{Connector: "website", References: []string{own}, To: mailboxes(to)})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	const form = "<form-mailer@localhost>"
	ada := join("ada", form)
	if got := known(form, "carl"); got != ada {
		t.Errorf("before anybody else uses the id it leads to %q, want her thread", got)
	}
	bert := join("bert", form)
	if ada == bert {
		t.Fatal("two strangers are in one thread because their mails have the same id")
	}
	if again := join("ada", form); again != ada {
		t.Errorf("her mail, read again, is in thread %s, want hers", again)
	}
	if second := join("ada2", form); second == ada || second == bert {
		t.Error("her second matter is in a thread that is there, only because of its id")
	}
	// Who wrote such a mail refers to their own.
	if got := join("bert2", "<b2@x>", form); got != bert {
		t.Errorf("his next mail is in %s, want his thread", got)
	}
	if got := join("carl", "<c@x>", form); got == ada || got == bert {
		t.Error("somebody else got into the thread of one of them")
	}
	for to, want := range map[string]string{"bert": bert, "carl": ""} {
		if got := known(form, to); got != want {
			t.Errorf("an answer of ours to %s goes to %q, want %q", to, got, want)
		}
	}
	for i := range 100 { // however many use it, the first and the newest are found
		join(fmt.Sprint("zoe", i), form)
	}
	if got := known(form, "ada"); got != ada {
		t.Errorf("an answer of ours to her goes to %q, want her first thread", got)
	}
}

// An answer comes first: the mail that it answers is in its thread all the same.
func TestWhatWasReferredToBeforeItCameIsFound(t *testing.T) {
	t.Parallel()
	threads := newThreads(t)
	answer := inbound("answer", "")
	answer.Own, answer.References, answer.From, answer.Cc = "<r2@x>", []string{"<r1@x>"}, mailboxes("ilse"), mailboxes("hans")
	request := inbound("request", "")
	request.Own, request.From, request.Cc = "<r1@x>", mailboxes("hans"), mailboxes("ilse")
	first, err := threads.Join(t.Context(), answer, answer.ID)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := threads.Join(t.Context(), request, request.ID); err != nil || got != first {
			t.Errorf("Join = %s, %v; want the thread of the answer", got, err)
		}
	}
}

func mailboxes(names ...string) []message.Identifier {
	var ids []message.Identifier
	for _, n := range names {
		ids = append(ids, message.Identifier{Kind: "email", Value: n + "@example.org", Level: message.Claimed})
	}
	return ids
}

func TestReferencesOfAKnownThreadLeadThere(t *testing.T) {
	threads := newThreads(t)
	known := inbound("known", message.NewID([]byte("its thread")))
	known.Own = "<known@x>"
	if th, err := threads.Join(t.Context(), known, known.ID); err != nil || th != known.Thread {
		t.Fatalf("Join = %s, %v; want the thread it knows", th, err)
	}
	answer := inbound("answer", "")
	answer.References = []string{"<known@x>"}
	if th, err := threads.Join(t.Context(), answer, answer.ID); err != nil || th != known.Thread {
		t.Fatalf("answer: Join = %s, %v; want %s", th, err, known.Thread)
	}
}

func TestTokenIsOnlyTakenWhole(t *testing.T) {
	tokens := thread.NewTokens([]byte("0123456789abcdef"))
	id := message.NewID([]byte("thread"))
	token := tokens.Token(id)
	if got, err := tokens.Thread(token); err != nil || got != id {
		t.Fatalf("Thread(%s) = %s, %v; want %s", token, got, err, id)
	}
	other := message.NewID([]byte("other"))
	for _, bad := range []string{
		"", id, id + "-", token[:len(token)-1], token + "A", other + token[26:],
		thread.NewTokens([]byte("another key, also long")).Token(id), strings.ToUpper(token),
	} {
		if got, err := tokens.Thread(bad); err == nil {
			t.Errorf("Thread(%q) = %s; want an error", bad, got)
		}
	}
}

func TestWhatIsReadOfManyThreadsIsBounded(t *testing.T) {
	threads := newThreads(t)
	ids := []string{message.NewID([]byte("one")), message.NewID([]byte("none")), message.NewID([]byte("other"))}
	for n, id := range []string{ids[0], ids[2]} {
		for i := range 5 {
			m := inbound(fmt.Sprint(n, i), id)
			m.Text, m.Received = strings.Repeat(fmt.Sprint(i), 10_000), m.Received.Add(time.Duration(i)*time.Second)
			if _, _, err := threads.Place(t.Context(), thread.Placing{Message: m, Task: "task"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		messages, bytes int
		want            string
	}{
		{5, 1 << 20, "01234"}, {9, 1 << 20, "01234"}, {2, 1 << 20, "34"}, {5, 35_000, "234"}, {5, 1, "4"}, // one there is always
	} {
		said, size, err := threads.Said(t.Context(), ids, tt.messages, tt.bytes)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for id, entries := range said {
			for _, e := range entries {
				got[id] += e.Message.Text[:1]
			}
		}
		if want := map[string]string{ids[0]: tt.want, ids[2]: tt.want}; !maps.Equal(got, want) {
			t.Errorf("Said(%d messages, %d bytes) = %v, want %v", tt.messages, tt.bytes, got, want)
		}
		if least := 2 * 10_000 * len(tt.want); size < least || size > 2*least {
			t.Errorf("Said(%d messages, %d bytes) says it read %d bytes", tt.messages, tt.bytes, size)
		}
	}
}

func TestNewestIsBoundedByNumberAndSize(t *testing.T) {
	threads := newThreads(t)
	id := message.NewID([]byte("thread"))
	for i := range 10 {
		m := inbound(fmt.Sprint(i), id)
		m.Text, m.Received = strings.Repeat(fmt.Sprint(i), 10_000), m.Received.Add(time.Duration(i)*time.Second)
		if _, _, err := threads.Place(t.Context(), thread.Placing{Message: m, Task: "task"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		messages, bytes int
		want            string
		older           bool
	}{
		{10, 1 << 20, "0123456789", false},
		{11, 1 << 20, "0123456789", false},
		{9, 1 << 20, "123456789", true},
		{1, 1 << 20, "9", true},
		{10, 35_000, "789", true},
		{10, 1, "9", true}, // one there is always
	} {
		entries, older, err := threads.Newest(t.Context(), id, tt.messages, tt.bytes)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range entries {
			got += e.Message.Text[:1]
		}
		if got != tt.want || older != tt.older {
			t.Errorf("Newest(%d messages, %d bytes) = %s, older %v; want %s, %v", tt.messages, tt.bytes, got, older, tt.want, tt.older)
		}
	}
	if entries, older, err := threads.Newest(t.Context(), message.NewID([]byte("none")), 5, 5); len(entries) != 0 || older || err != nil {
		t.Errorf("Newest of no thread = %v, %v, %v", entries, older, err)
	}
}
