package judge

import (
	"bytes"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
	"loket/internal/message"
)

const (
	maxStatus   = 256 << 10
	maxOutcomes = 100
)

// readStatus reads a delivery status notification. p may be nil, when the report came without its part for machines.
func readStatus(m *mail.Mail, own Own, p *mail.Part) Report {
	var outcomes []Outcome
	var envelope string
	if p != nil {
		rest := p.Data[:min(len(p.Data), maxStatus)]
		for len(rest) > 0 && len(outcomes) < maxOutcomes {
			var h mail.Header
			h, rest = fieldsOf(rest)
			if id := bareID(h.Get("Original-Envelope-Id")); envelope == "" {
				envelope = id
			}
			if o, ok := outcome(h); ok {
				outcomes = append(outcomes, o)
			}
		}
	}
	if len(outcomes) == 0 {
		outcomes = []Outcome{textOutcome(m, own)}
	}
	r := of(outcomes, "delivery status notification")
	if strings.Contains(envelope, "@") {
		r.Candidates = append(r.Candidates, envelope)
	}
	return r
}

// statusFields begin the part for machines where it came as text.
var statusFields = lazy.Compile(`(?im)^(reporting-mta|(final|original)-recipient):`)

// statusInText finds a report's part for machines that came with another type, or within the text.
func statusInText(m *mail.Mail) *mail.Part {
	if isOtherReport(m) || !isUntypedReport(m) && !isMachine(m) {
		return nil
	}
	texts := [][]byte{[]byte(ownWords(m.Text))}
	for _, p := range m.Parts[:min(len(m.Parts), 20)] {
		if strings.HasPrefix(p.Type, "text/plain") {
			texts = append(texts, p.Data[:min(len(p.Data), maxStatus)])
		}
	}
	for _, text := range texts {
		if at := statusFields.Get().FindIndex(text); at != nil && bytes.Contains(bytes.ToLower(text), []byte("\naction:")) {
			return &mail.Part{Data: text[at[0]:]}
		}
	}
	return nil
}

// outcome reads the block of one recipient (RFC 3464 §2.3). A block without one is that of the whole mail.
func outcome(h mail.Header) (Outcome, bool) {
	recipient := typed(h.Get("Original-Recipient"))
	if recipient == "" {
		recipient = typed(h.Get("Final-Recipient"))
	}
	action := keyword(h.Get("Action"))
	if recipient == "" && action == "" {
		return Outcome{}, false
	}
	o := Outcome{Recipient: bareAddr(recipient), Status: statusCode(h.Get("Status"))}
	diagnostic := typed(h.Get("Diagnostic-Code"))
	if s := statusCode(diagnostic); s != "" && (o.Status == "" || strings.HasSuffix(o.Status, ".0.0")) {
		o.Status = s
	}
	o.State = stateOf(action, o.Status, diagnostic)
	o.Permanent = o.State == StateFailed && isGone(o.Status, diagnostic)
	o.Reason = reason(o.Status, diagnostic)
	return o, true
}

func stateOf(action, status, diagnostic string) string {
	switch action {
	case "failed", "failure":
		return StateFailed
	case "delayed":
		return StateDelayed
	case "delivered":
		return StateDelivered
	case "relayed", "expanded":
		return StateSent
	}
	code := status
	if code == "" {
		code = replyCode.Get().FindString(diagnostic)
	}
	switch {
	case strings.HasPrefix(code, "2"):
		return StateDelivered
	case strings.HasPrefix(code, "4"):
		return StateDelayed
	}
	return StateFailed
}

// readReceipt reads a disposition notification. p may be nil.
func readReceipt(p *mail.Part) Report {
	r := Report{Kind: message.Report, State: StateDelivered, why: "receipt"}
	if p == nil {
		return r
	}
	for rest := p.Data[:min(len(p.Data), maxStatus)]; len(rest) > 0; {
		var h mail.Header
		h, rest = fieldsOf(rest)
		if id := bareID(h.Get("Original-Message-ID")); id != "" && len(r.Candidates) < maxCandidates {
			r.Candidates = append(r.Candidates, id)
		}
		if r.Recipient == "" {
			r.Recipient = bareAddr(typed(h.Get("Final-Recipient")))
		}
		disposition := h.Get("Disposition")
		if disposition == "" {
			continue
		}
		// mode; type/modifier. Deleted unread, sent on and refused all mean that it arrived.
		_, kind, _ := strings.Cut(disposition, ";")
		kind, _, _ = strings.Cut(strings.ToLower(kind), "/")
		r.Reason = line(strings.TrimSpace(kind))
		if strings.TrimSpace(kind) == "displayed" {
			r.State = StateRead
		}
	}
	return r
}

// typed is the value behind its type: rfc822; a@b.
func typed(v string) string {
	kind, rest, ok := strings.Cut(v, ";")
	if !ok || strings.ContainsAny(strings.TrimSpace(kind), " @") {
		return strings.TrimSpace(v)
	}
	return strings.TrimSpace(rest)
}

// bareAddr takes away what stands around an address. What is no address comes out as "".
func bareAddr(s string) string {
	s = strings.Trim(s, " \t<>\"'")
	if len(s) > 320 || strings.ContainsAny(s, " \t") {
		s = firstAddress(head(s, maxLine))
	}
	if !strings.Contains(s, "@") {
		return ""
	}
	return s
}
