package twilio_test

import (
	"net/url"
	"strings"
	"testing"

	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
	"loket/internal/message"
)

func TestOptOutsAreNotedAndWaitForNobody(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	const sms, app = "+31612340401", "whatsapp:+31612340401"
	for _, tt := range []struct {
		from, body string
		form       url.Values
		want       message.Kind
	}{
		{sms, "STOP", nil, message.Consent},
		{sms, "stop.", nil, message.Consent},
		{sms, "Stopall", nil, message.Consent},
		{sms, "UNSUBSCRIBE", nil, message.Consent},
		{sms, "cancel", nil, message.Consent},
		{sms, "ARRÊT", nil, message.Consent},
		{sms, "Arret", nil, message.Consent},
		{sms, "Stopp!", nil, message.Consent},
		{sms, "Afmelden", url.Values{"OptOutType": {"STOP"}}, message.Consent},
		{sms, "退订", url.Values{"OptOutType": {"STOP"}}, message.Consent},
		{sms, "Hilfe", url.Values{"OptOutType": {"HELP"}}, message.Said},
		{sms, "stop calling me", nil, message.Said},
		{sms, "STOP", url.Values{"NumMedia": {"1"}, "MediaUrl0": {"http://127.0.0.1:1/x"}, "MediaContentType0": {"image/png"}}, message.Said},
		{"+31612340499", "Yes", nil, message.Said}, // who never stopped says yes to something
		{"+31612340499", "Ja", url.Values{"OptOutType": {"START"}}, message.Said},
		{app, "STOP", nil, message.Consent},
		{app, "Stop promotions", nil, message.Consent},
		{app, "Basta", url.Values{"OptOutType": {"STOP"}}, message.Consent},
		{app, "cancel", nil, message.Said}, // WhatsApp stops nothing: it may be an answer
	} {
		before := len(p.Accepted())
		to := twiliotest.Number
		if strings.HasPrefix(tt.from, "whatsapp:") {
			to = "whatsapp:" + to
		}
		p.server.Receive(twiliotest.Message{From: tt.from, To: to, Body: tt.body, Form: tt.form})
		took := p.Accepted()[before:]
		if len(took) != 1 || took[0].Kind != tt.want {
			t.Errorf("%s says %q: took %+v, want kind %q", tt.from, tt.body, took, tt.want)
			continue
		}
		if marked := strings.Contains(strings.Join(took[0].Marks, ","), twilio.MarkStop); tt.want == message.Consent && !marked || took[0].Text != tt.body {
			t.Errorf("%s says %q: text %q, marks %q", tt.from, tt.body, took[0].Text, took[0].Marks)
		}
	}
}

func TestReactionsAreMarks(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	const to = "whatsapp:" + twiliotest.Number
	for _, tt := range []struct{ body, text, mark string }{
		{"👍", "👍", "reaction: 👍"},
		{"", "", twilio.MarkUnreacted},
	} {
		before := len(p.Accepted())
		p.server.Receive(twiliotest.Message{From: "whatsapp:+31612340401", To: to, Body: tt.body, Form: url.Values{
			"MessageType": {"reaction"}, "OriginalRepliedMessageSid": {twiliotest.SID("SM")},
		}})
		if took := p.Accepted()[before:]; len(took) != 1 || took[0].Kind != message.Reaction || took[0].Text != tt.text || strings.Join(took[0].Marks, ",") != tt.mark {
			t.Errorf("reaction %q: took %+v", tt.body, took)
		}
	}
	before := len(p.Accepted())
	p.server.Receive(twiliotest.Message{From: "whatsapp:+31612340401", To: to, Body: "👍", Form: url.Values{"MessageType": {"text"}}})
	if took := p.Accepted()[before:]; len(took) != 1 || took[0].Kind != message.Said {
		t.Errorf("an emoji that was written: took %+v", took)
	}
}
