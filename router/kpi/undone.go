package kpi

// A moment tells rows of a kind apart: a task was answered, or closed, once at an instant.
type moment struct{ task, at int64 }

// undone is what of a day was taken back, and the event that told so: answers that did not arrive, and ends of waits that go
// on after all. It was told under the instant of what it takes back, so the same day has it; whoever reads the rows of the
// day heeds it. What is later than the event stays: the answer did arrive, or the task was closed again.
type undone struct{ answers, ends map[moment]ID }

func undoneIn(chunks []*chunk) undone {
	var u undone
	for _, c := range chunks {
		for i := range c.tables {
			switch t := &c.tables[i]; t.kind {
			case Undelivered:
				u.answers = t.newest(u.answers)
			case Continued:
				u.ends = t.newest(u.ends)
			}
		}
	}
	return u
}

// newest notes the rows of a table, of each moment the last.
func (t *table) newest(of map[moment]ID) map[moment]ID {
	if of == nil {
		of = map[moment]ID{}
	}
	for i := range t.n {
		if m, id := t.moment(i); of[m].less(id) {
			of[m] = id
		}
	}
	return of
}

// out tells whether row i of a table counts for nothing.
func (u *undone) out(t *table, i int) bool {
	switch t.kind {
	case Undelivered, Continued:
		return true
	case Answer:
		return earlier(u.answers, t, i)
	}
	return false
}

// endless tells whether row i of a table, of a closing, ended no wait after all.
func (u *undone) endless(t *table, i int) bool { return t.kind == Closing && earlier(u.ends, t, i) }

// earlier tells whether row i was taken back by what came later.
func earlier(of map[moment]ID, t *table, i int) bool {
	if len(of) == 0 {
		return false
	}
	m, id := t.moment(i)
	return id.less(of[m])
}

func (t *table) moment(i int) (moment, ID) {
	id := ID{t.cols[colMs].At(i), t.cols[colSeq].At(i)}
	return moment{t.cols[colTask].At(i), id.Ms - t.cols[colBack].At(i)}, id
}
