// Package message holds the one form that every message has, whatever channel it came by,
// and the identifiers of the people who send them.
package message

import (
	"fmt"
	"slices"
	"time"
)

// A Message is one thing that was said: by a customer to us, or by us to a customer.
// It is a value: whoever receives one may read it, and copies it before changing it.
type Message struct {
	// ID is stable: the same delivery read twice has the same ID (see NewID).
	ID        string    `json:"id"`
	Kind      Kind      `json:"kind,omitempty"`
	Direction Direction `json:"direction,omitempty"`

	Report *DeliveryReport `json:"report,omitempty"` // of a message of kind delivery

	// Connector is the name in the configuration, Channel what customers call it (web, email, sms, phone…).
	Connector string `json:"connector,omitempty"`
	Channel   string `json:"channel,omitempty"`
	// Public is true when strangers can read it where it was said.
	Public bool `json:"public,omitempty"`

	// Thread is the conversation this belongs to, when the connector knows it; empty otherwise.
	Thread string `json:"thread,omitempty"`
	// References are the channel's ids of earlier messages of the conversation, root first.
	References []string `json:"references,omitempty"`
	// Own is the channel's id of this very message, which later ones may refer to.
	Own string `json:"own,omitempty"`
	// Answers are further ids of earlier messages of ours that it may answer: whoever said them began no conversation with
	// anybody in particular, as with a post. Of ours in private: what was said in public that it answers. They lead to no thread.
	Answers []string `json:"answers,omitempty"`
	// Link is where the channel's own app shows it, AnswersLink where it shows what it answers.
	Link        string `json:"link,omitempty"`
	AnswersLink string `json:"answers_link,omitempty"`
	// Forward is the id of the task that was forwarded: of ours, what goes to a third party; of others, what answers that. It
	// belongs to no thread.
	Forward string `json:"forward,omitempty"`
	// Ticket is the number of a task that the sender names. Anybody can write one: it counts only if the sender takes
	// part in a thread of that task.
	Ticket string `json:"ticket,omitempty"`

	// From holds the sender's identifiers, claims too: their level says which are.
	From []Identifier `json:"from,omitempty"`
	// Typed is when the sender typed those of From that they only claim, where that was before they wrote; zero is when they wrote.
	Typed time.Time `json:"typed,omitzero"`
	// Formerly are identifiers that the sender gave up with this message, as the channel itself says: another number now.
	Formerly []Identifier `json:"formerly,omitempty"`
	// Name is what the sender calls themselves. It proves nothing.
	Name string `json:"name,omitempty"`
	// To is which of our addresses a customer wrote to, or whom of them we write to; Cc who else got it.
	To []Identifier `json:"to,omitempty"`
	Cc []Identifier `json:"cc,omitempty"`
	// ToOthers: of ours, and to others than the customer, who has no answer by it.
	ToOthers bool `json:"to_others,omitempty"`
	// ReplyTo is where the sender wants the answer, if that is not where they wrote from. It is a wish, never who they are.
	ReplyTo []Identifier `json:"reply_to,omitempty"`

	Subject string `json:"subject,omitempty"`
	// Text is what was said now; Whole includes quotes and signature and is empty when it is the same.
	Text  string `json:"text,omitempty"`
	Whole string `json:"whole,omitempty"`
	HTML  string `json:"html,omitempty"`

	Attachments []Attachment `json:"attachments,omitempty"`

	Language  string    `json:"language,omitempty"`
	Automatic Automatic `json:"automatic,omitempty"`
	// Unsure: it is automatic by such signs only as are on people's messages too. If it answers one of ours, a person wrote it.
	Unsure   bool      `json:"unsure,omitempty"`
	Sent     time.Time `json:"sent,omitzero"`
	Received time.Time `json:"received,omitzero"`
	Agent    string    `json:"agent,omitempty"` // who wrote it for us, or took it down by hand
	// Vouched is on whose word it stands who sent it; "" when the channel itself says so. Such a message joins no customers.
	Vouched string `json:"vouched,omitempty"`
	Raw     []byte `json:"raw,omitempty"` // the original, at most MaxInlineRaw bytes
	RawBlob string `json:"raw_blob,omitempty"`
	Problem string `json:"problem,omitempty"` // what could not be read of it; not empty = quarantine
	// KeepUntil is when one with a Problem goes by itself, unless somebody decides before; zero is never.
	KeepUntil time.Time `json:"keep_until,omitzero"`
	Marks     []string  `json:"marks,omitempty"` // warnings for the agent, e.g. "reply-to elsewhere"

	// Earlier is what a message of ours answers, for channels that quote it. Threads do not keep it.
	Earlier *Earlier `json:"earlier,omitempty"`
}

