package api

import (
	"loket/desk"
	"loket/internal/message"
	"loket/router/intake"
)

// A Status is how the daemon stands.
type Status struct {
	Counts
	Process
}

// Counts are how much is where.
type Counts struct {
	Teams      []TeamStatus `json:"teams"`
	Journal    int64        `json:"journal"` // accepted, not yet in a task
	Quarantine int64        `json:"quarantine"`
	Caught     int64        `json:"caught"` // in quarantine as well, and goes by itself
	Spool      SpoolStatus  `json:"spool"`
	// Outgoing is what waits to go out, by connector.
	Outgoing []OutgoingStatus `json:"outgoing"`
	// StoreAway: the store does not answer, so that only the spool could be counted.
	StoreAway bool `json:"store_away"`
}

// A TeamStatus is how many tasks of a team stand where.
type TeamStatus struct {
	Team    string `json:"team"`
	Queued  int64  `json:"queued"`
	Claimed int64  `json:"claimed"`
	Waiting int64  `json:"waiting"`
	Closed  int64  `json:"closed"`
	Overdue int64  `json:"overdue"` // queued and past their due time
	Kept    int64  `json:"kept"`    // of those queued, kept for one person
	// Unattended: closed or waiting, and a machine wrote since, within the time in which a person's message would reopen it.
	Unattended int64 `json:"unattended"`
}

// An OutgoingStatus is what waits to go out by one connector.
type OutgoingStatus struct {
	Connector string `json:"connector"`
	Waiting   int    `json:"waiting"` // answers, of those that are looked at first
	Oldest    Time   `json:"oldest"`  // since when one waits
	// Error is what the channel said last of the one that waits longest. Only who may see every team is told.
	Error string `json:"error,omitempty"`
}

// A SpoolStatus is what waits on disk for the store to be back.
type SpoolStatus struct {
	Messages int   `json:"messages"`
	Bytes    int64 `json:"bytes"`
	Oldest   Time  `json:"oldest,omitzero"`
	Bad      int   `json:"bad"` // files that could not be read
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
	// LastMessage is when this process took the newest message of a customer from it; absent for none since it started. Lag is how
	// long that one had been with the channel by then.
	LastMessage Time     `json:"last_message,omitzero"`
	Lag         Duration `json:"lag,omitzero"`
}

// A Quarantined is a message that could not be brought into a task.
type Quarantined struct {
	ID       string `json:"id"`
	Error    string `json:"error"`
	Attempts int    `json:"attempts"`
	Since    Time   `json:"since,omitzero"`
	Until    Time   `json:"until,omitzero"` // when it goes by itself, if it does

	Connector string           `json:"connector,omitempty"`
	Channel   string           `json:"channel,omitempty"`
	Subject   string           `json:"subject,omitempty"`
	Received  Time             `json:"received,omitzero"`
	Message   *message.Message `json:"message,omitempty"` // absent in lists
	Body      string           `json:"body,omitempty"`    // what is stored, when it cannot be read; absent in lists
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

func processOf(p desk.Process) Process {
	v := Process{
		Version: p.Version, Started: Time{p.Started}, Connectors: make([]ConnectorStatus, len(p.Connectors)),
		Store: StoreStatus{Kind: p.Store.Kind, Durable: p.Store.Durable, Writable: p.Store.Writable, Trouble: p.Store.Trouble, TroubleSince: Time{p.Store.TroubleSince}},
	}
	for i, c := range p.Connectors {
		v.Connectors[i] = ConnectorStatus{
			Name: c.Name, Type: c.Type, State: c.State, Error: c.Error, Since: Time{c.Since}, LastMessage: Time{c.LastMessage}, Lag: Duration{c.Lag},
		}
	}
	return v
}

func countsOf(s *desk.Status) Counts {
	v := Counts{
		Teams: make([]TeamStatus, len(s.Teams)), Journal: s.Journal, Quarantine: s.Quarantine, Caught: s.Caught,
		Spool:    SpoolStatus{Messages: s.SpoolMessages, Bytes: s.SpoolBytes, Oldest: Time{s.SpoolOldest}, Bad: s.SpoolBad},
		Outgoing: make([]OutgoingStatus, len(s.Outgoing)), StoreAway: s.StoreAway,
	}
	for i, t := range s.Teams {
		v.Teams[i] = TeamStatus{t.Team, t.Queued, t.Claimed, t.Waiting, t.Closed, t.Overdue, t.Kept, t.Unattended}
	}
	for i, o := range s.Outgoing {
		v.Outgoing[i] = OutgoingStatus{Connector: o.Connector, Waiting: o.Waiting, Oldest: Time{o.Oldest}, Error: o.Error}
	}
	return v
}

// quarantinedOf is a message without what stands in it.
func quarantinedOf(q intake.Quarantined) Quarantined {
	v := Quarantined{ID: q.ID, Error: q.Error, Attempts: q.Attempts, Since: Time{q.Since}}
	if m := q.Message; m != nil {
		v.Connector, v.Channel, v.Subject, v.Received, v.Until = m.Connector, m.Channel, m.Subject, Time{m.Received}, Time{m.KeepUntil}
	}
	return v
}
