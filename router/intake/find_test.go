package intake_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/intake"
	"loket/router/queue"
)

// mail is a mail from somebody at example.org, claimed only.
func mail(own, from string, edits ...func(*message.Message)) *message.Message {
	m := &message.Message{
		ID: message.NewID([]byte(own)), Own: own, Connector: "mail", Channel: "email", Text: own, Received: time.Now(),
		From: []message.Identifier{{Kind: "email", Value: from + "@example.org", Level: message.Claimed}},
	}
	for _, edit := range edits {
		edit(m)
	}
	return m
}

func naming(ticket string) func(*message.Message) {
	return func(m *message.Message) { m.Ticket = ticket }
}

func referringTo(refs ...string) func(*message.Message) {
	return func(m *message.Message) { m.References = refs }
}

// placed is a message as its thread has it, and the task it is in.
func (h *env) placed(m *message.Message, thread string) (*message.Message, *queue.Task) {
	h.t.Helper()
	e, err := h.threads.Message(h.t.Context(), thread, m.ID)
	if err != nil {
		h.t.Fatalf("message %q is not in thread %s: %v", m.Text, thread, err)
	}
	task, err := h.queue.Task(h.t.Context(), e.Task)
	if err != nil {
		h.t.Fatal(err)
	}
	return e.Message, task
}

func TestTicketCountsOnlyForWhoTakesPart(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	first := mail("<1@x>", "kate")
	h.accept(first)
	_, task := h.placed(first, first.ID)
	number := queue.FormatNumber(task.Number)

	again := mail("<2@x>", "kate", naming(number))
	h.accept(again)
	if _, got := h.placed(again, first.ID); got.ID != task.ID {
		t.Errorf("her next mail is in task %s, want %s", got.ID, task.ID)
	}
	other := mail("<3@x>", "mallory", naming(number))
	h.accept(other)
	m, got := h.placed(other, other.ID)
	if got.ID == task.ID || !slices.Contains(got.Links, task.ID) || !slices.Contains(m.Marks, intake.MarkOthersTask) {
		t.Errorf("a stranger's mail is in task %s with links %v and marks %v, want a new one that is linked and marked", got.ID, got.Links, m.Marks)
	}
	for _, none := range []string{"T-1-1", "T-999999-8", "no number", queue.FormatNumber(77)} {
		lost := mail("<"+none+"@x>", "kate", naming(none))
		h.accept(lost)
		if m, _ := h.placed(lost, lost.ID); len(m.Marks) > 0 {
			t.Errorf("the number %q, which is no task's, gave marks %v", none, m.Marks)
		}
	}
	h.check()
}

func TestReferenceIsStrongerThanATicket(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	first, second := mail("<1@x>", "kate"), mail("<2@x>", "kate")
	h.accept(first)
	h.accept(second)
	_, task := h.placed(first, first.ID)
	answer := mail("<3@x>", "kate", naming(queue.FormatNumber(task.Number)), referringTo("<2@x>"))
	h.accept(answer)
	h.placed(answer, second.ID)
}

// Who came first as a machine was unmarked from their second mail on, and got the answers to the customer.
func TestAStrangerInAThreadIsMarkedUntilAPersonAnswered(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	attested := func(m *message.Message) { m.From[0].Level = message.Attested }
	first := mail("<1@x>", "kate", attested)
	h.accept(first)
	n := 1
	expect := func(what string, want []string, edits ...func(*message.Message)) {
		t.Helper()
		n++
		m := mail(fmt.Sprintf("<%d@x>", n), "mallory", append(edits, referringTo("<1@x>"))...)
		h.accept(m)
		h.accept(m) // again, as a channel may
		if got, _ := h.placed(m, first.ID); !slices.Equal(got.Marks, want) {
			t.Errorf("%s: marks %q, want %q", what, got.Marks, want)
		}
	}
	stranger := []string{intake.MarkNewParticipant}
	answer := func(own string, automatic message.Automatic, to message.Level) {
		t.Helper()
		m := mail(own, "help")
		m.Thread, m.Direction, m.Automatic, m.Sent = first.ID, message.Out, automatic, time.Now()
		m.To = []message.Identifier{{Kind: "email", Value: "mallory@example.org", Level: to}}
		h.accept(m)
	}
	expect("a machine", stranger, func(m *message.Message) { m.Automatic = message.Reply })
	expect("then a person", stranger)
	expect("taken down by a colleague", stranger, func(m *message.Message) { m.Agent = "anna" })
	expect("surely", stranger, attested)
	answer("<a@x>", message.Reply, message.Attested)
	expect("after an acknowledgement", stranger)
	answer("<b@x>", message.ByPerson, message.Claimed)
	expect("after an answer of a person", nil)
	answer("<c@x>", message.ByPerson, message.Attested)
	expect("surely, after an answer to who surely wrote", nil, attested)
	expect("less sure than whom we answered", []string{intake.MarkLessSure})
	own := mail("<own@x>", "kate", attested, referringTo("<3@x>"))
	h.accept(own)
	if got, _ := h.placed(own, first.ID); len(got.Marks) > 0 {
		t.Errorf("who began the thread is marked %v", got.Marks)
	}
	h.want(1, 10, 0, 0)
}

