package kpi

// An answerKey tells answers apart: a task has one at an instant.
type answerKey struct{ task, at int64 }

// undone are the answers of a day that did not arrive, and the event that told so. Whoever reads the rows of the day leaves
// theirs out. It was told under the instant of the answer, so the same day has it. What is later than the event stays: the
// answer did arrive after all.
type undone map[answerKey]ID

func undoneIn(chunks []*chunk) undone {
	var u undone
	for _, c := range chunks {
		for i := range c.tables {
			t := &c.tables[i]
			if t.kind != Undelivered {
				continue
			}
			if u == nil {
				u = undone{}
			}
			for j := range t.n {
				if key, id := t.answer(j); u[key].less(id) {
					u[key] = id
				}
			}
		}
	}
	return u
}

// out tells whether row i of a table counts for nothing.
func (u undone) out(t *table, i int) bool {
	if u == nil || t.kind != Answer && t.kind != Undelivered {
		return false
	}
	key, id := t.answer(i)
	return t.kind == Undelivered || id.less(u[key])
}

func (t *table) answer(i int) (answerKey, ID) {
	id := ID{t.cols[colMs].at(i), t.cols[colSeq].at(i)}
	return answerKey{t.cols[colTask].at(i), id.Ms - t.cols[colBack].at(i)}, id
}
