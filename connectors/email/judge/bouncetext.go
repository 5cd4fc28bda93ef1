package judge

import (
	"slices"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
)

// readText reads a bounce that is only text, or has its form but not its type.
func readText(m *mail.Mail, own Own) (Report, bool) {
	who := machineOf(m)
	if isUntypedReport(m) {
		who = max(who, nullPath)
	}
	if who == noMachine || isVacation(m.Subject) || isOtherReport(m) {
		return Report{}, false
	}
	o := textOutcome(m, own)
	if !look(m, own, o).bounces(who, autoSubmitted(m.Header) == "auto-replied") {
		return Report{}, false
	}
	return of(outcomesOf(m, o), "bounce as text"), true
}

// isUntypedReport tells a report that does not say of what it is, or in a word of its own.
func isUntypedReport(m *mail.Mail) bool { return m.Type == "multipart/report" && !isOtherReport(m) }

// isOtherReport tells what machines report of other things than a mail's delivery.
func isOtherReport(m *mail.Mail) bool {
	other := [...]string{"feedback-report", "disposition-notification", "tlsrpt", "dmarc"}
	return slices.Contains(other[:], reportType(m)) || dmarcSubject.MatchString(head(m.Subject, maxLine)) ||
		slices.ContainsFunc(m.Parts, func(p mail.Part) bool { return p.Type == "message/feedback-report" })
}

// outcomesOf repeats o for each recipient that Exim names.
func outcomesOf(m *mail.Mail, o Outcome) []Outcome {
	var out []Outcome
	for _, v := range m.Header.All("X-Failed-Recipients") {
		for _, a := range addressesIn(head(v, maxField), maxOutcomes-len(out)) {
			o.Recipient = a
			out = append(out, o)
		}
	}
	if len(out) == 0 {
		return []Outcome{o}
	}
	return out
}

// textOutcome reads what the text for people says.
func textOutcome(m *mail.Mail, own Own) Outcome {
	text := ownWords(words(m))
	o := Outcome{State: StateFailed}
	subject := head(m.Subject, maxLine)
	if !m.Header.Has("X-Failed-Recipients") && (delayPhrase.MatchString(subject) || delayPhrase.MatchString(text) && !failSubject.MatchString(subject)) {
		o.State = StateDelayed
	}
	said, found := serverLine(text)
	o.Status = statusCode(said)
	if o.Status == "" {
		o.Status = statusCode(text)
	}
	if o.Reason = line(m.Subject); found {
		o.Reason = reason(o.Status, said)
	}
	o.Recipient = failedAddress(m, own, text)
	o.Permanent = o.State == StateFailed && isGone(o.Status, text)
	return o
}

var (
	// lineCode is a line with the words of a server.
	lineCode = lazy.Compile(`\b[45][0-7]\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b`)
	// codeOnly is the line below the words of old Exchange.
	codeOnly = lazy.Compile(`^\s*<\S+ #\d\.\d[^>]*>\s*$`)
	// because is how others name the reason.
	because = lazy.Compile(`(?i)^\s*(because|reason|error|diagnostic|remote host said|reden|grund|raison|motivo)\s*:?\s*`)
)

// serverLine finds the line with which the server explains itself.
func serverLine(text string) (string, bool) {
	var fallback string
	lines := strings.SplitN(text, "\n", maxBounceLines+1)
	for i, l := range lines {
		if len(l) > maxLine {
			l = head(l, maxLine)
		}
		if codeOnly.MatchString(l) && i > 0 {
			return head(lines[i-1], maxLine), true
		}
		if at := lineCode.Get().FindStringIndex(l); at != nil && !strings.HasPrefix(strings.TrimSpace(l[at[0]:]), "5.0.0.") {
			if lead := strings.TrimSpace(l[:at[0]]); strings.HasSuffix(lead, "said:") || strings.HasSuffix(lead, ":") || len(lead) < 3 || strings.HasPrefix(lead, "<") {
				l = l[at[0]:]
			}
			return join(l, lines[i+1:]), true
		}
		if at := because.Get().FindStringIndex(l); at != nil && fallback == "" {
			if fallback = l[at[1]:]; strings.TrimSpace(fallback) == "" && i+1 < len(lines) {
				fallback = head(lines[i+1], maxLine)
			}
		}
		if fallback == "" && (gone.MatchString(l) || full.MatchString(l)) {
			fallback = l
		}
	}
	return fallback, strings.TrimSpace(fallback) != ""
}

// join adds the next line where the first is a line that was folded.
func join(l string, next []string) string {
	if len(next) > 0 && len(l) < 80 && strings.HasPrefix(next[0], " ") && strings.TrimSpace(next[0]) != "" && len(next[0]) < 200 {
		return l + " " + strings.TrimSpace(next[0])
	}
	return l
}

// failedAddress is the first address in the text that is not that of the machine.
func failedAddress(m *mail.Mail, own Own, text string) string {
	if v := m.Header.Get("X-Failed-Recipients"); v != "" {
		return firstAddress(head(v, maxField))
	}
	for _, a := range addressesIn(text, 20) {
		a = strings.Trim(a, "'")
		local, _ := split(a)
		if local = strings.ToLower(local); local != "postmaster" && !strings.Contains(local, "daemon") && !isSender(m, a) && !isRecipient(m, a) && !own.sent(a) {
			return a
		}
	}
	return ""
}

func isRecipient(m *mail.Mail, addr string) bool {
	for _, a := range m.To {
		if strings.EqualFold(a.Addr, addr) {
			return true
		}
	}
	return false
}
