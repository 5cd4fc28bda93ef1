package api_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
)

func TestHistoryOfATaskIsShown(t *testing.T) {
	h := open(t)
	ctx, anna, bob := t.Context(), h.admin("anna"), h.admin("bob")
	task := h.arrive("a matter")
	for _, do := range []func() (*api.Task, error){
		func() (*api.Task, error) { return anna.Take(ctx, task.ID) },
		func() (*api.Task, error) { return anna.Note(ctx, task.ID, "not this one") },
		func() (*api.Task, error) { return anna.Transfer(ctx, task.ID, "network", "their line is down") },
		func() (*api.Task, error) { return h.admin("").Assign(ctx, task.ID, "bob") },
		func() (*api.Task, error) { return bob.Take(ctx, task.ID) },
		func() (*api.Task, error) { return bob.Close(ctx, task.ID, "solved") },
		func() (*api.Task, error) { return anna.Reopen(ctx, task.ID) },
	} {
		if _, err := do(); err != nil {
			t.Fatal(err)
		}
	}
	got := h.now(task.ID)
	events, err := h.queue.Since(ctx, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	at := map[string][]api.Time{}
	for _, e := range events {
		at[string(e.Type)] = append(at[string(e.Type)], api.Time{Time: e.Time()})
	}
	want := []api.TaskStep{
		{At: task.Created, Type: "created"},
		{At: at["claimed"][0], Type: "claimed", Agent: "anna"},
		{At: at["transferred"][0], Type: "transferred", Agent: "anna", FromTeam: "support", Team: "network", Note: "their line is down"},
		{At: at["assigned"][0], Type: "assigned", Agent: "admin", Reason: "to bob"},
		{At: at["claimed"][1], Type: "claimed", Agent: "bob"},
		{At: at["closed"][0], Type: "closed", Agent: "bob", Outcome: "solved"},
		{At: at["reopened"][0], Type: "reopened", Agent: "anna"},
	}
	if diff := cmp.Diff(want, got.History); diff != "" || got.HistoryLost != 0 {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	page, err := h.admin("").List(ctx, api.Listing{Team: "network"})
	if err != nil || len(page.Tasks) != 1 || page.Tasks[0].History != nil || page.Tasks[0].Earlier != nil {
		t.Errorf("List = %+v, %v; want it without history", page.Tasks, err)
	}
}

// attestedBy takes in a call of somebody who is surely who they are, and gives its task.
func (h *house) attestedBy(who, text string) *api.Task {
	h.t.Helper()
	return h.taskOf(h.taken(adminToken, fmt.Sprintf(
		`{"channel":"phone","subject":%q,"text":%q,"from":[{"kind":"email","value":%q,"level":"attested"}]}`, text, text, who)).Thread)
}

func TestEarlierTasksOfTheCustomerAreShown(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	first := h.attestedBy("kate@example.org", "matter 0")
	if first.Customer.ID == "" || first.Earlier == nil || len(first.Earlier.Tasks) != 0 || first.Earlier.More != 0 {
		t.Fatalf("the first task: customer %q, earlier %+v; want a known customer without any", first.Customer.ID, first.Earlier)
	}
	if _, err := h.admin("anna").Close(ctx, first.ID, "solved"); err != nil {
		t.Fatal(err)
	}
	other := h.attestedBy("kate@example.org", "storing") // of the team network
	h.attestedBy("mark@example.org", "of another customer")
	h.arrive("by somebody who says they are Kate")
	for n := range 5 {
		h.attestedBy("kate@example.org", fmt.Sprintf("matter %d", n+1))
	}
	last := h.attestedBy("kate@example.org", "the last matter")
	if _, err := h.admin("anna").Transfer(ctx, last.ID, "webcare", ""); err != nil {
		t.Fatal(err)
	}
	subjects := func(e *api.Earlier) (list []string) {
		for _, o := range e.Tasks {
			list = append(list, o.Subject)
		}
		return list
	}
	all := h.now(last.ID).Earlier
	if diff := cmp.Diff([]string{"matter 5", "matter 4", "matter 3", "matter 2", "matter 1"}, subjects(all)); diff != "" || all.More != 2 || all.Uncounted {
		t.Errorf("earlier tasks (-want +got):\n%s, %d more; want 2", diff, all.More)
	}
	// From the middle: those that came later are not earlier.
	middle := h.now(all.Tasks[4].ID).Earlier
	closed := h.now(first.ID)
	want := []api.EarlierTask{
		{ID: other.ID, Number: other.Number, Team: "network", State: "queued", Subject: "storing", Created: other.Created},
		{ID: closed.ID, Number: closed.Number, Team: "support", State: "closed", Outcome: "solved", Subject: "matter 0", Created: closed.Created, Closed: closed.Closed},
	}
	if diff := cmp.Diff(&api.Earlier{Tasks: want}, middle); diff != "" {
		t.Errorf("earlier than a task in the middle (-want +got):\n%s", diff)
	}
	if kept, err := h.as(webcareToken, "").Task(ctx, last.ID); err != nil || len(kept.Earlier.Tasks) != 0 || kept.Earlier.More != 0 {
		t.Errorf("for who sees another team only: %+v, %v; want none", kept.Earlier, err)
	}
	if claim := h.arrive("a claim"); claim.Earlier != nil {
		t.Errorf("earlier tasks for who only claims to be Kate: %+v", claim.Earlier)
	}
}
