package judge

import (
	"loket/connectors/email/mail"
	"loket/internal/message"
)

const maxSenders = 10

// Identifiers gives who sent m, at the level of v, and what they call themselves.
//
//   - One address in From: it, at the level of v.
//   - Several: all of them, up to ten, as claims; nobody can say which one wrote. The name is that of the first.
//   - None that is an address: those of Reply-To, as claims.
//   - A form's in From (own.Forms): who filled it in, as claims, see Own.visitor. When it does not say, the form as a claim.
//   - Our own in From, as web forms and groups of ours write it: Reply-To instead, as claims, or else who stands in
//     X-Original-From. Never is our own address a customer's; only when nothing else is there it stands as a claim.
//
// Otherwise Reply-To and Sender are no identifiers of the sender: anybody may write anybody there. Nor is the writer of
// a forwarded mail, see Forwarded.
func Identifiers(m *mail.Mail, own Own, v Verdict) ([]message.Identifier, string) {
	if ids, name, ok := visitorIdentifiers(m, own); ok {
		return ids, name
	}
	level := v.Level
	if len(m.From) != 1 || own.fromForm(m) {
		level = min(level, message.Claimed)
	}
	var others []mail.Address
	for _, a := range m.From {
		if !own.has(a.Addr) {
			others = append(others, a)
		}
	}
	if ids, name := identifiers(others, level); len(ids) > 0 {
		return ids, name
	}
	others = nil
	for _, a := range m.ReplyTo {
		if !own.has(a.Addr) {
			others = append(others, a)
		}
	}
	if ids, name := identifiers(others, message.Claimed); len(ids) > 0 {
		return ids, orName(name, m.From, own)
	}
	if len(m.From) > 0 {
		if a, ok := rewritten(m); ok && !own.has(a.Addr) {
			if ids, name := identifiers([]mail.Address{a}, message.Claimed); len(ids) > 0 {
				return ids, name
			}
		}
	}
	if ids, name := identifiers(m.From, message.Claimed); len(ids) > 0 {
		return ids, name
	}
	return nil, firstName(m.From)
}

func identifiers(list []mail.Address, level message.Level) ([]message.Identifier, string) {
	var ids []message.Identifier
	name := ""
	for _, a := range list {
		id, err := message.Email(a.Addr, level)
		if err != nil || containsID(ids, id) {
			continue
		}
		if ids = append(ids, id); len(ids) == 1 {
			name = message.CleanLine(a.Name)
		}
		if len(ids) == maxSenders {
			break
		}
	}
	return ids, name
}

func containsID(ids []message.Identifier, id message.Identifier) bool {
	for _, have := range ids {
		if have.Node() == id.Node() {
			return true
		}
	}
	return false
}

// orName takes the name from From when Reply-To has none and From is not ours.
func orName(name string, from []mail.Address, own Own) string {
	if name != "" {
		return name
	}
	for _, a := range from {
		if own.has(a.Addr) {
			return ""
		}
	}
	return firstName(from)
}

func firstName(list []mail.Address) string {
	for _, a := range list {
		if name := message.CleanLine(a.Name); name != "" {
			return name
		}
	}
	return ""
}
