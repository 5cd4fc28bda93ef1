package api

import (
	"strings"
	"time"

	"loket/desk"
	"loket/internal/message"
	"loket/router"
)

// TakenIn says what became of a message.
type TakenIn struct {
	ID string `json:"id"`
	// Thread is absent when only its references tell, later, which it joins.
	Thread string `json:"thread,omitempty"`
	URL    string `json:"url,omitempty"` // the customer's page of the thread
	// Task is the number of the task that the message came into, if that was waited for.
	Task string `json:"task,omitempty"`
}

// A Routed is what the rules make of a message: the answer of a dry run.
type Routed struct {
	File     string        `json:"file,omitempty"`
	Message  RoutedMessage `json:"message"`
	Decision Decision      `json:"decision"`
	Error    string        `json:"error,omitempty"` // what could not be read of it
}

// A RoutedMessage is a message as a dry run shows it.
type RoutedMessage struct {
	ID          string               `json:"id"`
	Channel     string               `json:"channel,omitempty"`
	Connector   string               `json:"connector,omitempty"`
	Public      bool                 `json:"public,omitempty"`
	From        []message.Identifier `json:"from"`
	Name        string               `json:"name"`
	Subject     string               `json:"subject"`
	Text        string               `json:"text"`
	Quoted      string               `json:"quoted"`
	Attachments []RoutedAttachment   `json:"attachments"`
	Automatic   string               `json:"automatic"`
	Thread      string               `json:"thread"`
	Language    string               `json:"language"`
	Marks       []string             `json:"marks,omitempty"`
}

// A RoutedAttachment names a file in a dry run, which keeps none.
type RoutedAttachment struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// A Decision says which team answers, how soon, and why.
type Decision struct {
	Team       string   `json:"team"`
	Priority   string   `json:"priority"`
	Band       int      `json:"band"` // the place of the priority, 0 is the most pressing
	Lane       string   `json:"lane"` // empty for everybody in the team, @agent for one person
	Due        Time     `json:"due"`
	Rule       string   `json:"rule"`
	Tags       []string `json:"tags,omitempty"`
	FirstReply Duration `json:"first_reply"` // the targets, in the working time of Calendar, or around the clock when that is absent
	NextReply  Duration `json:"next_reply"`
	Resolution Duration `json:"resolution,omitzero"`
	ResolveBy  Time     `json:"resolve_by,omitzero"`
	Calendar   string   `json:"calendar,omitempty"`
	At         Time     `json:"at"`
	Language   string   `json:"language,omitempty"` // the message's own, or the one it seems to be in
	Tried      []Tried  `json:"tried,omitempty"`    // the rules looked at, in order, the deciding one last
}

// Tried is one rule that was looked at.
type Tried struct {
	Rule    string `json:"rule"`
	Matched bool   `json:"matched"`
	Because string `json:"because"` // the part of the expression that decided
}

// A Duration is one as Go writes it, such as 4h0m0s.
type Duration struct{ time.Duration }

// MarshalText writes it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Duration) UnmarshalText(b []byte) error {
	var err error
	d.Duration, err = time.ParseDuration(string(b))
	return err
}

func routedOf(r desk.Routed) Routed {
	m := r.Message
	v := RoutedMessage{
		ID: m.ID, Channel: m.Channel, Connector: m.Connector, Public: m.Public, From: m.From, Name: m.Name, Subject: m.Subject,
		Text: m.Text, Quoted: strings.Trim(strings.TrimPrefix(m.Whole, m.Text), "\n"), Attachments: make([]RoutedAttachment, len(m.Attachments)),
		Automatic: m.Automatic.Word(), Thread: m.Thread, Language: m.Language, Marks: m.Marks,
	}
	if v.From == nil {
		v.From = []message.Identifier{}
	}
	for i, a := range m.Attachments {
		v.Attachments[i] = RoutedAttachment{a.Name, a.Type, a.Size}
	}
	return Routed{Message: v, Decision: decisionOf(r.Decision)}
}

func decisionOf(d router.Decision) Decision {
	return Decision{
		Team: d.Team, Priority: d.Priority, Band: d.Band, Lane: d.Lane, Due: Time{d.Due}, Rule: d.Rule, Tags: d.Tags,
		FirstReply: Duration{d.FirstReply}, NextReply: Duration{d.NextReply}, Resolution: Duration{d.Resolution}, ResolveBy: Time{d.ResolveBy},
		Calendar: d.Calendar, At: Time{d.At}, Language: d.Language,
		Tried: each(d.Tried, func(t router.Tried) Tried { return Tried(t) }),
	}
}

// DryRun is what rules make of m without a store, in the form that POST /route gives.
func DryRun(r *router.Router, m *message.Message) Routed { return routedOf(desk.DryRun(r, m)) }
