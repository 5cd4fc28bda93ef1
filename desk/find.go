package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
)

// find gives the task that ref names, by its id or its number in any writing, if the principal may see it.
func (d *Desk) find(ctx context.Context, p *access.Principal, ref string) (*queue.Task, error) {
	id, err := d.taskID(ctx, ref)
	if err != nil {
		return nil, err
	}
	t, err := d.queue.Task(ctx, id)
	if err != nil {
		return nil, err
	}
	return t, p.SeesTask(t.Team)
}

func (d *Desk) taskID(ctx context.Context, ref string) (string, error) {
	if id, err := ulid.ParseStrict(ref); err == nil {
		return id.String(), nil
	}
	number, err := queue.ParseNumber(ref)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNone, err)
	}
	return d.queue.ByNumber(ctx, number)
}

// Task gives one task. With an agent in by it is shown as that person sees it.
func (d *Desk) Task(ctx context.Context, by access.Actor, ref string) (*Task, error) {
	return d.TaskBefore(ctx, by, ref, "")
}

// TaskBefore is Task with older messages: those before what an answer gave as Older. Nobody has looked at the task by that.
func (d *Desk) TaskBefore(ctx context.Context, by access.Actor, ref, older string) (*Task, error) {
	before, err := readPosition(older)
	if err != nil {
		return nil, err
	}
	viewer := by.Person
	if viewer == "" && by.Agent != "" {
		if viewer, err = d.access().Agent(by.Principal, by.Agent); err != nil {
			return nil, err
		}
	}
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, err
	}
	v, err := d.showBefore(ctx, by, t, viewer, before)
	if err != nil {
		return nil, err
	}
	if t.State != queue.Closed {
		if v.Ways, err = d.ways(ctx, t); err != nil {
			return nil, err
		}
	}
	if before.IsZero() {
		d.looked(ctx, t, viewer)
	}
	return v, nil
}

// A Listing says which tasks of a team are wanted.
type Listing struct {
	Team   string
	State  string // "open" for all but the closed ones by urgency, "" for all
	Limit  int    // 0 for 50
	Cursor string // of the page before
	// Unattended: only those that are closed or wait and in which a machine wrote since. State is left out then.
	Unattended bool
}

// How many tasks a page has: usually, and at most.
const (
	UsualPage = 50
	MaxPage   = 500
)

// List gives a page of a team's tasks. No task comes twice in a walk through the pages.
func (d *Desk) List(ctx context.Context, by access.Actor, l Listing) (Page, error) {
	if err := d.team(l.Team); err != nil {
		return Page{}, err
	}
	if err := by.Sees(l.Team); err != nil {
		return Page{}, err
	}
	state := queue.State(l.State)
	if _, ok := queue.ParseState(l.State); !ok && l.State != "" && state != queue.Open {
		known := []string{string(queue.Open), string(queue.Queued), string(queue.Claimed), string(queue.Waiting), string(queue.Closed)}
		return Page{}, field.Errorf("state", "must be open, queued, claimed, waiting or closed, not %q%s", l.State, field.DidYouMean(l.State, known))
	}
	limit, err := PageSize(l.Limit)
	if err != nil {
		return Page{}, err
	}
	if l.Unattended && state != "" {
		return Page{}, field.Errorf("unattended", "must be left out with state: it is of those that are closed or wait")
	}
	var page queue.Page
	if l.Unattended {
		page, err = d.queue.Unattended(ctx, l.Team, limit, l.Cursor)
	} else {
		page, err = d.queue.List(ctx, l.Team, state, limit, l.Cursor)
	}
	if errors.Is(err, queue.ErrCursor) {
		return Page{}, field.Errorf("cursor", "must be the cursor of the page before")
	}
	if err != nil {
		return Page{}, err
	}
	tasks, err := d.Summaries(ctx, page.Tasks)
	return Page{Tasks: tasks, Cursor: page.Cursor}, err
}

// PageSize is how long a page is when limit is asked for; 0 asks for the usual length.
func PageSize(limit int) (int, error) {
	if limit == 0 {
		return UsualPage, nil
	}
	if limit < 1 || limit > MaxPage {
		return 0, field.Errorf("limit", "must be from 1 to %d, not %d", MaxPage, limit)
	}
	return limit, nil
}

