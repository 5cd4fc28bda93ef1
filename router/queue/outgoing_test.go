package queue_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/router/queue"
)

func TestOutgoingIsWhatWaitsByEachConnector(t *testing.T) {
	r := newRoom(t)
	outgoing := func() []queue.Outgoing {
		t.Helper()
		got, err := r.Outgoing(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := outgoing(); len(got) != 0 {
		t.Errorf("Outgoing of nothing = %+v", got)
	}
	first, second := r.answered("T1"), r.answered("T2")
	sending := r.beginSend(first.ID, time.Hour, queue.ReplySending)
	if err := r.SendAgain(t.Context(), first.ID, sending.Token, time.Hour, "451 come back later"); err != nil {
		t.Fatal(err)
	}
	want := []queue.Outgoing{{Connector: first.Connector, Waiting: 2, Oldest: time.UnixMilli(first.Since).UTC(), Error: "451 come back later"}}
	if diff := cmp.Diff(want, outgoing()); diff != "" {
		t.Errorf("Outgoing (-want +got):\n%s", diff)
	}
	r.send(second.ID)
	want[0].Waiting = 1
	if diff := cmp.Diff(want, outgoing()); diff != "" {
		t.Errorf("Outgoing after one went out (-want +got):\n%s", diff)
	}
}

func TestCountingLongAnswersCostsLittle(t *testing.T) {
	r := newRoom(t)
	long := strings.Repeat("x", 300<<10)
	for i := range 25 {
		id := fmt.Sprint("T", i)
		r.begin(id)
		r.answer(id, r.take(id, "anna"), answer(long))
	}
	got, err := r.Outgoing(t.Context())
	if err != nil || len(got) != 1 || got[0].Waiting != 20 { // six megabytes of them
		t.Errorf("Outgoing = %+v, %v, want those that are looked at first", got, err)
	}
}
