package email

import (
	"strings"

	"loket/connectors/email/judge"
	"loket/connectors/email/mail"
	"loket/internal/message"
)

// reports makes m the report on a mail of ours, if it is one that we can tell for sure. A bounce that only says that
// it tries again, or of something we did not send, stays a message that can be read.
func (r *Reader) reports(m *message.Message, parsed *mail.Mail) bool {
	report, ok := judge.Bounce(parsed, r.own)
	if !ok || report.State == judge.StateDelayed || !r.knows {
		return false
	}
	for _, id := range report.Candidates {
		of, ours := r.ids.Sent(id)
		sure := judge.FromNobody(parsed, r.authserv)
		if !ours { // the envelope of that mail, which its receivers alone have seen
			of, ours = r.ids.Bounced(id)
			sure = true
		}
		if ours {
			m.Kind = message.Delivery
			m.Report = &message.DeliveryReport{Of: of, State: report.State, Reason: saysReport(report.Reason, sure), To: about(report)}
			m.Thread, m.Forward, m.References, m.Own, m.Subject = "", "", nil, "", ""
			return true
		}
	}
	return false
}

// about are the recipients that a report is about, as far as it says which; none when it leaves one out.
func about(r judge.Report) []message.Identifier {
	outcomes := r.Outcomes
	if len(outcomes) == 0 {
		outcomes = []judge.Outcome{{Recipient: r.Recipient, State: r.State}}
	}
	var to []message.Identifier
	for _, o := range outcomes {
		if o.State != r.State {
			continue
		}
		id, err := message.Email(o.Recipient, message.Mentioned)
		if err != nil {
			return nil
		}
		to = append(to, id)
	}
	return to
}

// saysReport makes it plain whose words a reason is: anybody can send a report, and write anything into it.
func saysReport(words string, sure bool) string {
	says := "a report says so"
	if words != "" {
		says = "the report says “" + quotes.Replace(words) + "”"
	}
	if !sure {
		says += " (not verified)"
	}
	return says
}

// quotes become one that ends no quotation.
var quotes = strings.NewReplacer("“", "'", "”", "'", "„", "'", "‟", "'", "«", "'", "»", "'", "〝", "'", "〞", "'", "＂", "'", `"`, "'")