// Held gives what a person holds now, the most pressing first.
func (d *Desk) Held(ctx context.Context, by access.Actor) (Page, error) {
	agent := by.Agent
	if agent == "" {
		agent = by.Person
	}
	if agent == "" {
		return Page{}, field.Errorf("agent", "must name the person whose tasks are wanted")
	}
	tasks, err := d.queue.Held(ctx, agent)
	if err != nil {
		return Page{}, err
	}
	tasks = visible(by.Principal, tasks)
	slices.SortStableFunc(tasks, func(a, b *queue.Task) int { return int(min(max(a.Due-b.Due, -1), 1)) })
	list, err := d.Summaries(ctx, tasks)
	return Page{Tasks: list}, err
}

// visible are the tasks of teams that the principal may see.
func visible(p *access.Principal, tasks []*queue.Task) []*queue.Task {
	return slices.DeleteFunc(tasks, func(t *queue.Task) bool { return p.Sees(t.Team) != nil })
}

// WrittenBy gives a page of the tasks that the principal may see in which any of the identifiers wrote, the newest first.
// The cursor names one of those too.
func (d *Desk) WrittenBy(ctx context.Context, by access.Actor, who []message.Identifier, limit int, cursor string) ([]*queue.Task, string, error) {
	var found []*queue.Task
	for {
		page, err := d.queue.WrittenBy(ctx, who, limit-len(found), cursor)
		if err != nil {
			return nil, "", err
		}
		found, cursor = append(found, visible(by.Principal, page.Tasks)...), page.Cursor
		if cursor == "" || len(found) == limit {
			return found, cursor, nil
		}
	}
}

// Found is what a search came upon.
type Found struct {
	Tasks []*Task
	// Partial: words were looked for in the newest tasks only, or there are more that hold them.
	Partial bool
}

const maxQuery = 300

// Search finds tasks by number or id, and by an identifier: kind:value, or a bare mail address, phone number or customer
// number. Finding a task by an identifier proves nothing about its sender. Tasks that are not archived are found, too, by words of what was said in them,
// of their subject and of what the sender is called.
func (d *Desk) Search(ctx context.Context, by access.Actor, query string) (Found, error) {
	query = strings.TrimSpace(query)
	if query == "" || len(query) > maxQuery {
		return Found{}, field.Errorf("q", "must be 1 to %d characters", maxQuery)
	}
	var tasks []*queue.Task
	switch id, err := d.taskID(ctx, query); {
	case err == nil:
		if tasks, err = d.queue.Tasks(ctx, id); err != nil {
			return Found{}, err
		}
	case !errors.Is(err, ErrNone):
		return Found{}, err
	}
	add := func(more []*queue.Task) {
		for _, t := range more {
			if !slices.ContainsFunc(tasks, func(have *queue.Task) bool { return have.ID == t.ID }) {
				tasks = append(tasks, t)
			}
		}
	}
	for _, i := range identifiers(query, d.region) {
		more, err := d.queue.ByIdentifier(ctx, i, UsualPage)
		if err != nil {
			return Found{}, err
		}
		add(more)
	}
	more, complete, err := d.byWords(ctx, d.Me(by).Teams, query)
	if err != nil {
		return Found{}, err
	}
	add(more)
	list, err := d.Summaries(ctx, visible(by.Principal, tasks))
	if err != nil {
		return Found{}, err
	}
	return Found{Tasks: list, Partial: !complete}, nil
}

// identifiers are what query may be.
func identifiers(query, region string) []message.Identifier {
	var all []message.Identifier
	take := func(i message.Identifier, err error) {
		if err == nil {
			all = append(all, i)
		}
	}
	take(message.ParseIdentifier(query, region, message.Claimed))
	take(message.Email(query, message.Claimed))
	take(message.ShownPhone(query, region, message.Claimed))
	if len(all) == 0 {
		take(message.NewIdentifier("cno", "", query, message.Claimed))
	}
	return all
}
