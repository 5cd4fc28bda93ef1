package email

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"loket/connectors/email/judge"
	"loket/connectors/email/mail"
	"loket/connectors/email/mailbox"
	"loket/connectors/email/quote"
	"loket/connectors/email/send"
	"loket/internal/message"
)

// Warnings for the agent that only the mailbox can give; judge has the others.
const (
	MarkJunk  = "from the junk folder"
	MarkCut   = "only the beginning of it was read"
	MarkPart  = "part of it could not be read"
	MarkPlain = "its layout is too large to show"
	MarkGuess = "its letters had to be guessed"
	MarkSeal  = "signed; nobody checked the signature"
	MarkMany  = "more people got it than are shown"
)

// What of a mail travels in the message; the rest is in the original.
const (
	maxText = 256 << 10
	maxHTML = 512 << 10
	maxCc   = 50
)

// A Reader makes messages of mails. It is a value without state; its methods may be called concurrently.
type Reader struct {
	connector string
	copies    string
	own       judge.Own
	authserv  []string
	ids       send.IDs
	knows     bool // it knows ids of ours
}

// An Incoming is a mail as a message, and the files that come with it.
type Incoming struct {
	Message *message.Message
	Files   []File
	// Skip says why there is nothing to take in: a mail of our own that came back. "" when there is.
	Skip string
	// Unread says in a few words each what could not be read of the mail, when that may matter to somebody.
	Unread []string

	// mayAcknowledge tells that an automatic answer may be sent to it, see judge.MayAnswer.
	mayAcknowledge bool
}

// A File is an attachment, or the original. Its blob is named in the message.
type File struct {
	Blob string
	Data []byte
}

// read makes the message of a mail. It never fails: what cannot be read is kept and says so.
func (r *Reader) read(l mailbox.Fetched) Incoming {
	parsed := mail.Read(l.Raw, mail.Limits{})
	m := &message.Message{
		ID: r.id(parsed, l), Connector: r.connector, Channel: "email",
		Subject: message.Head(message.CleanLine(parsed.Subject), 1000), Sent: parsed.Date.UTC(), Received: received(l),
		Own: parsed.MessageID, References: references(parsed),
		To: r.ours(parsed), Problem: l.Problem,
	}
	if m.Thread, m.Forward = r.belongs(parsed); m.Forward != "" {
		m.References = nil // it is about a task, and in no conversation
	}
	if parsed.Date.IsZero() {
		m.Sent = time.Time{}
	}
	out := Incoming{Message: m}
	if why, own := judge.OwnMail(parsed, r.own); own {
		return Incoming{Message: m, Skip: why}
	}
	reaction := ""
	if l.Sent {
		r.outgoing(m, parsed)
	} else if r.reports(m, parsed) {
		return out
	} else {
		r.incoming(m, parsed, l)
		reaction = takeReaction(m, parsed)
		out.mayAcknowledge, _ = judge.MayAnswer(parsed, r.own, m.Automatic)
	}
	readText(m, parsed)
	if reaction != "" && m.Text == "" {
		m.Text = reaction
	}
	out.Files = files(m, parsed)
	out.Files = append(out.Files, original(m, l.Raw)...)
	if parsed.Lost {
		m.Marks = append(m.Marks, MarkPart)
		out.Unread = parsed.Problems
	}
	if parsed.Guessed {
		m.Marks = append(m.Marks, MarkGuess)
	}
	if parsed.Unchecked {
		m.Marks = append(m.Marks, MarkSeal)
	}
	fit(m)
	if m.Problem == "" && len(m.From) == 0 && m.Text == "" && m.Subject == "" && len(m.Attachments) == 0 {
		m.Problem = problemOf(parsed)
		out.Unread = []string{m.Problem}
	}
	return out
}

// id is that of the mail and not of the copy: where it lies, and what servers wrote on it on its way, does not count.
func (r *Reader) id(m *mail.Mail, l mailbox.Fetched) string {
	account := []byte("mail")
	if r.copies == copiesEach {
		account = []byte("mail\x00" + r.connector)
	}
	named := cmp.Or(m.MessageID, strings.TrimSpace(m.Header.Get("Message-ID"))) // it tells copies apart, even where it is no id
	if named == "" || l.Problem != "" {
		return message.NewID(account, l.Raw, []byte(unread(l)))
	}
	parts := [][]byte{account, []byte(named)}
	if l.Sent {
		parts = append(parts, []byte("sent")) // a copy to the mailbox itself, taken first, must not hide that it was an answer
	}
	for _, name := range []string{"From", "Date", "Subject", "Content-Type", "Content-Transfer-Encoding"} {
		parts = append(parts, []byte(strings.Join(m.Header.All(name), "\n")))
	}
	sum := sha256.Sum256(body(l.Raw))
	return message.NewID(append(parts, sum[:])...)
}