func TestAnswerFromElsewhereEndsTheWait(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	first := mail("<1@x>", "kate")
	h.accept(first)
	h.placed(first, first.ID)
	answer := mail("<a@x>", "help", referringTo("<1@x>"))
	answer.Direction, answer.Sent = message.Out, time.Now()
	for range 3 {
		h.accept(answer)
	}
	h.sweep()
	got, task := h.placed(answer, first.ID)
	if got.Direction != message.Out || task.State != queue.Waiting || task.Since != 0 || task.Replies != 1 {
		t.Errorf("task = %+v, want it waiting for the customer with one reply", task)
	}
	// What she wrote after it was sent still waits.
	next := mail("<2@x>", "kate", referringTo("<1@x>"))
	next.Received = time.Now().Add(time.Minute)
	h.accept(next)
	late := mail("<b@x>", "help", referringTo("<1@x>"))
	late.Direction, late.Sent = message.Out, time.Now()
	h.accept(late)
	if _, task = h.placed(late, first.ID); task.State != queue.Queued || task.Since == 0 || task.Replies != 2 {
		t.Errorf("task = %+v, want it queued for what came after the answer", task)
	}
	h.check()
}

func TestWhatAConnectorSaysByItselfEndsNoWait(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	first := mail("<1@x>", "kate")
	// It may be taken in before what it answers.
	said := mail("<a@x>", "help")
	said.Thread, said.Direction, said.Automatic = first.ID, message.Out, message.Reply
	h.accept(said)
	h.accept(first)
	h.sweep()
	h.drain()
	if _, task := h.placed(said, first.ID); task.State != queue.Queued || task.Since == 0 || task.Replies != 0 {
		t.Errorf("task = %+v, want it to wait for a person", task)
	}
	h.want(1, 1, 0, 0)
}

func TestAnswerFromElsewhereToNothingIsNobodysTask(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	m := mail("<a@x>", "help", referringTo("<never@x>"))
	m.Direction = message.Out
	h.accept(m)
	h.want(0, 0, 0, 0)
}

// Who writes their own address beside that of a customer is somebody new, and gets into nobody's task by its number.
func TestEachOfSeveralSendersMustTakePart(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	first := mail("<1@x>", "kate")
	h.accept(first)
	_, task := h.placed(first, first.ID)
	and := func(m *message.Message) {
		m.From = append(m.From, message.Identifier{Kind: "email", Value: "mallory@example.org", Level: message.Claimed})
	}
	numbered := mail("<2@x>", "kate", naming(queue.FormatNumber(task.Number)), and)
	h.accept(numbered)
	if _, got := h.placed(numbered, numbered.ID); got.ID == task.ID {
		t.Error("kate and mallory are in her task by its number")
	}
	referring := mail("<3@x>", "kate", referringTo("<1@x>"), and)
	h.accept(referring)
	if m, _ := h.placed(referring, first.ID); !slices.Contains(m.Marks, intake.MarkNewParticipant) {
		t.Errorf("kate and mallory have marks %v, want a newcomer's", m.Marks)
	}
}

// Somebody moves a mail of last month back into the inbox: the closed task was opened again, and somebody waited.
func TestAnOldMessageThatComesAgainWakesNothing(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	h.reopen.Store(int64(100 * 24 * time.Hour))
	old := mail("<1@x>", "kate", func(m *message.Message) { m.Received = time.Now().Add(-20 * 24 * time.Hour) })
	h.accept(old)
	_, task := h.placed(old, old.ID)
	if _, err := h.queue.Close(t.Context(), task.ID, queue.Actor{Agent: "anna"}, "solved"); err != nil {
		t.Fatal(err)
	}
	rdb := h.store.Redis()
	forget := append(rdb.Keys(t.Context(), "lk:{j*}:x").Val(), "lk:{q}:d")
	for _, key := range forget { // as time does
		rdb.Del(t.Context(), key)
	}
	h.accept(old)
	if task = h.want(1, 1, 0, 0)[0]; task.State != queue.Closed {
		t.Errorf("task = %+v, want it closed", task)
	}
}

