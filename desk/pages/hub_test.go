package pages

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/desk"
	"loket/desk/access"
	"loket/router/queue"
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

// Who is called: whoever a note names, whoever's task the customer wrote in, and for what came to a team everybody of it but who passed it on.
// What machines write, and what is taken at once, calls nobody.
func TestWhoIsCalled(t *testing.T) {
	event := func(kind queue.EventType, change func(*queue.Event)) *desk.Event {
		e := &desk.Event{Event: queue.Event{Type: kind}}
		if change != nil {
			change(&e.Event)
		}
		return e
	}
	byMachine := func(e *queue.Event) { e.Automatic = true }
	named := func(e *queue.Event) { e.Agent, e.Named = "bob", []string{"mia"} }
	for name, row := range map[string]struct {
		task   queue.Task
		events []*desk.Event
		want   map[string]string
	}{
		"a new task":                {queue.Task{State: queue.Queued}, []*desk.Event{event(queue.Created, nil)}, map[string]string{"anna": "task", "mia": "task"}},
		"one of a machine":          {queue.Task{State: queue.Queued}, []*desk.Event{event(queue.Created, byMachine)}, nil},
		"one that is taken":         {queue.Task{State: queue.Claimed, Agent: "mia"}, []*desk.Event{event(queue.Created, nil), event(queue.Picked, nil)}, nil},
		"passed on":                 {queue.Task{State: queue.Queued}, []*desk.Event{event(queue.Transferred, func(e *queue.Event) { e.Agent = "anna" })}, map[string]string{"mia": "task"}},
		"an answer, held":           {queue.Task{State: queue.Claimed, Agent: "anna"}, []*desk.Event{event(queue.Arrived, nil)}, map[string]string{"anna": "answer"}},
		"an answer, kept":           {queue.Task{State: queue.Queued, Lane: "@mia", Answerer: "anna"}, []*desk.Event{event(queue.Arrived, nil)}, map[string]string{"mia": "answer"}},
		"an answer, answered":       {queue.Task{State: queue.Queued, Answerer: "mia"}, []*desk.Event{event(queue.Arrived, nil)}, map[string]string{"mia": "answer"}},
		"an answer of a machine":    {queue.Task{State: queue.Claimed, Agent: "anna"}, []*desk.Event{event(queue.Arrived, byMachine)}, nil},
		"reopened by who wrote":     {queue.Task{State: queue.Queued, Answerer: "mia"}, []*desk.Event{event(queue.Reopened, func(e *queue.Event) { e.Message = "M" })}, map[string]string{"anna": "task", "mia": "answer"}},
		"named":                     {queue.Task{State: queue.Queued}, []*desk.Event{event(queue.Noted, named)}, map[string]string{"mia": "named"}},
		"named, and then an answer": {queue.Task{State: queue.Claimed, Agent: "anna"}, []*desk.Event{event(queue.Noted, named), event(queue.Arrived, nil)}, map[string]string{"anna": "answer", "mia": "named"}},
		"a note that names nobody":  {queue.Task{State: queue.Queued}, []*desk.Event{event(queue.Noted, nil)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			n := &news{team: "network", number: "T-1-9", queued: row.task.State == queue.Queued, whose: whoseIs(&row.task)}
			for _, e := range row.events {
				n.cause = causeOf(e).and(n.cause)
			}
			got := map[string]string{}
			for _, person := range []string{"anna", "mia"} {
				if text := n.calls(access.Actor{Agent: person}); text != "" {
					_, data, _ := strings.Cut(strings.TrimSpace(text), "\ndata: ")
					var c call
					if err := json.Unmarshal([]byte(data), &c); err != nil || c.Task != "T-1-9" || c.Team != "network" {
						t.Fatalf("called by %q: %v", text, err)
					}
					got[person] = c.Why
				}
			}
			if diff := cmp.Diff(row.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("called (-want +got):\n%s", diff)
			}
		})
	}
}

// A call is not lost when more happens to the task before the browser was told, and is told once.
func TestCallWaitsWithTheNewestOfItsTask(t *testing.T) {
	s := &subscriber{by: access.Actor{Principal: &access.Principal{}, Agent: "mia"}, lang: "nl", wake: make(chan struct{}, 1), pending: map[string]notice{}}
	named, later := someNews("1-0", "a", "network"), someNews("2-0", "a", "network")
	named.cause.named = []string{"mia"}
	s.push([]news{named})
	s.push([]news{later})
	if notices, _ := s.take(); len(notices) != 1 || notices[0].text != "row 2-0" || !strings.Contains(notices[0].call, `"why":"named"`) {
		t.Errorf("told %+v, want the newest row and the call", notices)
	}
	named = someNews("2-1", "b", "network")
	named.cause.named = []string{"mia"}
	s.by.Principal = &access.Principal{Teams: []string{"network"}}
	s.push([]news{named})
	s.push([]news{someNews("2-2", "b", "support", "network")})
	if notices, _ := s.take(); len(notices) != 1 || notices[0].text != "gone 2-2" || notices[0].call != "" {
		t.Errorf("told %+v, want that the task went, and no call", notices)
	}
	s.push([]news{someNews("3-0", "a", "network")})
	if notices, _ := s.take(); len(notices) != 1 || notices[0].call != "" {
		t.Errorf("called again by %+v", notices)
	}
}
