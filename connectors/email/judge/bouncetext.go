package judge

import (
	"regexp"
	"strings"

	"loket/connectors/email/mail"
)

const (
	maxBounceText  = 16 << 10 // of a text that is read as a bounce; what is returned comes after it
	maxBounceLines = 200
)

var (
	// delayPhrase is what a server says that still tries.
	delayPhrase = regexp.MustCompile(`(?i)message .*delayed|delivery .*(delayed|has been delayed)|delayed mail|still being retried|will (continue to|keep) (try|retry)|has not yet been (delivered|able)|could not be delivered for .*hours?|warning: could not send|no action is required on your part|will be retried|\(delay(ed)?\)|vertraagd|verzögert|retardé|incomplete`)
	// failSubject is how a bounce begins, or what it says in its subject.
	failSubject = regexp.MustCompile(`(?i)undeliver|returned (mail|to sender)|return(ing)? (mail|message)|delivery (status|fail|has failed|problem|report|incomplete|error|notification|unsuccess)|mail (delivery|system error|could not)|failure (notice|notification)|failed (mail|delivery)|(mail|message) .*(not delivered|rejected)|non[- ]?(remis|deliver)|nondeliverable|bounce|user unknown|mailbox (is )?full|address not found|onbestelbaar|niet (bezorgd|afgeleverd|verzonden)|unzustellbar|nicht zugestellt|zustellung|non distribu|échec de la remise|message non remis|no se puede entregar|no entregado|fallo en la entrega|warning: message`)
	// failPhrase is how a bounce explains itself.
	failPhrase = regexp.MustCompile(`(?i)(could|can)( ?not|n['’]t) be (delivered|reached|found)|(wasn['’]t|was not|were not|not) (able to )?deliver|unable to deliver|undeliverable|delivery .*(failed|has failed|failure)|permanent (fatal )?error|did not reach|the following (address|recipient)|returned to (the )?sender|message .*(has been )?(rejected|returned|bounced)|mail delivery (system|software|subsystem)|qmail-send|giving up|over ?quota|mailbox .*full|kon niet worden (bezorgd|afgeleverd)|niet (worden )?(bezorgd|afgeleverd)|konnte nicht zugestellt|nicht zugestellt|n['’]a pas pu être|pu être remis|no (se pudo|ha podido) entregar|no pudo ser entregado|postvak .*vol\b`)
	// returnedLine begins the copy of our mail.
	returnedLine = regexp.MustCompile(`(?i)^[\s>*=-]*(below this line is a copy|this is a copy of (the|your) message|original message( (follows|headers))?|(unsent|returned) message( follows)?|message header follows|copy of message|the following is the beginning of|included is a copy|begin(ning)? of original message)`)
)

// readText reads a bounce that is only text, or has its form but not its type.
func readText(m *mail.Mail, own Own) (Report, bool) {
	if !isMachine(m) || isVacation(m.Subject) || autoSubmitted(m.Header) == "auto-replied" && !failSubject.MatchString(head(m.Subject, maxLine)) {
		return Report{}, false
	}
	o := textOutcome(m, own)
	says := o.State != ""
	subject := failSubject.MatchString(head(m.Subject, maxLine))
	ofOurs := own.answered(m) || len(candidates(m, own, nil)) > 0
	detailed := subject || ofOurs || o.Status != ""
	switch {
	case machineSender(m) == "mailer-daemon" || m.Header.Has("X-Failed-Recipients"):
		if !says && !subject && !ofOurs {
			return Report{}, false
		}
	case m.NullReturnPath:
		if !subject && !(says && detailed) {
			return Report{}, false
		}
	case machineSender(m) != "":
		if !says || !detailed {
			return Report{}, false
		}
	default: // only Auto-Submitted
		if !says || !subject {
			return Report{}, false
		}
	}
	if o.State == "" {
		o.State = StateFailed
	}
	if o.Reason == "" {
		o.Reason = line(m.Subject)
	}
	return of(outcomesOf(m, o), "bounce as text"), true
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

// textOutcome reads what the text for people says. State is "" when it says nothing of a delivery.
func textOutcome(m *mail.Mail, own Own) Outcome {
	text := ownWords(m.Text)
	var o Outcome
	subject := head(m.Subject, maxLine)
	switch {
	case m.Header.Has("X-Failed-Recipients"):
		o.State = StateFailed
	case delayPhrase.MatchString(subject) || delayPhrase.MatchString(text) && !failSubject.MatchString(subject):
		o.State = StateDelayed
	case failPhrase.MatchString(text) || failSubject.MatchString(subject) && statusCode(text) != "":
		o.State = StateFailed
	}
	said, found := saying(text)
	o.Status = statusCode(said)
	if o.Status == "" {
		o.Status = statusCode(text)
	}
	if found {
		o.Reason = reason(o.Status, said)
	}
	o.Recipient = failedAddress(m, own, text)
	o.Permanent = o.State == StateFailed && isGone(o.Status, text)
	return o
}

// ownWords is the text before the copy of our mail.
func ownWords(text string) string {
	text = head(text, maxBounceText)
	at := 0
	for range maxBounceLines {
		l, _, more := strings.Cut(text[at:], "\n")
		if len(l) <= maxLine && returnedLine.MatchString(l) {
			break
		}
		if !more {
			return text
		}
		at += len(l) + 1
	}
	return text[:at]
}

var (
	// sayingCode is a line with the words of a server.
	sayingCode = regexp.MustCompile(`\b[45][0-7]\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b`)
	// codeOnly is the line below the words of old Exchange.
	codeOnly = regexp.MustCompile(`^\s*<\S+ #\d\.\d[^>]*>\s*$`)
	// because is how others name the reason.
	because = regexp.MustCompile(`(?i)^\s*(because|reason|error|diagnostic|remote host said|reden|grund|raison|motivo)\s*:?\s*`)
)

// saying finds the line with which the server explains itself.
func saying(text string) (string, bool) {
	var fallback string
	lines := strings.SplitN(text, "\n", maxBounceLines+1)
	for i, l := range lines {
		if len(l) > maxLine {
			l = head(l, maxLine)
		}
		if codeOnly.MatchString(l) && i > 0 {
			return head(lines[i-1], maxLine), true
		}
		if at := sayingCode.FindStringIndex(l); at != nil && !strings.HasPrefix(strings.TrimSpace(l[at[0]:]), "5.0.0.") {
			if lead := strings.TrimSpace(l[:at[0]]); strings.HasSuffix(lead, "said:") || strings.HasSuffix(lead, ":") || len(lead) < 3 || strings.HasPrefix(lead, "<") {
				l = l[at[0]:]
			}
			return join(l, lines[i+1:]), true
		}
		if at := because.FindStringIndex(l); at != nil && fallback == "" {
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
