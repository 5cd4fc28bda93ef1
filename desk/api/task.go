package api

import (
	"loket/desk"
	"loket/internal/message"
	"loket/router/queue"
)

// A Task is one matter of a customer as people and programs see it. What has not come or is not known is absent.
type Task struct {
	ID       string `json:"id"`
	Number   string `json:"number"` // as people write it, T-1042-8
	Team     string `json:"team"`
	Zone     string `json:"zone"`  // in which people read its times, such as Europe/Amsterdam
	State    string `json:"state"` // queued, claimed, waiting, closed
	Priority string `json:"priority"`
	Lane     string `json:"lane,omitempty"` // @agent when it is kept for one person
	Aged     int    `json:"aged,omitempty"` // bands that it rose by in the queue, because it is late
	Due      Time   `json:"due,omitzero"`
	// ResolveBy is when the matter should be closed, if that was promised and it was not closed yet.
	ResolveBy Time `json:"resolve_by,omitzero"`
	Created   Time `json:"created,omitzero"`

	Channel   string   `json:"channel,omitempty"`
	Connector string   `json:"connector,omitempty"`
	Public    bool     `json:"public"`
	Subject   string   `json:"subject"`
	Name      string   `json:"name,omitempty"` // what the sender calls themselves
	Language  string   `json:"language,omitempty"`
	From      []string `json:"from"` // kind:value, claims too
	Customer  Customer `json:"customer,omitzero"`

	Rule string   `json:"rule,omitempty"`
	Tags []string `json:"tags"`

	Agent      string `json:"agent,omitempty"`
	Lease      string `json:"lease,omitempty"` // only to who holds it
	LeaseUntil Time   `json:"lease_until,omitzero"`
	Until      Time   `json:"until,omitzero"`  // when a waiting task comes back by itself
	Closed     Time   `json:"closed,omitzero"` // when
	Outcome    string `json:"outcome,omitempty"`
	Failure    string `json:"failure,omitempty"` // why an answer did not arrive
	Rating     string `json:"rating,omitempty"`  // what the customer says of the closing: good, bad
	// Unattended is how many automatic messages came since it was closed or began to wait: they change nothing of that.
	Unattended int  `json:"unattended,omitempty"`
	Archived   bool `json:"archived,omitempty"` // read from the archive; whatever is done with it brings it back

	// Partial: what was asked for is done, but not all of the task could be read afterwards; asking for it gives the rest.
	Partial bool `json:"partial,omitempty"`

	Wait      Wait     `json:"wait"`
	Replies   int      `json:"replies"`
	Reopened  int      `json:"reopened"`
	Transfers int      `json:"transfers"`
	Links     []string `json:"links,omitzero"`    // numbers of tasks it has to do with
	LinkIDs   []string `json:"link_ids,omitzero"` // their ids, in the same order
	// MergedInto is the number of the task that goes on with this one; Merged are those of the tasks that this one goes on
	// with, the earliest merged first.
	MergedInto string   `json:"merged_into,omitempty"`
	Merged     []string `json:"merged,omitempty"`
	Threads    []string `json:"threads"` // the one last written in comes last

	// Absent in lists. Seen is the newest message that is shown: given back with an answer or a closing, it tells whether
	// something came since.
	Seen string `json:"seen,omitempty"`
	// SubjectNow is the subject that the other side gave last, where it is another than the task's.
	SubjectNow string `json:"subject_now,omitempty"`
	// LastWriter is absent too where it is whom the task is from, as surely.
	LastWriter *Writer `json:"last_writer,omitempty"`
	// Others are who else wrote or got what an answer answers: they have a copy of it when that is asked for.
	Others []string `json:"others,omitempty"`
	// Messages are the newest 50, or those before what was asked for; Older asks for those before them, absent when there are none.
	Messages []Message `json:"messages,omitzero"`
	Older    string    `json:"older,omitempty"`
	Notes    []Note    `json:"notes,omitzero"`
	Drafts   []Draft   `json:"drafts,omitzero"`
	// History is what was done with it, newest last; HistoryLost how many steps before the others are not kept.
	History     []TaskStep `json:"history,omitzero"`
	HistoryLost int        `json:"history_lost,omitempty"`
	// Earlier is absent where the customer is not known, too.
	Earlier *Earlier `json:"earlier,omitempty"`
	// Ways are those that an answer may go, the usual first: of a task that was asked for and is not closed.
	Ways []Way `json:"ways,omitempty"`
}

