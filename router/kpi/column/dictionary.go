package column

// A Dictionary gives numbers to values that repeat, from 0 on, in the order in which they come. The zero one is empty. It
// is for one goroutine.
type Dictionary[T comparable] struct {
	Values  []T // by their numbers
	numbers map[T]int
}

// Number is that of a value: the one it was given before, or the next.
func (d *Dictionary[T]) Number(v T) int {
	n, ok := d.numbers[v]
	if !ok {
		if d.numbers == nil {
			d.numbers = map[T]int{}
		}
		n = len(d.Values)
		d.numbers[v] = n
		d.Values = append(d.Values, v)
	}
	return n
}
