package pages

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
	"loket/router/queue"
)

const (
	// together is for how long changes of one task are taken for one.
	together = 100 * time.Millisecond
	// mostPending is how many tasks a browser may be behind with: then it is told to read anew.
	mostPending = 500
	// mostMissed is how many events a browser may have missed that comes back.
	mostMissed = 2000
)

// A hub tells browsers what happens to tasks. It follows the desk once for the process, and makes a row once for each language,
// whoever looks.
type hub struct {
	desk    *desk.Desk
	row     func(lang string, t *desk.Task) (string, error)
	log     *zap.Logger
	metrics *Metrics
	by      access.Actor // who sees all

	look chan struct{} // who is there may have changed

	mu      sync.Mutex
	here    map[string]presence // by task
	gone    []departure
	subs    map[*subscriber]bool
	changed map[string]change // by task, not told yet
	wake    chan struct{}
}

// A change is what happened to a task since it was told of last.
type change struct {
	id    string    // of the newest event
	at    time.Time // of the oldest
	from  []string  // teams that had the task before
	cause cause
}

// A notice is one thing that browsers are told.
type notice struct {
	id   string // of the event; "" for what is none
	task string
	text string
	gone bool      // the task, for this person
	call string    // what calls the person, after it
	at   time.Time // since when it is so; zero for what is not measured
}

func newHub(d *desk.Desk, row func(string, *desk.Task) (string, error), log *zap.Logger, metrics *Metrics) *hub {
	return &hub{
		desk: d, row: row, log: log, metrics: metrics, by: access.Actor{Principal: &access.Principal{Name: "pages"}},
		subs: map[*subscriber]bool{}, changed: map[string]change{}, wake: make(chan struct{}, 1), look: make(chan struct{}, 1),
	}
}

// run follows what happens until ctx ends. It rides out a store that is away. It is called once.
func (b *hub) run(ctx context.Context) error {
	var followed sync.WaitGroup
	followed.Go(func() { b.follow(ctx) })
	followed.Go(func() { b.watchPresence(ctx) })
	defer followed.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-b.wake:
		}
		begun := time.Now()
		b.tell(ctx)
		select { // what happens meanwhile is told together
		case <-ctx.Done():
			return nil
		case <-time.After(together - time.Since(begun)):
		}
	}
}

func (b *hub) follow(ctx context.Context) {
	after := ""
	for ctx.Err() == nil {
		err := b.desk.Follow(ctx, b.by, desk.Following{
			After: after, Begin: func() error { return nil }, Idle: func() error { return nil }, Beat: time.Minute,
			Event: func(e desk.Event) error {
				after = e.ID
				b.note(&e)
				return nil
			},
		})
		if err == nil {
			continue
		}
		if !desk.IsAway(err) {
			b.log.Warn("events not followed", zap.Error(err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// note remembers that a task changed.
func (b *hub) note(e *desk.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(e.Task, change{id: e.ID, at: e.Time(), from: teamsOf(e), cause: causeOf(e)})
}

func teamsOf(e *desk.Event) []string {
	if e.FromTeam == "" {
		return nil
	}
	return []string{e.FromTeam}
}

// add joins a change with those of the same task that are not told yet.
func (b *hub) add(task string, c change) {
	if have, ok := b.changed[task]; ok {
		c.from = append(have.from, c.from...)
		c.cause = c.cause.and(have.cause)
		c.at = have.at
		if desk.CompareEvents(have.id, c.id) > 0 {
			c.id = have.id
		}
	}
	b.changed[task] = c
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// tell reads the tasks that changed and tells everybody who may see them.
func (b *hub) tell(ctx context.Context) {
	b.mu.Lock()
	changed := b.changed
	b.changed = map[string]change{}
	nobody := len(b.subs) == 0
	b.mu.Unlock()
	if nobody || len(changed) == 0 {
		return // whoever comes says after which event
	}
	news, err := b.read(ctx, changed)
	if err != nil {
		if ctx.Err() == nil && !desk.IsAway(err) {
			b.log.Warn("changed tasks not read", zap.Error(err))
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		for task, c := range changed {
			b.add(task, c)
		}
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subs {
		s.push(news)
	}
}

// A piece of news is one change in the form in which each language has it, and who had to do with the task.
type news struct {
	change
	task   string
	team   string
	number string
	queued bool
	whose  []string
	rows   map[string]string // events by language
	gone   string            // the event for whoever does not see it any more
}

// read gives the news of tasks, in the order of their events.
func (b *hub) read(ctx context.Context, changed map[string]change) ([]news, error) {
	tasks, err := b.desk.Glance(ctx, b.by, slices.Collect(maps.Keys(changed))...)
	if err != nil {
		return nil, err
	}
	read := make([]news, 0, len(tasks))
	for _, t := range tasks {
		n := news{change: changed[t.Card.ID], task: t.Card.ID, team: t.Card.Team, rows: map[string]string{}}
		n.number, n.queued, n.whose = queue.FormatNumber(t.Card.Number), t.Card.State == queue.Queued, whoseIs(t.Card)
		n.gone = event("gone", n.id, told{Task: n.task})
		for lang := range all {
			html, err := b.row(lang, t)
			if err != nil {
				return nil, err
			}
			n.rows[lang] = event("row", n.id, told{Task: n.task, HTML: html})
		}
		read = append(read, n)
	}
	slices.SortFunc(read, func(a, b news) int { return desk.CompareEvents(a.id, b.id) })
	return read, nil
}

// told is what stands in an event.
type told struct {
	Task string `json:"task,omitempty"`
	HTML string `json:"html,omitempty"`
	// Stream names the stream of a beat, for the answer to it.
	Stream string `json:"stream,omitempty"`
}

// event is one as it goes over the line.
func event(kind, id string, data any) string {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err) // strings always encode
	}
	out := "event: " + kind + "\ndata: " + string(text) + "\n\n"
	if id != "" {
		out = "id: " + id + "\n" + out
	}
	return out
}
