package api

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// A Listing says which tasks of a team are wanted.
type Listing struct {
	Team   string
	State  string // "open" for all but the closed ones by urgency, "" for all
	Limit  int    // 0 for the usual length
	Cursor string // of the page before
	// Unattended: only those that are closed or wait and in which a machine wrote since. State is left out then.
	Unattended bool
}

// A Labelling says what is to change of what a task was given when it came. What is empty stays.
type Labelling struct {
	Tag      []string // it gets
	Untag    []string // it has no longer
	Priority string
	Language string
}

// Claim gives the most urgent task of the team, waiting for one at most wait; nil when none came. Asking again
// with the same request, which may be empty, gives the same task.
func (c *Client) Claim(ctx context.Context, team string, wait time.Duration, request string) (*Task, error) {
	var t *Task
	err := c.post(ctx, path("teams", team, "claim"), claimBody{Agent: c.Agent, Wait: wait.String(), RequestID: request}, &t)
	return t, err
}

// Task gives one task, with its lease if Agent holds it.
func (c *Client) Task(ctx context.Context, task string) (*Task, error) {
	var t *Task
	err := c.get(ctx, path("tasks", task), url.Values{"agent": {c.Agent}}, &t)
	return t, err
}

// TaskBefore gives a task with older messages: those before what an answer gave as Older.
func (c *Client) TaskBefore(ctx context.Context, task, older string) (*Task, error) {
	var t *Task
	err := c.get(ctx, path("tasks", task), url.Values{"agent": {c.Agent}, "before": {older}}, &t)
	return t, err
}

// List gives a page of a team's tasks.
func (c *Client) List(ctx context.Context, l Listing) (*Page, error) {
	q := url.Values{"state": {l.State}, "cursor": {l.Cursor}}
	if l.Limit > 0 {
		q.Set("limit", strconv.Itoa(l.Limit))
	}
	if l.Unattended {
		q.Set("unattended", "true")
	}
	var p *Page
	err := c.get(ctx, path("teams", l.Team, "tasks"), q, &p)
	return p, err
}

// Held gives what a person holds now.
func (c *Client) Held(ctx context.Context, agent string) (*Page, error) {
	var p *Page
	err := c.get(ctx, path("tasks"), url.Values{"agent": {agent}}, &p)
	return p, err
}

// Take claims this very task.
func (c *Client) Take(ctx context.Context, task string) (*Task, error) {
	return c.act(ctx, task, "claim", c.who())
}

// Heartbeat renews the lease of a task.
func (c *Client) Heartbeat(ctx context.Context, task string) (*Task, error) {
	return c.act(ctx, task, "heartbeat", c.who())
}

// Return gives a task back; its place is kept.
func (c *Client) Return(ctx context.Context, task string) (*Task, error) {
	return c.act(ctx, task, "return", c.who())
}

// Assign keeps a task for one person.
func (c *Client) Assign(ctx context.Context, task, to string) (*Task, error) {
	return c.act(ctx, task, "assign", assignBody{Agent: to})
}

// Transfer passes a task on to another team. The note may be empty.
func (c *Client) Transfer(ctx context.Context, task, team, note string) (*Task, error) {
	return c.act(ctx, task, "transfer", transferBody{c.who(), team, note})
}

// Wait lets a task rest until an instant in RFC 3339 or for a duration such as 2h or 3d; "" until the customer writes.
func (c *Client) Wait(ctx context.Context, task, until string) (*Task, error) {
	return c.act(ctx, task, "wait", waitBody{c.who(), c.looked(), until})
}

// Close ends a task. The outcome may be empty.
func (c *Client) Close(ctx context.Context, task, outcome string) (*Task, error) {
	return c.act(ctx, task, "close", closeBody{c.who(), c.looked(), outcome})
}

// Reopen brings a closed task back.
func (c *Client) Reopen(ctx context.Context, task string) (*Task, error) {
	return c.act(ctx, task, "reopen", c.who())
}

// ByPerson says that a person wrote what was taken for a machine's: the message with that id, or the newest such one.
func (c *Client) ByPerson(ctx context.Context, task, message string) (*Task, error) {
	return c.act(ctx, task, "person", personBody{person: c.who(), Message: message})
}

// ByMachines says that machines wrote what came to a task since it was closed or began to wait.
func (c *Client) ByMachines(ctx context.Context, task string) (*Task, error) {
	return c.act(ctx, task, "person", personBody{person: c.who(), Machine: true})
}

// Link notes that two tasks have to do with each other.
func (c *Client) Link(ctx context.Context, task, other string) (*Task, error) {
	return c.act(ctx, task, "link", linkBody{c.who(), other})
}

// Merge lets the other task go on in this one, which it gives.
func (c *Client) Merge(ctx context.Context, task, other string) (*Task, error) {
	return c.act(ctx, task, "merge", linkBody{c.who(), other})
}

// Label changes tags, priority and language.
func (c *Client) Label(ctx context.Context, task string, l Labelling) (*Task, error) {
	return c.act(ctx, task, "label", labelBody{c.who(), l.Tag, l.Untag, l.Priority, l.Language})
}

// Search finds tasks by number, id or identifier of who wrote.
func (c *Client) Search(ctx context.Context, query string) (*Found, error) {
	var f *Found
	err := c.get(ctx, path("search"), url.Values{"q": {query}}, &f)
	return f, err
}

func (c *Client) who() person { return person{c.Agent, c.Lease} }

func (c *Client) looked() looked { return looked{c.Seen, c.Anyway} }

func (c *Client) act(ctx context.Context, task, verb string, body any) (*Task, error) {
	var t *Task
	err := c.post(ctx, path("tasks", task, verb), body, &t)
	return t, err
}
