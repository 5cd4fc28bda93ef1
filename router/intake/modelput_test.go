package intake

import (
	"cmp"
	"slices"
	"time"

	"loket/router/queue"
)

// place puts a message into its thread: into the thread's task, or a new one when there is none, or when the message
// comes back because that task is closed for good.
func (w *world) place(id string, d recorded, closed, prior string) (task string, kept *keep) {
	m := w.messages[id]
	th := w.threads[m.thread]
	if m.task != "" && m.task != closed {
		if m.task != th.task {
			return m.task, nil
		}
		return m.task, &th.kept
	}
	if th.task == "" || th.task == closed {
		th = scene{queue.NewTaskID(time.UnixMilli(m.received), id, closed), keep{d, prior}}
		w.threads[m.thread] = th
	}
	m.task = th.task
	w.messages[id] = m
	return m.task, &th.kept
}

// put brings a message into the task, and tells whether it has to be placed again.
func (w *world) put(id, task string, kept *keep, own recorded, p promises) queue.PutResult {
	m := w.messages[id]
	if m.delivered {
		return queue.PutKnown
	}
	task = w.standing(task)
	t, exists := w.tasks[task]
	switch {
	case !exists && (kept == nil || time.Since(kept.decision.At) > queue.Retention/2):
		return queue.PutStale
	case !exists:
		t = w.begin(task, kept, m, own)
	case t.State == queue.Closed && !m.automatic && !p.reopens:
		return queue.PutClosed
	default:
		join(&t, m, own)
	}
	m.delivered = true
	w.messages[id], w.tasks[task] = m, t
	if exists {
		return queue.PutJoined
	}
	return queue.PutCreated
}

func (w *world) begin(id string, kept *keep, m letter, own recorded) queue.Task {
	w.number++
	d := kept.decision
	due := m.received + d.FirstReply.Milliseconds()
	t := queue.Task{
		Number: w.number, ID: id, Team: d.Team, State: queue.Queued, Priority: d.Priority, Band: d.Band, Lane: d.Lane,
		Due: due, Created: m.received, NextReply: d.NextReply.Milliseconds(),
		Threads: []string{m.thread}, QueuedAt: now, Last: m.received, Messages: 1,
	}
	if kept.prior != "" {
		t.Links = []string{kept.prior}
	}
	if !m.automatic && d.Machine { // in any order it is the first person in a machine's task
		asks(&t, m, own)
	} else if !m.automatic {
		t.Wait, t.Since, t.WaitDue, t.WaitTarget = 1, m.received, due, d.FirstReply.Milliseconds()
		press(&t, own.Priority, own.Band, m.received)
	} else if !d.Machine {
		t.FirstReply = d.FirstReply.Milliseconds()
	}
	return t
}

// press lets a more pressing priority bring forward what runs, by the promise of the task's own team.
func press(t *queue.Task, priority string, band int, at int64) {
	if band >= t.Band {
		return
	}
	t.Priority, t.Band, t.NextReply = priority, band, 0
	target, next, _ := promised(t.Team, priority)
	if t.Wait > 1 {
		target = next
	}
	if t.Since > 0 {
		t.WaitDue, t.Due = min(t.WaitDue, at+target.Milliseconds()), min(t.Due, at+target.Milliseconds())
	}
}

// join lets the customer's message refresh the task. own is what the message alone would be decided.
func join(t *queue.Task, m letter, own recorded) {
	t.Last = max(t.Last, m.received)
	t.Messages++
	if !m.automatic || !slices.Contains(t.Threads, m.thread) { // machines do not say where answers go
		t.Threads = append(slices.DeleteFunc(slices.Clone(t.Threads), func(s string) bool { return s == m.thread }), m.thread)
	}
	if m.automatic {
		if t.State == queue.Closed || t.State == queue.Waiting {
			t.Unattended, t.UnattendedAt = t.Unattended+1, now
		}
		return
	}
	says(t, queue.LaterMessage{ID: m.id, At: m.received})
	if t.State == queue.Closed {
		opens(t, m.received)
	}
	if first := cmp.Or(t.Asked, t.Created); t.Wait > 0 && m.received < first || t.Wait == 0 && m.received != first {
		t.Asked = m.received
	}
	if t.State == queue.Closed || t.State == queue.Waiting {
		intoLane(t)
	}
	asks(t, m, own)
}

// asks lets what the customer said begin a wait, or begin the one that runs earlier.
func asks(t *queue.Task, m letter, own recorded) {
	defer func() { press(t, own.Priority, own.Band, m.received) }()
	switch {
	case t.Since == 0:
		target := targetOf(t)
		if t.Wait == 0 {
			first, _, _ := promised(t.Team, t.Priority)
			target, t.FirstReply = cmp.Or(t.FirstReply, first.Milliseconds()), 0
		}
		t.Wait++
		t.Since, t.WaitTarget, t.WaitTeam = m.received, target, ""
		t.WaitDue, t.Due, t.PickedAt, t.Told = m.received+target, m.received+target, 0, 0
	case m.received < t.Since && t.WaitTarget > 0: // it was held up, and promised what the wait was
		t.Since = m.received
		t.WaitDue, t.Due = min(t.WaitDue, m.received+t.WaitTarget), min(t.Due, m.received+t.WaitTarget)
	case m.received < t.Since:
		t.Since = m.received
	}
}

// opens makes what is closed open; a task in which only machines wrote is not reopened by that.
func opens(t *queue.Task, at int64) {
	if t.Wait > 0 {
		t.Reopened++
		t.OpenedAt = at
	}
	t.ClosedAt, t.Outcome, t.Lease, t.Unanswered = 0, "", "", 0
}

// saidLast counts what people said in the task; what began it is the first, whoever wrote it.
func saidLast(t *queue.Task) int {
	if len(t.Later) == 0 {
		return 1
	}
	return t.Later[len(t.Later)-1].N
}

// says notes what somebody said, of which a card names the newest.
func says(t *queue.Task, s queue.LaterMessage) {
	s.N = saidLast(t) + 1
	all := append(slices.Clone(t.Later), s)
	t.Later = all[max(0, len(all)-32):]
}
