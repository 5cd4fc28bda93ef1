package cli

import (
	"strings"
	"testing"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

func TestHistoryOfWhatWasOnlyClaimedIsNotTold(t *testing.T) {
	var out strings.Builder
	p := &page{format.Page{Out: &out, Zone: time.UTC}}
	for n := range 3 {
		p.past(&api.Task{History: []api.TaskStep{{Type: "created"}, {Type: "claimed", Agent: "anna"}}[:n]})
	}
	if out.String() != "" {
		t.Errorf("it says %q", out.String())
	}
}

func TestHistoryAndEarlierTasksInWords(t *testing.T) {
	at := api.Time{Time: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	task := &api.Task{
		Customer: api.Customer{ID: "C1"}, HistoryLost: 3,
		Earlier: &api.Earlier{More: 2, Tasks: []api.EarlierTask{
			{Number: "T-7-1", Team: "support", State: "closed", Outcome: "solved", Subject: "A question", Created: at},
			{Number: "T-6-3", Team: "network", State: "waiting", Subject: "Another", Created: at},
		}},
		History: []api.TaskStep{
			{At: at, Type: "created"},
			{At: at, Type: "claimed", Agent: "anna"},
			{At: at, Type: "returned", Agent: "anna"},
			{At: at, Type: "expired", Agent: "anna"},
			{At: at, Type: "transferred", Agent: "anna", FromTeam: "support", Team: "network", Note: "their line\nis down"},
			{At: at, Type: "assigned", Agent: "nora", Reason: "to bob"},
			{At: at, Type: "released", Agent: "bob", Reason: "not claimed in time"},
			{At: at, Type: "waiting", Agent: "bob", Until: at},
			{At: at, Type: "woken"},
			{At: at, Type: "closed", Agent: "bob", Outcome: "solved"},
			{At: at, Type: "reopened", Message: "m1"},
			{At: at, Type: "reopened", Agent: "anna"},
			{At: at, Type: "reopened", Agent: "anna", Reason: "a person wrote it", Message: "m1"},
			{At: at, Type: "failed", Reason: "an answer was not delivered", Message: "m2"},
		},
	}
	const want = `
Earlier tasks of the customer
T-7-1  support  closed as solved  12:00  A question
T-6-3  network  waiting           12:00  Another
and 2 more: loket customer history C1

History
  12:00 created
  … 3 steps that are not kept
  12:00 claimed by anna
  12:00 given back by anna
  12:00 claim ran out, held by anna
  12:00 transferred from support to network by anna
    their line
    is down
  12:00 assigned to bob by nora
  12:00 kept for bob no longer: not claimed in time
  12:00 set waiting until 12:00 by bob
  12:00 woken
  12:00 closed as solved by bob
  12:00 reopened by a message of the customer
  12:00 reopened by anna
  12:00 reopened by anna: a person wrote it
  12:00 an answer was not delivered
`
	var out strings.Builder
	p := &page{format.Page{Out: &out, Now: at.Time, Zone: time.UTC, Said: "UTC"}}
	p.earlier(task)
	p.past(task)
	if got := out.String(); got != want {
		t.Errorf("got:%s\nwant:%s", got, want)
	}
}
