package pages

import (
	"context"
	"net/http"
	"slices"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
)

const (
	// lookEvery is how often it is looked who has tasks open, which other processes say too.
	lookEvery = 2 * time.Second
	// leftAfter is how long a page may be gone until what it held is given back.
	leftAfter = desk.PresentFor + time.Second
	// mostOpen is how many tasks a browser may have open.
	mostOpen = 20
)

// presence is who has one task open.
type presence struct {
	team string
	text string // the event that says so
}

// A departure is a page that went, which held a task.
type departure struct {
	by   access.Actor
	hold desk.Hold
	at   time.Time
}

// who is told of who has a task open.
type who struct {
	Task   string   `json:"task"`
	Looks  []string `json:"looks,omitempty"`
	Writes []string `json:"writes,omitempty"`
	// Customer: they are writing, in a chat.
	Customer bool `json:"customer,omitempty"`
}

// watchPresence tells of who comes and goes, and gives back what those held who went, until ctx ends.
func (b *hub) watchPresence(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.look:
		case <-ticker.C:
		}
		if err := b.tellPresence(ctx); err != nil && ctx.Err() == nil && !desk.IsAway(err) {
			b.log.Warn("who is there was not read", zap.Error(err))
		}
		b.giveBack(ctx)
	}
}

// tellPresence tells of each task where it is not as it was.
func (b *hub) tellPresence(ctx context.Context) error {
	all, err := b.desk.Present(ctx, b.by)
	if err != nil {
		return err
	}
	by := map[string]*who{}
	now := map[string]presence{}
	for _, p := range all {
		w := by[p.Task]
		if w == nil {
			w = &who{Task: p.Task}
			by[p.Task] = w
		}
		if p.Person == "" {
			w.Customer = true
		} else if p.Writes {
			w.Writes = append(w.Writes, p.Person)
		} else {
			w.Looks = append(w.Looks, p.Person)
		}
		now[p.Task] = presence{team: p.Team}
	}
	for task, w := range by {
		now[task] = presence{team: now[task].team, text: event("here", "", w)}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for task, was := range b.here {
		if _, ok := now[task]; !ok {
			b.pushHere(task, presence{team: was.team, text: event("here", "", who{Task: task})})
		}
	}
	for task, p := range now {
		if b.here[task] != p {
			b.pushHere(task, p)
		}
	}
	b.here = now
	return nil
}

func (b *hub) pushHere(task string, p presence) {
	for s := range b.subs {
		s.mu.Lock()
		s.pushHere(task, p)
		s.mu.Unlock()
	}
}

// pushHere is for the person themselves too: they are left out where it is shown.
func (s *subscriber) pushHere(task string, p presence) {
	if s.by.Sees(p.team) == nil {
		s.add(notice{task: "here " + task, text: p.text})
	}
}

// here takes the answer of a browser to a beat of its stream: only by that its person is there, and keeps what they hold of the tasks that
// it shows. A connection alone says nothing: what is sent to a machine that sleeps is taken for a quarter of an hour.
func (h *Handler) here(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	open := listed(f.Get("open"))
	held, err := h.desk.Here(r.Context(), v.by, open[:min(len(open), mostOpen)]...)
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	h.hub.answered(v.by, f.Get("stream"), held)
	h.hub.lookNow()
	w.WriteHeader(http.StatusNoContent)
}

// answered notes what the browser of a stream holds. The stream may be another process's: then what it holds is its until the lease ends.
func (b *hub) answered(by access.Actor, stream string, held []desk.Hold) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subs {
		if s.id == stream && s.by.Agent == by.Agent {
			s.mu.Lock()
			s.held = held
			s.mu.Unlock()
		}
	}
}

// left notes that a page went, which may have held tasks.
func (b *hub) left(s *subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, hold := range s.held {
		b.gone = append(b.gone, departure{by: s.by, hold: hold, at: time.Now()})
	}
}

// giveBack gives back what those held whose page went a while ago and did not come back.
func (b *hub) giveBack(ctx context.Context) {
	b.mu.Lock()
	due := slices.Collect(func(yield func(departure) bool) {
		for _, d := range b.gone {
			if time.Since(d.at) > leftAfter && !yield(d) {
				return
			}
		}
	})
	b.gone = slices.DeleteFunc(b.gone, func(d departure) bool { return time.Since(d.at) > leftAfter })
	b.mu.Unlock()
	for _, d := range due {
		if err := b.desk.Left(ctx, d.by, d.hold); err != nil && ctx.Err() == nil {
			b.log.Debug("task of a page that went not given back", zap.String("task", d.hold.Task), zap.Error(err)) // its lease ends by itself
		}
	}
}

// lookNow has it looked who is there.
func (b *hub) lookNow() {
	select {
	case b.look <- struct{}{}:
	default:
	}
}

// present says in words who else has each task open.
func (h *Handler) present(ctx context.Context, v *visitor) (map[string]string, error) {
	all, err := h.desk.Present(ctx, v.by)
	if err != nil {
		return nil, err
	}
	words := map[string]string{}
	for _, p := range all {
		if p.Person == v.by.Agent {
			continue
		}
		words[p.Task] = v.words.alsoThere(words[p.Task], p.Person, p.Writes)
	}
	return words, nil
}
