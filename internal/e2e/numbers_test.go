package e2e_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"loket/connectors/twilio/twiliotest"
	"loket/desk/api"
)

func TestPeopleOfUnknownNumbersAndChannelsAreAnswered(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	for _, tt := range []struct{ from, to, says, shown string }{
		{"+18612340100", "", "no internet in Florence", "phone:+18612340100"},
		{"+5215512340100", "", "no tengo linea desde ayer", "phone:+5215512340100"},
		{"rcs:+31612341201", "rcs:example_brand_agent", "is my parcel lost", "phone:+31612341201"},
		{"messenger:6400112233445566", "messenger:99887766", "a question about my bill", "psid:99887766:6400112233445566"},
	} {
		if _, status := server.Receive(twiliotest.Message{From: tt.from, To: tt.to, Body: tt.says}); status != http.StatusOK {
			t.Fatalf("%s: %d", tt.from, status)
		}
		task, err := d.client("anna").Task(t.Context(), d.taskOf("support", tt.says).ID)
		if err != nil {
			t.Fatal(err)
		}
		if m := task.Messages[0]; task.Wait.Since.IsZero() || m.Automatic != "no" || task.From[0] != tt.shown {
			t.Errorf("%s: task = %+v, message = %+v; want a person's, who waits", tt.from, task, m)
		}
		found, err := d.client("anna").Search(t.Context(), tt.shown)
		if err != nil || !slices.ContainsFunc(found.Tasks, func(f *api.Task) bool { return f.ID == task.ID }) {
			t.Errorf("search for %s = %+v, %v; want the task", tt.shown, found, err)
		}
		d.reply(task, "We call you.")
		d.await("the answer to "+tt.from, func() bool {
			sent := server.Sent()
			return sent[len(sent)-1].To == tt.from && (tt.to == "" || sent[len(sent)-1].From == tt.to)
		})
	}

	// Who called stands in the task, so that somebody can call back.
	status, _ := server.Hook("/call", url.Values{
		"CallSid": {twiliotest.SID("CA")}, "From": {"sip:kate@pbx.example.org"}, "To": {twiliotest.Number}, "CallStatus": {"no-answer"}, "Direction": {"inbound"},
	})
	if task := d.taskOf("support", "Missed call"); status != http.StatusOK || !slices.Equal(task.From, []string{"sip:kate@pbx.example.org"}) {
		t.Errorf("%d, from %v; want the caller", status, task.From)
	}

	// Brazil's ninth digit makes no other conversation.
	for _, number := range []string{"+5511987650011", "+551187650011"} {
		server.Receive(twiliotest.Message{From: "whatsapp:" + number, To: "whatsapp:" + twiliotest.Number, Body: "by " + number,
			Form: url.Values{"ProfileName": {"Joana"}, "WaId": {strings.TrimPrefix(number, "+")}}})
		d.await("the message by "+number, func() bool {
			tasks := slices.DeleteFunc(d.tasks("support"), func(s *api.Task) bool { return s.Channel != "whatsapp" })
			return len(tasks) == 1 && d.has(tasks[0].ID, "by "+number)
		})
	}
	d.healthy()
	d.stop()
}
