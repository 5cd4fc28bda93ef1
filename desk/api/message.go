package api

import (
	"cmp"
	"slices"

	"loket/desk"
	"loket/internal/message"
	"loket/router/queue"
)

// A Message is one thing that was said in a task.
type Message struct {
	ID        string   `json:"id"`
	Direction string   `json:"direction"` // in: from the customer; out: from us
	Thread    string   `json:"thread,omitempty"`
	Channel   string   `json:"channel,omitempty"`
	Public    bool     `json:"public,omitempty"`
	From      []string `json:"from"`
	Name      string   `json:"name,omitempty"`
	To        []string `json:"to,omitempty"`       // of ours, or whom we answer
	Cc        []string `json:"cc,omitempty"`       // who else got it
	ReplyTo   []string `json:"reply_to,omitempty"` // where the sender wants the answer
	Agent     string   `json:"agent,omitempty"`
	Subject   string   `json:"subject,omitempty"`
	// SubjectChanged: it is another than that of what was said before, not only with a Re: or the like.
	SubjectChanged bool         `json:"subject_changed,omitempty"`
	Text           string       `json:"text"`
	Whole          string       `json:"whole,omitempty"` // with quotes and signature, when it has any
	HTML           string       `json:"html,omitempty"`
	Sent           Time         `json:"sent,omitzero"`
	Received       Time         `json:"received,omitzero"`
	Attachments    []Attachment `json:"attachments"`
	Automatic      string       `json:"automatic"`       // no, reply, bounce, list, notice, report
	Marks          []string     `json:"marks,omitempty"` // warnings
	// Link is where the channel's own app shows it, AnswersLink where it shows what it answers.
	Link        string    `json:"link,omitempty"`
	AnswersLink string    `json:"answers_link,omitempty"`
	Delivery    *Delivery `json:"delivery,omitempty"`
}

// An Attachment is a file of a message. Its bytes are had by its id.
type Attachment struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// A Delivery is how far an answer of ours came.
type Delivery struct {
	State    string `json:"state"`       // queued, sending, doubt, sent, delivered, read, failed
	At       Time   `json:"at,omitzero"` // since when that is known; absent before the channel has it
	Error    string `json:"error,omitempty"`
	Reply    string `json:"reply"` // its id, to try it again by
	Attempts int    `json:"attempts,omitempty"`
	// Missed are copies that did not arrive: the answer itself stands.
	Missed []MissedCopy `json:"missed,omitempty"`
}

// A MissedCopy is a copy of an answer that did not arrive.
type MissedCopy struct {
	To     string `json:"to"` // kind:value
	Reason string `json:"reason,omitempty"`
}

