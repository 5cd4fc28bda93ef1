package api

import (
	"loket/desk"
)

// A TaskStep is one step of a task's history.
type TaskStep struct {
	At       Time   `json:"at"`
	Type     string `json:"type"`            // created, or that of the event
	Agent    string `json:"agent,omitempty"` // who did it, or from whom it was taken; absent when the daemon did
	FromTeam string `json:"from_team,omitempty"`
	Team     string `json:"team,omitempty"` // to which it was transferred
	Note     string `json:"note,omitempty"` // given with the transfer
	Outcome  string `json:"outcome,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Message  string `json:"message,omitempty"` // that reopened it, or went to others
	// To is whom it was written to, of what went to others.
	To    []string `json:"to,omitempty"`
	Until Time     `json:"until,omitzero"`
}

func historyOf(list []desk.TaskStep) []TaskStep {
	return each(list, func(s desk.TaskStep) TaskStep {
		return TaskStep{
			At: instant(s.At), Type: string(s.Type), Agent: s.Agent, FromTeam: s.From, Team: s.Team, Note: s.Note, Outcome: s.Outcome,
			Reason: s.Reason, Message: s.Message, Until: instant(s.Until), To: names(s.To),
		}
	})
}
