package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"loket/router/kpi"
)

// A FigureSet is the figures of a group, in JSON each by its name: the list of figures says which there are, in which order.
// What the list does not know is not read.
type FigureSet struct{ kpi.Figures }

// A FigureGroup is the figures of one combination of what was asked for: Key has a text for each.
type FigureGroup struct {
	Key map[string]string
	FigureSet
}

// FigureTimes are spans in wall-clock time and in working time; null where nothing was measured.
type FigureTimes struct {
	Wall    *FigureStats `json:"wall"`
	Working *FigureStats `json:"working"`
}

// FigureStats describe spans, in seconds.
type FigureStats struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P95   float64 `json:"p95"`
}

// MarshalJSON writes all figures of the list, those of the moment together and only where they are known.
func (s FigureSet) MarshalJSON() ([]byte, error) {
	var o object
	s.write(&o)
	return o.end()
}

// MarshalJSON writes the key before the figures.
func (g FigureGroup) MarshalJSON() ([]byte, error) {
	var o object
	o.add("key", g.Key)
	g.write(&o)
	return o.end()
}

func (s FigureSet) write(o *object) {
	var now object
	for i, f := range kpi.List() {
		to := o
		if f.Now {
			to = &now
		}
		switch v := s.Value(i).(type) {
		case kpi.Times:
			to.add(f.Name, FigureTimes{(*FigureStats)(v.Wall), (*FigureStats)(v.Working)})
		default:
			if f.Sum != kpi.Listed {
				to.add(f.Name, v)
			}
		}
	}
	if !s.Now {
		return
	}
	b, err := now.end()
	o.err = cmp.Or(o.err, err)
	o.add("now", json.RawMessage(b))
}

// UnmarshalJSON reads them.
func (s *FigureSet) UnmarshalJSON(b []byte) error {
	var values, now map[string]json.RawMessage
	if err := json.Unmarshal(b, &values); err != nil {
		return err
	}
	if known := values["now"]; known != nil {
		if err := json.Unmarshal(known, &now); err != nil {
			return err
		}
	}
	var errs []error
	s.Figures = kpi.NewFigures(now != nil, func(_ int, f kpi.Figure) any {
		text := values[f.Name]
		if f.Now {
			text = now[f.Name]
		}
		v, err := readFigure(f.Sum, text)
		errs = append(errs, err)
		return v
	})
	return errors.Join(errs...)
}

// UnmarshalJSON reads the key and the figures.
func (g *FigureGroup) UnmarshalJSON(b []byte) error {
	var key struct{ Key map[string]string }
	if err := json.Unmarshal(b, &key); err != nil {
		return err
	}
	g.Key = key.Key
	return g.FigureSet.UnmarshalJSON(b)
}

// readFigure reads a value; nil text is that of nothing.
func readFigure(sum kpi.Sum, text []byte) (any, error) {
	if text == nil {
		return sum.Zero(), nil
	}
	switch sum {
	case kpi.Spread:
		t, err := read[FigureTimes](text)
		return kpi.Times{Wall: (*kpi.Stats)(t.Wall), Working: (*kpi.Stats)(t.Working)}, err
	case kpi.Longest:
		return read[float64](text)
	case kpi.Share:
		return read[*float64](text)
	}
	return read[int](text)
}

func read[T any](text []byte) (T, error) {
	var v T
	err := json.Unmarshal(text, &v)
	return v, err
}

// An object is one of JSON under construction: its members come in the order in which they are added.
type object struct {
	b   bytes.Buffer
	err error
}

func (o *object) add(name string, v any) {
	sep := byte(',')
	if o.b.Len() == 0 {
		sep = '{'
	}
	o.b.WriteByte(sep)
	fmt.Fprintf(&o.b, "%q:", name)
	e := json.NewEncoder(&o.b)
	e.SetEscapeHTML(false) // whoever writes the whole decides
	if err := e.Encode(v); err != nil {
		o.err = err
	}
}

func (o *object) end() ([]byte, error) {
	if o.b.Len() == 0 {
		o.b.WriteByte('{')
	}
	o.b.WriteByte('}')
	return o.b.Bytes(), o.err
}
