package figures

import (
	"errors"
	"testing"

	"loket/desk/access"
	"loket/router/kpi"
	"loket/router/queue"
)

// What came of answers is for those who gave them, and for managers where the configuration says so.
func TestWhatCameOfAnswersIsForThoseWhoGaveThem(t *testing.T) {
	anna := access.Actor{Principal: &access.Principal{Name: "anna", Person: "anna"}}
	lead := access.Actor{Principal: &access.Principal{Name: "lead", Person: "lead", Roles: []string{access.RoleManager}}}
	for _, open := range []bool{false, true} {
		s := &Service{managersSee: func() bool { return open }}
		for _, asked := range []struct {
			by     access.Actor
			person string
			may    bool
		}{{anna, "", false}, {anna, "lead", false}, {anna, "anna", true}, {lead, "lead", true}, {lead, "anna", open}} {
			if got := s.mayRead(asked.by, asked.person) == nil; got != asked.may {
				t.Errorf("%s reads answers of %q: %v, want %v (managers see: %v)", asked.by.Name, asked.person, got, asked.may, open)
			}
			if err := s.mayRead(asked.by, asked.person); err != nil && !errors.Is(err, access.ErrForbidden) {
				t.Error(err)
			}
		}
	}
}

// An answer came back when the customer reopened the task after it, and before the next; what colleagues reopen did not.
func TestAnAnswerCameBackWhenTheCustomerReopened(t *testing.T) {
	task := &queue.Task{History: []queue.Step{
		{At: 10, Type: queue.Finished}, {At: 20, Type: queue.Reopened, Agent: "anna"}, {At: 30, Type: queue.Finished},
		{At: 40, Type: queue.Reopened, Message: "m"}, {At: 50, Type: queue.Picked},
	}}
	for _, tt := range []struct{ at, next, want int64 }{{5, 0, 40}, {5, 35, 0}, {35, 0, 40}, {35, 45, 40}, {45, 0, 0}} {
		if got := cameBack(task, tt.at, tt.next); got != tt.want {
			t.Errorf("answered at %d and next at %d it came back at %d, want %d", tt.at, tt.next, got, tt.want)
		}
	}
}

// Why a wait took long: what stands in its time, neither before nor after.
func TestWhyCountsWhatHappenedDuringTheWait(t *testing.T) {
	task := &queue.Task{TeamSince: 1500, PickedAt: 3000, History: []queue.Step{
		{At: 500, Type: queue.Transferred}, {At: 1500, Type: queue.Transferred}, {At: 3000, Type: queue.Picked}, {At: 4000, Type: queue.Returned},
		{At: 4500, Type: queue.Parked}, {At: 4600, Type: queue.Expired}, {At: 4700, Type: queue.ReplyFailed}, {At: 9000, Type: queue.Parked},
	}}
	item := &kpi.Item{Row: kpi.Row{Kind: kpi.Running, At: 6000, Wall: 5000, Speed: kpi.None, Held: kpi.None}}
	want := Why{Unclaimed: milliseconds(2000), Elsewhere: milliseconds(500), Transfers: 1, Rests: 1, Returned: 2, Failed: 1}
	if got := whyOf(item, task); got != want {
		t.Errorf("why is %+v, want %+v", got, want)
	}
	item.Kind, item.Speed, item.Held = kpi.Answer, 700, 4000
	want.Unclaimed, want.Elsewhere = milliseconds(700), milliseconds(1000)
	if got := whyOf(item, task); got != want {
		t.Errorf("of an answer it is %+v, want %+v", got, want)
	}
	if got := whyOf(&kpi.Item{Row: kpi.Row{Wall: kpi.None}}, task); got != (Why{}) {
		t.Errorf("of what was no wait it is %+v", got)
	}
}
