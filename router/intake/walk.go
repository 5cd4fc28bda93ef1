package intake

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"go.uber.org/zap"

	"loket/identity"
	"loket/internal/message"
	"loket/internal/store"
	"loket/router/queue"
	"loket/router/thread"
)

//go:embed scripts/ack.lua
var ackSource string

var ackScript = store.NewScript("ack", ackSource)

// maxAttempts is after how many tries a message goes to quarantine. With the pauses between them they take
// about four minutes. A store that is away does not count.
const maxAttempts = 8

// process walks a message to its end: into its task, back into the journal for later, or into quarantine. body is the
// message as the journal has it.
func (in *Intake) process(ctx context.Context, m *message.Message, body []byte, attempt int) {
	ctx, cancel := context.WithTimeout(ctx, lookAfter)
	defer cancel()
	begun := time.Now()
	var err error
	for pause := 100 * time.Millisecond; ; pause *= 2 {
		err = in.guard(func() error { return in.walk(ctx, m, body, attempt) })
		if !errors.Is(err, store.ErrAway) || !sleep(ctx, pause) {
			break
		}
		// The store blinked, or is just coming back: the walk goes on where it can, as long as it is ours.
	}
	switch {
	case err == nil:
		in.metrics.walked("queued", time.Since(begun))
	case errors.Is(err, store.ErrAway) || ctx.Err() != nil:
		in.metrics.walked("away", time.Since(begun))
		in.log.Debug("walk broken off", zap.String("message", m.ID), zap.Error(err))
	case errors.Is(err, errEarly):
		in.metrics.walked("early", time.Since(begun))
		in.leaveToSweeper(m.ID, in.retryLater(ctx, m.ID, earlyPause))
	case attempt >= maxAttempts && m.Kind == message.Delivery && errors.Is(err, queue.ErrNone):
		in.metrics.walked("dropped", time.Since(begun))
		in.log.Debug("report on a message that is not ours", zap.String("message", m.ID), zap.String("connector", m.Connector))
		in.leaveToSweeper(m.ID, in.end(ctx, m, attempt))
	case attempt >= maxAttempts:
		in.metrics.walked("quarantined", time.Since(begun))
		in.log.Error("message goes to quarantine", zap.String("message", m.ID), zap.Int("attempts", attempt), zap.Error(err))
		in.leaveToSweeper(m.ID, in.quarantine(ctx, m.ID, reason{Error: err.Error(), Attempts: attempt, Since: time.Now().UTC()}))
	default:
		in.metrics.walked("failed", time.Since(begun))
		in.log.Warn("message could not be queued yet", zap.String("message", m.ID), zap.Int("attempts", attempt), zap.Error(err))
		in.leaveToSweeper(m.ID, in.retryLater(ctx, m.ID, time.Second<<attempt))
	}
}

// sleep waits d and tells whether ctx still lasts.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// guard turns a panic into an error: one odd message never stops the rest.
func (in *Intake) guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("walk: panic: %v", p)
			in.log.Error("walk panicked", zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
		}
	}()
	return f()
}

// leaveToSweeper notes that even the noting failed; the message is overdue soon, and taken up then.
func (in *Intake) leaveToSweeper(id string, err error) {
	if err != nil {
		in.log.Debug("journal not updated", zap.String("message", id), zap.Error(err))
	}
}

// walk takes a message from the journal to its task. Whoever walks it, and however often, it ends in one task.
func (in *Intake) walk(ctx context.Context, m *message.Message, body []byte, attempt int) error {
	switch {
	case m.Kind == message.Delivery:
		return in.report(ctx, m, attempt)
	case m.Forward != "":
		return in.forwarded(ctx, m, attempt)
	case m.Direction == message.Out:
		return in.elsewhere(ctx, m, attempt)
	}
	if attempt <= earlyTries {
		if err := in.early(ctx, m); err != nil {
			return err
		}
	}
	if m.Kind == message.Reaction {
		if leads, err := in.threads.LeadTo(ctx, m); err != nil || m.Thread == "" && len(leads) == 0 {
			return in.aside(ctx, m, attempt, err)
		}
	}
	where, err := in.whichThread(ctx, m)
	if errors.Is(err, thread.ErrNone) && m.Connector == "" && attempt <= earlyTries {
		return errEarly // what begins its thread was accepted before it, and is on its way
	}
	if err != nil {
		return err
	}
	if attempt == 1 && time.Since(where.message.Received) > remembered {
		again, err := in.placedBefore(ctx, where.message)
		if err != nil {
			return err
		}
		if again {
			return in.end(ctx, where.message, attempt)
		}
	}
	where, who, err := in.whose(ctx, m, where)
	if err != nil {
		return err
	}
	return in.toTask(ctx, m, body, where, who, attempt)
}

