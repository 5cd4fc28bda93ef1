package send

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"loket/connectors"
	"loket/internal/message"
)

// IDs makes and checks what our mails carry to be known again by: their Message-ID, the address that answers go to,
// and the address that bounces go to. All of it is lower case, survives being turned into upper case, and can't be
// guessed: it holds a MAC that is made with the token of the thread and from which nobody gets that token back, so
// who sees such an address in a header cannot open the customer's page with it. Several goroutines may use it.
type IDs struct{ tokens connectors.Tokens }

// NewIDs makes ids with tokens. Tokens of another key make every id given out before unknown.
func NewIDs(tokens connectors.Tokens) IDs { return IDs{tokens} }

// A Ref says which message of which thread is meant, both by the ids of the daemon (message.ValidID).
type Ref struct{ Thread, Message string }

const (
	mark   = "loket"
	idLen  = 26
	macLen = 16 // 80 bits, of a Message-ID
	tagMAC = 12 // 60 bits, in an address, whose part before the @ has 64 bytes at most (RFC 5321 §4.5.3.1.1)
	tagLen = 1 + idLen + tagMAC

	// MaxLocal is how many bytes an address that carries a thread or a message may have before a separator of one byte.
	MaxLocal = 64 - 1 - tagLen
)

// The purposes of a MAC: one made for one of them is worth nothing for another.
const (
	forID     = "message-id"
	forAnswer = "t"
	forBounce = "b"

	forForward   = "f"
	forForwardID = "forward-id"
	markForward  = "loket-f"
)

// MessageID is the Message-ID of a mail of ours, without angle brackets; the same for the same r and domain.
func (i IDs) MessageID(r Ref, domain string) string {
	return strings.Join([]string{mark, r.Thread, r.Message, i.mac(forID, r, macLen)}, ".") + "@" + domain
}

// A Forwarded says which mail forwarded which task.
type Forwarded struct{ Task, Message string }

// ForwardID is the Message-ID of a mail that forwards a task, without angle brackets. It is known by OfForward alone.
func (i IDs) ForwardID(f Forwarded, domain string) string {
	r := Ref{lower(f.Task), f.Message}
	return strings.Join([]string{markForward, r.Thread, r.Message, i.mac(forForwardID, r, macLen)}, ".") + "@" + domain
}

// OfForward tells which mail of ours that forwarded a task has that Message-ID, with or without angle brackets.
func (i IDs) OfForward(id string) (Forwarded, bool) {
	words := i.words(id, markForward)
	if words == nil || !isTask(words[1]) || !message.ValidID(words[2]) || !equal(words[3], i.mac(forForwardID, Ref{words[1], words[2]}, macLen)) {
		return Forwarded{}, false
	}
	return Forwarded{strings.ToUpper(words[1]), words[2]}, true
}

// ForwardTo is AnswerTo for a task that was forwarded.
func (i IDs) ForwardTo(address, sep, task string) (string, bool) {
	task = lower(task)
	return tagged(address, sep, forForward+task+i.mac(forForward, Ref{Thread: task}, tagMAC))
}

// ForwardAnswered tells which task an address belongs to that ForwardTo made, as Answered does for threads.
func (i IDs) ForwardAnswered(address string) (task string, ok bool) {
	id, mac, ok := untagged(address, forForward)
	return strings.ToUpper(id), ok && isTask(id) && equal(mac, i.mac(forForward, Ref{Thread: id}, tagMAC))
}

// isTask tells whether s has the form of the id of a task, in small letters.
func isTask(s string) bool {
	return len(s) == idLen && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyz") == ""
}

// words are those of a Message-ID that begins with such a mark; nil when it has another form.
func (IDs) words(id, begins string) []string {
	id = strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	local, _, _ := strings.Cut(lower(id), "@")
	words := strings.Split(local, ".")
	if len(words) != 4 || words[0] != begins {
		return nil
	}
	return words
}

// Of tells which mail of ours has that Message-ID, with or without angle brackets. The domain does not count: an
// address may move to another.
func (i IDs) Of(id string) (Ref, bool) {
	words := i.words(id, mark)
	if words == nil {
		return Ref{}, false
	}
	r := Ref{words[1], words[2]}
	if !message.ValidID(r.Thread) || !message.ValidID(r.Message) || !equal(words[3], i.mac(forID, r, macLen)) {
		return Ref{}, false
	}
	return r, true
}

// AnswerTo is address with the token of a thread behind sep: help+t…@example.org. It answers false when sep is ""
// or the address is too long to carry one (MaxLocal).
func (i IDs) AnswerTo(address, sep, thread string) (string, bool) {
	return tagged(address, sep, forAnswer+thread+i.mac(forAnswer, Ref{Thread: thread}, tagMAC))
}

// Answered tells which thread an address belongs to that AnswerTo made. It need not be told address or sep, and
// takes what relays put before them (SRS, BATV).
func (i IDs) Answered(address string) (thread string, ok bool) {
	id, mac, ok := untagged(address, forAnswer)
	return id, ok && message.ValidID(id) && equal(mac, i.mac(forAnswer, Ref{Thread: id}, tagMAC))
}

// BounceTo is address with the id of a message behind sep: bounces+b…@example.org, for the envelope of that message.
// It answers false when sep is "" or the address is too long to carry one (MaxLocal).
func (i IDs) BounceTo(address, sep, id string) (string, bool) {
	return tagged(address, sep, forBounce+id+i.mac(forBounce, Ref{Message: id}, tagMAC))
}

// Bounced tells which message a bounce is about that came to an address BounceTo made.
func (i IDs) Bounced(address string) (id string, ok bool) {
	id, mac, ok := untagged(address, forBounce)
	return id, ok && message.ValidID(id) && equal(mac, i.mac(forBounce, Ref{Message: id}, tagMAC))
}

// Tagged tells whether an address is one of those that AnswerTo, ForwardTo and BounceTo make.
func (i IDs) Tagged(address string) bool {
	_, answer := i.Answered(address)
	_, forward := i.ForwardAnswered(address)
	_, bounce := i.Bounced(address)
	return answer || forward || bounce
}

// Sent gives the message of ours that has that Message-ID, whatever it was for.
func (i IDs) Sent(id string) (message string, ok bool) {
	if r, ok := i.Of(id); ok {
		return r.Message, true
	}
	f, ok := i.OfForward(id)
	return f.Message, ok
}

func (i IDs) mac(purpose string, r Ref, length int) string {
	key := r.Thread
	if key == "" {
		key = r.Message
	}
	h := hmac.New(sha256.New, []byte(i.tokens.Token(key)))
	h.Write([]byte("mail\x00" + purpose + "\x00" + r.Message))
	return encoding.EncodeToString(h.Sum(nil))[:length]
}

func tagged(address, sep, tag string) (string, bool) {
	at := strings.LastIndexByte(address, '@')
	if sep == "" || at < 1 || at > MaxLocal+1-len(sep) || len(tag) != tagLen {
		return "", false
	}
	return address[:at] + sep + tag + address[at:], true
}

func untagged(address, purpose string) (id, mac string, ok bool) {
	address = strings.TrimSuffix(strings.TrimPrefix(address, "<"), ">")
	local := address
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		local = address[:at]
	}
	start := len(local) - tagLen
	if start < 2 {
		return "", "", false
	}
	rest, ok := strings.CutPrefix(lower(local[start:]), purpose)
	if !ok || len(rest) != idLen+tagMAC {
		return "", "", false
	}
	return rest[:idLen], rest[idLen:], true
}

func equal(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// lower lowers A–Z only: no other letter may become part of an id of ours.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