// unread tells mails apart of which nothing could be had.
func unread(l mailbox.Fetched) string {
	if len(l.Raw) > 0 {
		return ""
	}
	return fmt.Sprintf("%s %d %d", l.Folder, l.UIDValidity, l.UID)
}

// body is what stands under the header, with the line ends that mails have on their way, and lose in files.
func body(raw []byte) []byte {
	raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	if i := bytes.Index(raw, []byte("\r\n\r\n")); i >= 0 {
		return raw[i:]
	}
	return raw
}

// received is when the mail came into the mailbox: the customer has waited since, however long nobody read it. The
// server knows the second alone; the last moment of it keeps mails in the order of what was said meanwhile.
func received(l mailbox.Fetched) time.Time {
	now := time.Now().UTC()
	at := l.Received.UTC().Add(time.Second - time.Millisecond)
	if l.Received.IsZero() || at.After(now) {
		return now
	}
	return at
}

// references are the mails before this one, root first. What In-Reply-To names and References does not comes last.
func references(m *mail.Mail) []string {
	refs := slices.Clone(m.References)
	for _, id := range m.InReplyTo {
		if !slices.Contains(refs, id) {
			refs = append(refs, id)
		}
	}
	return slices.DeleteFunc(refs, func(id string) bool { return id == m.MessageID })
}

// belongs tells what our own ids name, an address that we gave out for answers or a Message-ID of ours: a thread, or a task
// that was forwarded. What names both came back from where it was forwarded to.
func (r *Reader) belongs(m *mail.Mail) (thread, forward string) {
	if !r.knows {
		return "", ""
	}
	for _, a := range recipients(m) {
		if task, ok := r.ids.ForwardAnswered(a.Addr); ok {
			return "", task
		}
		if id, ok := r.ids.Answered(a.Addr); ok && thread == "" {
			thread = id
		}
	}
	if thread != "" {
		return thread, ""
	}
	for _, ids := range [][]string{m.InReplyTo, m.References} {
		for _, id := range slices.Backward(ids) {
			if ref, ok := r.ids.Of(id); ok {
				return ref.Thread, ""
			}
			if f, ok := r.ids.OfForward(id); ok {
				return "", f.Task
			}
		}
	}
	return "", ""
}

// recipients are all addresses that the mail went to, as far as its header says.
func recipients(m *mail.Mail) []mail.Address {
	all := slices.Concat(m.To, m.Cc)
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To"} {
		for _, value := range m.Header.All(name) {
			all = append(all, mail.Address{Addr: strings.Trim(strings.TrimSpace(value), "<>")})
		}
	}
	return all[:min(len(all), 400)]
}

// ours are the addresses of ours that the mail was sent to.
func (r *Reader) ours(m *mail.Mail) []message.Identifier {
	var ids []message.Identifier
	for _, own := range r.own.Addresses {
		if slices.ContainsFunc(recipients(m), func(a mail.Address) bool { return sameMailbox(own, a.Addr) }) {
			ids = append(ids, message.Identifier{Kind: "email", Value: own, Level: message.Mentioned})
		}
	}
	return ids
}

// sameMailbox tells whether addr is own, or own with something behind a plus.
func sameMailbox(own, addr string) bool {
	id, err := message.Email(addr, message.Mentioned)
	if err != nil {
		return false
	}
	local, domain, _ := strings.Cut(id.Value, "@")
	local, _, _ = strings.Cut(local, "+")
	return id.Value == own || local+"@"+domain == own
}

// outgoing is a mail that one of us sent with another program.
func (r *Reader) outgoing(m *message.Message, parsed *mail.Mail) {
	m.Direction, m.To = message.Out, nil
	for _, a := range slices.Concat(parsed.To, parsed.Cc) {
		if id, err := message.Email(a.Addr, message.Claimed); err == nil && len(m.To) < maxCc {
			m.To = append(m.To, id)
		}
	}
}

// incoming is what a customer, or a machine, wrote to us.
func (r *Reader) incoming(m *message.Message, parsed *mail.Mail, l mailbox.Fetched) {
	verdict := judge.Trust(parsed, r.authserv)
	if l.Junk || parsed.FromUnclear { // servers may have judged another sender than the one we read
		verdict.Level = min(verdict.Level, message.Claimed)
	}
	m.From, m.Name = judge.Identifiers(parsed, r.own, verdict)
	m.Automatic, _ = judge.Automatic(parsed, r.own)
	m.Unsure = m.Automatic != message.ByPerson && judge.Unsure(parsed, r.own)
	m.Marks = judge.Marks(parsed, r.own, verdict)
	if l.Junk {
		m.Marks = append(m.Marks, MarkJunk)
	}
	if l.Cut {
		m.Marks = append(m.Marks, MarkCut)
	}
	goesOn := m.Thread != "" || m.Forward != "" || len(m.References) > 0
	if m.Automatic == message.ByPerson && goesOn && r.onlyUs(m.From) {
		m.Automatic = message.Notice // a colleague's copy to us: nobody waits, and an answer is not for us
	}
	if len(m.From) == 1 && m.Forward == "" { // of several nobody can say which one takes part
		m.Ticket = ticket.FindString(m.Subject)
	}
	for _, a := range slices.Concat(parsed.To, parsed.Cc) {
		id, err := message.Email(a.Addr, message.Mentioned)
		if err != nil || has(m.Cc, id) || r.isOurs(id) {
			continue
		}
		if len(m.Cc) == maxCc {
			m.Marks = append(m.Marks, MarkMany)
			break
		}
		m.Cc = append(m.Cc, id)
	}
	if (goesOn || m.Ticket != "") && verdict.Level < message.Attested {
		return // who forges a customer's address in their conversation must not choose where its answers go
	}
	for _, a := range parsed.ReplyTo {
		if id, err := message.Email(a.Addr, message.Claimed); err == nil && !has(m.From, id) && !r.isOurs(id) && len(m.ReplyTo) < maxCc {
			m.ReplyTo = append(m.ReplyTo, id)
		}
	}
}

