package optout_test

import (
	"testing"
	"time"

	"loket/connectors/connectortest"
	"loket/connectors/optout"
)

func TestTheLastWishCounts(t *testing.T) {
	cursor, now := connectortest.New(t).Env("phone").Cursor, time.Now()
	w := optout.New(cursor)
	say := func(own string, stop bool, after time.Duration) {
		t.Helper()
		if err := w.Remember(t.Context(), own, optout.Wish{Stopped: stop, At: now.Add(after)}, []string{"a", "b"}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(stopped bool) {
		t.Helper()
		for _, conversation := range []string{"a", "b"} {
			got, err := optout.New(cursor).Stopped(t.Context(), conversation) // another process
			if err != nil || got != stopped || w.Known(conversation) != stopped {
				t.Errorf("%s: Stopped = %v, %v, Known = %v, want %v", conversation, got, err, w.Known(conversation), stopped)
			}
		}
	}
	want(false)
	say("SM1", true, 0)
	want(true)
	say("SM2", false, time.Minute)
	want(false)
	say("SM1", true, time.Hour) // whoever kept its webhook
	want(false)
	say("SM0", true, -time.Minute) // listed later, and older
	want(false)
	say("SM3", true, time.Hour)
	want(true)
}
