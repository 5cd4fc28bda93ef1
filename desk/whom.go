package desk

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// Whom is to whom an answer by mail is to go. The zero value is the usual: to whoever it answers, and to nobody else.
type Whom struct {
	All     bool     // a copy to everybody else who wrote or got what is answered
	To      []string // to these addresses instead
	Cc      []string // a copy to these
	Without []string // not to these of those whom it would go to
}

// maxRecipients bounds whom an answer goes to, with the copies. Servers take a hundred (RFC 5321 §4.5.3.1.8).
const maxRecipients = 50

// asked is a Whom that was read.
type asked struct {
	all             bool
	to, cc, without []message.Identifier
}

func (w *Whom) read() (asked, error) {
	a := asked{all: w.All}
	var errs []error
	for _, list := range []struct {
		field string
		given []string
		read  *[]message.Identifier
	}{{"to", w.To, &a.to}, {"cc", w.Cc, &a.cc}, {"without", w.Without, &a.without}} {
		if len(list.given) > maxRecipients {
			errs = append(errs, field.Errorf(list.field, "must be at most %d addresses", maxRecipients))
			continue
		}
		for i, text := range list.given {
			id, err := message.Email(strings.TrimPrefix(text, "email:"), message.Mentioned)
			if err != nil {
				errs = append(errs, field.Errorf(field.At(list.field, i), "%v", err))
				continue
			}
			*list.read = without(append(*list.read, id), nil)
		}
	}
	return a, errors.Join(errs...)
}

// usual tells whether nothing was asked for.
func (a *asked) usual() bool { return !a.all && len(a.to)+len(a.cc)+len(a.without) == 0 }

// words are the same for the same wish, "" for the usual.
func (a *asked) words() string {
	if a.usual() {
		return ""
	}
	b, err := json.Marshal([]any{a.all, names(a.to), names(a.cc), names(a.without)})
	if err != nil {
		panic(err) // strings and a bool always encode
	}
	return string(b)
}

func names(ids []message.Identifier) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}

// An addressing is all that decides whom an answer goes to.
type addressing struct {
	task   *queue.Task
	thread *thread.Thread
	talk   *talk
	via    string
	asked  asked
	draft  *queue.Draft // that is sent: it goes to whom it was written to, as others may have joined since; else nil
}

// addressReply sets whom m, an answer, goes to, with the copies: to where the person wants it who wrote last, unless it was
// asked to go another way, or its author names others.
func (d *Desk) addressReply(m *message.Message, a addressing) error {
	usual := a.usual()
	m.To = usual
	if a.draft != nil && len(a.draft.To) > 0 {
		m.To, m.Cc, m.ToOthers = a.draft.To, a.draft.Cc, a.draft.ToOthers
	}
	if a.asked.usual() {
		return nil
	}
	if err := d.mayChoose(m, a.via, a.asked); err != nil {
		return err
	}
	to, all := usual, []message.Identifier(nil)
	if a.asked.all {
		all = slices.Concat(usual, a.talk.others())
	}
	if len(a.asked.to) > 0 {
		to = a.asked.to
	}
	for i, id := range a.asked.without {
		if !has(slices.Concat(to, all), id) || has(a.asked.to, id) || has(a.asked.cc, id) {
			return field.Errorf(field.At("without", i), "must be one of those that the answer would go to without being asked for")
		}
	}
	known := slices.Concat(a.thread.From, a.task.From, a.talk.everybody())
	m.To = without(asSure(to, known), a.asked.without)
	m.Cc = without(asSure(without(slices.Concat(all, a.asked.cc), m.To), known), a.asked.without)
	m.Cc = slices.DeleteFunc(m.Cc, d.ours)
	if len(m.To) == 0 {
		return field.Errorf("to", "must be given: nobody is left whom the answer goes to")
	}
	if n := len(m.To) + len(m.Cc); n > maxRecipients {
		return field.Errorf("cc", "must be fewer: the answer would go to %d addresses, of at most %d", n, maxRecipients)
	}
	waiting := slices.Concat(usual, a.thread.From, a.task.From, a.talk.waiting())
	m.ToOthers = len(a.asked.to) > 0 && !meet(slices.Concat(m.To, m.Cc), waiting)
	return nil
}

// usual is whom an answer goes to when nobody names others: whoever wrote what it answers, where they want it.
func (a *addressing) usual() []message.Identifier {
	began, said := a.thread.From, a.talk.said
	switch {
	case said == nil || a.via == ViaPreferred: // others may have joined since
		return began
	case len(said.ReplyTo) > 0:
		return said.ReplyTo
	case len(said.From) > 0 && (mailboxes(said.From) < 2 || len(began) == 0):
		return said.From
	case said.Channel == "chat": // one visitor, who typed another address than before; the newest comes first
		return said.From
	}
	return began // of several senders nobody can say which one wrote
}

// mayChoose looks whether whom an answer goes to is for its author to say.
func (d *Desk) mayChoose(m *message.Message, via string, a asked) error {
	var errs []error
	for _, list := range []struct {
		field string
		given []message.Identifier
	}{{"to", a.to}, {"cc", a.cc}, {"without", a.without}} {
		if len(list.given) > 0 && !d.copies(m.Connector) {
			errs = append(errs, field.Errorf(list.field, "must be left out: only an answer by mail can go to others, and this one goes by %s", m.Channel))
			continue
		}
		for i, id := range list.given {
			if list.field != "without" && d.ours(id) {
				errs = append(errs, field.Errorf(field.At(list.field, i), "must be somebody else's: what goes to this address comes back to us"))
			}
		}
	}
	if a.all && !d.copies(m.Connector) {
		errs = append(errs, field.Errorf("all", "must be left out: only an answer by mail can go to others, and this one goes by %s", m.Channel))
	}
	if via == ViaPreferred || via == ViaPrivate {
		if a.all {
			errs = append(errs, field.Errorf("all", "must be left out with via %s: others got nothing there", via))
		}
		if len(a.to) > 0 {
			errs = append(errs, field.Errorf("to", "must be left out with via %s, which says whom it goes to", via))
		}
	}
	return errors.Join(errs...)
}

// same tells whether two identifiers are one, however sure.
func same(a, b message.Identifier) bool {
	return a.Kind == b.Kind && a.Scope == b.Scope && a.Value == b.Value
}

func has(ids []message.Identifier, id message.Identifier) bool {
	return slices.ContainsFunc(ids, func(o message.Identifier) bool { return same(o, id) })
}

func meet(some, others []message.Identifier) bool {
	return slices.ContainsFunc(some, func(id message.Identifier) bool { return has(others, id) })
}

// without are ids, each once, but for those in out.
func without(ids, out []message.Identifier) []message.Identifier {
	var left []message.Identifier
	for _, id := range ids {
		if !has(left, id) && !has(out, id) {
			left = append(left, id)
		}
	}
	return left
}

// asSure gives ids as sure as they are known at most: being written to by hand makes nobody less sure.
func asSure(ids, known []message.Identifier) []message.Identifier {
	list := slices.Clone(ids)
	for i := range list {
		for _, k := range known {
			if same(k, list[i]) {
				list[i].Level = max(list[i].Level, k.Level)
			}
		}
	}
	return list
}
