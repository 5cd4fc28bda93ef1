package kpi

import "slices"

// Stats describe spans, in seconds. They are exact: the percentile p is the smallest of the values that at least p of a
// hundred do not exceed.
type Stats struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P95   float64 `json:"p95"`
}

// A sample gathers spans.
type sample struct {
	values []int64
	sum    int64
}

func (s *sample) add(v int64) {
	if v == None {
		return
	}
	if len(s.values) == cap(s.values) {
		s.values = slices.Grow(s.values, max(16, len(s.values)))
	}
	s.values = append(s.values, v)
	s.sum += v
}

// samples are sorted lists of spans that are described together.
type samples struct {
	lists [][]int64
	sum   int64
}

func (s *samples) add(o *sample) {
	if len(o.values) > 0 {
		s.lists = append(s.lists, o.values)
		s.sum += o.sum
	}
}

// stats is nil when there is nothing.
func (s *samples) stats() *Stats {
	n := 0
	for _, l := range s.lists {
		n += len(l)
	}
	if n == 0 {
		return nil
	}
	out := &Stats{Count: n, Mean: float64(s.sum) / float64(n) / 1000}
	at := s.inOrder(n)
	rank := func(percent int) float64 { return float64(at((n*percent+99)/100-1)) / 1000 }
	out.P50, out.P90, out.P95 = rank(50), rank(90), rank(95)
	return out
}

// shortLists is how long lists must be, on average, for looking into each to be faster than to write them into one.
const shortLists = 128

// inOrder gives a function that tells the value at a place in the order of all, of n values. It is to be asked for
// later places after earlier ones.
func (s *samples) inOrder(n int) func(k int) int64 {
	if len(s.lists) == 1 {
		return func(k int) int64 { return s.lists[0][k] }
	}
	if n/len(s.lists) < shortLists {
		all, from := make([]int64, 0, n), 0
		for _, l := range s.lists {
			all = append(all, l...)
		}
		return func(k int) int64 {
			nth(all[from:], k-from)
			from = k // what is before is not larger
			return all[k]
		}
	}
	least, most := s.lists[0][0], s.lists[0][0]
	for _, l := range s.lists {
		least, most = min(least, l[0]), max(most, l[len(l)-1])
	}
	return func(k int) int64 {
		from, to := least, most // the smallest value that more than k do not exceed
		for from < to {
			mid := from + (to-from)/2
			count := 0
			for _, l := range s.lists {
				at, _ := slices.BinarySearch(l, mid+1)
				count += at
			}
			if count > k {
				to = mid
			} else {
				from = mid + 1
			}
		}
		return from
	}
}

// nth puts the value that sorting would put at k there, smaller ones before and larger ones after it.
func nth(v []int64, k int) {
	for tries := 0; len(v) > 32; tries++ {
		if tries > 64 { // an order made to be slow
			break
		}
		pivot := median(v[0], v[len(v)/2], v[len(v)-1])
		i, j := 0, len(v)-1
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			v = v[:j+1]
		case k >= i:
			v, k = v[i:], k-i
		default:
			return
		}
	}
	slices.Sort(v)
}

func median(a, b, c int64) int64 { return max(min(a, b), min(max(a, b), c)) }

// order sorts spans, which are not negative. room is used meanwhile, and given back as large as it had to be.
func order(v, room []int64) []int64 {
	const digit = 11
	if len(v) < 512 {
		slices.Sort(v)
		return room
	}
	if cap(room) < len(v) {
		room = make([]int64, len(v))
	}
	from, to := v, room[:len(v)]
	most := slices.Max(v)
	var counts [1 << digit]int
	for shift := 0; most>>shift > 0; shift += digit {
		clear(counts[:])
		for _, x := range from {
			counts[x>>shift&(1<<digit-1)]++
		}
		sum := 0
		for i, n := range counts {
			counts[i] = sum
			sum += n
		}
		for _, x := range from {
			d := x >> shift & (1<<digit - 1)
			to[counts[d]] = x
			counts[d]++
		}
		from, to = to, from
	}
	copy(v, from)
	return room
}
