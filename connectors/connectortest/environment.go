package connectortest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"loket/connectors"
	"loket/internal/message"
)

// A house is what stands around the connectors of one test: it takes messages, keeps cursors and blobs over
// restarts, and hears everything that is logged or returned.
type house struct {
	fixture Fixture
	config  any
	log     *zap.Logger
	logged  *observer.ObservedLogs

	mu       sync.Mutex
	refusing bool
	accepted map[string]*message.Message
	faults   []string // what was wrong with accepted messages
	cursors  map[string]string
	blobs    map[string]string
	errs     []error
}

var errRefused = errors.New("the store is away")

func newHouse(t *testing.T, f Fixture) *house {
	t.Helper()
	core, logged := observer.New(zapcore.DebugLevel)
	h := &house{
		fixture: f, log: zap.New(core), logged: logged,
		accepted: map[string]*message.Message{}, cursors: map[string]string{}, blobs: map[string]string{},
	}
	if f.Config != nil {
		h.config = f.Config(t)
	} else {
		h.config = f.Type.NewConfig()
	}
	if v, ok := h.config.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			t.Fatalf("Validate = %v, want a configuration that is right", err)
		}
	}
	return h
}

// connector makes one, as the daemon does when it starts.
func (h *house) connector(t *testing.T) connectors.Connector {
	t.Helper()
	const url = "https://loket.example"
	c, err := h.fixture.Type.New(h.config, connectors.Env{
		Name: "conformance", Accept: h.accept, Cursor: (*houseCursor)(h), Blobs: (*houseBlobs)(h),
		Log: h.log, Region: "NL", PublicURL: url,
		ThreadURL: func(thread string) string { return url + "/t/" + thread },
		Tokens:    houseTokens{},
		Began:     func(context.Context, string, string) (bool, error) { return true, nil },
		Seal:      func(purpose, text string) string { return purpose + "-" + text },
		Open:      func(time.Time) bool { return true },
	})
	h.heard(err)
	if err != nil {
		t.Fatalf("New = %v, want a connector", err)
	}
	return c
}

// start makes a connector and runs it until the function it gives is called; that waits for Run to return.
func (h *house) start(t *testing.T) (connectors.Connector, func()) {
	t.Helper()
	c := h.connector(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := c.Run(ctx); err != nil {
			h.heard(err)
			t.Errorf("Run = %v, want nil after cancel", err)
		}
	}()
	return c, func() {
		t.Helper()
		cancel()
		wait(t, done)
	}
}

func (h *house) run(t *testing.T, ctx context.Context, c connectors.Connector) (err error) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = c.Run(ctx)
	}()
	wait(t, done)
	h.heard(err)
	return err
}

func wait(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("Run has not returned %s after cancel", patience)
	}
}

// deliver also sees that nothing is acknowledged which was not accepted.
func (h *house) deliver(t *testing.T, c connectors.Connector) bool {
	t.Helper()
	acknowledged := h.fixture.Deliver(t, c)
	h.mu.Lock()
	defer h.mu.Unlock()
	if acknowledged && len(h.accepted) == 0 {
		t.Error("the channel was acknowledged before anything was accepted")
	}
	return acknowledged
}

func (h *house) refuse(yes bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refusing = yes
}

func (h *house) accept(_ context.Context, m *message.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refusing {
		return errRefused
	}
	h.inspect(m)
	h.accepted[m.ID] = m
	return nil
}

// inspect notes what no message may be.
func (h *house) inspect(m *message.Message) {
	fault := func(format string, args ...any) { h.faults = append(h.faults, fmt.Sprintf(format, args...)) }
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
		bytes, stored := h.blobs[a.Blob]
		if !stored || int64(len(bytes)) != a.Size || !strings.HasPrefix(a.Blob, m.ID) {
			fault("attachment of %d bytes is not stored under a name that begins with the id when the message is accepted", a.Size)
		}
	}
}

// wantOne sees that all accepted deliveries were one message, and a good one.
func (h *house) wantOne(t *testing.T) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.accepted) != 1 {
		t.Errorf("the same message was accepted under %d ids, want 1", len(h.accepted))
	}
	for _, fault := range h.faults {
		t.Errorf("accepted message: %s", fault)
	}
}

type houseCursor house

func (c *houseCursor) Load(_ context.Context, key string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cursors[key], nil
}

func (c *houseCursor) Save(_ context.Context, key, value string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cursors[key] = value
	return nil
}

func (c *houseCursor) Once(_ context.Context, key string, _ time.Duration) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key = "once\x00" + key
	if _, told := c.cursors[key]; told {
		return false, nil
	}
	c.cursors[key] = "told"
	return true, nil
}

type houseBlobs house

func (b *houseBlobs) Put(_ context.Context, name string, r io.Reader) (int64, error) {
	bytes, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blobs[name] = string(bytes)
	return int64(len(bytes)), nil
}

func (b *houseBlobs) Get(_ context.Context, name string) (io.ReadSeekCloser, int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bytes, ok := b.blobs[name]
	if !ok {
		return nil, 0, fs.ErrNotExist
	}
	return opened{strings.NewReader(bytes)}, int64(len(bytes)), nil
}

type opened struct{ *strings.Reader }

func (opened) Close() error { return nil }

// houseTokens are tokens that only look like some.
type houseTokens struct{}

func (houseTokens) Token(thread string) string { return thread + "-token" }

func (houseTokens) Thread(token string) (string, error) {
	thread, ok := strings.CutSuffix(token, "-token")
	if !ok {
		return "", errors.New("not a token of ours")
	}
	return thread, nil
}
