// Package api is the desk over HTTP: the server, and the client that the command line is made of.
package api

import (
	"time"

	"loket/desk"
	"loket/internal/message"
	"loket/router"
)

// What the API speaks of, for those who use the Client.
type (
	Task        = desk.Task
	Customer    = desk.Customer
	Candidate   = desk.Candidate
	Writer      = desk.Writer
	TaskStep    = desk.TaskStep
	Earlier     = desk.Earlier
	EarlierTask = desk.EarlierTask
	Message     = desk.Message
	Attachment  = desk.Attachment
	Delivery    = desk.Delivery
	MissedCopy  = desk.MissedCopy
	Note        = desk.Note
	Draft       = desk.Draft
	Time        = desk.Time
	Page        = desk.Page
	Listing     = desk.Listing
	Labelling   = desk.Labelling
	Me          = desk.Me
	Answered    = desk.Answered
	Forwarded   = desk.Forwarded
	TakenIn     = desk.TakenIn
	Routed      = desk.Routed
	Event       = desk.Event
	Quarantined = desk.Quarantined
	Conflict    = desk.Conflict
)

// A File is an attachment on its way to the daemon.
type File struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"` // left out, what it looks like
	Data []byte `json:"data"`
}

// An Answer is what a person says to the customer.
type Answer struct {
	Text        string `json:"text"`
	HTML        string `json:"html,omitempty"`
	Attachments []File `json:"attachments,omitempty"`
	Via         string `json:"via,omitempty"` // same, preferred or private
	// By mail: a copy to everybody else who wrote or got what is answered, to these instead, a copy to these, and not to these.
	All     bool     `json:"all,omitempty"`
	To      []string `json:"to,omitempty"`
	Cc      []string `json:"cc,omitempty"`
	Without []string `json:"without,omitempty"`
	Close   bool     `json:"close,omitempty"`
	Outcome string   `json:"outcome,omitempty"` // with Close
	Key     string   `json:"-"`                 // makes a repeat of the same answer one answer
}

// A Forward is what a person passes on of a task to third parties.
type Forward struct {
	To          []string `json:"to"`
	Text        string   `json:"text"`
	Attachments []File   `json:"attachments,omitempty"`
	Whole       bool     `json:"whole,omitempty"`    // all that was said, not only what the customer said last
	NoFiles     bool     `json:"no_files,omitempty"` // without the files of what is forwarded
	Key         string   `json:"-"`                  // makes a repeat of the same one
}

// An Otherwise is an answer that the customer had by another way than loket.
type Otherwise struct {
	By      string // phone, visit, letter…
	Text    string // what was said, for colleagues
	Close   bool
	Outcome string // with Close
	Key     string // makes a repeat of the same answer one answer
}

// A NewMessage is what a customer said, written down by hand or by a program.
type NewMessage struct {
	ID          string   `json:"id,omitempty"` // the same again is the same message
	Channel     string   `json:"channel,omitempty"`
	Connector   string   `json:"connector,omitempty"`
	From        []string `json:"from,omitempty"` // kind:value
	Name        string   `json:"name,omitempty"`
	Subject     string   `json:"subject,omitempty"`
	Text        string   `json:"text,omitempty"`
	HTML        string   `json:"html,omitempty"`
	Attachments []File   `json:"attachments,omitempty"`
	Thread      string   `json:"thread,omitempty"` // the one it continues
	References  []string `json:"references,omitempty"`
	Own         string   `json:"own,omitempty"`
	Public      bool     `json:"public,omitempty"`
	Automatic   string   `json:"automatic,omitempty"`
	Language    string   `json:"language,omitempty"`
	Sent        string   `json:"sent,omitempty"` // RFC 3339
	Agent       string   `json:"agent,omitempty"`

	// Wait is how long to wait at most for the number of its task.
	Wait time.Duration `json:"-"`
}

// A Status is how the house stands.
type Status struct {
	desk.Status
	Process
}

// A Process is what the daemon says of itself.
type Process struct {
	Version    string            `json:"version"`
	Started    Time              `json:"started,omitzero"`
	Store      StoreStatus       `json:"store"`
	Connectors []ConnectorStatus `json:"connectors"`
}

// A StoreStatus says what everything is kept in.
type StoreStatus struct {
	Kind    string `json:"kind"`    // embedded, stand-in, redis
	Durable bool   `json:"durable"` // false: what is stored is gone with the process
	// Writable: it answers, and writes. When not, Trouble says why, in words, and TroubleSince since when.
	Writable     bool   `json:"writable"`
	Trouble      string `json:"trouble,omitempty"`
	TroubleSince Time   `json:"trouble_since,omitzero"`
}

// A ConnectorStatus is how one channel stands.
type ConnectorStatus struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	State string `json:"state"` // running, in trouble, elsewhere (in another process), stopped
	Error string `json:"error,omitempty"`
	Since Time   `json:"since,omitzero"`
}

// A QuarantinePage is a part of what was set aside. Cursor continues it; "" at its end.
type QuarantinePage struct {
	Messages []Quarantined `json:"messages"`
	Cursor   string        `json:"cursor"`
}

// Health is whether the process is well, or can take messages in, and what speaks against it.
type Health struct {
	OK      bool     `json:"ok"`
	Reasons []string `json:"reasons"`
}

// ReadMessage reads a message in the form that POST /route and POST /messages take. Beside an error, which joins
// every mistake, stands what could be read; the message is never nil. region is whose phone numbers come without
// a country.
func ReadMessage(data []byte, region string) (*message.Message, error) {
	in, err := readMessage(data, region)
	return in.Message, err
}

// DryRun is what rules make of m without a store, in the form that POST /route gives.
func DryRun(r *router.Router, m *message.Message) Routed { return desk.DryRun(r, m) }
