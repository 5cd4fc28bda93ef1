package connectortest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"loket/connectors"
	"loket/internal/message"
)

// Faults are a connector and the stand-in of its vendor, for RunFaults.
type Faults struct {
	Type connectors.Type
	// Vendor starts a stand-in that is well. It is called once for each case.
	Vendor func(t *testing.T) Vendor
	// Settles tells that trouble counts as over only when all went well for minutes: the suite does not wait for that.
	Settles bool
	// Secrets and Private are as those of a Fixture.
	Secrets, Private []string
}

// A Vendor is a stand-in and what the suite must know of it.
type Vendor struct {
	*StandIn
	Config any
	// Reply is something to say, Hands the call by which it is handed over, and Sent how much the stand-in took from us; nil for a
	// connector that carries no replies.
	Reply *message.Message
	Hands func(*http.Request) bool
	Sent  func() int
	// Unasked tells that the vendor cannot be asked what it took: whoever does not know is left in doubt.
	Unasked bool
	// Say has a customer say something for which the connector must ask, and Asks is the call by which it does; nil for one that is told.
	Say  func(text string)
	Asks func(*http.Request) bool
}

// Calls is for calls of a method whose path ends so.
func Calls(method, path string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == method && strings.HasSuffix(r.URL.Path, path) }
}

// What goes wrong at vendors.
const (
	garbled = `{"id": "17`
	page502 = "<html><title>502 Bad Gateway</title></html>"
)

var lengthy = `"` + strings.Repeat("a", 5<<20) + `"` // JSON, but not what anybody asked for

// RunFaults has everything go wrong that goes wrong at vendors, while the connector sends and while it asks.
//
// While it sends: what was surely not taken is sent again, not before the vendor wants it; what may have been taken is not sent again
// blindly, so that the vendor has it once in the end; nothing is given up. While it asks: nothing is lost or doubled, trouble is told
// once and told over, and whoever waits for an answer stops when told to. No error and no log line tells a secret.
func RunFaults(t *testing.T, f Faults) {
	t.Helper()
	tr, can := f.begin(t)
	if _, sends := tr.connector(t).(connectors.Sender); sends != (can.Reply != nil) {
		t.Fatalf("the connector is a connectors.Sender: %v; there is a reply to send: %v", sends, can.Reply != nil)
	}
	if can.Reply != nil {
		for _, test := range sending {
			t.Run("sending, "+test.name, func(t *testing.T) {
				t.Parallel()
				sendsThrough(t, f, test.trouble, test.class)
			})
		}
	}
	if can.Say != nil {
		for _, test := range asking {
			t.Run("asking, "+test.name, func(t *testing.T) {
				t.Parallel()
				asksThrough(t, f, test.trouble, test.restart)
			})
		}
	}
}

// sending is what goes wrong while a reply is on its way.
var sending = []struct {
	name    string
	trouble Trouble
	// class is what an error of Send must be: again, or doubt where the vendor may have taken it.
	class string
}{
	{"nobody listens", Trouble{Down: true}, "again"},
	{"too often", Trouble{Status: http.StatusTooManyRequests, After: "7", Body: "{}"}, "again"},
	{"the token is revoked", Trouble{Status: http.StatusUnauthorized, Body: "{}"}, "again"},
	{"the answer is lost", Trouble{Taken: true}, "doubt"},
	{"no answer comes", Trouble{Taken: true, Hang: true}, "doubt"},
	{"its own trouble", Trouble{Taken: true, Status: http.StatusInternalServerError, Body: "{}"}, "doubt"},
	{"a gateway's trouble", Trouble{Taken: true, Status: http.StatusBadGateway, Body: page502}, "doubt"},
	{"away for a while", Trouble{Taken: true, Status: http.StatusServiceUnavailable, After: "7", Body: "{}"}, "doubt"},
	{"the answer breaks off", Trouble{Taken: true, Status: http.StatusOK, Body: garbled}, "doubt"},
	{"the answer is a page", Trouble{Taken: true, Status: http.StatusOK, Body: page502}, "doubt"},
	{"the answer is empty", Trouble{Taken: true, Status: http.StatusOK}, "doubt"},
	{"five megabytes of answer", Trouble{Taken: true, Status: http.StatusOK, Body: lengthy}, "doubt"},
}

// asking is what goes wrong while the vendor is asked for what is new.
var asking = []struct {
	name    string
	trouble Trouble
	restart bool // what passes only when somebody has put it right
}{
	{"nobody listens", Trouble{Down: true}, false},
	{"too often", Trouble{Status: http.StatusTooManyRequests, After: "1", Body: "{}"}, false},
	{"the token is revoked", Trouble{Status: http.StatusUnauthorized, Body: "{}"}, true},
	{"the answer is lost", Trouble{}, false},
	{"no answer comes", Trouble{Hang: true}, true},
	{"its own trouble", Trouble{Status: http.StatusInternalServerError, Body: "{}"}, false},
	{"a gateway's trouble", Trouble{Status: http.StatusBadGateway, Body: page502}, false},
	{"the answer breaks off", Trouble{Status: http.StatusOK, Body: garbled}, false},
	{"the answer is a page", Trouble{Status: http.StatusOK, Body: page502}, false},
	{"the answer is empty", Trouble{Status: http.StatusOK}, false},
	{"the answer says nothing", Trouble{Status: http.StatusOK, Body: "{}"}, false},
	{"five megabytes of answer", Trouble{Status: http.StatusOK, Body: lengthy}, false},
}