// forwarded makes a note of an answer to what was forwarded; where there is no task to have it, it is a stranger's message.
func (in *Intake) forwarded(ctx context.Context, m *message.Message, attempt int) error {
	back, err := in.takeBack(ctx, m)
	if err != nil {
		return err
	}
	if back {
		return in.end(ctx, m, attempt)
	}
	stranger := *m
	stranger.Forward = ""
	return in.walk(ctx, &stranger, nil, attempt)
}

// whichThread finds the thread of a message, and whether it answers one of ours there.
func (in *Intake) whichThread(ctx context.Context, m *message.Message) (found, error) {
	where, err := in.find(ctx, m)
	if err == nil {
		where.message, err = in.answersUs(ctx, where.message)
	}
	return where, err
}

// whose finds who wrote, and whether the thread is of another time of theirs. asked is the message as it came.
func (in *Intake) whose(ctx context.Context, asked *message.Message, where found) (found, identity.Result, error) {
	m := where.message
	who, err := in.registry.Resolve(ctx, identity.Subject{
		IDs: m.From, Formerly: m.Formerly, Name: m.Name, Language: spokenNow(m), At: m.Received, Message: m.ID, Brief: true, Apart: m.Vouched != "",
	})
	if err != nil {
		return where, who, err
	}
	in.step("resolved")
	where, err = in.ofTheirTime(ctx, asked, where, who)
	return where, who, err
}

// toTask decides on a message and puts it into its thread and task. body is asked as the journal has it.
func (in *Intake) toTask(ctx context.Context, asked *message.Message, body []byte, where found, who identity.Result, attempt int) error {
	rules := in.router()
	m, d, err := Decide(rules, where.message, who, func() (string, error) { return Spoken(ctx, in.queue, rules, where.message, who) })
	if err != nil {
		return err
	}
	if m != asked {
		body = nil // it is no longer what the journal has
	}
	task, err := in.deliver(ctx, m, body, recorded{d, time.Now().UTC(), !m.Awaits()}, where.related)
	if err != nil {
		return err
	}
	if err := in.noteGiven(ctx, asked, m); err != nil {
		return err
	}
	if err := in.before(ctx, m, task); err != nil {
		return err
	}
	began := asked.Thread == "" && len(asked.References) == 0 // as far as its connector could tell, who may have given out its link
	if began && m.Thread != m.ID {
		if err := in.threads.Absorb(ctx, m.ID, m.Thread); err != nil {
			return err
		}
	}
	return in.end(ctx, m, attempt)
}

// takeBack makes a note of what a third party answers to what was forwarded to them. It tells whether the task is there to have
// one; without, it is a stranger's message.
func (in *Intake) takeBack(ctx context.Context, m *message.Message) (bool, error) {
	err := in.queue.TakeBack(ctx, m.Forward, m)
	if errors.Is(err, queue.ErrNone) || errors.Is(err, queue.ErrNoRoom) {
		return false, nil
	}
	if err == nil {
		in.step("put")
	}
	return err == nil, err
}

// aside ends a reaction to nothing that we know: it says nothing to anybody.
func (in *Intake) aside(ctx context.Context, m *message.Message, attempt int, err error) error {
	if err != nil {
		return err
	}
	in.log.Debug("a reaction to nothing we know", zap.String("message", m.ID), zap.String("connector", m.Connector))
	return in.end(ctx, m, attempt)
}

// remembered is how long a message that comes again is surely recognised at the door.
const remembered = queue.Retention - 24*time.Hour

