package twilio_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
	"loket/internal/secret"
)

func often(c *twilio.Config) { c.Poll = time.Second }

func TestWhatWebhooksMissedIsFound(t *testing.T) {
	t.Parallel()
	p := newPhone(t, often)
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	for i := range 8 { // more than two pages
		p.server.Keep(twiliotest.Message{From: "+31612345678", Body: fmt.Sprint("sms ", i), Created: ago(time.Duration(20-i) * time.Minute)})
	}
	p.server.Keep(twiliotest.Message{From: "whatsapp:+31687654321", To: "whatsapp:" + twiliotest.Number, Body: "app", Created: ago(9 * time.Minute),
		Media: []twiliotest.File{{Type: "image/jpeg", Data: jpeg(50)}}})
	p.server.KeepCall(twiliotest.Call{From: "+31611111111", Seconds: 9, Started: ago(15 * time.Minute), Recording: &twiliotest.File{Type: "audio/mpeg", Data: []byte("ID3 sound")}})
	p.server.KeepCall(twiliotest.Call{From: "+31622222222", Seconds: 3, Started: ago(14 * time.Minute)})
	p.server.Keep(twiliotest.Message{From: "+31612345678", Body: "before us", Created: ago(3 * time.Hour)})
	fresh := p.server.Keep(twiliotest.Message{From: "+31612345678", Body: "its webhook is under way"})
	twice, _ := p.server.Receive(twiliotest.Message{From: "+31612345678", Body: "by webhook", Created: ago(5 * time.Minute)})
	p.run()
	p.Eventually("all of it", func() bool { return len(p.Accepted()) == 12 })
	p.Eventually("another look", func() bool {
		n := 0
		for _, a := range p.server.Asked() {
			if strings.Contains(a, "/Calls.json") {
				n++
			}
		}
		return n >= 2
	})
	byText := map[string]int{}
	for i, m := range p.Accepted() {
		byText[m.Text]++
		if i > 0 && m.Text != "by webhook" && time.Since(m.Received) < 2*time.Minute {
			t.Errorf("%q came %s, want when Twilio got it", m.Text, m.Received)
		}
		if m.Text == "app" && (len(m.Attachments) != 1 || p.Blob(m.Attachments[0].Blob) != string(jpeg(50))) {
			t.Errorf("attachments %+v", m.Attachments)
		}
	}
	for text, n := range map[string]int{"sms 0": 1, "sms 7": 1, "app": 1, "Voicemail, 9s": 1, "Missed call, 3s": 1, "before us": 0, fresh.Body: 0, twice.Body: 1} {
		if byText[text] != n {
			t.Errorf("%q is there %d times, want %d", text, byText[text], n)
		}
	}
}

// An outage longer than the overlap is healed from where the last look ended.
func TestLongOutageIsHealed(t *testing.T) {
	t.Parallel()
	p := newPhone(t, often)
	p.SetPosition("position", time.Now().Add(-50*time.Hour).UTC().Format(time.RFC3339))
	p.server.Keep(twiliotest.Message{From: "+31612345678", Body: "two days ago", Created: time.Now().Add(-49 * time.Hour)})
	p.run()
	p.Eventually("the message", func() bool { return len(p.Accepted()) == 1 })
}

// What can't be stored now keeps the position where it is.
func TestPositionWaitsForTheStore(t *testing.T) {
	t.Parallel()
	p := newPhone(t, often)
	p.Refuse(true)
	p.server.Keep(twiliotest.Message{From: "+31612345678", Body: "x", Created: time.Now().Add(-10 * time.Minute)})
	p.run()
	asked := func() int { return len(p.server.Asked()) }
	p.Eventually("two looks", func() bool { return asked() >= 2 })
	if p.Position("position") != "" {
		t.Error("the position went on")
	}
	p.Refuse(false)
	p.Eventually("the message", func() bool { return len(p.Accepted()) == 1 })
	p.Eventually("the position", func() bool { return p.Position("position") != "" })
}

// What is odd about one message does not keep the others out.
func TestOddMessageHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	p := newPhone(t, often)
	ago := func(m int) time.Time { return time.Now().Add(-time.Duration(m) * time.Minute) }
	picture := []twiliotest.File{{Type: "image/jpeg", Data: jpeg(1)}}
	p.server.Keep(twiliotest.Message{From: "+31612345678", Body: "files deleted at Twilio", Created: ago(9), Media: picture, Unlisted: 404})
	p.server.Keep(twiliotest.Message{From: "+31612345678", Body: "forbidden", Created: ago(8), Media: picture, Unlisted: 403})
	p.server.Keep(twiliotest.Message{From: "", Body: "of nobody", Created: ago(7)})
	p.server.Keep(twiliotest.Message{From: "+31612345678", Body: "after them", Created: ago(6)})
	p.server.KeepCall(twiliotest.Call{From: "+31612345678", Seconds: 1, Started: ago(5)})
	p.run()
	p.Eventually("the others", func() bool { return len(p.Accepted()) == 3 })
	if m := p.Accepted()[0]; !slices.Contains(m.Marks, twilio.MarkMissing) || m.Text != "files deleted at Twilio" {
		t.Errorf("message %+v", m)
	}
	p.Eventually("a word of it", func() bool { return p.Trouble() != nil })
}

// Twilio that does not know us, or is away, is waited for, and said so.
func TestTroubleIsTold(t *testing.T) {
	t.Parallel()
	p := newPhone(t, often, func(c *twilio.Config) { c.AuthToken = secret.New("notthatone") })
	p.run()
	p.Eventually("trouble", func() bool { err := p.Trouble(); return err != nil && strings.Contains(err.Error(), "password") })
	if strings.Contains(p.Trouble().Error(), "notthatone") {
		t.Error("it tells the token")
	}
}
