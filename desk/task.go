package desk

import (
	"time"

	"loket/identity"
	"loket/internal/message"
	"loket/router/queue"
)

// A Task is a task as somebody may see it: its card, and what belongs to it. How programs and pages write it is for them to
// say.
type Task struct {
	Card  *queue.Task
	Zone  string // in which people read its times, such as Europe/Amsterdam
	Lease string // only to who holds it
	// Customer is who wrote, as far as is known when the task is read; nil when that could not be read.
	Customer *identity.Result

	// Partial: what was asked for is done, but not all of the task could be read afterwards; asking for it gives the rest.
	Partial bool

	// Nil in lists: tasks it has to do with, of those that may be seen.
	Links []*queue.Task
	// Seen is the newest message that is shown: given back with an answer or a closing, it tells whether something came since.
	Seen string
	// SubjectNow is the subject that the other side gave last, where it is another than the task's.
	SubjectNow string
	// LastWriter is nil too where it is whom the task is from, as surely.
	LastWriter *Writer
	// Others are who else wrote or got what an answer answers: they have a copy of it when that is asked for.
	Others []message.Identifier
	// Messages are the newest, or the newest before what was asked for; Older continues them, "" when there are none before.
	Messages []Message
	Older    string
	// Since and Until are of when Messages are; zero for all there were before, and until now.
	Since, Until time.Time
	Notes        []Note
	Drafts       []Draft
	History      []TaskStep // what was done with it, newest last
	// Earlier is nil where the customer is not known, too.
	Earlier *Earlier
	// Ways are those that an answer may go, of a task that was asked for and is not closed.
	Ways []*Preview
}

// A Message is one thing that was said in a task.
type Message struct {
	*message.Message
	Task string // by which its files are had
	// SubjectChanged: it is another than that of what was said before, not only with a Re: or the like.
	SubjectChanged bool
	Delivery       *queue.Reply // how far an answer of ours came; nil of what came in
}

// A Note is what colleagues say to each other, or a mail: what was forwarded to a third party, or what came back.
type Note struct {
	queue.Note
	Task     string       // by which its files are had
	Delivery *queue.Reply // of what was forwarded
}

// A Draft is an answer that was not taken: its author had lost the task, or it was closed. It stays until somebody sends it
// or drops it.
type Draft struct {
	queue.Draft
	Task string // by which its files are had
}

// A Page is a part of a list. Cursor continues it; "" at its end.
type Page struct {
	Tasks  []*Task
	Cursor string
}