// placedBefore tells whether a message stands in its thread that was only now accepted: a channel shows it again after it
// was forgotten at the door, as a mailbox does when somebody moves an old mail. It waits for nobody any more. One whose
// walk was broken off is not asked about: that is not its first try.
func (in *Intake) placedBefore(ctx context.Context, m *message.Message) (bool, error) {
	_, err := in.threads.Message(ctx, m.Thread, m.ID)
	if errors.Is(err, thread.ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// end takes the message out of the journal, and out of the spool if nothing needs it there any more.
func (in *Intake) end(ctx context.Context, m *message.Message, attempt int) error {
	if err := in.ack(ctx, m.ID, attempt); err != nil {
		return err
	}
	in.step("acked")
	if in.keepSpool && !begins(m) {
		return in.spool.Remove(m.ID)
	}
	if in.keepSpool {
		in.unspoolDone(ctx, m)
	}
	return nil
}

// deliver places the message in its thread and puts it into the task. A task that was closed too long ago
// sends it back to be placed again, in a new task that is linked. related is a task that a new one is linked to in any
// case, "" for none.
func (in *Intake) deliver(ctx context.Context, m *message.Message, body []byte, d recorded, related string) (string, error) {
	closed, prior := "", related
	for range 5 {
		offer, err := json.Marshal(record{Decision: d, Prior: prior})
		if err != nil {
			return "", fmt.Errorf("deliver message %s: %w", m.ID, err)
		}
		task, kept, err := in.threads.Place(ctx, thread.Placing{
			Message: m, Body: body, Task: queue.NewTaskID(m.Received, m.ID, closed), Record: offer, Closed: closed,
		})
		if err != nil {
			return "", err
		}
		in.step("placed")
		rec := record{Decision: d, Prior: prior}
		if !bytes.Equal(kept, offer) { // the task is not ours
			rec = record{}
			if kept != nil {
				if err := json.Unmarshal(kept, &rec); err != nil {
					return "", fmt.Errorf("deliver message %s: read decision: %w", m.ID, err)
				}
			}
		}
		result, err := in.queue.Put(ctx, queue.Put{
			Task: task, Message: m, Thread: m.Thread, Decision: rec.Decision.Decision, Decided: rec.Decision.At, Machine: rec.Decision.Machine,
			Prior: rec.Prior, Priority: d.Priority, Band: d.Band,
		})
		if err != nil {
			return "", err
		}
		in.step("put")
		if result != queue.PutClosed && result != queue.PutStale {
			return task, in.linkBack(ctx, rec.Prior, task)
		}
		closed, prior = task, ""
		if result == queue.PutClosed { // a stale one is not there to be followed
			t, err := in.queue.Current(ctx, task)
			if err != nil {
				return "", err
			}
			prior = t.ID
		}
	}
	return "", fmt.Errorf("deliver message %s: its tasks keep closing", m.ID)
}

// linkBack makes the closed task point at the one that follows it. It may be gone by now.
func (in *Intake) linkBack(ctx context.Context, prior, task string) error {
	if prior == "" {
		return nil
	}
	if _, err := in.queue.Link(ctx, prior, task, ""); err != nil && !errors.Is(err, queue.ErrNone) {
		return err
	}
	return nil
}

// report brings what a channel says of a message of ours to that message. A report that comes before we know
// the channel's id is tried again; one on a message that is not ours is dropped at the end of the tries.
func (in *Intake) report(ctx context.Context, m *message.Message, attempt int) error {
	if m.Report == nil {
		return errors.New("a delivery report without its report")
	}
	r := m.Report
	if r.State == string(queue.ReplyGaveUp) {
		copies, err := in.queue.ReportCopies(ctx, m.Connector, r.Of, r.To, r.Reason)
		if err != nil {
			return err
		}
		if copies {
			return in.end(ctx, m, attempt)
		}
	}
	if err := in.queue.Report(ctx, m.Connector, r.Of, queue.ReplyState(r.State), r.Reason); err != nil {
		return err
	}
	return in.end(ctx, m, attempt)
}

// ack ends the walk: the message is in its task, the journal needs it no longer. Its tries are only counted from
// the second on, and only then may another have put it into quarantine meanwhile.
func (in *Intake) ack(ctx context.Context, id string, attempt int) error {
	p := partitionOf(id)
	keys := []string{p.next(), p.bodies()}
	if attempt > 1 {
		keys = append(keys, p.attempts(), p.quarantine())
	}
	if _, err := in.store.Run(ctx, ackScript, keys, id); err != nil {
		return fmt.Errorf("acknowledge message %s: %w", id, err)
	}
	return nil
}

// retryLater says when the message is taken up again: about after d.
func (in *Intake) retryLater(ctx context.Context, id string, d time.Duration) error {
	now, body, err := in.store.Load(ctx, store.Field{Key: partitionOf(id).bodies(), Name: id})
	if err != nil || body[0] == "" { // without its text another has brought it to its end
		return err
	}
	var tx store.Tx
	tx.ZAdd(partitionOf(id).next(), now.Add(d/2+rand.N(d)).UnixMilli(), id)
	_, err = in.store.Commit(ctx, &tx)
	return err
}
