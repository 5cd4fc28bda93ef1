package desk

import (
	"context"
	"errors"
	"slices"

	"loket/desk/access"
	"loket/router/queue"
)

// A TaskStep is one step of a task's history.
type TaskStep struct {
	At       Time   `json:"at"`
	Type     string `json:"type"`            // created, or that of the event
	Agent    string `json:"agent,omitempty"` // who did it, or from whom it was taken; absent when the house did
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

// history is what was done with a task. What is noted with a transfer is among the notes, in which it can be forgotten.
func (d *Desk) history(_ context.Context, t *queue.Task, v *Task) error {
	v.HistoryLost = t.HistoryLost
	v.History = []TaskStep{{At: instant(t.Created), Type: string(queue.Created)}}
	for _, s := range t.History {
		step := TaskStep{
			At: instant(s.At), Type: string(s.Type), Agent: s.Agent, FromTeam: s.From, Team: s.Team, Outcome: s.Outcome,
			Reason: s.Reason, Message: s.Message, Until: instant(s.Until),
		}
		given := func(n Note) bool { return n.Agent == s.Agent && n.At.UnixMilli() == s.At && n.AnsweredBy == "" }
		if i := slices.IndexFunc(v.Notes, given); i >= 0 && s.Type == queue.Transferred {
			step.Note = v.Notes[i].Text
		}
		if s.Type == queue.ToOthers {
			step.To = v.writtenTo(s.Message)
		}
		v.History = append(v.History, step)
	}
	return nil
}

// writtenTo is whom a message of ours went to. The history itself holds no addresses, so that they can be forgotten.
func (v *Task) writtenTo(id string) []string {
	for i := range v.Messages {
		if v.Messages[i].ID == id {
			return v.Messages[i].To
		}
	}
	for i := range v.Notes {
		if v.Notes[i].Message == id {
			return v.Notes[i].To
		}
	}
	return nil
}

// Earlier are tasks of the same customer, surely theirs, that began before one, of those that the viewer may see.
type Earlier struct {
	Tasks []EarlierTask `json:"tasks"` // the newest first
	More  int           `json:"more"`  // how many there are besides
	// Uncounted: even more, which were not counted.
	Uncounted bool `json:"uncounted,omitempty"`
}

// An EarlierTask is what its line says.
type EarlierTask struct {
	ID      string `json:"id"`
	Number  string `json:"number"`
	Team    string `json:"team"`
	State   string `json:"state"`
	Outcome string `json:"outcome,omitempty"`
	Subject string `json:"subject"`
	Created Time   `json:"created"`
	Closed  Time   `json:"closed,omitzero"`
}

const (
	earlierShown   = 5
	earlierCounted = 50
)

// earlier are the customer's tasks before this one.
func (d *Desk) earlier(by access.Actor) func(context.Context, *queue.Task, *Task) error {
	return func(ctx context.Context, t *queue.Task, v *Task) error {
		if v.Customer.ID == "" {
			return nil
		}
		c, err := d.registry.Customer(ctx, v.Customer.ID)
		if errors.Is(err, ErrStranger) || errors.Is(err, ErrGone) { // since a moment ago
			return nil
		}
		if err != nil {
			return err
		}
		found, next, err := d.WrittenBy(ctx, by, c.Identifiers(), earlierCounted, t.Before())
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(o *queue.Task) bool { return t.Holds(o.ID) || !c.Wrote(o.From, instant(o.Created).Time) })
		v.Earlier = &Earlier{Tasks: []EarlierTask{}, More: max(0, len(found)-earlierShown), Uncounted: next != ""}
		for _, o := range found[:min(len(found), earlierShown)] {
			v.Earlier.Tasks = append(v.Earlier.Tasks, EarlierTask{
				ID: o.ID, Number: queue.FormatNumber(o.Number), Team: o.Team, State: string(o.State), Outcome: o.Outcome, Subject: o.Subject,
				Created: instant(o.Created), Closed: instant(o.ClosedAt),
			})
		}
		return nil
	}
}
