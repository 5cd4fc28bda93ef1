package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"regexp"
	"strings"
	"testing"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/desk/api"
)

var chatKey = regexp.MustCompile(`data-key="([^"]+)" data-proof="([^"]+)"`)

// chats is what the frame's script says: the first message of a conversation, or a further one of thread.
func (d *daemon) chats(body map[string]string) (token string) {
	d.tb.Helper()
	if body["thread"] == "" {
		k := chatKey.FindStringSubmatch(d.get(d.public + "/in/chat/"))
		if k == nil {
			d.tb.Fatal("the frame has no key")
		}
		body["key"], body["proof"] = k[1], k[2]
	}
	var got struct{ Thread string }
	d.postJSON(d.public+"/in/chat/", body, http.StatusAccepted, &got)
	return got.Thread[strings.LastIndex(got.Thread, "/")+1:]
}

// postJSON posts JSON and reads the answer.
func (d *daemon) postJSON(url string, body any, status int, into any) {
	d.tb.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		d.tb.Fatal(err)
	}
	res, err := http.Post(url, "application/json", bytes.NewReader(b))
	if err != nil {
		d.tb.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		d.tb.Fatalf("%s: %s %s, %v", url, res.Status, text, err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			d.tb.Fatal(err)
		}
	}
}

// Who left an address and is not there is told of the answer once, also when loket is killed meanwhile; who has seen it is not, and the agent
// reads that they did.
func TestWhoLeftTheChatIsToldOfTheAnswer(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{User: "help", Password: "secret"})
	away := func(after string) string {
		return strings.Replace(mailed(server, sink, ""), "connectors:\n", `connectors:
  - name: chat
    type: chat
    settings: {languages: [en], notify: [mail], away: `+after+`}
`, 1)
	}
	d := newDaemon(t, away("24h")).start()
	anna := d.client("anna")
	asked := func(from, text string) (string, *api.Task) {
		t.Helper()
		token := d.chats(map[string]string{"text": text, "email": from})
		task := d.claims("support")
		if _, err := anna.Reply(t.Context(), task.ID, api.Answer{Text: "It is 100 euro"}); err != nil {
			t.Fatal(err)
		}
		return token, task
	}
	token, seen := asked("joe@example.com", "What is my balance?")
	answered := func() *api.Message {
		now, err := anna.Task(t.Context(), seen.ID)
		if err != nil || len(now.Messages) != 2 {
			return nil
		}
		return &now.Messages[1]
	}
	d.await("the answer", func() bool { return answered() != nil })
	d.postJSON(d.public+"/in/chat/read", map[string]any{"thread": token, "messages": []string{answered().ID}}, http.StatusNoContent, nil)
	d.await("that it was read", func() bool { m := answered(); return m.Delivery != nil && m.Delivery.State == "read" })

	d.stop()
	d.configure(away("6s"))
	d.start("LOKET_FAIL_AT=reminding") // before it is told
	anna = d.client("anna")
	asked("kate@example.com", "And mine?")
	d.await("loket to kill itself", d.dead)
	d.start("LOKET_FAIL_AT=reminded") // after it was, and before that is noted
	d.await("loket to kill itself again", d.dead)
	d.start()
	anna = d.client("anna")
	asked("lee@example.com", "And mine?")
	told := sink.Wait(t, 2)
	m, err := mail.ReadMessage(bytes.NewReader(told[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(body); len(told) != 2 || told[0].To[0] != "kate@example.com" || told[1].To[0] != "lee@example.com" || !strings.Contains(text, "/t/") || strings.Contains(text, "100 euro") {
		t.Errorf("told %d times, %v:\n%s", len(told), told[0].To, text)
	}
	d.healthy()
}
