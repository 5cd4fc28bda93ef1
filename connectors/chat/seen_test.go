package chat

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/notify"
	"loket/internal/message"
)

// reminding is a chat that tells visitors by mail, with what it wants to be reminded of and whom it told.
type reminding struct {
	*aChat
	reminders map[string]time.Time
	said      map[string]*message.Message
	told      []*message.Message
	fail      error // of telling
}

func newReminding(t *testing.T) *reminding {
	c := &reminding{aChat: newChat(t, func(c *Config) { c.Notify = []string{"mail"} }), reminders: map[string]time.Time{}, said: map[string]*message.Message{}}
	env := c.Environment.Env("chat")
	env.Reaches = func(connector string, to message.Identifier) bool { return connector == "mail" && to.Kind == "email" }
	env.Tell = func(_ context.Context, _ string, m *message.Message) error {
		if c.fail == nil {
			c.told = append(c.told, m)
		}
		return c.fail
	}
	env.RemindAt = func(_ context.Context, key string, at time.Time) error {
		c.reminders[key] = at
		return nil
	}
	env.Said = func(_ context.Context, thread, id string) (*message.Message, error) {
		if m := c.said[thread+"/"+id]; m != nil {
			return m, nil
		}
		return nil, connectors.ErrGone
	}
	made, err := New(c.cfg, env)
	if err != nil {
		t.Fatal(err)
	}
	c.Chat = made
	return c
}

// answers sends an answer to an address that is known so surely.
func (c *reminding) answers(level message.Level, name string) (key string) {
	c.t.Helper()
	to, err := message.Email("kate@example.org", level)
	if err != nil {
		c.t.Fatal(err)
	}
	m := &message.Message{
		ID: message.NewID([]byte(name)), Thread: message.NewID([]byte("thread of " + name)), Direction: message.Out, Connector: "chat", Text: "Your code is 1234",
		To: []message.Identifier{to}, Language: "en", Received: time.Now(),
	}
	receipt, err := c.Send(c.t.Context(), m)
	if err != nil {
		c.t.Fatal(err)
	}
	if diff := cmp.Diff(connectors.Receipt{ID: m.Thread + "/" + m.ID, State: connectors.Delivered}, receipt); diff != "" {
		c.t.Errorf("receipt (-want +got):\n%s", diff)
	}
	c.said[receipt.ID] = m
	return receipt.ID
}

func (c *reminding) shows(key string) int {
	thread, id, _ := strings.Cut(key, "/")
	r := httptest.NewRequest(http.MethodPost, "/read", strings.NewReader(`{"thread":"`+thread+`-token","messages":["`+id+`","nonsense"]}`))
	return connectortest.Do(c.t, c.Chat, r).Code
}

func (c *reminding) remind(key string) {
	c.t.Helper()
	due := c.reminders[key]
	if due.IsZero() {
		due = time.Now().Add(-time.Hour)
	}
	again, err := c.Remind(c.t.Context(), key, due)
	if err != nil || !again.IsZero() {
		c.t.Fatalf("Remind = %v, %v; want it done", again, err)
	}
}

// Who has not seen an answer is told: by a link alone where nobody checked the address, with the answer where it is proven. It is done once.
func TestAnswersThatNobodySawAreToldOf(t *testing.T) {
	c := newReminding(t)
	claimed, proven := c.answers(message.Claimed, "one"), c.answers(message.Proven, "two")
	if at := c.reminders[claimed]; time.Until(at) < 2*time.Minute || time.Until(at) > 3*time.Minute {
		t.Errorf("reminded in %v, want in three minutes", time.Until(at))
	}
	for range 2 {
		c.remind(claimed)
		c.remind(proven)
	}
	if len(c.told) != 2 {
		t.Fatalf("told %d times, want twice", len(c.told))
	}
	if m := c.told[0]; m.Thread != m.ID || strings.Contains(m.Text, "1234") || !strings.Contains(m.Text, connectortest.PublicURL+"/t/") {
		t.Errorf("a claimed address is told %+v", m)
	}
	if m := c.told[1]; m.Thread != strings.Split(proven, "/")[0] || !strings.Contains(m.Text, "Your code is 1234") {
		t.Errorf("a proven address is told %+v", m)
	}
	c.remind(message.NewID([]byte("gone")) + "/" + message.NewID([]byte("too"))) // erased meanwhile
}

// What a frame shows is read: the agent is told so, the visitor of nothing. A link says so of its own conversation alone.
func TestAnswersThatWereSeenAreNotToldOf(t *testing.T) {
	c := newReminding(t)
	key := c.answers(message.Proven, "one")
	for range 2 {
		if code := c.shows(key); code != http.StatusNoContent {
			t.Fatalf("read: %d", code)
		}
	}
	c.remind(key)
	if len(c.told) > 0 {
		t.Errorf("told %v", c.told)
	}
	m := c.Only()
	want := &message.Message{ID: m.ID, Kind: message.Delivery, Connector: "chat", Report: &message.DeliveryReport{Of: key, State: "read"}, Received: m.Received}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	r := httptest.NewRequest(http.MethodPost, "/read", strings.NewReader(`{"thread":"nothing","messages":[]}`))
	if w := connectortest.Do(t, c.Chat, r); w.Code != http.StatusNotFound {
		t.Errorf("of no conversation: %d", w.Code)
	}
}

// Whoever has a conversation of their own filled the store and the log by saying of made-up messages, and of what others wrote, that they read them.
func TestWhatIsNoAnswerOfTheChatIsNotRead(t *testing.T) {
	c := newReminding(t)
	thread := message.NewID([]byte("thread"))
	of := func(name string, m *message.Message) string {
		m.ID, m.Thread = message.NewID([]byte(name)), thread
		c.said[notify.Key(thread, m.ID)] = m
		return notify.Key(thread, m.ID)
	}
	for _, key := range []string{
		notify.Key(thread, message.NewID([]byte("made up"))),
		of("their own", &message.Message{Connector: "chat"}),
		of("a mail of ours", &message.Message{Connector: "mail", Direction: message.Out}),
	} {
		if code := c.shows(key); code != http.StatusNoContent {
			t.Errorf("read: %d", code)
		}
		if first, err := c.env.Cursor.Once(t.Context(), seenKey(key), seenFor); err != nil || !first {
			t.Errorf("it is remembered that %s was seen: %v", key, err)
		}
	}
	if got := c.Accepted(); len(got) > 0 {
		t.Errorf("accepted %v", got)
	}
}
