package judge

import (
	"slices"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/message"
)

// A Report is what a mail says of one that we sent.
type Report struct {
	// Kind is message.Bounce when a recipient did not get it or not yet, else message.Report.
	Kind message.Automatic
	// State of the worst recipient: failed, delayed (which changes nothing yet), sent (handed on to where nothing
	// more is reported), delivered or read.
	State string
	// Permanent tells that the address itself is wrong or gone, so another mail to it would fail as well.
	Permanent bool
	// Recipient is the address that State is about; "" when it is not known.
	Recipient string
	// Reason is one short line for people, such as "5.1.1 550 no such user"; at most 200 characters. It may be empty.
	Reason string
	// Candidates are the Message-IDs, without angle brackets, of which the report may be, the surest first, at most ten.
	Candidates []string
	// Outcomes tell of each recipient, at most a hundred; none when the report is not of a form that says it.
	Outcomes []Outcome

	why string
}

// An Outcome is what became of our mail for one recipient.
type Outcome struct {
	Recipient string
	State     string
	Status    string // of RFC 3463, such as 5.1.1; "" when none is given
	Permanent bool
	Reason    string
}

// The states of a report, in the words of message.DeliveryReport where it has one.
const (
	StateFailed    = "failed"
	StateDelayed   = "delayed"
	StateSent      = "sent"
	StateDelivered = "delivered"
	StateRead      = "read"
)

// Bounce reads m as a report on a mail of ours: a delivery status notification (RFC 3464, RFC 6533), a receipt (RFC 8098),
// or one of the texts that qmail, Exim, sendmail, Postfix, old Exchange, Lotus and others send instead. ok is false
// when m is none. A text is only believed of a machine: a customer may quote it and ask what it means.
func Bounce(m *mail.Mail, own Own) (r Report, ok bool) {
	switch dsn, mdn := part(m, deliveryStatus), part(m, dispositionNotification); {
	case dsn != nil || reportType(m) == "delivery-status":
		r = readStatus(m, own, dsn)
	case mdn != nil || reportType(m) == "disposition-notification":
		r = readReceipt(mdn)
	default:
		if r, ok = readNotification(m); ok {
			break
		}
		if status := statusInText(m); status != nil {
			r = readStatus(m, own, status)
		} else if r, ok = readText(m, own); !ok {
			return Report{}, false
		}
	}
	r.Candidates = candidates(m, own, r.Candidates)
	return r, true
}

// RFC 3464, RFC 8098 and their forms in RFC 6533.
var (
	deliveryStatus          = [...]string{"message/delivery-status", "message/global-delivery-status"}
	dispositionNotification = [...]string{"message/disposition-notification", "message/global-disposition-notification"}
	returnedMail            = [...]string{"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "text/rfc822", "message/rfc822-headers"}
)

func part(m *mail.Mail, types [2]string) *mail.Part {
	if m.Type != "multipart/report" && !isMachine(m) {
		return nil // somebody passes a report on
	}
	for i := range m.Parts {
		if slices.Contains(types[:], m.Parts[i].Type) {
			return &m.Parts[i]
		}
	}
	return nil
}

func reportType(m *mail.Mail) string {
	if m.Type != "multipart/report" {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(m.Params["report-type"]))
}

// worst gives the outcome that matters most.
func worst(list []Outcome) Outcome {
	order := [...]string{StateFailed, StateDelayed, StateSent, StateDelivered, StateRead}
	return slices.MinFunc(list, func(a, b Outcome) int {
		if d := slices.Index(order[:], a.State) - slices.Index(order[:], b.State); d != 0 {
			return d
		}
		if a.Permanent != b.Permanent && a.Permanent {
			return -1
		} else if a.Permanent != b.Permanent {
			return 1
		}
		return 0
	})
}

// of fills a report from its outcomes, of which there is at least one.
func of(outcomes []Outcome, why string) Report {
	w := worst(outcomes)
	kind := message.Report
	if w.State == StateFailed || w.State == StateDelayed {
		kind = message.Bounce
	}
	return Report{
		Kind: kind, State: w.State, Permanent: w.Permanent, Recipient: w.Recipient, Reason: w.Reason, Outcomes: outcomes, why: why,
	}
}