// Who forges the sender of a conversation that was surely begun by her looks like her to the agent.
func TestAClaimInAThreadThatWasSurelyBegunIsMarked(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	attested := func(m *message.Message) { m.From[0].Level = message.Attested }
	first := mail("<1@x>", "kate", attested)
	h.accept(first)
	for i, tt := range []struct {
		edit func(*message.Message)
		want bool
	}{{attested, false}, {func(*message.Message) {}, true}} {
		m := mail([]string{"<2@x>", "<3@x>"}[i], "kate", referringTo("<1@x>"), tt.edit)
		h.accept(m)
		if got, _ := h.placed(m, first.ID); slices.Contains(got.Marks, intake.MarkLessSure) != tt.want {
			t.Errorf("mail %d has marks %v, want it marked %v", i, got.Marks, tt.want)
		}
	}
}

// A visitor typed the address of a stranger, and then their own: the link of the answer went to the stranger.
func TestWhatAVisitorTypesLastComesFirst(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	typed := func(own, address string, edits ...func(*message.Message)) *message.Message {
		m := mail(own, address, edits...)
		m.Own, m.Connector, m.Channel = "", "chat", "chat"
		return m
	}
	first := typed("1", "stranger")
	first.Thread = first.ID
	h.accept(first)
	next := func(m *message.Message) { m.Thread = first.ID }
	corrected := typed("2", "kate", next)
	corrected.Connector = ""
	h.accept(corrected)
	want := []message.Identifier{corrected.From[0], first.From[0]}
	if m, _ := h.placed(corrected, first.ID); !slices.Equal(m.From, want) || m.Connector != "chat" {
		t.Errorf("by %s from %v, want %v", m.Connector, m.From, want)
	}

	// Who signed in is known in a conversation of the chat, and is anybody in one that they have the link of.
	signedIn := func(own, thread string) *message.Message {
		m := typed(own, "kate", func(m *message.Message) { m.Thread, m.From[0].Level = thread, message.Proven })
		m.Connector = ""
		return m
	}
	proven := signedIn("3", first.ID)
	h.accept(proven)
	if m, _ := h.placed(proven, first.ID); !slices.Equal(m.From, proven.From) {
		t.Errorf("signed in: from %v, want %v", m.From, proven.From)
	}
	other := mail("<4@x>", "joe")
	h.accept(other)
	linked := signedIn("5", other.ID)
	h.accept(linked)
	if m, _ := h.placed(linked, other.ID); m.Connector != "mail" || slices.ContainsFunc(m.From, func(id message.Identifier) bool { return !id.Claim() }) {
		t.Errorf("by another's link: by %s from %v, want claims", m.Connector, m.From)
	}
}

// A visitor mistyped their address on one device and corrected it on another: what came from the first, and from their page, led to the wrong one again.
func TestNewestAddressOfAVisitorCountsOnEveryDevice(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t))
	begun := time.Now().Add(-time.Hour)
	post := func(own string, edit func(*message.Message)) *message.Message {
		m := &message.Message{ID: message.NewID([]byte(own)), Channel: "chat", Text: own, Received: time.Now()}
		edit(m)
		h.accept(m)
		return m
	}
	claim := func(name string) []message.Identifier {
		return []message.Identifier{{Kind: "email", Value: name + "@example.org", Level: message.Claimed}}
	}
	first := post("1", func(m *message.Message) {
		m.Thread, m.Connector, m.From, m.Received, m.Typed = m.ID, "chat", claim("stranger"), begun.Add(time.Minute), begun
	})
	post("2", func(m *message.Message) { m.Thread, m.From = first.ID, claim("kate") })
	want := append(claim("kate"), claim("stranger")...)
	for _, m := range []*message.Message{
		post("3", func(m *message.Message) { m.Thread, m.From, m.Typed = first.ID, claim("stranger"), begun }), // typed before
		post("4", func(m *message.Message) { m.Thread = first.ID }),
		post("5", func(m *message.Message) { m.Thread, m.Channel = first.ID, "" }), // on the page
	} {
		if got, _ := h.placed(m, first.ID); !slices.Equal(got.From, want) {
			t.Errorf("message %s is from %v, want %v", m.Text, got.From, want)
		}
	}
	post("6", func(m *message.Message) { m.Thread, m.From = first.ID, claim("stranger") }) // typed anew
	last := post("7", func(m *message.Message) { m.Thread = first.ID })
	if got, _ := h.placed(last, first.ID); !slices.Equal(got.From, claim("stranger")) {
		t.Errorf("after it was typed anew it is from %v", got.From)
	}
}