// A Wait is the time a customer waits for us. Since is absent while the customer has our answer.
type Wait struct {
	N     int  `json:"n"`
	Since Time `json:"since,omitzero"`
	Due   Time `json:"due,omitzero"`
}

// A Writer is the person who wrote last in a task, where that is not surely whom the task is from: answers go to them.
type Writer struct {
	From      []string `json:"from"`
	Name      string   `json:"name,omitempty"`
	Assurance string   `json:"assurance"`
	Began     bool     `json:"began"` // they began the conversation they wrote in
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

// A Page is a part of a list. Cursor continues it; "" at its end.
type Page struct {
	Tasks  []*Task `json:"tasks"`
	Cursor string  `json:"cursor"`
}

// taskOf is a task as it is written. A new field of the card stands in Task, and here.
func taskOf(v *desk.Task) *Task {
	t := v.Card
	w := &Task{
		ID: t.ID, Number: queue.FormatNumber(t.Number), Team: t.Team, Zone: v.Zone, State: string(t.State), Priority: t.Priority,
		Lane: t.Lane, Aged: min(t.Lift, t.Band), Due: instant(t.Due), ResolveBy: instant(t.ResolveBy), Created: instant(t.Created),
		Channel: t.Channel, Connector: t.Connector, Public: t.Public, Subject: t.Subject, Name: t.Name, Language: t.Language,
		From: names(t.From), Customer: customerOf(v.Customer), Rule: t.Rule, Tags: filled(t.Tags),
		Lease: v.Lease, Until: instant(t.Until), Closed: instant(t.ClosedAt), Outcome: t.Outcome, Failure: t.Failure, Rating: string(t.Rating),
		Unattended: t.Unattended, Archived: t.Archived != nil, Partial: v.Partial,
		Wait: waitOf(t), Replies: t.Replies, Reopened: t.Reopened, Transfers: t.Hops, Merged: mergedOf(t), Threads: filled(t.Threads),
		Seen: v.Seen, SubjectNow: v.SubjectNow, LastWriter: writerOf(v.LastWriter), Others: names(v.Others),
		Messages: messagesOf(v.Messages), Older: v.Older, Notes: notesOf(v.Notes), Drafts: draftsOf(v.Drafts), History: historyOf(v.History),
		Earlier: earlierOf(v.Earlier), Ways: waysOf(v.Ways),
	}
	if t.State == queue.Claimed {
		w.Agent, w.LeaseUntil = t.Agent, instant(t.LeaseUntil)
	}
	if t.Into.ID != "" {
		w.MergedInto = queue.FormatNumber(t.Into.Number)
	}
	if v.History != nil {
		w.HistoryLost = t.HistoryLost
	}
	if v.Links != nil {
		w.Links, w.LinkIDs = numbersOf(v.Links)
	}
	return w
}

func tasksOf(list []*desk.Task) []*Task {
	out := make([]*Task, len(list))
	for i, t := range list {
		out[i] = taskOf(t)
	}
	return out
}

func pageOf(p desk.Page) Page { return Page{Tasks: tasksOf(p.Tasks), Cursor: p.Cursor} }

func waitOf(t *queue.Task) Wait {
	w := Wait{N: t.Wait, Since: instant(t.Since)}
	if t.Since != 0 {
		w.Due = instant(t.WaitDue)
	}
	return w
}

func mergedOf(t *queue.Task) (numbers []string) {
	for _, p := range t.Merged {
		numbers = append(numbers, queue.FormatNumber(p.Number))
	}
	return numbers
}

func numbersOf(tasks []*queue.Task) (numbers, ids []string) {
	numbers, ids = make([]string, len(tasks)), make([]string, len(tasks))
	for i, t := range tasks {
		numbers[i], ids[i] = queue.FormatNumber(t.Number), t.ID
	}
	return numbers, ids
}

func writerOf(w *desk.Writer) *Writer {
	if w == nil {
		return nil
	}
	return &Writer{From: names(w.From), Name: w.Name, Assurance: w.Assurance, Began: w.Began}
}

func earlierOf(e *desk.Earlier) *Earlier {
	if e == nil {
		return nil
	}
	v := &Earlier{Tasks: make([]EarlierTask, len(e.Tasks)), More: e.More, Uncounted: e.Uncounted}
	for i, t := range e.Tasks {
		v.Tasks[i] = EarlierTask{
			ID: t.ID, Number: queue.FormatNumber(t.Number), Team: t.Team, State: string(t.State), Outcome: t.Outcome, Subject: t.Subject,
			Created: instant(t.Created), Closed: instant(t.ClosedAt),
		}
	}
	return v
}

func names(ids []message.Identifier) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}
