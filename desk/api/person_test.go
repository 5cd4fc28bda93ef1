package api_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
)

// closedWithAMachines is a task that was closed, and into which a machine wrote since.
func (h *house) closedWithAMachines() *api.Task {
	h.t.Helper()
	task := h.arrive("a matter")
	if _, err := h.admin("anna").Close(h.t.Context(), task.ID, "solved"); err != nil {
		h.t.Fatal(err)
	}
	_, err := h.admin("").TakeIn(h.t.Context(), api.NewMessage{
		Channel: "phone", Thread: task.Threads[0], From: []string{"email:kate@example.org"}, Name: "Kate", Text: "call me", Automatic: "reply",
	})
	if err != nil {
		h.t.Fatal(err)
	}
	await(h.t, "the machine's message in the task", func() bool { return h.now(task.ID).Unattended == 1 })
	return h.now(task.ID)
}

func (h *house) unattended() (numbers []string, counted int64) {
	h.t.Helper()
	p, err := h.admin("").List(h.t.Context(), api.Listing{Team: "support", Unattended: true})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, t := range p.Tasks {
		numbers = append(numbers, t.Number)
	}
	s, err := h.admin("").Status(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, t := range s.Teams {
		counted += t.Unattended
	}
	return numbers, counted
}

func TestPersonTakenForAMachineInAClosedTaskIsFoundAndBroughtBack(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	task := h.closedWithAMachines()
	if numbers, counted := h.unattended(); !cmp.Equal(numbers, []string{task.Number}) || counted != 1 || task.State != "closed" {
		t.Fatalf("%s task, listed %v, counted %d; want it closed, listed and counted", task.State, numbers, counted)
	}
	machines := task.Messages[1].ID
	back, err := anna.ByPerson(ctx, task.Number, "")
	if err != nil {
		t.Fatal(err)
	}
	m := back.Messages[1]
	if back.State != "queued" || back.Unattended != 0 || back.Wait.N != 2 || back.Wait.Since != m.Received || m.Automatic != "no" ||
		!cmp.Equal(m.Marks, []string{"by a person, says anna"}) {
		t.Errorf("task = %+v, message = %+v; want it back, waiting since the message", back, m)
	}
	if again, err := anna.ByPerson(ctx, task.Number, machines); err != nil || cmp.Diff(back, again) != "" {
		t.Errorf("said again: %+v, %v; want nothing changed", again, err)
	}
	if numbers, counted := h.unattended(); numbers != nil || counted != 0 {
		t.Errorf("listed %v, counted %d; want nothing", numbers, counted)
	}
	_, err = anna.ByPerson(ctx, task.Number, "")
	if !api.IsProblem(err, "field") {
		t.Errorf("without any machine's message: %v, want it refused", err)
	}
}

func TestMachinesMessageIsAttendedTo(t *testing.T) {
	h := open(t)
	task := h.closedWithAMachines()
	got, err := h.admin("anna").ByMachines(t.Context(), task.ID)
	if err != nil || got.State != "closed" || got.Unattended != 0 {
		t.Errorf("ByMachines = %+v, %v; want it closed and attended to", got, err)
	}
	if numbers, counted := h.unattended(); numbers != nil || counted != 0 {
		t.Errorf("listed %v, counted %d; want nothing", numbers, counted)
	}
	for _, body := range []string{
		`{"agent":"anna","message":"` + task.Messages[1].ID + `","machine":true}`,
		`{"agent":"anna","message":"` + task.ID + `"}`, // of no message
	} {
		if res := h.raw("POST", "/api/v1/tasks/"+task.ID+"/person", adminToken, body); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", body, res.StatusCode)
		}
	}
	for _, query := range []string{"?unattended=maybe", "?unattended=true&state=closed"} {
		if res := h.raw("GET", "/api/v1/teams/support/tasks"+query, adminToken, ""); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", query, res.StatusCode)
		}
	}
}
