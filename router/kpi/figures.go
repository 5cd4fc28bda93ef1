package kpi

import (
	"fmt"
	"slices"
)

// Times are spans in wall-clock time and in working time; nil where nothing was measured. Working counts only what
// teams with a calendar did.
type Times struct{ Wall, Working *Stats }

// Figures are what is known of a group: a value for each figure of the list. The zero one is that of nothing. They never
// change.
type Figures struct {
	Now    bool  // whether the span holds the present, and the figures of the moment are known
	values []any // by places in the list, see Value; nil for nothing
}

// NewFigures makes Figures of a value for each figure, of the type that Value tells. value is called in the order of the
// list.
func NewFigures(now bool, value func(place int, f Figure) any) Figures {
	f := Figures{now, make([]any, len(list))}
	for i := range list {
		f.values[i] = value(i, list[i])
	}
	return f
}

// Value is that of the figure at a place in the list: an int for a Count, a *float64 for a Share, nil when it would be one
// of nothing, a float64 for the Longest, in seconds, and Times for a Spread.
func (f *Figures) Value(i int) any {
	if f.values != nil {
		return f.values[i]
	}
	return list[i].Sum.Zero()
}

// Zero is the value of a figure that is summed so where there is nothing.
func (s Sum) Zero() any {
	switch s {
	case Spread:
		return Times{}
	case Longest:
		return 0.0
	case Share:
		return (*float64)(nil)
	}
	return 0
}

// Count is the value of a figure that is a Count. It panics, as the others do, when there is none of that name that is
// summed so: names are written by programmers.
func (f *Figures) Count(name string) int { return f.Value(indexOf(name, Count)).(int) }

// Times is the value of a figure that is a Spread.
func (f *Figures) Times(name string) Times { return f.Value(indexOf(name, Spread)).(Times) }

// Longest is the value of a figure that is the Longest, in seconds; 0 when there is none.
func (f *Figures) Longest(name string) float64 { return f.Value(indexOf(name, Longest)).(float64) }

// Share is the value of a figure that is a Share; nil when it would be one of nothing.
func (f *Figures) Share(name string) *float64 { return f.Value(indexOf(name, Share)).(*float64) }

func indexOf(name string, sum Sum) int {
	i := slices.IndexFunc(list, func(f Figure) bool { return f.Name == name && f.Sum == sum })
	if i < 0 {
		panic(fmt.Sprintf("kpi: no figure %q that is summed so", name))
	}
	return i
}
