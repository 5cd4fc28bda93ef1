package api_test

import (
	"errors"
	"strings"
	"testing"

	"loket/desk/api"
)

// public takes in something that anybody can read.
func (h *house) public(connector, identifier, level string) *api.Task {
	h.t.Helper()
	kind, value, _ := strings.Cut(identifier, ":")
	res := h.raw("POST", "/api/v1/messages", adminToken, `{"channel":"x","connector":"`+connector+`","public":true,"text":"a matter",
		"from":[{"kind":"`+kind+`","value":"`+value+`","level":"`+level+`"}]}`)
	return h.taskOf(read[api.TakenIn](h.t, res).Thread)
}

func TestPublicConversationMovesToPrivateByOneAnswer(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	box := &mailbox{}
	h.deliver(box)
	task := h.public("care", "xu:4711", "attested")
	answer := api.Answer{Text: "privately now", Via: "private", Key: "k"}
	done, err := anna.Reply(ctx, task.ID, answer)
	if err != nil || done.Via != "private" || done.Connector != "care" || done.Channel != "x" || done.Thread == task.Threads[0] {
		t.Fatalf("Reply = %+v, %v; want it in a thread of its own", done, err)
	}
	if again, err := anna.Reply(ctx, task.ID, answer); err != nil || again.Message != done.Message {
		t.Errorf("the same again = %+v, %v; want the same answer", again, err)
	}
	await(t, "the answer to be sent", func() bool { return len(box.took()) == 1 })
	if m := box.took()[0]; m.Public || len(m.References) != 0 || len(m.To) != 1 || m.To[0].String() != "xu:4711" {
		t.Errorf("sent %+v, want it to her alone", m)
	}
	second, err := anna.Reply(ctx, task.ID, api.Answer{Text: "once more", Via: "private"})
	if err != nil || second.Thread != done.Thread {
		t.Errorf("Reply again = %+v, %v; want the thread that was begun", second, err)
	}
}

func TestPrivateAnswerNeedsSomebodyWhoIsReached(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	for name, task := range map[string]*api.Task{
		"a claim":            h.public("care", "xu:1", "claimed"),
		"a handle":           h.public("care", "xh:kate", "attested"),
		"another connection": h.public("elsewhere", "xu:2", "attested"),
	} {
		_, err := anna.Reply(ctx, task.ID, api.Answer{Text: "x", Via: "private"})
		var p *api.Problem
		if !errors.As(err, &p) || p.Status != 422 || p.Field != "via" {
			t.Errorf("%s: Reply = %v, want 422 about via", name, err)
		}
	}
	task := h.sent("email:kate@example.com", "attested")
	done, err := anna.Reply(ctx, task.ID, api.Answer{Text: "x", Via: "private"})
	if err != nil || done.Thread != task.Threads[0] {
		t.Errorf("Reply to what is private = %+v, %v; want it where she wrote", done, err)
	}
}
