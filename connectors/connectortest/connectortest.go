// Package connectortest is the suite that every connector passes: what it acknowledges is stored, what is refused
// comes again, twice is once, and it stops when it is told to, without having told secrets. Its Environment serves the
// tests that a connector has beside the suite.
package connectortest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"loket/connectors"
	"loket/internal/message"
)

// A Fixture is a connector and the channel that brings it one message, whether the channel posts to it
// (see Do) or is polled.
type Fixture struct {
	Type connectors.Type
	// Config makes the settings of one test. It is called once per test, before any connector is made: a fake
	// channel is started here, and stopped with t.Cleanup. nil takes the defaults of Type.
	Config func(t *testing.T) any
	// Deliver brings the channel's message to c, which runs or has run, and waits until the channel knows whether
	// it was acknowledged. Within one test it is the very same message each time; a channel that has been told
	// that the message was taken may say so without bringing it again.
	Deliver func(t testing.TB, c connectors.Connector) (acknowledged bool)
	// Reply is something to say back; nil for channels that carry no replies in this test.
	Reply *message.Message
	// Secrets must be in no log line, error or printed configuration.
	Secrets []string
	// Private is what the customer wrote and where they can be reached: in no log line above debug, in no error.
	Private []string
}

// Run runs the suite.
func Run(t *testing.T, f Fixture) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, tr *trial)
	}{
		{"AcceptedIsAcknowledged", acceptedIsAcknowledged},
		{"RefusedIsNotAcknowledgedAndSeenAgain", refusedIsSeenAgain},
		{"RefusedIsSeenAgainAfterRestart", refusedIsSeenAgainAfterRestart},
		{"TwiceIsOneMessage", twiceIsOneMessage},
		{"CancelStopsEverything", cancelStopsEverything},
		{"CancelledBeforeItBegan", cancelledBeforeItBegan},
		{"ReplyIsTaken", replyIsTaken},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := newTrial(t, f)
			test.run(t, tr)
			for _, place := range tr.leaks() {
				t.Error(place)
			}
		})
	}
}

// Do gives a request to a connector that receives over HTTP, as the public listener would.
func Do(t testing.TB, c connectors.Connector, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	h, ok := c.(http.Handler)
	if !ok {
		t.Fatalf("%T is no http.Handler", c)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func acceptedIsAcknowledged(t *testing.T, tr *trial) {
	c, stop := tr.start(t)
	defer stop()
	if !tr.deliver(t, c) {
		t.Error("a message that was accepted is not acknowledged")
	}
	tr.wantOne(t)
}

func refusedIsSeenAgain(t *testing.T, tr *trial) {
	tr.refuse(true) // before it runs: it may look for messages at once
	c, stop := tr.start(t)
	defer stop()
	if tr.deliver(t, c) {
		t.Error("a message that was refused is acknowledged")
	}
	tr.refuse(false)
	if !tr.deliver(t, c) {
		t.Error("a message that was accepted at the second time is not acknowledged")
	}
	tr.wantOne(t)
}

func refusedIsSeenAgainAfterRestart(t *testing.T, tr *trial) {
	tr.refuse(true)
	c, stop := tr.start(t)
	if tr.deliver(t, c) {
		t.Error("a message that was refused is acknowledged")
	}
	stop()
	tr.refuse(false)
	c, stop = tr.start(t)
	defer stop()
	if !tr.deliver(t, c) {
		t.Error("a message that was accepted after a restart is not acknowledged")
	}
	tr.wantOne(t)
}

func twiceIsOneMessage(t *testing.T, tr *trial) {
	c, stop := tr.start(t)
	for range 2 {
		if !tr.deliver(t, c) {
			t.Error("a message that was accepted is not acknowledged")
		}
	}
	stop()
	c, stop = tr.start(t)
	defer stop()
	if !tr.deliver(t, c) {
		t.Error("a message that was accepted before a restart is not acknowledged")
	}
	tr.wantOne(t)
}

func cancelStopsEverything(t *testing.T, tr *trial) {
	before := goleak.IgnoreCurrent()
	c, stop := tr.start(t)
	tr.deliver(t, c)
	stop()
	if err := goleak.Find(before); err != nil {
		t.Errorf("after Run returned: %v", err)
	}
}

func cancelledBeforeItBegan(t *testing.T, tr *trial) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c, done := listened{tr.connector(t), tr}, make(chan struct{})
	go func() {
		defer close(done)
		if err := c.Run(ctx); err != nil {
			t.Errorf("Run on a context that is done = %v, want nil", err)
		}
	}()
	wait(t, done)
}

func replyIsTaken(t *testing.T, tr *trial) {
	if tr.fixture.Reply == nil {
		return
	}
	c, stop := tr.start(t)
	defer stop()
	sender, ok := c.(connectors.Sender)
	if !ok {
		t.Fatalf("the fixture has a reply, but %T is no connectors.Sender", c)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	receipt, err := sender.Send(ctx, tr.fixture.Reply)
	tr.heard(err)
	if err != nil {
		t.Fatalf("Send = %v, want a receipt", err)
	}
	if receipt.State != connectors.Sent && receipt.State != connectors.Delivered {
		t.Errorf("Send gave state %q, want %s or %s", receipt.State, connectors.Sent, connectors.Delivered)
	}
	if finder, ok := c.(connectors.Finder); ok {
		_, _, err := finder.Find(ctx, tr.fixture.Reply)
		tr.heard(err)
		if err != nil {
			t.Errorf("Find = %v, want an answer", err)
		}
	}
}

// patience is how long a test waits for what should come at once.
const patience = time.Minute