// begin starts a vendor and what stands around a connector.
func (f Faults) begin(t *testing.T) (*trial, Vendor) {
	t.Helper()
	v := f.Vendor(t)
	tr := newTrial(t, Fixture{Type: f.Type, Config: func(*testing.T) any { return v.Config }, Secrets: f.Secrets, Private: f.Private})
	return tr, v
}

func sendsThrough(t *testing.T, f Faults, trouble Trouble, class string) {
	tr, v := f.begin(t)
	sender := tr.connector(t).(connectors.Sender)
	v.Suffer(trouble, v.Hands)
	within := patience
	if trouble.Hang {
		within = time.Second
	}
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	_, err := sender.Send(ctx, v.Reply)
	tr.heard(err)
	if !trouble.Down && v.Suffered() == 0 {
		t.Fatalf("Send = %v without a call that Hands is for", err)
	}
	switch got := classOf(err); {
	case got == "given up":
		t.Errorf("Send = %v, which gives up what may pass", err)
	case class == "again" && got != class:
		t.Errorf("Send = %v: %s, want that it is sent again: it was not taken", err, got)
	}
	if trouble.Status == http.StatusTooManyRequests && connectors.RetryAfter(err) < 7*time.Second {
		t.Errorf("Send = %v, to be tried again after %s, want 7s", err, connectors.RetryAfter(err))
	}
	v.Recover()
	doubt := tr.settle(t, sender, v, err)
	if n := v.Sent(); n > 1 || n == 0 && !doubt {
		t.Errorf("after %v the vendor has it %d times, want once", err, n)
	}
	tr.quiet(t)
}

func classOf(err error) string {
	switch {
	case err == nil:
		return "sent"
	case connectors.IsPermanent(err):
		return "given up"
	case connectors.IsInDoubt(err) || errors.Is(err, context.DeadlineExceeded): // as the outbox sees it
		return "doubt"
	}
	return "again"
}

// settle does what the outbox does after an error, while all is well. It tells whether the reply stays in doubt.
func (tr *trial) settle(t *testing.T, sender connectors.Sender, v Vendor, err error) (doubt bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range 5 {
		switch classOf(err) {
		case "sent", "given up":
			return false
		case "doubt":
			finder, ok := sender.(connectors.Finder)
			if !ok {
				return true
			}
			_, found, errFind := finder.Find(ctx, v.Reply)
			tr.heard(errFind)
			if errFind != nil {
				if !v.Unasked {
					t.Errorf("Find = %v, want an answer", errFind)
				}
				return true
			}
			if found {
				return false
			}
		}
		_, err = sender.Send(ctx, v.Reply)
		tr.heard(err)
	}
	t.Errorf("all is well, and still Send = %v", err)
	return true
}

func asksThrough(t *testing.T, f Faults, trouble Trouble, restart bool) {
	tr, v := f.begin(t)
	v.Say("before the trouble")
	c, stop := tr.start(t)
	tr.Eventually("what was said before the trouble", func() bool { return tr.has("before the trouble") == 1 })
	v.Suffer(trouble, v.Asks)
	v.Say("amid the trouble")
	troubled := c.(connectors.Troubled)
	if trouble.Hang {
		tr.Eventually("it to ask", func() bool { return v.Suffered() > 0 })
	} else {
		tr.Eventually("trouble to be told", func() bool { return troubled.Trouble() != nil })
	}
	tr.heard(troubled.Trouble())
	if n := tr.has("amid the trouble"); n != 0 {
		t.Errorf("accepted %d times while the vendor gave nothing", n)
	}
	if restart {
		stop()
		v.Recover()
		c, stop = tr.start(t)
		troubled = c.(connectors.Troubled)
	} else {
		v.Recover()
	}
	tr.Eventually("what was said amid the trouble", func() bool { return tr.has("amid the trouble") > 0 })
	if !f.Settles {
		tr.Eventually("trouble to be over", func() bool { return troubled.Trouble() == nil })
	}
	stop()
	for _, text := range []string{"before the trouble", "amid the trouble"} {
		if n := tr.has(text); n != 1 {
			t.Errorf("%q is there as %d messages, want one", text, n)
		}
	}
	tr.toldOnce(t, !restart && !f.Settles)
	tr.quiet(t)
}

// has counts the messages in which somebody says so.
func (tr *trial) has(text string) (n int) {
	for _, m := range tr.Accepted() {
		if strings.Contains(m.Text, text) {
			n++
		}
	}
	return n
}

// toldOnce looks that no trouble is logged twice, and that its end is.
func (tr *trial) toldOnce(t *testing.T, over bool) {
	t.Helper()
	told, ended := map[string]int{}, 0
	for _, e := range tr.Logged.All() {
		switch line := entryText(zapcore.Entry{Message: e.Message}, e.Context); {
		case e.Level >= zap.WarnLevel:
			told[line]++
		case e.Level == zap.InfoLevel && len(told) > 0:
			ended++
		}
	}
	for line, n := range told {
		if n > 1 {
			t.Errorf("logged %d times: %s", n, line)
		}
	}
	if over && (len(told) == 0 || ended == 0) {
		t.Errorf("logged %d troubles and %d ends of one, want some of both: %s", len(told), ended, fmt.Sprint(tr.Logged.All()))
	}
}

// quiet looks that nobody was told a secret.
func (tr *trial) quiet(t *testing.T) {
	t.Helper()
	for _, place := range tr.leaks() {
		t.Error(place)
	}
}
