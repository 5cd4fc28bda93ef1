package poll_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/poll"
)

// talks are a stand-in's conversations, the last that something was said in first, and what was said in each.
type talks struct {
	order  []string
	said   map[string]int // messages in each, two on a page
	fails  map[poll.Edge]error
	asked  []string
	taken  map[string]int
	refuse map[string]error
	moves  string // to the beginning, when the first page was read
}

var errGone, errAway = errors.New("gone"), errors.New("away")

// walk is one of another process at each call.
func (s *talks) walk(cursor connectors.Cursor, now *time.Time) *poll.Walk {
	return &poll.Walk{
		Reach: poll.Reach{
			Cursor: cursor, Key: "at", Settle: 2 * time.Minute, Overlap: time.Hour, Farthest: 6 * 24 * time.Hour,
			Now: func() time.Time { return *now }, Single: func(err error) bool { return errors.Is(err, errGone) },
		},
		Pages: 3, GaveUp: func(err error) { s.asked = append(s.asked, "gave up") },
		Read: func(_ context.Context, e poll.Edge, _ time.Time) (page poll.Page, err error) {
			s.asked = append(s.asked, e.Path+"?"+e.After)
			if err := s.fails[poll.Edge{Path: e.Path, After: e.After}]; err != nil {
				if !errors.Is(err, errGone) {
					delete(s.fails, poll.Edge{Path: e.Path, After: e.After})
				}
				return page, err
			}
			n, _ := strconv.Atoi(e.After)
			if e.Path != "" {
				page.Found, page.Next = s.page(e.Path, n, *now)
				return page, nil
			}
			if !e.Until.IsZero() && s.moves == "" {
				return page, nil
			}
			name := s.order[n] // one on a page
			found, next := s.page(name, 0, *now)
			if page.Found = found; next != "" {
				page.Below = []poll.Edge{{Path: name, After: next}}
			}
			if n+1 < len(s.order) && e.Until.IsZero() {
				page.Next = strconv.Itoa(n + 1)
			}
			if s.moves != "" && n == 0 && e.Until.IsZero() {
				i := slices.Index(s.order, s.moves)
				s.order = append([]string{s.moves}, slices.Delete(s.order, i, i+1)...)
			}
			return page, nil
		},
	}
}

func (s *talks) page(name string, from int, now time.Time) (found []poll.Listed, next string) {
	for n := from; n < min(from+2, s.said[name]); n++ {
		id, at := name+strconv.Itoa(s.said[name]-n), now.Add(-time.Duration(n+3)*time.Minute)
		found = append(found, poll.Listed{ID: id, Began: at, Ended: at, Take: func(context.Context) (bool, error) {
			if err := s.refuse[id]; err != nil {
				return false, err
			}
			s.taken[id]++
			return true, nil
		}})
	}
	if from+2 < s.said[name] {
		next = strconv.Itoa(from + 2)
	}
	return found, next
}

// each is what was taken, and how often where that is not once.
func (s *talks) each() (all []string) {
	for id, n := range s.taken {
		all = append(all, strings.TrimSuffix(id+fmt.Sprint("×", n), "×1"))
	}
	slices.Sort(all)
	return all
}

// What is longer than a pass reads is taken in piece by piece, by whatever process, also when pages fail, were forgotten or went away.
func TestLongListsInListsAreTakenInPieceByPiece(t *testing.T) {
	whole := []string{"a1", "a2", "a3", "a4", "a5", "b1", "c1", "c2", "c3"}
	for _, test := range []struct {
		name   string
		fails  map[poll.Edge]error
		moves  string
		passes []error // how each ends
		taken  []string
		asked  string
	}{
		{
			"all goes well", nil, "", []error{nil, nil, nil}, whole,
			"? ?1 ?2 a?2 a?4 c?2 ?",
		},
		{
			"a page fails once", map[poll.Edge]error{{Path: "a", After: "2"}: errAway}, "", []error{nil, errAway, nil, nil}, whole,
			"? ?1 ?2 a?2 a?2 a?4 c?2 ?",
		},
		{
			"the first page fails once", map[poll.Edge]error{{}: errAway}, "", []error{errAway, nil, nil, nil}, whole,
			"? ? ?1 ?2 a?2 a?4 c?2 ?",
		},
		{
			"one moves up while they are read", nil, "c", []error{nil, nil, nil, nil}, whole,
			"? ?1 ?2 a?2 a?4 a?2 a?4 ? c?2",
		},
		{
			"one is gone", map[poll.Edge]error{{Path: "a"}: errGone, {Path: "a", After: "2"}: errGone}, "", []error{nil, nil, nil},
			[]string{"a4", "a5", "b1", "c1", "c2", "c3"}, "? ?1 ?2 a?2 a? gave up c?2 ?",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
			s := &talks{order: []string{"a", "b", "c"}, said: map[string]int{"a": 5, "b": 1, "c": 3}, fails: test.fails, moves: test.moves, taken: map[string]int{}}
			e := connectortest.New(t)
			cursor := e.Env("x").Cursor
			for i, want := range test.passes {
				if _, err := s.walk(cursor, &now).Pass(t.Context()); !errors.Is(err, want) {
					t.Errorf("pass %d: %v, want %v", i+1, err, want)
				}
				if e.Position("at") != "" {
					break
				}
			}
			for id := range s.taken { // another process may take what the overlap shows again: it is known by its id
				s.taken[id] = 1
			}
			if diff := cmp.Diff(test.taken, s.each()); diff != "" {
				t.Errorf("taken (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.asked, strings.Join(s.asked, " ")); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if at, mark := e.Position("at"), e.Position("at:mark"); at != "2026-11-30T12:00:00Z" || mark != "" {
				t.Errorf("position %q, mark %q", at, mark)
			}
		})
	}
}

// What can't be taken now holds up no other, and is looked for again until it is in.
func TestOneThatIsNotTakenKeepsTheWalkFromEnding(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	s := &talks{order: []string{"a", "b"}, said: map[string]int{"a": 2, "b": 1}, refuse: map[string]error{"a1": errGone}, taken: map[string]int{}}
	e := connectortest.New(t)
	w := s.walk(e.Env("x").Cursor, &now)
	for i, want := range []error{errGone, errGone, nil} {
		if i == 2 {
			delete(s.refuse, "a1")
		}
		if more, err := w.Pass(t.Context()); more || !errors.Is(err, want) || (e.Position("at") != "") != (i == 2) {
			t.Errorf("pass %d: more %v, %v, position %q", i+1, more, err, e.Position("at"))
		}
	}
	if diff := cmp.Diff([]string{"a1", "a2", "b1"}, s.each()); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	s.refuse["b2"], s.said["b"] = errAway, 2
	if more, err := w.Pass(t.Context()); !more || !errors.Is(err, errAway) {
		t.Errorf("the store is away: more %v, %v", more, err)
	}
	delete(s.refuse, "b2")
	if more, err := w.Pass(t.Context()); more || err != nil || s.taken["b2"] != 1 {
		t.Errorf("and back: more %v, %v, %v", more, err, s.taken)
	}
}
