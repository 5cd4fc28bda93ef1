package api_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/desk/api"
	"loket/internal/message"
	"loket/router/queue"
)

// lost is a task that anna held and bob holds now.
func (h *house) lost() *api.Task {
	h.t.Helper()
	task := h.arrive("a matter")
	if _, err := h.admin("bob").Take(h.t.Context(), task.ID); err != nil {
		h.t.Fatal(err)
	}
	return task
}

// late is an answer of anna's that comes too late; it gives the draft it is kept as.
func (h *house) late(task string, a api.Answer) string {
	h.t.Helper()
	_, err := h.admin("anna").Reply(h.t.Context(), task, a)
	var p *api.Problem
	if !errors.As(err, &p) || p.Draft == "" || !strings.Contains(p.Detail, "kept as draft "+p.Draft) {
		h.t.Fatalf("a late reply = %v, want the draft it is kept as", err)
	}
	return p.Draft
}

// draftAnswers makes the calls about drafts so that they give each answer they can.
func (h *house) draftAnswers(taken func() *api.Task) {
	v := taken()
	kept := "/api/v1/tasks/" + v.ID + "/drafts"
	draft := "/" + h.late(v.ID, api.Answer{Text: "late"})
	h.raw("GET", kept, adminToken, "")
	h.raw("GET", kept, webcareToken, "")
	h.raw("GET", "/api/v1/tasks/T-1-1/drafts", adminToken, "")
	h.raw("POST", kept+draft+"/send", adminToken, `{"agent":"anna"}`)
	h.raw("POST", kept+draft+"/send", adminToken, `{"agent":"eve"}`)
	h.raw("POST", kept+"/none/send", adminToken, `{"agent":"bob"}`)
	h.raw("POST", kept+draft+"/send", adminToken, `{"agent":"bob"}`)
	v = taken()
	kept = "/api/v1/tasks/" + v.ID + "/drafts"
	draft = "/" + h.late(v.ID, api.Answer{Text: "late"})
	h.raw("DELETE", kept+draft+"?agent=eve", adminToken, "")
	h.raw("DELETE", kept+draft, adminToken, "")
	h.raw("DELETE", kept+draft+"?agent=bob", adminToken, "")
	h.raw("DELETE", kept+draft+"?agent=bob", adminToken, "")
}

func TestDraftsAreListedSentAndDropped(t *testing.T) {
	h := open(t)
	ctx, bob := t.Context(), h.admin("bob")
	task := h.lost()
	one := h.late(task.ID, api.Answer{Text: "one", Attachments: []api.File{{Name: "a.txt", Data: []byte("abc")}}})
	two := h.late(task.ID, api.Answer{Text: "two", HTML: "<b>two</b>"})
	if again := h.late(task.ID, api.Answer{Text: "two", HTML: "<b>two</b>"}); again != two {
		t.Errorf("the same words again are draft %s, want %s", again, two)
	}
	three := h.late(task.ID, api.Answer{Text: "three"})
	got, err := bob.Drafts(ctx, task.Number)
	want := []api.Draft{
		{ID: one, Agent: "anna", Reason: task.Number + " is held by bob", Text: "one", Attachments: []api.Attachment{{Name: "a.txt", Type: "text/plain", Size: 3}}},
		{ID: two, Agent: "anna", Reason: task.Number + " is held by bob", Text: "two", HTML: "<b>two</b>", Attachments: []api.Attachment{}},
		{ID: three, Agent: "anna", Reason: task.Number + " is held by bob", Text: "three", Attachments: []api.Attachment{}},
	}
	for i := range want {
		want[i].Via, want[i].To, want[i].Thread = "same", []string{"email:kate@example.org"}, task.Threads[0]
	}
	ignored := cmp.Options{cmpopts.IgnoreFields(api.Draft{}, "At"), cmpopts.IgnoreFields(api.Attachment{}, "ID")}
	if diff := cmp.Diff(want, got, ignored); err != nil || diff != "" {
		t.Fatalf("Drafts = %v (-want +got):\n%s", err, diff)
	}
	if seen, _ := bob.Task(ctx, task.ID); !cmp.Equal(seen.Drafts, got) {
		t.Errorf("the task has drafts %+v, want %+v", seen.Drafts, got)
	}

	if gone, err := bob.DropDraft(ctx, task.ID, three[:8]); err != nil || gone.Text != "three" {
		t.Errorf("DropDraft = %+v, %v", gone, err)
	}
	if _, err := h.admin("anna").SendDraft(ctx, task.ID, one, false, ""); !api.IsProblem(err, "taken") {
		t.Errorf("SendDraft of what bob holds = %v, want it taken", err)
	}
	sent, err := bob.SendDraft(ctx, task.ID, one, false, "")
	if err != nil || sent.Message != one || sent.Task.State != "waiting" || len(sent.Task.Drafts) != 1 || sent.Task.Drafts[0].ID != two {
		t.Fatalf("SendDraft = %+v, %v; want one sent and two left", sent, err)
	}
	again, err := bob.SendDraft(ctx, task.ID, one, false, "")
	if diff := cmp.Diff(sent, again, cmpopts.IgnoreFields(api.Answered{}, "Task")); err != nil || diff != "" || again.Task.Replies != 1 {
		t.Errorf("SendDraft again = %v, answers %d (-first +again):\n%s", err, again.Task.Replies, diff)
	}
	out := sent.Task.Messages[1]
	if out.Agent != "bob" || out.Text != "one" || len(out.Attachments) != 1 || h.file(out.Attachments[0].ID) != "abc" {
		t.Errorf("what was sent = %+v", out)
	}
	closed, err := bob.SendDraft(ctx, task.ID, two, true, "answered")
	if err != nil || closed.Task.State != "closed" || closed.Task.Outcome != "answered" || len(closed.Task.Drafts) != 0 {
		t.Errorf("SendDraft and close = %+v, %v", closed, err)
	}
	if last := closed.Task.Messages[2]; last.HTML != "<b>two</b>" {
		t.Errorf("the HTML of the draft is lost: %+v", last)
	}
	if _, err := bob.SendDraft(ctx, task.ID, three, false, ""); !api.IsProblem(err, "not-found") {
		t.Errorf("SendDraft of one that was dropped = %v", err)
	}
}

