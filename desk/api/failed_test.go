package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/desk/access"
	"loket/desk/api"
)

// doubted is a task of anna's with an answer of which nobody knows whether it arrived.
func (h *house) doubted() (task, reply string) {
	h.t.Helper()
	answered, err := h.admin("anna").Reply(h.t.Context(), h.arrive("a matter").ID, api.Answer{Text: "x"})
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := h.queue.BeginSend(h.t.Context(), answered.Message, 1e9)
	if err == nil {
		err = h.queue.InDoubt(h.t.Context(), r.ID, r.Token, 0, "no word")
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return answered.Task.ID, r.ID
}

// failedAnswers makes the calls about answers in doubt so that they give each answer they can.
func (h *house) failedAnswers() {
	for verb, more := range map[string]string{"look": "", "settle": `,"arrived":true`} {
		id, reply := h.doubted()
		path := "/api/v1/tasks/" + id + "/replies/"
		h.raw("POST", path+"none/"+verb, adminToken, `{"agent":"anna"`+more+`}`)
		h.raw("POST", path+reply+"/"+verb, adminToken, `{"agent":"eve"`+more+`}`)
		h.raw("POST", path+reply+"/"+verb, annaToken, `{"agent":"anna"`+more+`}`)
		h.raw("POST", path+reply+"/settle", adminToken, `{"agent":"anna"}`)
		h.raw("POST", path+reply+"/"+verb, adminToken, `{"agent":"anna"`+more+`}`)
		answered, err := h.admin("anna").Reply(h.t.Context(), h.arrive("a matter").ID, api.Answer{Text: "x"})
		if err != nil {
			h.t.Fatal(err)
		}
		h.raw("POST", "/api/v1/tasks/"+answered.Task.ID+"/replies/"+answered.Message+"/"+verb, adminToken, `{"agent":"anna"`+more+`}`)
	}
}

// What may not have arrived is listed until a manager says whether it did.
func TestAnswerInDoubtIsListedUntilSomebodySaysWhetherItArrived(t *testing.T) {
	h := open(t, access.Person{Name: "anna", Teams: []string{"support"}})
	ctx, admin := t.Context(), h.admin("anna")
	task, lost := h.doubted()
	_, arrived := h.doubted()
	list, err := admin.Failed(ctx)
	if err != nil || len(list.Tasks) != 2 {
		t.Fatalf("Failed = %+v, %v", list, err)
	}
	want := []api.FailedReply{{
		Delivery: api.Delivery{State: "doubt", Error: "no word", Reply: lost, Attempts: 1}, To: []string{}, Channel: list.Tasks[0].Replies[0].Channel, Text: "x",
	}}
	if at := list.Tasks[0].Replies[0].Delivery.At; at.IsZero() {
		t.Error("nothing tells since when it is in doubt")
	}
	if diff := cmp.Diff(want, list.Tasks[0].Replies, cmpopts.IgnoreFields(api.FailedReply{}, "Since", "To"), cmpopts.IgnoreFields(api.Delivery{}, "At")); diff != "" {
		t.Errorf("the answer in doubt (-want +got):\n%s", diff)
	}
	if v, err := admin.Settle(ctx, task, lost, false); err != nil || v.Failure == "" {
		t.Errorf("Settle = %+v, %v, want a task with an answer that failed", v, err)
	}
	if _, err := admin.Settle(ctx, list.Tasks[1].Task.ID, arrived, true); err != nil {
		t.Errorf("Settle = %v", err)
	}
	list, err = admin.Failed(ctx)
	if err != nil || len(list.Tasks) != 1 || list.Tasks[0].Task.ID != task {
		t.Errorf("Failed = %+v, %v, want the task alone whose answer is lost", list, err)
	}
}
