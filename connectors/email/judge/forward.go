package judge

import (
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
)

const (
	maxForwardText  = 64 << 10 // of the text in which a forwarded block is looked for
	maxForwardLines = 400
)

// Forwarded finds who wrote what the sender of m passes on to us: by hand, as text or as an attachment, or through a
// forwarder that puts itself into From. It is at most mentioned: whoever forwards may have written it themselves. A mail
// that was only sent on, with its own From kept (Resent-From, X-Forwarded-To), is not one: its sender is From.
func Forwarded(m *mail.Mail) (original mail.Address, ok bool) {
	for _, find := range [...]func(*mail.Mail) (mail.Address, bool){rewritten, attached, quoted} {
		if a, ok := find(m); ok && !isSender(m, a.Addr) {
			return a, true
		}
	}
	return mail.Address{}, false
}

func isSender(m *mail.Mail, addr string) bool {
	for _, a := range m.From {
		if strings.EqualFold(a.Addr, addr) {
			return true
		}
	}
	return false
}

// rewritten undoes what lists and forwarders do to From so that it passes DMARC.
func rewritten(m *mail.Mail) (mail.Address, bool) {
	for _, name := range [...]string{"X-Original-From", "Original-From", "X-Original-Sender", "X-MS-Exchange-Organization-OriginalSender"} {
		if a, ok := anAddress(m.Header.Get(name)); ok {
			return a, true
		}
	}
	if len(m.From) != 1 {
		return mail.Address{}, false
	}
	if addr, ok := unSRS(m.From[0].Addr); ok {
		return mail.Address{Name: m.From[0].Name, Addr: addr}, true
	}
	return mail.Address{}, false
}

// unSRS undoes the Sender Rewriting Scheme: SRS0=hash=day=domain=local@forwarder, and SRS1 around it.
func unSRS(addr string) (string, bool) {
	local, _ := split(head(addr, maxLine))
	if hasPrefixFold(local, "SRS1") {
		_, inner, ok := strings.Cut(local, "==")
		if !ok {
			return "", false
		}
		local = "SRS0=" + inner
	}
	if !hasPrefixFold(local, "SRS0=") && !hasPrefixFold(local, "SRS0+") && !hasPrefixFold(local, "SRS0-") {
		return "", false
	}
	parts := strings.SplitN(local[len("SRS0="):], "=", 4)
	if len(parts) != 4 || parts[2] == "" || parts[3] == "" {
		return "", false
	}
	return parts[3] + "@" + parts[2], true
}

// attached finds the sender of the one mail that is attached.
func attached(m *mail.Mail) (mail.Address, bool) {
	if m.Type == "multipart/report" || isMachine(m) {
		return mail.Address{}, false
	}
	var inner []byte
	for _, p := range m.Parts {
		if p.Type != "message/rfc822" && p.Type != "message/global" {
			continue
		}
		if inner != nil {
			return mail.Address{}, false
		}
		inner = p.Data
	}
	h, _ := fieldsOf(inner)
	return anAddress(h.Get("From"))
}

// forwardPrefix is how a subject begins that somebody passes on.
var forwardPrefix = lazy.Compile(`(?i)^\s*\[?\s*(fwd?|doorst(uur)?|doorgestuurd|wg|weitergeleitet|tr|transf(é|e)r|rv|reenv(í|i)o|rinvio|vs|vb|enc)\s*(\[\d{1,3}\])?\s*:`)

func isForward(subject string) bool { return forwardPrefix.MatchString(head(subject, maxLine)) }

var (
	// forwardLine is what stands above a mail that was passed on.
	forwardLine = lazy.Compile(`(?i)^[>\s*_-]*(` +
		`(begin )?(forwarded message|doorgestuurd bericht)|doorgestuurd bericht` +
		`|(anfang der )?weitergeleitete[nr]? (nachricht|e-?mail)|(d(é|e)but du )?message (transf(é|e)r(é|e)|r(é|e)exp(é|e)di(é|e))` +
		`|(inicio del )?mensaje reenviado|inizio messaggio inoltrato|messaggio inoltrato` +
		`)[\s*_:-]*$`)
	// originalLine stands above mails that were passed on and above those that were answered.
	originalLine = lazy.Compile(`(?i)^[>\s*_-]*(original message|original e-?mail|oorspronkelijk bericht|origineel bericht` +
		`|urspr(ü|ue|u)ngliche nachricht|original-?nachricht|message d['’]origine|message original|mensaje original)[\s*_-]*$`)
	fromLine = lazy.Compile(`(?i)^[>\s*]*(from|van|afzender|von|de|expéditeur|da)\s*\*?\s*:\s*\*?\s*(\S.*)$`)
	dateLine = lazy.Compile(`(?i)^[>\s*]*(sent|date|verzonden|datum|gesendet|envoyé|date d['’]envoi|enviado( el)?|fecha|to|aan|an|à|para|subject|onderwerp|betreff|objet|asunto)\s*\*?\s*:`)
)

// quoted finds the sender in the head of a mail that was passed on as text. Without a subject or a line that says so,
// such a head is that of a mail that was answered.
func quoted(m *mail.Mail) (mail.Address, bool) {
	if strings.IndexByte(m.Text, ':') < 0 {
		return mail.Address{}, false
	}
	passedOn := isForward(m.Subject)
	begun := false
	lines := strings.SplitN(head(m.Text, maxForwardText), "\n", maxForwardLines+1)
	for i, line := range lines[:min(len(lines), maxForwardLines)] {
		if len(line) > maxLine {
			continue
		}
		if forwardLine.MatchString(line) {
			begun, passedOn = true, true
			continue
		}
		if passedOn && originalLine.MatchString(line) {
			begun = true
			continue
		}
		if f := fromLine.FindStringSubmatch(line); f != nil && passedOn && (begun || isHead(lines[i+1:])) {
			return anAddress(f[2])
		}
	}
	return mail.Address{}, false
}

// isHead tells whether the lines after a From line go on as the head of a mail.
func isHead(lines []string) bool {
	for _, line := range lines[:min(len(lines), 4)] {
		if len(line) <= maxLine && dateLine.MatchString(line) {
			return true
		}
	}
	return false
}

// anAddress reads one address as people and programs write it into a text: Name <a@b>, a@b, Name [mailto:a@b].
func anAddress(s string) (mail.Address, bool) {
	s = head(s, maxLine)
	from, to := addressAt(s)
	if to == 0 {
		return mail.Address{}, false
	}
	name, _, _ := strings.Cut(s[:from], "mailto:")
	return mail.Address{Name: strings.Trim(name, " \t\"'<[(*"), Addr: s[from:to]}, true
}
