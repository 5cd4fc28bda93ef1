package queue

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/proptest"
	"loket/internal/store"
	"loket/internal/store/storetest"
)

// leases is what Claim asks of the teams.
type leases struct{ Teams }

func (leases) Lease(string) time.Duration { return time.Hour }
func (leases) Aside(string, string) bool  { return false }

func TestClaimChangesNothingElseOfTheCard(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	q, err := New(Options{Store: s, Teams: leases{}})
	if err != nil {
		t.Fatal(err)
	}
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		want := anyTask(t)
		s.Redis().FlushAll(t.Context())
		var tx store.Tx
		tx.SetField(tasksKey, want.ID, want.encode())
		for key, score := range want.places() {
			tx.ZAdd(key, score, want.ID)
		}
		if _, err := s.Commit(t.Context(), &tx); err != nil {
			t.Fatal(err)
		}
		got, err := q.Claim(t.Context(), Claim{Team: want.Team, Agent: "anna"})
		if err != nil {
			t.Fatal(err)
		}
		if got.ClaimedAt == 0 || got.LeaseUntil != got.ClaimedAt+3_600_000 || got.Lease == "" || got.Op != got.Lease {
			t.Fatalf("claimed task = %+v", got)
		}
		want.State, want.Agent = Claimed, "anna"
		want.Lease, want.LeaseUntil, want.ClaimedAt, want.Op = got.Lease, got.LeaseUntil, got.ClaimedAt, got.Op
		if want.PickedAt == 0 {
			want.PickedAt = got.ClaimedAt
		}
		if want.History = append(want.History, Step{At: got.ClaimedAt, Type: Picked, Agent: "anna"}); len(want.History) > maxSteps {
			want.History, want.HistoryLost = want.History[1:], want.HistoryLost+1
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("card (-want +got):\n%s", diff)
		}
		events, err := q.Since(t.Context(), "", 10)
		if err != nil || len(events) != 1 {
			t.Fatalf("events = %v, %v", events, err)
		}
		e := events[0]
		told := want.event(Picked, instant(got.ClaimedAt))
		told.ID, told.QueuedAt, told.FirstPick = e.ID, want.QueuedAt, want.PickedAt == got.ClaimedAt
		told.Wait, told.WaitSince, told.WaitDue = want.Wait, want.Since, want.WaitDue
		if diff := cmp.Diff(told, e); diff != "" {
			t.Fatalf("event (-want +got):\n%s", diff)
		}
		// And Go's own steps find every place that the script made.
		if _, err := q.Close(t.Context(), want.ID, Actor{Lease: got.Lease}, ""); err != nil {
			t.Fatal(err)
		}
		if n := s.Redis().Exists(t.Context(), leasesKey, heldKey(want.Team), laneKey(want.Team, want.Lane), personalKey(want.Team)).Val(); n != 0 {
			t.Fatalf("%d sets hold the closed task", n)
		}
	})
}

// anyTask is a queued task that anna may claim, with anything in its texts.
func anyTask(t *rapid.T) *Task {
	text := rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"", `"quoted" \ / \u0000`, "<b>&amp;</b>", "Zoë \u2028 🙂", "{}", "[]", "null", "1e400", "\x00\x7f\r\n", "0123"}),
	).Filter(func(s string) bool { return strings.ToValidUTF8(s, "") == s })
	texts := func(label string) []string {
		l := rapid.SliceOfN(text, 0, 3).Draw(t, label)
		if len(l) == 0 {
			return nil
		}
		return l
	}
	// Millisecond instants to the year 2109, which is as far as the order in a lane reaches, and small numbers.
	num := rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(0, 1<<42))
	task := &Task{
		Number: rapid.Int64Range(1, 1e13).Draw(t, "number"), ID: NewTaskID(time.Now(), text.Draw(t, "id"), ""), Team: "support", State: Queued,
		Priority: text.Draw(t, "priority"), Band: rapid.IntRange(0, Bands-1).Draw(t, "band"), Lane: rapid.SampledFrom([]string{"", "@anna"}).Draw(t, "lane"),
		Due: num.Draw(t, "due"), Created: num.Draw(t, "created"), Channel: text.Draw(t, "channel"), Connector: text.Draw(t, "connector"),
		Public: rapid.Bool().Draw(t, "public"), Subject: text.Draw(t, "subject"), Name: text.Draw(t, "name"), Language: text.Draw(t, "language"),
		Threads: texts("threads"), Links: texts("links"), Rule: text.Draw(t, "rule"), Tags: texts("tags"), NextReply: num.Draw(t, "next reply"),
		Lease: text.Draw(t, "lease"), Wait: rapid.IntRange(0, 1000).Draw(t, "wait"), Since: num.Draw(t, "since"), WaitDue: num.Draw(t, "wait due"),
		Unanswered: num.Draw(t, "unanswered"), Asked: num.Draw(t, "asked"),
		QueuedAt: num.Draw(t, "queued"), PickedAt: num.Draw(t, "picked"),
		Told: rapid.IntRange(0, 2).Draw(t, "told"), TeamSince: num.Draw(t, "team since"), OpenedAt: num.Draw(t, "opened"), Last: num.Draw(t, "last"), Outcome: text.Draw(t, "outcome"),
		Failure: text.Draw(t, "failure"), Messages: rapid.IntRange(0, 9).Draw(t, "messages"), Replies: rapid.IntRange(0, 9).Draw(t, "replies"),
		Reopened: rapid.IntRange(0, 9).Draw(t, "reopened"), Hops: rapid.IntRange(0, 9).Draw(t, "hops"), Sending: texts("sending"), Op: text.Draw(t, "op"),
	}
	for range rapid.SampledFrom([]int{0, 1, maxSteps - 1, maxSteps}).Draw(t, "steps") {
		task.History = append(task.History, Step{At: num.Draw(t, "at"), Type: Finished, Agent: text.Draw(t, "agent"), Outcome: text.Draw(t, "step outcome")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "senders") {
		task.From = append(task.From, message.Identifier{
			Kind: "email", Scope: text.Draw(t, "scope"), Value: text.Draw(t, "value"), Level: message.Level(rapid.IntRange(0, 5).Draw(t, "level")),
		})
	}
	return task
}
