package queue_test

import (
	"testing"
	"time"

	"loket/internal/message"
	"loket/router/queue"
)

// of is a message of a kind that nobody waits for.
func (r *room) of(kind message.Kind, text string, after time.Duration) *message.Message {
	m := r.said(text, after)
	m.Kind = kind
	return m
}

func TestWhatNobodyWaitsForStartsNoWaitAndReopensNothing(t *testing.T) {
	for _, kind := range []message.Kind{message.Consent, message.Reaction} {
		for _, state := range []queue.State{queue.Queued, queue.Claimed, queue.Waiting, queue.Closed} {
			t.Run(string(kind)+" "+string(state), func(t *testing.T) {
				r := newRoom(t)
				r.begin("T1")
				switch state {
				case queue.Claimed:
					r.take("T1", "anna")
				case queue.Waiting:
					r.answer("T1", queue.Actor{Agent: "anna"}, answer("hello"))
				case queue.Closed:
					r.close("T1", queue.Actor{Agent: "anna"}, "solved")
				}
				before := r.want("T1", state)
				r.again("T1", r.of(kind, "x", time.Minute), queue.PutJoined)
				got := r.want("T1", state)
				if got.Since != before.Since || got.Wait != before.Wait || got.Due != before.Due || got.Reopened != 0 || got.Unattended != 0 || got.Newest() != before.Newest() || got.Messages != 2 {
					t.Errorf("task = %+v, was %+v", got, before)
				}
				if e := r.newest("T1", queue.Arrived); !e.Automatic || e.WaitSince != 0 {
					t.Errorf("event = %+v, want one that begins nothing", e)
				}
				r.again("T1", r.of(kind, "x", time.Minute), queue.PutKnown)
			})
		}
	}
}

// Somebody who only wants no more messages leaves a note that can be found, and no work.
func TestAFirstMessageThatNobodyWaitsForIsATaskThatIsOver(t *testing.T) {
	r := newRoom(t)
	r.put(r.first("T1", r.of(message.Consent, "STOP", 0), decided(2, time.Hour, "@anna")), queue.PutCreated)
	got := r.want("T1", queue.Closed)
	if got.Wait != 0 || got.Since != 0 || got.Outcome != "opt-out" || got.ClosedAt != got.Created || got.Lane != "" {
		t.Errorf("task = %+v, want it closed without a wait", got)
	}
	if e := r.newest("T1", queue.Created); e.State != queue.Closed || !e.Automatic || e.WaitSince != 0 {
		t.Errorf("event = %+v", e)
	}
	r.claimNothing(queue.Claim{Team: support, Agent: "anna"})
	r.again("T1", r.of(message.Consent, "STOP!", time.Minute), queue.PutJoined)
	r.want("T1", queue.Closed)
	// A question afterwards is a matter of its own, decided as such.
	r.again("T1", r.said("where is my parcel?", time.Hour), queue.PutClosed)
	r.want("T1", queue.Closed)
	if _, err := r.Reopen(t.Context(), "T1", "boss"); err != nil {
		t.Fatal(err)
	}
	r.want("T1", queue.Queued)
}
