package connectortest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"loket/connectors"
	"loket/internal/message"
)

// A trial is one test of the suite with its environment: it keeps the errors that the connector returned too.
type trial struct {
	*Environment
	fixture Fixture
	config  any

	faults []string // what was wrong with accepted messages; guarded by the environment's mu, under which inspect is called

	mu   sync.Mutex
	errs []error
}

func newTrial(t *testing.T, f Fixture) *trial {
	t.Helper()
	tr := &trial{Environment: New(t), fixture: f}
	tr.RefuseIf(tr.inspect)
	if f.Config != nil {
		tr.config = f.Config(t)
	} else {
		tr.config = f.Type.NewConfig()
	}
	if v, ok := tr.config.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			t.Fatalf("Validate = %v, want a configuration that is right", err)
		}
	}
	return tr
}

// connector makes one, as the daemon does when it starts.
func (tr *trial) connector(t *testing.T) connectors.Connector {
	t.Helper()
	c, err := tr.fixture.Type.New(tr.config, tr.Env("conformance"))
	tr.heard(err)
	if err != nil {
		t.Fatalf("New = %v, want a connector", err)
	}
	return c
}

// start makes a connector and runs it until the function it gives is called; that waits for Run to return.
func (tr *trial) start(t *testing.T) (connectors.Connector, func()) {
	t.Helper()
	c := tr.connector(t)
	return c, tr.Run(listened{c, tr})
}

// listened keeps the error of a connector's Run.
type listened struct {
	connectors.Connector
	trial *trial
}

func (l listened) Run(ctx context.Context) error {
	err := l.Connector.Run(ctx)
	l.trial.heard(err)
	return err
}

// deliver also sees that nothing is acknowledged which was not accepted.
func (tr *trial) deliver(t *testing.T, c connectors.Connector) bool {
	t.Helper()
	acknowledged := tr.fixture.Deliver(t, c)
	if acknowledged && len(tr.Accepted()) == 0 {
		t.Error("the channel was acknowledged before anything was accepted")
	}
	return acknowledged
}

// refuse lets messages be refused, or be looked through and accepted.
func (tr *trial) refuse(yes bool) {
	if tr.Refuse(yes); !yes {
		tr.RefuseIf(tr.inspect)
	}
}

// inspect notes what no message may be.
func (tr *trial) inspect(m *message.Message) error {
	fault := func(format string, args ...any) { tr.faults = append(tr.faults, fmt.Sprintf(format, args...)) }
	if !message.ValidID(m.ID) {
		fault("id %q is not made by message.NewID", m.ID)
	}
	if m.Connector != "conformance" {
		fault("connector is %q, want the name it was given", m.Connector)
	}
	if m.Channel == "" && m.Kind == message.Said {
		fault("channel is empty")
	}
	if m.Received.IsZero() || m.Received.Location() != time.UTC {
		fault("received is %v, want an instant in UTC", m.Received)
	}
	if !utf8.ValidString(m.Text) || !utf8.ValidString(m.Subject) || !utf8.ValidString(m.Name) {
		fault("text, subject or name is not UTF-8")
	}
	for _, a := range m.Attachments {
		bytes, stored := tr.blobs[a.Blob]
		if !stored || int64(len(bytes)) != a.Size || !strings.HasPrefix(a.Blob, m.ID) {
			fault("attachment of %d bytes is not stored under a name that begins with the id when the message is accepted", a.Size)
		}
	}
	return nil
}

// wantOne sees that all accepted deliveries were one message, and a good one.
func (tr *trial) wantOne(t *testing.T) {
	t.Helper()
	if n := len(tr.Accepted()); n != 1 {
		t.Errorf("the same message was accepted under %d ids, want 1", n)
	}
	tr.Environment.mu.Lock()
	defer tr.Environment.mu.Unlock()
	for _, fault := range tr.faults {
		t.Errorf("accepted message: %s", fault)
	}
}
