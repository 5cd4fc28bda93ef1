package api_test

import (
	"strings"
	"testing"
	"time"

	"loket/internal/blob"
	"loket/internal/message"
)

// What a honeypot caught is there for its time, does not count as trouble, and goes with its files unless somebody sent it on
// its way.
func TestWhatWasCaughtGoesByItself(t *testing.T) {
	h := open(t)
	ctx, admin := t.Context(), h.admin("")
	blobs, err := blob.Open(h.blobs)
	if err != nil {
		t.Fatal(err)
	}
	caught := func(text string, until time.Duration) *message.Message {
		id := message.NewID([]byte(text))
		m := &message.Message{
			ID: id, Thread: id, Connector: "website", Channel: "web", Text: text, Problem: "caught", Received: time.Now(), KeepUntil: time.Now().Add(until),
			Attachments: []message.Attachment{{Name: "a", Type: "text/plain", Size: 1, Blob: id + "/1"}},
		}
		if _, err := blobs.Put(ctx, id+"/1", strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
		if err := h.intake.Accept(ctx, m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	person, tomorrow, over := caught("a person", -time.Second), caught("tomorrow", time.Hour), caught("over", -time.Second)
	if s, err := admin.Status(ctx); err != nil || s.Quarantine != 0 || s.Caught != 3 {
		t.Errorf("Status = %+v, %v, want three caught and no trouble", s, err)
	}
	if q, err := admin.Quarantined(ctx, tomorrow.ID); err != nil || q.Until.Sub(tomorrow.KeepUntil).Abs() > time.Millisecond {
		t.Errorf("Quarantined = %+v, %v, want when it goes", q, err)
	}
	if err := admin.RetryQuarantined(ctx, person.ID); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		if n, err := h.desk.DropPassed(ctx); err != nil || n != want {
			t.Errorf("DropPassed = %d, %v, want %d", n, err, want)
		}
	}
	for m, kept := range map[*message.Message]bool{person: true, tomorrow: true, over: false} {
		file, _, err := blobs.Get(ctx, m.ID+"/1")
		if (err == nil) != kept {
			t.Errorf("the file of %q: %v, want it kept: %v", m.Text, err, kept)
		}
		if err == nil {
			_ = file.Close()
		}
	}
	if s, err := admin.Status(ctx); err != nil || s.Quarantine != 0 || s.Caught != 1 {
		t.Errorf("Status afterwards = %+v, %v", s, err)
	}
	if task := h.taskOf(person.Thread); task.Messages[0].Text != "a person" {
		t.Errorf("the person's task is %+v", task)
	}
	if broken, err := admin.Doctor(ctx); err != nil || len(broken) != 0 {
		t.Errorf("Doctor = %q, %v", broken, err)
	}
}
