package desk

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
	Name      string   `json:"name,omitempty"` // what the sender calls himself
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
	Others   []string  `json:"others,omitempty"`
	Messages []Message `json:"messages,omitzero"`
	Notes    []Note    `json:"notes,omitzero"`
	Drafts   []Draft   `json:"drafts,omitzero"`
	// History is what was done with it, newest last; HistoryLost how many steps before the others are not kept.
	History     []TaskStep `json:"history,omitzero"`
	HistoryLost int        `json:"history_lost,omitempty"`
	// Earlier is absent where the customer is not known, too.
	Earlier *Earlier `json:"earlier,omitempty"`
}

// A Customer is who wrote, as far as is known when the task is read.
type Customer struct {
	ID        string `json:"id,omitempty"`
	Name      string `json:"name,omitempty"`
	Assurance string `json:"assurance"` // none, mentioned, claimed, attested, proven, vouched, decided
	// Contested: what the sender holds is of several customers.
	Contested bool `json:"contested,omitempty"`
	// Candidates are all whom the sender may be, those he merely claims to be too.
	Candidates []Candidate `json:"candidates"`
	ClaimsToBe []Candidate `json:"claims_to_be"`
	Conflicts  []Conflict  `json:"conflicts"`
	// Signs speak for it that the sender is somebody else than the number or mailbox was known for, in words.
	Signs []string `json:"signs,omitempty"`
}

// A Conflict is a pair of identifiers that the sender holds both and that are of different customers.
type Conflict struct {
	A         string `json:"a"`
	B         string `json:"b"`
	CustomerA string `json:"customer_a"`
	CustomerB string `json:"customer_b"`
}

// A Candidate is a customer that the sender may be. A person decides.
type Candidate struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Why  string `json:"why"`
}

// A Wait is the time a customer waits for us. Since is absent while the customer has our answer.
type Wait struct {
	N     int  `json:"n"`
	Since Time `json:"since,omitzero"`
	Due   Time `json:"due,omitzero"`
}

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
	State    string `json:"state"` // queued, sending, doubt, sent, delivered, read, failed
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

// A Page is a part of a list. Cursor continues it; "" at its end.
type Page struct {
	Tasks  []*Task `json:"tasks"`
	Cursor string  `json:"cursor"`
}