// A Note is what colleagues say to each other.
type Note struct {
	Agent string `json:"agent"`
	Text  string `json:"text"`
	At    Time   `json:"at"`
	// AnsweredBy is how the customer had this as an answer: phone, visit…; absent when only colleagues know it.
	AnsweredBy string `json:"answered_by,omitempty"`

	// Of a note that is a mail: what was forwarded to a third party, or what came back. Message is its id; it proves no more of
	// who it is from than other mails do.
	Message     string       `json:"message,omitempty"`
	Ours        bool         `json:"ours,omitempty"` // one of us wrote it
	From        []string     `json:"from,omitempty"`
	Name        string       `json:"name,omitempty"`
	Assurance   string       `json:"assurance,omitempty"` // how sure it is who wrote it
	To          []string     `json:"to,omitempty"`
	Of          []string     `json:"of,omitempty"` // the messages that were forwarded
	Subject     string       `json:"subject,omitempty"`
	Automatic   string       `json:"automatic,omitempty"` // no, reply, bounce…
	Marks       []string     `json:"marks,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Delivery    *Delivery    `json:"delivery,omitempty"` // of what was forwarded
}

// A Draft is an answer that was not taken: its author had lost the task, or it was closed. It stays until somebody sends it
// or drops it.
type Draft struct {
	ID          string       `json:"id"`
	Agent       string       `json:"agent"` // who wrote it
	At          Time         `json:"at"`
	Reason      string       `json:"reason,omitempty"` // why it was not taken
	Text        string       `json:"text"`
	HTML        string       `json:"html,omitempty"`
	Attachments []Attachment `json:"attachments"`
	Via         string       `json:"via"`          // same, preferred or private, as it was asked
	To          []string     `json:"to"`           // whom it is written to
	Cc          []string     `json:"cc,omitempty"` // who get a copy
	Thread      string       `json:"thread,omitempty"`
}

func messageOf(m desk.Message) Message {
	v := Message{
		ID: m.ID, Direction: "in", Thread: m.Thread, Channel: m.Channel, Public: m.Public, From: names(m.From), Name: m.Name,
		To: names(m.To), Cc: names(m.Cc), ReplyTo: names(m.ReplyTo), Agent: m.Agent, Subject: m.Subject, SubjectChanged: m.SubjectChanged,
		Text: m.Text, Whole: m.Whole, HTML: m.HTML, Sent: Time{m.Sent}, Received: Time{m.Received},
		Attachments: attachmentsOf(m.Task, m.Attachments), Automatic: m.Automatic.Word(), Marks: m.Marks,
		Link: m.Link, AnswersLink: m.AnswersLink, Delivery: deliveryOf(m.Delivery),
	}
	if m.Direction == message.Out {
		v.Direction = "out"
	}
	return v
}

// messagesOf is nil for nil, as are the lists below: what was not read is absent.
func messagesOf(list []desk.Message) []Message { return each(list, messageOf) }

func attachmentsOf(task string, of []message.Attachment) []Attachment {
	list := make([]Attachment, len(of))
	for i, a := range of {
		list[i] = Attachment{ID: desk.FileID(task, a.Blob), Name: a.Name, Type: a.Type, Size: a.Size}
	}
	return list
}

func deliveryOf(r *queue.Reply) *Delivery {
	if r == nil {
		return nil
	}
	v := &Delivery{State: string(r.State), At: instant(r.StateAt), Error: r.Error, Reply: r.ID, Attempts: r.Attempts}
	for _, m := range r.Missed {
		v.Missed = append(v.Missed, MissedCopy(m))
	}
	return v
}

func notesOf(list []desk.Note) []Note { return each(list, noteOf) }

func noteOf(n desk.Note) Note {
	v := Note{Agent: n.Agent, Text: n.Text, At: Time{n.At}, AnsweredBy: n.Way, Delivery: deliveryOf(n.Delivery)}
	m := n.Mail
	if m == nil {
		return v
	}
	v.Message, v.Ours, v.From, v.Name, v.To, v.Of = m.ID, m.Ours, names(m.From), m.Name, names(m.To), m.Of
	if len(m.From) > 0 {
		v.Assurance = slices.MaxFunc(m.From, func(a, b message.Identifier) int { return cmp.Compare(a.Level, b.Level) }).Level.String()
	}
	v.Subject, v.Automatic, v.Marks, v.Attachments = m.Subject, m.Automatic.Word(), m.Marks, attachmentsOf(n.Task, m.Attachments)
	return v
}

func draftsOf(list []desk.Draft) []Draft { return each(list, draftOf) }

func draftOf(k desk.Draft) Draft {
	return Draft{
		ID: k.ID, Agent: k.Agent, At: Time{k.At}, Reason: k.Reason, Text: k.Text, HTML: k.HTML, Attachments: attachmentsOf(k.Task, k.Attachments),
		Via: cmp.Or(k.Via, desk.ViaSame), To: names(k.To), Cc: names(k.Cc), Thread: k.Thread,
	}
}

// all is each of a list that stands in every answer: empty where there is nothing.
func all[A, B any](of []A, f func(A) B) []B {
	if of == nil {
		return []B{}
	}
	return each(of, f)
}

func each[A, B any](list []A, f func(A) B) []B {
	if list == nil {
		return nil
	}
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = f(a)
	}
	return out
}