// Earlier is the message that another one answers.
type Earlier struct {
	Name string    `json:"name,omitempty"`
	Text string    `json:"text,omitempty"` // at most MaxEarlier bytes
	Sent time.Time `json:"sent,omitzero"`
	Zone string    `json:"zone,omitempty"` // in which people of the team read times, such as Europe/Amsterdam
}

// In is when it was sent, where people of the team read times; UTC where that is not known.
func (e *Earlier) In() time.Time {
	zone, err := time.LoadLocation(e.Zone)
	if err != nil {
		zone = time.UTC
	}
	return e.Sent.In(zone)
}

// MaxEarlier is how much of an earlier message is quoted under an answer, in bytes.
const MaxEarlier = 16 << 10

// MaxInlineRaw is how many bytes of the original travel inside the message; larger ones become a blob.
const MaxInlineRaw = 4 << 10

// A DeliveryReport is what a channel says of a message of ours some time after it took it.
type DeliveryReport struct {
	Of     string `json:"of"`    // the channel's own id of our message
	State  string `json:"state"` // sent, delivered, read or failed
	Reason string `json:"reason,omitempty"`
	// To are the recipients that it is about; none when it does not say which, or of all.
	To []Identifier `json:"to,omitempty"`
}

// Kind says what a message is for.
type Kind string

// The kinds of message.
const (
	Said     Kind = ""         // something a person wrote or said
	Delivery Kind = "delivery" // a report on one of our own messages
	Reaction Kind = "reaction" // an emoji beside a message of ours
	Consent  Kind = "opt-out"  // what the sender wants to get from us, in a word that the channel knows: STOP, START
)

// Awaits tells whether its sender waits for an answer: a person does, who said something.
func (m *Message) Awaits() bool { return m.Kind == Said && m.Automatic == ByPerson }

// Mark adds a mark, once.
func (m *Message) Mark(text string) {
	if text != "" && !slices.Contains(m.Marks, text) {
		m.Marks = append(m.Marks, text)
	}
}

// AddFrom adds an identifier of the sender, as NewIdentifier makes it. What is none is left out: channels leave fields empty,
// and what they call an id may be of a form that nobody knows yet.
func (m *Message) AddFrom(kind, scope, value string, level Level) {
	if id, err := NewIdentifier(kind, scope, value, level); err == nil {
		m.From = append(m.From, id)
	}
}

// Direction says who speaks.
type Direction string

// The directions.
const (
	In  Direction = ""
	Out Direction = "out"
)

// Automatic tells whether a machine wrote the message. The zero value is a person.
type Automatic string

// What a machine may have written, in the words of the contract.
const (
	ByPerson Automatic = ""
	Reply    Automatic = "reply"  // out of office and the like
	Bounce   Automatic = "bounce" // could not be delivered
	List     Automatic = "list"
	Notice   Automatic = "notice"
	Report   Automatic = "report"
)

// Word is for people and programs: "no" when a person wrote it.
func (a Automatic) Word() string {
	if a == ByPerson {
		return "no"
	}
	return string(a)
}

// ParseAutomatic reads what Word writes. It accepts "" as "no".
func ParseAutomatic(s string) (Automatic, error) {
	switch a := Automatic(s); a {
	case ByPerson, Reply, Bounce, List, Notice, Report:
		return a, nil
	}
	if s == "no" {
		return ByPerson, nil
	}
	return ByPerson, fmt.Errorf("unknown kind of automatic message %q: must be no, reply, bounce, list, notice or report", s)
}

// An Attachment names a file that came with a message. Its bytes are in the blob store under Blob.
type Attachment struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
	Blob string `json:"blob,omitempty"`
	// ContentID is what the HTML calls a picture that is shown within it.
	ContentID string `json:"content_id,omitempty"`
}
