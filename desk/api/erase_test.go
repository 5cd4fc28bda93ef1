package api_test

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/desk"
	"loket/desk/access"
	"loket/desk/api"
	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

func TestErasureWaitsForAnAnswerThatIsBeingSent(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "email:kate@example.com")
	answered, err := anna.Reply(ctx, h.sent("email:kate@example.com", "attested").ID, api.Answer{Text: "what only she should know"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.queue.BeginSend(ctx, answered.Message, time.Hour)
	if err != nil || r == nil {
		t.Fatalf("BeginSend = %v, %v", r, err)
	}
	if done, err := anna.Erase(ctx, kate.ID, false, api.Because{}); err != nil || done {
		t.Fatalf("Erase = %v, %v; want that it waits", done, err)
	}
	if err := h.threads.Record(ctx, r.Task, r.Message); err != nil {
		t.Fatal(err)
	}
	if err := h.queue.Sent(ctx, r.ID, r.Token, "c1", false); err != nil {
		t.Fatal(err)
	}
	if left, err := h.customers.ResumeErasures(ctx); err != nil || left != 0 {
		t.Fatalf("ResumeErasures = %d, %v; want it done", left, err)
	}
	h.holdsNothingOf("kate@example.com", "what only she")
}

// holdsNothingOf looks through everything that is stored, names of keys and files too, for texts.
func (h *house) holdsNothingOf(texts ...string) {
	h.t.Helper()
	everything := storetest.Everything(h.t, h.store.Redis())
	err := filepath.WalkDir(h.blobs, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		everything[path] = string(b)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	for key, value := range everything {
		for _, text := range texts {
			if strings.Contains(strings.ToLower(key+"\x00"+value), strings.ToLower(text)) {
				h.t.Errorf("%s still has %q: %.300s", key, text, value)
			}
		}
	}
}

// sentOut hands an answer to its channel, which refuses the copies.
func (h *house) sentOut(id string) {
	h.t.Helper()
	ctx := h.t.Context()
	r, err := h.queue.BeginSend(ctx, id, time.Minute)
	if err != nil {
		h.t.Fatal(err)
	}
	if r.Message.Thread != "" {
		if err := h.threads.Record(ctx, r.Task, r.Message); err != nil {
			h.t.Fatal(err)
		}
	}
	var missed []queue.Missed
	for _, c := range r.Cc {
		missed = append(missed, queue.Missed{To: c, Reason: "550 <" + c + "> unknown"})
	}
	if err := h.queue.Sent(ctx, r.ID, r.Token, "c-"+id, false, missed...); err != nil {
		h.t.Fatal(err)
	}
}

// forwarded passes a task on twice, of which nobody sends one yet; the other comes back with a file.
func (h *house) forwarded(task string) {
	h.t.Helper()
	ctx, anna := h.t.Context(), h.admin("anna")
	for _, text := range []string{"what of swordfish?", "and Kate Vriesema?"} {
		done, err := anna.Forward(ctx, task, api.Forward{
			To: []string{"mast@vriesema-partner.example"}, Text: text, Attachments: []api.File{{Name: "Geheim.txt", Data: []byte("swordfish" + text)}},
		})
		if err != nil {
			h.t.Fatal(err)
		}
		if text[0] == 'a' {
			h.sentOut(done.Message)
		}
	}
	id := message.NewID([]byte("back"))
	name := id + "/1"
	back := &message.Message{
		ID: id, Forward: task, Connector: "mailbox", Channel: "email", Text: "Kate Vriesema has swordfish", Subject: "Geheim", Received: time.Now(),
		From:        []message.Identifier{{Kind: "email", Value: "mast@vriesema-partner.example", Level: message.Attested}},
		Attachments: []message.Attachment{{Name: "geheim.txt", Type: "text/plain", Size: 9, Blob: name}},
	}
	if err := h.intake.Accept(ctx, back); err != nil {
		h.t.Fatal(err)
	}
	await(h.t, "what came back", func() bool { now, err := anna.Task(ctx, task); return err == nil && len(now.Notes) == 3 })
	if err := h.intake.Accept(ctx, back); err != nil {
		h.t.Fatal(err)
	}
}

// writes has anna write something that waits before it goes out, and something that she does not send.
func (h *house) writes(task, text string) {
	h.t.Helper()
	admin, err := h.desk.Authenticate(adminToken)
	if err != nil {
		h.t.Fatal(err)
	}
	anna, file := access.Actor{Principal: admin, Agent: "anna"}, []desk.FileToTake{{Name: "Geheim.txt", Data: []byte("swordfish, " + text), Given: true}}
	held, err := h.desk.Hold(h.t.Context(), anna, task, desk.Sending{Answer: desk.Answer{Text: text, Attachments: file}})
	if err != nil || held == nil {
		h.t.Fatalf("Hold = %+v, %v; want it held back", held, err)
	}
	if _, err := h.desk.SaveUnfinished(h.t.Context(), anna, task, desk.Edit{Text: &text, Note: &text, Files: file}); err != nil {
		h.t.Fatal(err)
	}
}

// leave is where a person left something: attested and claimed, with files, in tasks of every state.
func (h *house) leave(kate string) (tasks []*api.Task) {
	h.t.Helper()
	ctx, anna := h.t.Context(), h.admin("anna")
	write := func(body string) *api.Task {
		h.t.Helper()
		taken := read[api.TakenIn](h.t, h.raw("POST", "/api/v1/messages", adminToken, body))
		return h.taskOf(cmp.Or(taken.Thread, taken.ID))
	}
	attested := `"name":"Kate Vriesema","from":[{"kind":"email","value":"` + kate + `","level":"attested"},{"kind":"xh","value":"kvriesema","level":"attested"}]`
	open := write(`{"channel":"email","connector":"mailbox","subject":"My Geheimzaak","text":"the geheimwoord is swordfish","own":"<one@kate>","references":["<zero@kate>"],` +
		attested + `,"attachments":[{"name":"Geheimbrief.txt","type":"text/plain","data":"c3dvcmRmaXNo"}]}`)
	for _, a := range []api.Answer{
		{Text: "what is the swordfish?", To: []string{"mast@vriesema-partner.example"}}, // nobody sent it yet
		{Text: "all of Kate Vriesema", To: []string{"mast@vriesema-partner.example"}, Cc: []string{"lee@vriesema-partner.example"}},
		{Text: "Dear Kate Vriesema", Cc: []string{"lee@vriesema-partner.example"}},
	} {
		answered, err := anna.Reply(ctx, open.ID, a)
		if err != nil {
			h.t.Fatal(err)
		}
		if len(a.Cc) > 0 {
			h.sentOut(answered.Message)
		}
	}
	h.forwarded(open.ID)
	waiting := write(`{"channel":"email","subject":"Geheimzaak two","text":"swordfish again",` + attested + `}`)
	if _, err := anna.Reply(ctx, waiting.ID, api.Answer{Text: "Dear Kate Vriesema, swordfish it is"}); err != nil {
		h.t.Fatal(err)
	}
	if _, err := anna.Note(ctx, waiting.ID, "Kate Vriesema called"); err != nil {
		h.t.Fatal(err)
	}
	h.writes(waiting.ID, "Kate Vriesema, the swordfish")
	closed := write(`{"channel":"email","text":"swordfish",` + attested + `}`)
	if _, err := anna.Close(ctx, closed.ID, "solved"); err != nil {
		h.t.Fatal(err)
	}
	late := api.Answer{Text: "Dear Kate Vriesema, swordfish", Attachments: []api.File{{Name: "geheimantwoord.txt", Data: []byte("swordfish")}}}
	if _, err := anna.Reply(ctx, closed.ID, late); !api.IsProblem(err, "closed") {
		h.t.Fatal(err)
	}
	claimed := write(`{"channel":"web","name":"Kate Vriesema","email":"` + kate + `","text":"swordfish by form"}`)
	failed := write(`{"channel":"email","text":"swordfish",` + attested + `}`)
	answered, err := anna.Reply(ctx, failed.ID, api.Answer{Text: "swordfish"})
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := h.queue.BeginSend(ctx, answered.Message, time.Second)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.queue.GiveUp(ctx, r.ID, r.Token, "550 <"+kate+"> unknown"); err != nil {
		h.t.Fatal(err)
	}
	return []*api.Task{open, waiting, closed, claimed, failed}
}

func TestErasureLeavesNothingInAnyRoom(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate Vriesema", "cno:482913057", "email:kate@vriesema.example", "phone:+31612345678")
	tasks := h.leave("kate@vriesema.example")
	bob := h.sent("email:bob@example.com", "attested")
	if done, err := anna.Erase(ctx, kate.ID, false, api.Because{Reason: "she asked"}); err != nil || !done {
		t.Fatalf("Erase = %v, %v; want it done", done, err)
	}
	h.holdsNothingOf("vriesema", "swordfish", "geheim", "+31612345678", "482913057")
	for _, before := range tasks {
		now, err := anna.Task(ctx, before.ID)
		if err != nil || now.State != "closed" || now.Team != before.Team || !now.Created.Equal(before.Created.Time) || len(now.Messages) != 0 {
			t.Errorf("the task is %+v, %v; want it closed and empty, with its times and team", now, err)
		}
	}
	if now, err := anna.Task(ctx, tasks[0].ID); err != nil || now.Outcome != "erased" {
		t.Errorf("outcome = %+v, %v; want erased", now, err)
	}
	if now, err := anna.Task(ctx, tasks[2].ID); err != nil || now.Outcome != "solved" {
		t.Errorf("outcome = %+v, %v; want it left", now, err)
	}
	if now, err := anna.Task(ctx, bob.ID); err != nil || now.State != "queued" || len(now.Messages) != 1 || now.Messages[0].Text == "" {
		t.Errorf("somebody else's task is %+v, %v; want it as it was", now, err)
	}
	if broken, err := anna.Doctor(ctx); err != nil || len(broken) > 0 {
		t.Errorf("Doctor = %q, %v", broken, err)
	}
	again := h.sent("email:kate@vriesema.example", "attested")
	if len(again.Messages) != 1 || again.State != "queued" {
		t.Errorf("who writes afterwards is %+v, want a task of her own", again)
	}
}

func TestErasureTakesWhoHadACopyOffAnswersToOthers(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	bob := h.register("Bob", "email:bob@vriesema.example")
	began := read[api.TakenIn](t, h.raw("POST", "/api/v1/messages", adminToken, `{"channel":"email","connector":"mailbox","text":"mine","from":[{"kind":"email","value":"kate@example.com","level":"attested"}]}`))
	task := h.taskOf(began.Thread)
	answered, err := anna.Reply(ctx, task.ID, api.Answer{Text: "to you both", Cc: []string{"bob@vriesema.example"}})
	if err != nil {
		t.Fatal(err)
	}
	h.sentOut(answered.Message)
	h.raw("POST", "/api/v1/messages", adminToken, `{"channel":"email","connector":"mailbox","thread":"`+task.Threads[0]+
		`","text":"thanks","from":[{"kind":"email","value":"bob@vriesema.example","level":"attested"}]}`)
	await(t, "both in one task", func() bool { now, err := anna.Task(ctx, task.ID); return err == nil && len(now.Messages) == 3 })
	if done, err := anna.Erase(ctx, bob.ID, false, api.Because{}); err != nil || !done {
		t.Fatalf("Erase = %v, %v; want it done", done, err)
	}
	h.holdsNothingOf("vriesema")
	now, err := anna.Task(ctx, task.ID)
	if err != nil || len(now.Messages) != 2 || now.Messages[1].Text != "to you both" || len(now.Messages[1].Cc) != 0 {
		t.Errorf("the task is %+v, %v; want kate's question and answer left, without the copy", now, err)
	}
}

func TestErasureKeepsWhatOthersSaid(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "email:kate@example.com", "phone:+31612345678")
	if _, err := anna.Share(ctx, kate.ID, "phone:+31612345678", true, api.Because{}); err != nil {
		t.Fatal(err)
	}
	family := h.sent("phone:+31612345678", "attested")
	began := h.sent("email:kate@example.com", "attested")
	res := h.raw("POST", "/api/v1/messages", adminToken, `{"channel":"email","thread":"`+began.Threads[0]+
		`","text":"her neighbour says","from":[{"kind":"email","value":"bob@example.com","level":"attested"}]}`)
	h.taskOf(read[api.TakenIn](t, res).Thread)
	await(t, "both in one task", func() bool { now, err := anna.Task(ctx, began.ID); return err == nil && len(now.Messages) == 2 })
	claimed := h.sent("email:kate@example.com", "claimed")
	impostor := h.taskOf(read[api.TakenIn](t, h.raw("POST", "/api/v1/messages", adminToken,
		`{"channel":"email","text":"x","email":"kate@example.com","from":[{"kind":"email","value":"eve@example.com","level":"attested"}]}`)).Thread)
	if done, err := anna.Erase(ctx, kate.ID, true, api.Because{}); err != nil || !done {
		t.Fatalf("Erase = %v, %v", done, err)
	}
	for name, c := range map[string]struct {
		task *api.Task
		text string
	}{
		"a phone that others use": {family, "a matter"}, "the thread she began": {began, "her neighbour says"},
		"who claimed to be her": {claimed, "a matter"}, "somebody else who named her": {impostor, "x"},
	} {
		now, err := anna.Task(ctx, c.task.ID)
		if err != nil || now.State != "queued" || len(now.Messages) != 1 || now.Messages[0].Text != c.text {
			t.Errorf("%s: %+v, %v; want %q alone left", name, now, err, c.text)
		}
	}
	if now, err := anna.Task(ctx, began.ID); err != nil || len(now.From) != 0 || now.Subject != "" {
		t.Errorf("the task she began is %+v, %v; want her name off it", now, err)
	}
	if broken, err := anna.Doctor(ctx); err != nil || len(broken) > 0 {
		t.Errorf("Doctor = %q, %v", broken, err)
	}
}

// TestWhatArrivesDuringAnErasureIsWhollyThereOrNotAtAll: no task is left open and empty, and none is half emptied.
func TestWhatArrivesDuringAnErasureIsWhollyThereOrNotAtAll(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "email:kate@example.com")
	thread := h.sent("email:kate@example.com", "attested").Threads[0]
	const writers, each = 4, 12
	var wg sync.WaitGroup
	begun := make(chan struct{}, writers*each)
	for range writers {
		wg.Go(func() {
			for i := range each {
				into := ""
				if i%2 == 0 {
					into = `"thread":"` + thread + `",`
				}
				h.raw("POST", "/api/v1/messages", adminToken,
					`{"channel":"email",`+into+`"text":"swordfish","from":[{"kind":"email","value":"kate@example.com","level":"attested"}]}`)
				begun <- struct{}{}
			}
		})
	}
	for range writers {
		<-begun
	}
	if _, err := anna.Erase(ctx, kate.ID, false, api.Because{}); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	await(t, "the erasure and all that was sent to be done", func() bool {
		left, err := h.customers.ResumeErasures(ctx)
		s, serr := anna.Status(ctx)
		return err == nil && serr == nil && left == 0 && s.Journal == 0
	})
	page, err := anna.List(ctx, api.Listing{Team: "support", Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range page.Tasks {
		task, err := anna.Task(ctx, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		gone := task.State == "closed" && task.Outcome == "erased" && len(task.Messages)+len(task.From) == 0
		whole := task.State == "queued" && len(task.Messages) > 0 && len(task.From) > 0
		for _, m := range task.Messages {
			whole = whole && m.Text == "swordfish" && len(m.From) > 0
		}
		if !gone && !whole {
			t.Errorf("task %s is %s (%s) with %d messages from %v; want it whole or empty", task.Number, task.State, task.Outcome, len(task.Messages), task.From)
		}
	}
	if broken, err := anna.Doctor(ctx); err != nil || len(broken) > 0 {
		t.Errorf("Doctor = %q, %v", broken, err)
	}
}

func TestErasedCustomerIsGone(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "email:kate@example.com", "cno:1")
	if done, err := anna.Erase(ctx, kate.ID, false, api.Because{Reason: "she asked"}); err != nil || !done {
		t.Fatalf("Erase = %v, %v; want it done", done, err)
	}
	if _, err := anna.Customer(ctx, kate.ID); !api.IsProblem(err, "gone") {
		t.Errorf("Customer = %v, want gone", err)
	}
	if found, err := anna.Owners(ctx, "email:kate@example.com"); err != nil || len(found.Customers) != 0 {
		t.Errorf("Owners = %+v, %v; want nobody", found, err)
	}
	report, err := anna.Import(ctx, strings.NewReader("customer_no,email\n9,kate@example.com\n"), api.Import{}, nil)
	if err != nil || report.Bad != 1 {
		t.Errorf("Import of who was erased = %+v, %v; want it refused", report, err)
	}
}
