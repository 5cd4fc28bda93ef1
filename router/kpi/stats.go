package kpi

import "loket/router/kpi/column"

// Stats describe spans, in seconds. They are exact: the percentile p is the smallest of the values that at least p of a
// hundred do not exceed.
type Stats struct {
	Count int
	Mean  float64
	P50   float64
	P90   float64
	P95   float64
}

// describe is nil when there is nothing.
func describe(s *column.Samples) *Stats {
	n := s.Count()
	if n == 0 {
		return nil
	}
	p := s.Percentiles(50, 90, 95)
	return &Stats{
		Count: n, Mean: float64(s.Sum()) / float64(n) / 1000, P50: float64(p[0]) / 1000, P90: float64(p[1]) / 1000, P95: float64(p[2]) / 1000,
	}
}