func (h *house) file(id string) string {
	h.t.Helper()
	r, err := h.admin("").Attachment(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Close()
	b, _ := io.ReadAll(r)
	return string(b)
}

func TestFilesOfADroppedDraftAreGone(t *testing.T) {
	h := open(t)
	task := h.lost()
	d := h.late(task.ID, api.Answer{Text: "one", Attachments: []api.File{{Name: "a", Data: []byte("abc")}}})
	gone, err := h.admin("bob").DropDraft(t.Context(), task.ID, d)
	if err != nil || len(gone.Attachments) != 1 {
		t.Fatalf("DropDraft = %+v, %v", gone, err)
	}
	if _, err := h.admin("").Attachment(t.Context(), gone.Attachments[0].ID); !api.IsProblem(err, "not-found") {
		t.Errorf("the file of a dropped draft: %v", err)
	}
}

// Other words under one key come with the same files, which are kept once.
func TestFilesOfADroppedDraftStayWithWhatElseHasThem(t *testing.T) {
	h := open(t)
	task := h.lost()
	files := []api.File{{Name: "a", Data: []byte("abc")}}
	first := h.late(task.ID, api.Answer{Text: "one", Attachments: files, Key: "k"})
	h.late(task.ID, api.Answer{Text: "two", Attachments: files, Key: "k"})
	if _, err := h.admin("bob").DropDraft(t.Context(), task.ID, first); err != nil {
		t.Fatal(err)
	}
	left, err := h.admin("bob").Drafts(t.Context(), task.ID)
	if err != nil || len(left) != 1 || len(left[0].Attachments) != 1 {
		t.Fatalf("Drafts = %+v, %v; want the second with its file", left, err)
	}
	r, err := h.admin("").Attachment(t.Context(), left[0].Attachments[0].ID)
	if err != nil {
		t.Fatalf("the file of the draft that is left: %v", err)
	}
	defer r.Close()
	if b, err := io.ReadAll(r); string(b) != "abc" || err != nil {
		t.Errorf("it holds %q, %v", b, err)
	}
}

// A draft goes on the thread it was written for: words for one thread must not stand in another that others read.
func TestDraftGoesWhereItWasWrittenFor(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	task := h.lost()
	d := h.late(task.ID, api.Answer{Text: "for you alone"})
	elsewhere := h.arrive("in public")
	h.bind(task.ID, elsewhere.Threads[0])
	sent, err := h.admin("bob").Knowing(h.now(task.ID).Seen, false).SendDraft(ctx, task.ID, d, false, "")
	if err != nil || sent.Thread != task.Threads[0] {
		t.Errorf("SendDraft = %+v, %v; want it on thread %s", sent, err, task.Threads[0])
	}
}

// bind makes a thread the one that was last written in of a task.
func (h *house) bind(task, thread string) {
	h.t.Helper()
	_, err := h.queue.Put(h.t.Context(), queue.Put{Task: task, Thread: thread, Message: &message.Message{
		ID: message.NewID([]byte("more")), Thread: thread, Text: "more", Received: time.Now(),
	}})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestALateReplyWithoutRoomIsGivenBack(t *testing.T) {
	h := open(t)
	task := h.lost()
	for i := range 50 {
		h.late(task.ID, api.Answer{Text: fmt.Sprint(i)})
	}
	_, err := h.admin("anna").Reply(t.Context(), task.ID, api.Answer{Text: "one too many"})
	var p *api.Problem
	if !errors.As(err, &p) || p.Type != "urn:loket:taken" || p.Draft != "" || p.Text != "one too many" || !strings.Contains(p.Detail, "could not be kept") {
		t.Errorf("a late reply to a full task = %+v, want its text back", err)
	}
	if kept, _ := h.admin("bob").Drafts(t.Context(), task.ID); len(kept) != 50 || slices.ContainsFunc(kept, func(d api.Draft) bool { return d.Text == "one too many" }) {
		t.Errorf("%d drafts", len(kept))
	}
}
