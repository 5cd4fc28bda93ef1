package column

import "slices"

// sortValues sorts values that are not negative. scratch is used meanwhile, and given back as large as it had to be.
func sortValues(v, scratch []int64) []int64 {
	const digit = 11
	if len(v) < 512 {
		slices.Sort(v)
		return scratch
	}
	if cap(scratch) < len(v) {
		scratch = make([]int64, len(v))
	}
	from, to := v, scratch[:len(v)]
	greatest := slices.Max(v)
	var counts [1 << digit]int
	for shift := 0; greatest>>shift > 0; shift += digit {
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
	return scratch
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
