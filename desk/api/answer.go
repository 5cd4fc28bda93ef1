package api

import (
	"loket/desk"
)

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

// Answered says what became of an answer.
type Answered struct {
	Message  string   `json:"message"` // its id
	Delivery Delivery `json:"delivery"`
	// To is whom the answer is written to, for the agent to see that it is whom they mean.
	To []string `json:"to"`
	Cc []string `json:"cc,omitempty"` // who get a copy
	// ToOthers: the customer has no answer by it, and waits as before.
	ToOthers  bool     `json:"to_others,omitempty"`
	Newcomers []string `json:"newcomers,omitempty"` // those of them who did not begin the conversation
	Via       string   `json:"via"`                 // same, preferred or private, as it was asked
	Channel   string   `json:"channel"`
	Connector string   `json:"connector"`
	Thread    string   `json:"thread"`
	Length    string   `json:"length,omitempty"` // how the channel cuts the text, in words
	Task      *Task    `json:"task,omitempty"`   // absent when it could not be read
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

// Forwarded says what became of it.
type Forwarded struct {
	Message   string   `json:"message"` // its id
	Delivery  Delivery `json:"delivery"`
	To        []string `json:"to"`
	Of        []string `json:"of"` // the messages that it holds, oldest first
	Files     int      `json:"files"`
	LeftOut   []string `json:"left_out,omitempty"` // files that found no room
	Connector string   `json:"connector"`
	Task      *Task    `json:"task,omitempty"` // absent when it could not be read
}

// An Otherwise is an answer that the customer had by another way than loket.
type Otherwise struct {
	By      string // phone, visit, letter…
	Text    string // what was said, for colleagues
	Close   bool
	Outcome string // with Close
	Key     string // makes a repeat of the same answer one answer
}

func answeredOf(a *desk.Answered) *Answered {
	v := &Answered{
		Message: a.Reply.ID, Delivery: *deliveryOf(a.Reply), To: names(a.To), Cc: names(a.Cc), ToOthers: a.ToOthers, Newcomers: names(a.Newcomers),
		Via: a.Via, Channel: a.Channel, Connector: a.Connector, Thread: a.Thread, Length: a.Length,
	}
	if a.Task != nil {
		v.Task = taskOf(a.Task)
	}
	return v
}

func forwardedOf(f *desk.Forwarded) *Forwarded {
	v := &Forwarded{
		Message: f.Reply.ID, Delivery: *deliveryOf(f.Reply), To: names(f.To), Of: f.Of, Files: f.Files, LeftOut: f.LeftOut, Connector: f.Connector,
	}
	if f.Task != nil {
		v.Task = taskOf(f.Task)
	}
	return v
}
