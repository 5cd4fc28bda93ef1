package kpi

import "loket/router/kpi/column"

// Times are spans in wall-clock time and in working time; null where nothing was measured. Working counts only what
// teams with a calendar did.
type Times struct {
	Wall    *Stats `json:"wall"`
	Working *Stats `json:"working"`
}

// Figures are what is known of a group. docs/figures.md says how each is computed.
type Figures struct {
	Messages  int `json:"messages"`  // that people wrote to us
	Automatic int `json:"automatic"` // that machines wrote to us
	Replies   int `json:"replies"`   // that people of ours wrote

	Answered   int `json:"answered"`   // waits
	Abandoned  int `json:"abandoned"`  // waits
	Unanswered int `json:"unanswered"` // waits that ended without an answer and are not abandoned

	// ServiceLevel is InTime of Counted; null when nothing counts. Counted are answered waits, abandoned ones, and those
	// that run and are late already.
	ServiceLevel *float64 `json:"service_level"`
	InTime       int      `json:"in_time"`
	Counted      int      `json:"counted"`
	Late         int      `json:"late"` // waits that ended after they were due, answered or not

	FirstResponse Times `json:"first_response"`
	NextResponse  Times `json:"next_response"`
	SpeedOfAnswer Times `json:"speed_of_answer"`
	Handling      Times `json:"handling"` // wall only: an agent at work is at work
	Resolution    Times `json:"resolution"`
	Held          Times `json:"held"` // how long of the waits it was the team's turn

	Resolved       int `json:"resolved"`
	Aside          int `json:"aside"` // closed as spam, duplicate, erased, or what the team lists
	Reopened       int `json:"reopened"`
	TransferredOut int `json:"transferred_out"`
	TransferredIn  int `json:"transferred_in"`

	Now *Now `json:"now,omitempty"` // only where the span holds the present
}

// Now is how it stands at the moment of asking.
type Now struct {
	Backlog    int     `json:"backlog"`     // waits that run
	OldestWait float64 `json:"oldest_wait"` // seconds
	DueSoon    int     `json:"due_soon"`
	Breached   int     `json:"breached"` // that run and are late
}

// The spans that are gathered.
const (
	first = iota
	firstWork
	next
	nextWork
	speed
	speedWork
	held
	heldWork
	handling
	resolution
	resolutionWork
	spans
)

// sum gathers the figures of some rows.
type sum struct {
	Figures
	samples [spans]column.Sample
	oldest  int64
}

// add counts row i of a table. One that is endless ended no wait.
func (s *sum) add(t *table, i int, q *Query, endless bool) {
	at := func(col int) int64 { return t.cols[col].At(i) }
	switch t.kind {
	case Said:
		s.Messages++
	case Machine:
		s.Automatic++
	case Answer:
		s.Replies++
		s.measure(handling, at(colHandling))
		s.end(t, i, q)
	case Closing:
		s.measure(handling, at(colHandling))
		if !endless {
			s.end(t, i, q)
		}
		if at(colFlag) == 1 {
			s.Aside++
		} else if at(colResolved) != None {
			s.Resolved++
			s.measure(resolution, at(colResolved))
			s.measure(resolutionWork, at(colResolWork))
		}
	case PassedOn:
		s.TransferredOut++
		s.measure(held, at(colHeld))
		s.measure(heldWork, at(colHeldWork))
	case TakenOver:
		s.TransferredIn++
	case Reopening:
		s.Reopened++
	case Running:
		s.run(t, i, q)
	}
}

// measure gathers a span, if there is one.
func (s *sum) measure(span int, v int64) {
	if v != None {
		s.samples[span].Add(v)
	}
}