// ticket is the number of a task as people write it in a subject.
var ticket = regexp.MustCompile(`(?i)\bT-[0-9]{1,15}-[0-9]\b`)

func (r *Reader) isOurs(id message.Identifier) bool {
	ours := func(own string) bool { return sameMailbox(own, id.Value) }
	if r.knows && r.ids.Tagged(id.Value) {
		return true
	}
	return slices.ContainsFunc(r.own.Addresses, ours) || slices.ContainsFunc(r.own.Forms, ours)
}

// onlyUs tells whether all senders are addresses of ours, of which there is at least one.
func (r *Reader) onlyUs(from []message.Identifier) bool {
	return len(from) > 0 && !slices.ContainsFunc(from, func(id message.Identifier) bool { return !r.isOurs(id) })
}

func has(ids []message.Identifier, id message.Identifier) bool {
	return slices.ContainsFunc(ids, func(i message.Identifier) bool { return i.Kind == id.Kind && i.Value == id.Value })
}

// readText finds what was said now. The plain part is what its writer saw least of, yet where it shows what is quoted
// it is the cleaner one; where it does not, the layout of the HTML part may. What is forwarded was all said now.
func readText(m *message.Message, parsed *mail.Mail) {
	whole := parsed.Text
	said := quote.Strip(whole)
	if parsed.HTML != "" && (strings.TrimSpace(whole) == "" || said == whole && quote.Marked(parsed.HTML)) {
		fromHTML, saidInHTML := quote.FromHTML(parsed.HTML)
		if strings.TrimSpace(whole) == "" {
			whole, said = fromHTML, saidInHTML
		} else if saidInHTML != fromHTML && strings.TrimSpace(saidInHTML) != "" {
			said = saidInHTML
		}
	}
	if quote.IsForward(parsed.Subject, whole) {
		said = whole
	}
	m.Text = message.Head(message.CleanText(said), maxText)
	if whole = message.Head(message.CleanText(whole), maxText); whole != m.Text {
		m.Whole = whole
	}
	switch {
	case len(parsed.HTML) <= maxHTML:
		m.HTML = parsed.HTML
	default:
		m.Marks = append(m.Marks, MarkPlain)
	}
}

// files are the attachments, and names them in the message.
func files(m *message.Message, parsed *mail.Mail) []File {
	var out []File
	for i, p := range parsed.Parts {
		blob := fmt.Sprintf("%s/%d", m.ID, i+1)
		m.Attachments = append(m.Attachments, message.Attachment{
			Name: fileName(p), Type: mediaType(p.Type), Size: int64(len(p.Data)), Blob: blob, ContentID: contentID(p.ContentID),
		})
		out = append(out, File{blob, p.Data})
	}
	return out
}

// fileName is the name of a part, with an ending that computers know. A text needs none: README is one.
func fileName(p mail.Part) string {
	name := message.CleanFileName(p.Name)
	switch kind := strings.ToLower(p.Type); {
	case strings.HasPrefix(kind, "text/"):
		return name
	case name == "attachment.bin": // it had no name
		if ending := message.Ending(message.Sniff(p.Data)); ending != "" {
			return "attachment" + ending
		}
		return name
	default:
		return message.CleanFileName(message.NameWithEnding(name, p.Type, p.Data))
	}
}

// original keeps the mail as it came.
func original(m *message.Message, raw []byte) []File {
	if len(raw) <= message.MaxInlineRaw {
		m.Raw = raw
		return nil
	}
	m.RawBlob = m.ID + "/original"
	return []File{{m.RawBlob, raw}}
}

func problemOf(parsed *mail.Mail) string {
	if len(parsed.Problems) > 0 {
		return "nothing in this mail could be read: " + strings.Join(parsed.Problems[:min(3, len(parsed.Problems))], "; ")
	}
	return "this mail is empty: it has no sender, no subject and no text"
}
