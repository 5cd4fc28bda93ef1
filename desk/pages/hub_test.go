package pages

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/access"
)

func someNews(id, task, team string, from ...string) news {
	return news{change: change{id: id, from: from}, task: task, team: team, rows: map[string]string{"nl": "row " + id}, gone: "gone " + id}
}

// A browser is told of each task once, as it is now, in the order of what happened last; of what left its teams, that it went; and of nothing
// that it knows.
func TestBrowserIsToldTheNewestOfEachTask(t *testing.T) {
	s := &subscriber{
		by: access.Actor{Principal: &access.Principal{Teams: []string{"network"}}}, lang: "nl", wake: make(chan struct{}, 1), pending: map[string]notice{}, after: "10-0",
	}
	s.push([]news{someNews("9-0", "a", "network"), someNews("11-0", "a", "network"), someNews("12-0", "b", "network"), someNews("13-0", "c", "support")})
	s.push([]news{someNews("14-0", "a", "network"), someNews("15-0", "d", "support", "network"), someNews("100-1", "e", "network")})
	var got []string
	notices, behind := s.take()
	for _, n := range notices {
		got = append(got, n.text)
	}
	if diff := cmp.Diff([]string{"row 12-0", "row 14-0", "gone 15-0", "row 100-1"}, got); diff != "" || behind {
		t.Errorf("it is told, behind %v (-want +got):\n%s", behind, diff)
	}
	if notices, _ = s.take(); len(notices) != 0 {
		t.Errorf("told again: %v", notices)
	}
}

// Whoever does not read is told in the end to read anew, and nothing grows meanwhile.
func TestBrowserThatDoesNotReadIsToldToReadAnew(t *testing.T) {
	s := &subscriber{by: access.Actor{Principal: &access.Principal{}}, lang: "nl", wake: make(chan struct{}, 1), pending: map[string]notice{}}
	for i := range 3 * mostPending {
		s.push([]news{someNews(fmt.Sprintf("%d-0", i+1), fmt.Sprint(i), "network")})
		if len(s.pending) > mostPending {
			t.Fatalf("%d are kept for it", len(s.pending))
		}
	}
	if _, behind := s.take(); !behind {
		t.Error("it is not told to read anew")
	}
	s.skip("2000-0")
	s.push([]news{someNews("1999-0", "x", "network"), someNews("2001-0", "y", "network")})
	if notices, behind := s.take(); behind || len(notices) != 1 || notices[0].task != "y" {
		t.Errorf("then it is told %v, behind %v; want the newest alone", notices, behind)
	}
}

func TestPersonHasFewStreams(t *testing.T) {
	s := streams{of: map[string]int{}}
	for i := range streamsEach + 1 {
		if got := s.enter("anna"); got != (i < streamsEach) {
			t.Errorf("stream %d is let in: %v", i+1, got)
		}
	}
	if !s.enter("bob") {
		t.Error("another person has none")
	}
	s.leave("anna")
	if !s.enter("anna") {
		t.Error("after one ended there is no room")
	}
}
