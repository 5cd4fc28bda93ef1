package send

import (
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"path"
	"regexp"
	"strings"
	"unicode"

	gomessage "github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"

	"loket/internal/message"
)

const (
	maxSubject    = 500 // characters
	maxName       = 120
	maxFileName   = 60  // characters: encoded, the whole name must fit on one line
	maxID         = 500 // bytes; a line has 998
	maxReferences = 11  // the first and the last ten: more do not help anybody
	maxRecipients = 100
)

// header makes the whole header of a letter, but for what belongs to its body.
func header(l *Outgoing) (gomail.Header, error) {
	var h gomail.Header
	if err := l.check(); err != nil {
		return h, err
	}
	// Fields are put above those that were put before: this is the last one first.
	if l.Automatic != message.ByPerson {
		h.Set("Precedence", "bulk")
		h.Set("X-Auto-Response-Suppress", "All")
		h.Set("Auto-Submitted", submitted(l.Automatic))
	}
	h.Set("MIME-Version", "1.0")
	if ids := shorten(l.References); len(ids) > 0 {
		h.AddRaw([]byte("References: " + strings.Join(ids, "\r\n ") + "\r\n"))
		h.Set("In-Reply-To", ids[len(ids)-1])
	}
	h.AddRaw([]byte("Message-ID: <" + l.MessageID + ">\r\n"))
	h.SetDate(l.Date)
	if s := subject(l.Subject, len(l.References) > 0); s != "" {
		h.SetSubject(s)
	}
	h.SetAddressList("Cc", named(l.Cc))
	h.SetAddressList("To", named(l.To))
	if l.ReplyTo.Address != "" {
		h.SetAddressList("Reply-To", named([]mail.Address{l.ReplyTo}))
	}
	h.SetAddressList("From", named([]mail.Address{l.From}))
	return h, nil
}

func (l *Outgoing) check() error {
	all := append([]mail.Address{l.From}, l.recipients()...)
	if l.ReplyTo.Address != "" {
		all = append(all, l.ReplyTo)
	}
	for _, a := range all {
		if id, err := message.Email(a.Address, message.Mentioned); err != nil {
			return fmt.Errorf("address: %w", err)
		} else if id.Value != lower(a.Address) {
			return errors.New("address: must be a bare address with its domain as A-labels")
		}
	}
	switch {
	case len(l.To) == 0:
		return errNoRecipient
	case len(all) > maxRecipients:
		return fmt.Errorf("must have at most %d recipients", maxRecipients)
	case !isMessageID(l.MessageID):
		return errors.New("must have a Message-ID of the form left@right")
	case l.Date.IsZero():
		return errors.New("must have a date")
	}
	return nil
}

func (l *Outgoing) recipients() []mail.Address { return append(l.To[:len(l.To):len(l.To)], l.Cc...) }

// NeedsUTF8 tells whether only a server with SMTPUTF8 (RFC 6531) can carry the letter: an address in it has a local
// part that is not ASCII.
func (l *Outgoing) NeedsUTF8() bool {
	for _, a := range append(l.recipients(), l.From, l.ReplyTo) {
		if !isASCII(a.Address) {
			return true
		}
	}
	return false
}

// submitted is the word of RFC 3834 §5 for an automatic letter.
func submitted(a message.Automatic) string {
	if a == message.Reply {
		return "auto-replied"
	}
	return "auto-generated"
}

// shorten gives the Message-IDs worth referring to, in angle brackets: the first, which names the conversation, and
// the last ones. What is no Message-ID is left out.
func shorten(references []string) []string {
	var ids []string
	for _, id := range references {
		id = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(id), "<"), ">")
		if isMessageID(id) {
			ids = append(ids, "<"+id+">")
		}
	}
	if len(ids) > maxReferences {
		ids = append(ids[:1:1], ids[len(ids)-maxReferences+1:]...)
	}
	return ids
}

func isMessageID(id string) bool {
	left, right, ok := strings.Cut(id, "@")
	return ok && left != "" && right != "" && len(id) <= maxID &&
		strings.IndexFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) < 0
}

// replyWords are what mail programs put before the subject of an answer: Re, Antw, AW, SV, RV and their kin.
var replyWords = regexp.MustCompile(`(?i)^(?:(?:re|antw|antwoord|betr|aw|sv|vs|odp|res|rif|r|ynt)\s*(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]\s*)+`)

// subject is s on one line. Several reply words become one "Re: "; the subject of an answer always has it.
func subject(s string, answer bool) string {
	s = line(s, maxSubject)
	bare := replyWords.ReplaceAllString(s, "")
	if answer || bare != s {
		return strings.TrimSpace("Re: " + bare)
	}
	return s
}

func named(addresses []mail.Address) []*gomail.Address {
	var list []*gomail.Address
	for _, a := range addresses {
		list = append(list, &gomail.Address{Name: line(a.Name, maxName), Address: unquoted(a.Address)})
	}
	return list
}

// unquoted is an address as the header writer wants it, which puts quotes around a local part by itself.
func unquoted(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 2 || address[0] != '"' || address[at-1] != '"' {
		return address
	}
	return escapes.ReplaceAllString(address[1:at-1], "$1") + address[at:]
}

var escapes = regexp.MustCompile(`\\(.)`)

// fileHeader is the header of an attachment; a name beyond ASCII is written as RFC 2231 says, and once more in the
// way of RFC 2047 for programs that read only the type.
func fileHeader(f File) gomessage.Header {
	name := fileName(f.Name)
	mediaType, params, err := mime.ParseMediaType(line(f.Type, maxName))
	if err != nil || !strings.Contains(mediaType, "/") || strings.HasPrefix(mediaType, "multipart/") || strings.HasPrefix(mediaType, "message/") {
		mediaType, params = "application/octet-stream", nil // a mail as an attachment may not be in base64 as what it is
	}
	var h gomessage.Header
	h.Set("Content-Transfer-Encoding", "base64")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	typed := map[string]string{"name": name}
	if charset := strings.ToLower(params["charset"]); charset == "utf-8" || charset == "us-ascii" {
		typed["charset"] = charset
	}
	h.SetContentType(mediaType, typed)
	return h
}

// fileName is the last element of a path, on one line, with the extension kept when it is long.
func fileName(s string) string {
	s = line(strings.ReplaceAll(s, `\`, "/"), 1<<12)
	if s = path.Base(s); s == "." || s == "/" || s == ".." {
		return "attachment"
	}
	ext := path.Ext(s)
	if len(ext) > 16 {
		ext = ""
	}
	return cut(strings.TrimSuffix(s, ext), maxFileName-len(ext)) + ext
}

// line is s as one line: valid UTF-8, control characters and line ends as spaces, at most most characters.
func line(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return cut(strings.Join(strings.Fields(s), " "), most)
}

// cut is the first characters of s, with … for the rest.
func cut(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n > most-1 && len(s) > i {
			if rest := s[i:]; len([]rune(rest)) > 1 {
				return s[:i] + "…"
			}
		}
	}
	return s
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}
