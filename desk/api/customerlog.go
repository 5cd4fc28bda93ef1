package api

import (
	"loket/desk/customers"
	"loket/identity"
)

// An Explanation says why two identifiers are of one customer, or why they are not.
type Explanation struct {
	X     string `json:"x"`
	Y     string `json:"y"`
	Same  bool   `json:"same"`
	Rule  string `json:"rule,omitempty"` // what keeps them apart, in words
	Steps []Step `json:"steps"`          // from the one to the other; when not the same, what was said and refused
}

// A Step is one fact between two identifiers.
type Step struct {
	A        string `json:"a"`
	B        string `json:"b"`
	Level    string `json:"level"`
	Since    Time   `json:"since,omitzero"`
	Last     Time   `json:"last,omitzero"`
	Evidence string `json:"evidence,omitempty"` // the message or the person it is known from
	Rule     string `json:"rule,omitempty"`     // why it does not count, in words
}

// A LogPage is a part of what was decided about a customer, newest first. Cursor continues it; "" at its end.
type LogPage struct {
	Entries []LogEntry `json:"entries"`
	Cursor  string     `json:"cursor"`
}

// A LogEntry is one change in the life of a customer.
type LogEntry struct {
	ID          string   `json:"id"`
	At          Time     `json:"at"`
	Op          string   `json:"op"`
	Actor       string   `json:"actor,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	Evidence    string   `json:"evidence,omitempty"` // the message it is known from
	Identifiers []string `json:"identifiers"`        // one that was erased since is a hash
	Before      []string `json:"before"`             // customers' ids
	After       []string `json:"after"`
}

// A SuggestionPage is a part of the suggestions. Cursor continues it; "" at its end.
type SuggestionPage struct {
	Suggestions []Suggestion `json:"suggestions"`
	Cursor      string       `json:"cursor"`
}

// A Suggestion is two customers that may be one, for a person to decide.
type Suggestion struct {
	ID        string     `json:"id"`
	Customers []*Profile `json:"customers"`
	Score     int        `json:"score"` // how much speaks for it
	Reasons   []Reason   `json:"reasons"`
	Against   []string   `json:"against"` // what speaks against it
}

// A Reason is one thing that speaks for a suggestion, in words. It never repeats an address.
type Reason struct {
	Text     string `json:"text"`
	Evidence string `json:"evidence,omitempty"` // the message or the person it is known from
}

func explanationOf(e *customers.Explanation) *Explanation {
	v := &Explanation{X: e.X.String(), Y: e.Y.String(), Same: e.Same, Rule: e.Rule, Steps: make([]Step, len(e.Steps))}
	for i, s := range e.Steps {
		v.Steps[i] = Step{
			A: s.A.String(), B: s.B.String(), Level: s.Level.String(), Since: Time{Time: s.Since}, Last: Time{Time: s.Last},
			Evidence: s.Evidence, Rule: s.Rule,
		}
	}
	return v
}

func logPageOf(entries []identity.LogEntry, cursor string) *LogPage {
	page := &LogPage{Entries: make([]LogEntry, len(entries)), Cursor: cursor}
	for i, e := range entries {
		page.Entries[i] = LogEntry{
			ID: e.ID, At: Time{Time: e.At}, Op: e.Op, Actor: e.Actor, Reason: e.Reason, Evidence: e.Evidence,
			Identifiers: filled(e.Identifiers), Before: filled(e.Before), After: filled(e.After),
		}
	}
	return page
}

func suggestionPageOf(found []identity.Suggestion, cursor string) *SuggestionPage {
	page := &SuggestionPage{Suggestions: make([]Suggestion, len(found)), Cursor: cursor}
	for i, s := range found {
		page.Suggestions[i] = Suggestion{ID: s.ID, Customers: profilesOf(s.A, s.B), Score: s.Score, Reasons: reasonsOf(s.Reasons), Against: filled(s.Against)}
	}
	return page
}

func reasonsOf(list []identity.Reason) []Reason {
	out := make([]Reason, len(list))
	for i, r := range list {
		out[i] = Reason(r)
	}
	return out
}
