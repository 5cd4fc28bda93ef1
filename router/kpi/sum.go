package kpi

import "loket/router/kpi/column"

// A measure is a column whose values go into a sample.
type measure struct{ col, into int }

// A tally says where rows with the same facts are counted, by the places of figures in the list, and measured: the samples
// are two for each Spread, wall and working.
type tally struct {
	of      facts
	counts  []int
	longest []measure
	spans   []measure
}

// newTally looks up the figures of rows with these facts.
func newTally(of facts) *tally {
	t, sample := &tally{of: of}, 0
	for i := range list {
		f := &list[i]
		switch in := f.has(of); {
		case f.Sum == Count && in:
			t.counts = append(t.counts, i)
		case f.Sum == Longest && in:
			t.longest = append(t.longest, measure{f.wall, i})
		case f.Sum == Spread:
			if in {
				t.spans = append(t.spans, measure{f.wall, sample})
			}
			if in && f.working != 0 {
				t.spans = append(t.spans, measure{f.working, sample + 1})
			}
			sample += 2
		}
	}
	return t
}

// has tells whether the figure is of rows with these facts.
func (f *Figure) has(of facts) bool { return f.rows != 0 && of&f.rows == f.rows }

// samplesOf is how many samples a sum has.
func samplesOf(figures []Figure) int {
	n := 0
	for i := range figures {
		if figures[i].Sum == Spread {
			n += 2
		}
	}
	return n
}

// tallies keeps those that were looked up: rows differ in few ways.
type tallies [64]*tally

func (ts *tallies) of(f facts) *tally {
	at := &ts[uint32(f)*0x9E3779B1>>26]
	if *at == nil || (*at).of != f {
		*at = newTally(f)
	}
	return *at
}

// sum gathers the figures of some rows.
type sum struct {
	counts  []int64 // of each figure in the list: how many, or the longest in ms
	samples []column.Sample
}

func newSum() sum { return sum{make([]int64, len(list)), make([]column.Sample, samplesOf(list))} }

// add counts row i of a table.
func (s *sum) add(t *table, i int, as *tally) {
	for _, figure := range as.counts {
		s.counts[figure]++
	}
	for _, m := range as.longest {
		s.counts[m.into] = max(s.counts[m.into], t.cols[m.col].At(i))
	}
	for _, m := range as.spans {
		if v := t.cols[m.col].At(i); v != None {
			s.samples[m.into].Add(v)
		}
	}
}

// sort ends the collector.
func (s *sum) sort(scratch []int64) []int64 {
	for i := range s.samples {
		scratch = s.samples[i].Sort(scratch)
	}
	return scratch
}

func (s *sum) bytes() int {
	n := 1000
	for i := range s.samples {
		n += s.samples[i].Bytes()
	}
	return n
}

// totals are the figures of several sums.
type totals struct {
	now     bool // whether the span holds the present
	counts  []int64
	samples []column.Samples
}

func newTotals(now bool) totals {
	return totals{now, make([]int64, len(list)), make([]column.Samples, samplesOf(list))}
}

func (w *totals) add(s *sum) {
	for i, n := range s.counts {
		if list[i].Sum == Longest {
			w.counts[i] = max(w.counts[i], n)
		} else {
			w.counts[i] += n
		}
	}
	for i := range s.samples {
		w.samples[i].Add(&s.samples[i])
	}
}

// figures ends the collector.
func (w *totals) figures() Figures {
	sample := 0
	return NewFigures(w.now, func(i int, f Figure) any {
		switch f.Sum {
		case Spread:
			sample += 2
			return Times{describe(&w.samples[sample-2]), describe(&w.samples[sample-1])}
		case Longest:
			return float64(w.counts[i]) / 1000
		case Share:
			return shareOf(w.counts[indexOf(f.of[0], Count)], w.counts[indexOf(f.of[1], Count)])
		}
		return int(w.counts[i])
	})
}

// shareOf is nil when it would be one of nothing.
func shareOf(part, of int64) *float64 {
	if of == 0 {
		return nil
	}
	s := float64(part) / float64(of)
	return &s
}
