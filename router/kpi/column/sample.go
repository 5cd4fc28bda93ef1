package column

import "slices"

// A Sample gathers values, none of them negative. The zero one is empty. It is for one goroutine until it is sorted, and
// never changes then.
type Sample struct {
	values []int64
	sum    int64
}

// Add gathers one more.
func (s *Sample) Add(v int64) {
	if len(s.values) == cap(s.values) {
		s.values = slices.Grow(s.values, max(16, len(s.values)))
	}
	s.values = append(s.values, v)
	s.sum += v
}

// Sort ends the gathering. scratch is room to work in, given back as large as it had to be.
func (s *Sample) Sort(scratch []int64) []int64 { return sortValues(s.values, scratch) }

// Bytes is the memory that the values take.
func (s *Sample) Bytes() int { return 8 * cap(s.values) }

// Samples are sorted samples that are described together. The zero one is empty. It is for one goroutine.
type Samples struct {
	lists [][]int64
	sum   int64
	count int
}

// Add takes a sorted sample in, which it keeps.
func (s *Samples) Add(o *Sample) {
	if len(o.values) > 0 {
		s.lists = append(s.lists, o.values)
		s.sum += o.sum
		s.count += len(o.values)
	}
}

// Count is how many values there are.
func (s *Samples) Count() int { return s.count }

// Sum is that of all values.
func (s *Samples) Sum() int64 { return s.sum }

// Percentiles gives for each p, of which later ones must not be smaller, the smallest value that at least p of a hundred
// do not exceed. There must be a value.
func (s *Samples) Percentiles(ps ...int) []int64 {
	at := s.inOrder()
	values := make([]int64, len(ps))
	for i, p := range ps {
		values[i] = at((s.count*p+99)/100 - 1)
	}
	return values
}

// shortLists is how long lists must be, on average, for looking into each to be faster than to write them into one.
const shortLists = 128

// inOrder gives a function that tells the value at a place in the order of all. It is to be asked for later places after
// earlier ones.
func (s *Samples) inOrder() func(k int) int64 {
	if len(s.lists) == 1 {
		return func(k int) int64 { return s.lists[0][k] }
	}
	if s.count/len(s.lists) < shortLists {
		all, from := slices.Concat(s.lists...), 0
		return func(k int) int64 {
			nth(all[from:], k-from)
			from = k // what is before is not larger
			return all[k]
		}
	}
	least, greatest := s.lists[0][0], s.lists[0][0]
	for _, l := range s.lists {
		least, greatest = min(least, l[0]), max(greatest, l[len(l)-1])
	}
	return func(k int) int64 {
		from, to := least, greatest // the smallest value that more than k do not exceed
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
