package kpi

// facts are what a row says that figures count by. What one is, is told in classify alone: that is the meaning of figures.
type facts uint32

const (
	fromPerson  facts = 1 << iota // a person wrote to us
	fromMachine                   // a machine did
	replied                       // a person of ours answered
	acted                         // the same, or closed the task
	passedOn                      // a team gave a task to another
	takenOver                     // and this one got it
	reopened                      // a closed task came back
	aside                         // a task was closed, and nobody was there to be helped
	resolved                      // a task was closed otherwise
	ended                         // a wait ended,
	answered                      // by an answer of a person,
	abandoned                     // or by closing a task in which no person ever answered,
	unanswered                    // or by another closing
	first                         // the wait was the first of its task
	next                          // or a later one
	turn                          // it was a team's turn until then: the wait ended, or the task was passed on
	late                          // after the wait was due
	inTime                        // within the time asked for, or promised
	counted                       // the service level counts the wait,
	missed                        // and not as one that was answered in time
	runs                          // a wait that runs
	dueSoon                       // which is late soon
	rated                         // the customer said how it went
	ratedGood                     // and that it went well
)

// signs are what facts are concluded from.
type signs struct {
	kind                              Kind
	ending                            Ending
	wait                              int64
	wall, working, target, resolution int64
	flag                              bool // of a closing, that it set aside; of a wait that runs, that it is due soon
}

// varies tells whether rows of the kind differ in their facts.
func (k Kind) varies() bool { return k == Answer || k == Closing || k == Running }

// signs of row i, of a kind whose rows differ. One that is endless ended no wait.
func (t *table) signs(i int, endless bool) signs {
	s := signs{kind: t.kind}
	if t.kind != Answer {
		s.flag, s.resolution = t.cols[colFlag].At(i) == 1, t.cols[colResolved].At(i)
	}
	if !endless {
		s.ending = Ending(t.cols[colEnding].At(i))
	}
	if s.ending != NoWait || t.kind == Running {
		s.wait, s.wall = t.cols[colWait].At(i), t.cols[colWall].At(i)
		s.working, s.target = t.cols[colWorking].At(i), t.cols[colTarget].At(i)
	}
	return s
}

func (r *Row) signs() signs {
	return signs{
		kind: r.Kind, ending: r.Ending, wait: int64(r.Wait), wall: r.Wall, working: r.Working, target: r.Target, resolution: r.Resolved,
		flag: r.Aside || r.DueSoon,
	}
}

// classify tells what a row says to a query.
func (q *Query) classify(s *signs) facts {
	switch s.kind {
	case Said:
		return fromPerson
	case Machine:
		return fromMachine
	case Answer:
		return replied | acted | q.classifyEnd(s)
	case Closing:
		return acted | s.closing() | q.classifyEnd(s)
	case PassedOn:
		return passedOn | turn
	case TakenOver:
		return takenOver
	case Reopening:
		return reopened
	case Running:
		return q.classifyRunning(s)
	case RatedGood:
		return rated | ratedGood
	case RatedBad:
		return rated
	}
	return 0 // what takes back is not counted
}

func (s *signs) closing() facts {
	switch {
	case s.flag:
		return aside
	case s.resolution != None:
		return resolved
	}
	return 0
}

// classifyEnd tells what is to be said of the wait that a row ended.
func (q *Query) classifyEnd(s *signs) facts {
	if s.ending == NoWait {
		return 0
	}
	f := ended | turn | s.late()
	switch s.ending {
	case Unanswered:
		return f | unanswered
	case Abandoned:
		if f |= abandoned; q.Short == 0 || s.wall > q.Short.Milliseconds() {
			f |= counted | missed
		}
		return f
	}
	f |= answered | counted
	if s.wait == 1 {
		f |= first
	} else {
		f |= next
	}
	if q.inTime(s) {
		return f | inTime
	}
	return f | missed
}

func (q *Query) classifyRunning(s *signs) facts {
	f := runs | s.late()
	if s.flag {
		f |= dueSoon
	}
	if !q.inTime(s) {
		f |= counted | missed
	}
	return f
}

// late is the fact if the wait was, or is, longer than promised.
func (s *signs) late() facts {
	if s.target != None && s.wall > s.target {
		return late
	}
	return 0
}

// inTime tells whether a wait was within the time asked for, or promised.
func (q *Query) inTime(s *signs) bool {
	if q.Within == 0 {
		return s.target == None || s.wall <= s.target
	}
	took := s.wall
	if s.working != None {
		took = s.working
	}
	return took <= q.Within.Milliseconds()
}
