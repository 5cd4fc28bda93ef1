package twilio_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
	"loket/internal/message"
)

func meet(a, b *message.Message) bool {
	return slices.ContainsFunc(a.References, func(r string) bool { return slices.Contains(b.References, r) })
}

// One person's number, as it is and as it was, is in one conversation, whichever comes first and whichever we wrote to.
func TestTwoSpellingsOfOneNumberMeet(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, channel, now, was, other string }{
		{"Brazil on WhatsApp", "whatsapp:", "+5511987650011", "+551187650011", "+5511987650012"},
		{"Mexico on WhatsApp", "whatsapp:", "+525512340100", "+5215512340100", "+525512340101"},
		{"Mexico by SMS", "", "+525512340100", "+5215512340100", "+525512340101"},
		{"Brazil by SMS", "", "+5511987650011", "+551187650011", "+5521987650011"},
		{"a land line in Brazil", "whatsapp:", "+551132345678", "+551132345678", "+5511932345678"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPhone(t)
			to := row.channel + twiliotest.Number
			for _, from := range []string{row.now, row.was, row.other} {
				p.server.Receive(twiliotest.Message{From: row.channel + from, To: to, Body: from})
			}
			all := p.Accepted()
			if !meet(all[0], all[1]) || meet(all[0], all[2]) || meet(all[1], all[2]) {
				t.Errorf("references %q, %q, %q; want the first two to meet, and the last nobody", all[0].References, all[1].References, all[2].References)
			}
			for i, m := range all[:2] {
				answer := sms("answer "+m.ID, "x")
				answer.Channel, answer.To, answer.From = m.Channel, m.From, m.To
				known := &message.Message{References: p.References(answer)}
				if !meet(known, all[0]) || !meet(known, all[1]) || meet(known, all[2]) {
					t.Errorf("an answer to spelling %d leads from %q", i, known.References)
				}
			}
		})
	}
}

func TestRCSAndMessengerInAndOut(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ channel, from, to, node string }{
		{"rcs", "rcs:+31612341201", "rcs:example_brand_agent", "phone:+31612341201"},
		{"rcs", "rcs:+18612341201", "rcs:example_brand_agent", "phone:+18612341201"},
		{"messenger", "messenger:6400112233445566", "messenger:99887766", "psid:99887766:6400112233445566"},
	} {
		t.Run(row.from, func(t *testing.T) {
			t.Parallel()
			p := newPhone(t)
			p.server.Receive(twiliotest.Message{From: row.from, To: row.to, Body: "Is my parcel lost?"})
			m := p.Only()
			if m.Channel != row.channel || m.Automatic != message.ByPerson || strings.Join(nodes(m.From), " ") != row.node || len(m.Marks) > 0 {
				t.Fatalf("message = %+v, want a person's who can be answered", m)
			}
			answer := brand(sms("answer", "It is not."), row.channel, 0)
			answer.To, answer.From = m.From, m.To
			if err := p.Check(answer); err != nil {
				t.Fatal(err)
			}
			known := p.References(answer)
			if _, err := p.Send(t.Context(), answer); err != nil {
				t.Fatal(err)
			}
			sent := p.server.Sent()
			if len(sent) != 1 || sent[0].To != row.from || sent[0].From != row.to || sent[0].Body != "It is not." || !slices.Equal(known, m.References) {
				t.Errorf("sent %+v, by %q; want it back to where it came from", sent, known)
			}
		})
	}
}

func TestPersonOnAChannelToComeIsOneAndShown(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		from, name, node, called, mark string
		automatic                      message.Automatic
	}{
		{"telex:kate-77", "", "", "telex:kate-77", twilio.MarkNoAnswer, message.ByPerson},
		{"telex:kate-77", "Kate", "", "Kate", twilio.MarkNoAnswer, message.ByPerson},
		{"telex:+31612345678", "", "phone:+31612345678", "", twilio.MarkNoAnswer, message.ByPerson},
		{"messenger:me", "", "", "messenger:me", "", message.ByPerson},
		{"18612340100", "", "", "18612340100", "", message.ByPerson}, // a number, though without its plus
		{"KPN", "", "", "KPN", "", message.Notice},
		{"3669", "", "", "3669", "", message.Notice},
	} {
		t.Run(row.from+row.name, func(t *testing.T) {
			t.Parallel()
			p := newPhone(t)
			p.server.Receive(twiliotest.Message{From: row.from, Body: "Hello", Form: url.Values{"ProfileName": {row.name}}})
			m := p.Only()
			if m.Automatic != row.automatic || strings.Join(nodes(m.From), " ") != row.node || m.Name != row.called || strings.Join(m.Marks, ",") != row.mark {
				t.Errorf("message = %+v, want %+v", m, row)
			}
		})
	}
}

func TestLostWebhooksOfFurtherSendersAreHealed(t *testing.T) {
	t.Parallel()
	p := newPhone(t, often, func(c *twilio.Config) { c.Senders = []string{"rcs:example_brand_agent"} })
	p.server.Keep(twiliotest.Message{From: "rcs:+31612341201", To: "rcs:example_brand_agent", Body: "lost", Created: time.Now().Add(-10 * time.Minute)})
	p.run()
	p.Eventually("the message", func() bool { return len(p.Accepted()) == 1 })
	if m := p.Only(); m.Channel != "rcs" || strings.Join(nodes(m.From), " ") != "phone:+31612341201" {
		t.Errorf("message = %+v", m)
	}
}
