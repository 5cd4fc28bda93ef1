package e2e_test

import (
	"net/http"
	"testing"

	"loket/desk/api"
)

// A visitor whose conversation was erased wrote on to nobody: each message was taken, and ended in quarantine. They are told, wherever they ask.
func TestErasedVisitorIsToldThatTheConversationIsOver(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, chatting("https://www.example.org", "")).start()
	anna := d.client("anna")
	kate, err := anna.Register(t.Context(), []string{"email:kate@vriesema.example"}, "Kate Vriesema", api.Because{})
	if err != nil {
		t.Fatal(err)
	}
	token := d.chats(map[string]string{"text": "No signal", "email": "kate@vriesema.example"})
	d.chats(map[string]string{"text": "And here", "key": "2", "thread": token})
	d.settled()
	if _, err := anna.Erase(t.Context(), kate.ID, false, api.Because{Reason: "asked"}); err != nil {
		t.Fatal(err)
	}
	d.await("the conversation to be gone", func() bool {
		res, err := http.Get(d.public + "/t/" + token)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		return res.StatusCode == http.StatusGone
	})
	d.postJSON(d.public+"/in/chat/", map[string]string{"text": "Are you there?", "key": "3", "thread": token}, http.StatusGone, nil)
	d.postJSON(d.public+"/in/chat/read", map[string]any{"thread": token, "messages": []string{}}, http.StatusGone, nil)
	d.postJSON(d.public+"/t/"+token, map[string]string{"text": "Are you there?"}, http.StatusGone, nil)
	again := d.chats(map[string]string{"text": "No signal", "email": "kate@vriesema.example"})
	if again == token {
		t.Error("the same conversation is begun again")
	}
	d.settled()
	if task := d.claims("network"); len(task.Messages) != 1 || task.Messages[0].Text != "No signal" {
		t.Errorf("who writes afterwards has the task %+v", task)
	}
	d.healthy()
}
