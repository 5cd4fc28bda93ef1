package queue_test

import (
	"testing"
	"time"

	"loket/router/queue"
)

// wantDue wants the running wait to have begun and to be due so long after the test began.
func (r *room) wantDue(task, when string, since, due time.Duration) {
	r.t.Helper()
	got := r.task(task)
	if got.Since != ms(r.begun.Add(since)) || got.WaitDue != ms(r.begun.Add(due)) || got.Due != got.WaitDue {
		r.t.Errorf("%s: waits since %s and is due after %s, want %s and %s", when,
			time.UnixMilli(got.Since).Sub(r.begun), time.UnixMilli(got.WaitDue).Sub(r.begun), since, due)
	}
}

// ofPriority is a message that alone would have another priority.
func ofPriority(priority string, band int) func(*queue.Put) {
	return func(p *queue.Put) { p.Priority, p.Band = priority, band }
}

func (r *room) transfer(task, team string) {
	r.t.Helper()
	if _, err := r.Transfer(r.t.Context(), task, queue.Actor{Agent: "anna"}, team, ""); err != nil {
		r.t.Fatal(err)
	}
}

func TestARunningWaitKeepsWhatWasPromisedWhenItBegan(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	otherRule := func(p *queue.Put) { // which would have been webcare's, in ten minutes
		p.Decision.Team, p.Decision.FirstReply, p.Decision.NextReply = webcare, 10*time.Minute, 10*time.Minute
		ofPriority("normal", 2)(p)
	}
	r.put(r.first("T1", r.said("an outage", time.Minute), otherRule), queue.PutJoined)
	r.wantDue("T1", "words of another rule", 0, 4*time.Hour)
	r.transfer("T1", webcare) // answers a first message in an hour
	r.put(r.first("T1", r.said("are you there?", 2*time.Minute)), queue.PutJoined)
	r.wantDue("T1", "with another team", 0, 4*time.Hour)
	r.put(r.first("T1", r.said("said before", -time.Minute)), queue.PutJoined)
	r.wantDue("T1", "an earlier message that was held up", -time.Minute, 4*time.Hour-time.Minute)
	r.transfer("T1", support)
	r.put(r.first("T1", r.said("said first", -time.Hour)), queue.PutJoined)
	r.wantDue("T1", "back with its first team", -time.Hour, 3*time.Hour)

	r.look("T1", "anna")
	r.answer("T1", queue.Actor{Agent: "anna"}, answer("here"))
	r.put(r.first("T1", r.said("and another thing", time.Hour), otherRule), queue.PutJoined)
	r.wantDue("T1", "the next wait", time.Hour, 9*time.Hour)
	r.transfer("T1", webcare)
	r.put(r.first("T1", r.said("hello?", 2*time.Hour)), queue.PutJoined)
	r.wantDue("T1", "the next wait with another team", time.Hour, 9*time.Hour)
	for _, e := range r.events("T1") {
		if e.Type == queue.Labelled {
			t.Errorf("no priority changed: %+v", e)
		}
	}
}

func TestAMorePressingPriorityBringsAWaitForward(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.put(r.first("T1", r.said("now it burns", time.Hour), ofPriority("high", 1)), queue.PutJoined)
	r.wantDue("T1", "support promises it in two hours", 0, 3*time.Hour)
	if e := r.newest("T1", queue.Labelled); e.Reason != "priority high, was normal: the customer wrote" || e.Due != ms(r.begun.Add(3*time.Hour)) || e.Priority != "high" {
		t.Errorf("event = %+v, want it to say so", e)
	}
	if got := r.task("T1"); got.Priority != "high" || got.Band != 1 {
		t.Errorf("task = %s, band %d; want it to be high", got.Priority, got.Band)
	}
	r.put(r.first("T1", r.said("never mind", 90*time.Minute), ofPriority("low", 3)), queue.PutJoined)
	r.put(r.first("T1", r.said("still", 90*time.Minute), ofPriority("high", 1)), queue.PutJoined)
	r.wantDue("T1", "nothing more pressing", 0, 3*time.Hour)

	r.begin("T2", dueIn(-3*time.Hour, 30*time.Minute))
	r.put(r.first("T2", r.said("burns", 0), ofPriority("high", 1)), queue.PutJoined)
	r.wantDue("T2", "it is due before that", -3*time.Hour, 30*time.Minute)

	r.begin("T3")
	r.transfer("T3", webcare)
	r.put(r.first("T3", r.said("fire", 0), ofPriority("high", 1)), queue.PutJoined)
	r.wantDue("T3", "by the team that has it", 0, 30*time.Minute)
}

func TestAPersonInAMachinesTaskIsPromisedWhatItsTeamPromises(t *testing.T) {
	r := newRoom(t)
	r.teams.set(&r.teams.resolution, 40*time.Hour)
	r.put(r.first("T1", r.automatic("a newsletter", -time.Hour), func(p *queue.Put) {
		p.Decision.FirstReply, p.Decision.NextReply, p.Machine = 90*time.Hour, 90*time.Hour, true
	}), queue.PutCreated)
	r.put(r.first("T1", r.said("what is this?", 0), func(p *queue.Put) { p.Decision.Team, p.Decision.FirstReply = webcare, time.Minute }), queue.PutJoined)
	r.wantDue("T1", "a machine was promised something else", 0, 4*time.Hour)
	if got := r.task("T1"); got.ResolveBy != ms(r.begun.Add(40*time.Hour)) {
		t.Errorf("to be closed by %s, want 40 hours after the person wrote", time.UnixMilli(got.ResolveBy))
	}

	r.put(r.first("T2", r.automatic("out of office", -time.Hour)), queue.PutCreated)
	r.transfer("T2", webcare)
	r.put(r.first("T2", r.said("I am back", 0)), queue.PutJoined)
	r.wantDue("T2", "it is webcare's", 0, time.Hour)
}