// end counts the wait that a row ended.
func (s *sum) end(t *table, i int, q *Query) {
	ending := Ending(t.cols[colEnding].At(i))
	if ending == NoWait {
		return
	}
	wall, target := t.cols[colWall].At(i), t.cols[colTarget].At(i)
	s.measure(held, t.cols[colHeld].At(i))
	s.measure(heldWork, t.cols[colHeldWork].At(i))
	if target != None && wall > target {
		s.Late++
	}
	switch ending {
	case Abandoned:
		s.Abandoned++
		if wall > q.Short.Milliseconds() || q.Short == 0 {
			s.Counted++
		}
		return
	case Unanswered:
		s.Unanswered++
		return
	}
	s.Answered++
	working := t.cols[colWorking].At(i)
	s.Counted++
	if inTime(q, wall, working, target) {
		s.InTime++
	}
	at := next
	if t.cols[colWait].At(i) == 1 {
		at = first
	}
	s.measure(at, wall)
	s.measure(at+1, working)
	s.measure(speed, t.cols[colSpeed].At(i))
	s.measure(speedWork, t.cols[colSpeedWork].At(i))
}

// inTime tells whether an answer came within the time asked for, or promised.
func inTime(q *Query, wall, working, target int64) bool {
	if q.Within == 0 {
		return target == None || wall <= target
	}
	if working != None {
		wall = working
	}
	return wall <= q.Within.Milliseconds()
}

// run counts a wait that runs.
func (s *sum) run(t *table, i int, q *Query) {
	wall, target := t.cols[colWall].At(i), t.cols[colTarget].At(i)
	if s.Now == nil {
		s.Now = &Now{}
	}
	now := s.Now
	now.Backlog++
	s.oldest = max(s.oldest, wall)
	if t.cols[colFlag].At(i) == 1 {
		now.DueSoon++
	}
	if target != None && wall > target {
		now.Breached++
	}
	if !inTime(q, wall, t.cols[colWorking].At(i), target) {
		s.Counted++
	}
}

// seal sorts what was gathered.
func (s *sum) seal(room []int64) []int64 {
	for i := range s.samples {
		room = s.samples[i].Sort(room)
	}
	return room
}

// whole is the figures of several sums.
type whole struct {
	Figures
	oldest  int64
	samples [spans]column.Samples
}

func (w *whole) add(s *sum) {
	f := &s.Figures
	for _, pair := range [][2]*int{
		{&w.Messages, &f.Messages}, {&w.Automatic, &f.Automatic}, {&w.Replies, &f.Replies}, {&w.Answered, &f.Answered},
		{&w.Abandoned, &f.Abandoned}, {&w.Unanswered, &f.Unanswered}, {&w.InTime, &f.InTime}, {&w.Counted, &f.Counted},
		{&w.Late, &f.Late}, {&w.Resolved, &f.Resolved}, {&w.Aside, &f.Aside}, {&w.Reopened, &f.Reopened},
		{&w.TransferredOut, &f.TransferredOut}, {&w.TransferredIn, &f.TransferredIn},
	} {
		*pair[0] += *pair[1]
	}
	if s.Now != nil && w.Now != nil {
		w.Now.Backlog += s.Now.Backlog
		w.Now.DueSoon += s.Now.DueSoon
		w.Now.Breached += s.Now.Breached
		w.oldest = max(w.oldest, s.oldest)
	}
	for i := range w.samples {
		w.samples[i].Add(&s.samples[i])
	}
}

// figures ends the gathering.
func (w *whole) figures() Figures {
	f := w.Figures
	f.FirstResponse = Times{describe(&w.samples[first]), describe(&w.samples[firstWork])}
	f.NextResponse = Times{describe(&w.samples[next]), describe(&w.samples[nextWork])}
	f.SpeedOfAnswer = Times{describe(&w.samples[speed]), describe(&w.samples[speedWork])}
	f.Held = Times{describe(&w.samples[held]), describe(&w.samples[heldWork])}
	f.Handling = Times{describe(&w.samples[handling]), nil}
	f.Resolution = Times{describe(&w.samples[resolution]), describe(&w.samples[resolutionWork])}
	if f.Counted > 0 {
		share := float64(f.InTime) / float64(f.Counted)
		f.ServiceLevel = &share
	}
	if f.Now != nil {
		f.Now.OldestWait = float64(w.oldest) / 1000
	}
	return f
}
