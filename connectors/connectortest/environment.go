package connectortest

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"loket/connectors"
	"loket/internal/message"
)

// PublicURL is where the public listener of an Environment is.
const PublicURL = "https://loket.example"

// An Environment is what the daemon gives the connectors of one test: it takes messages, keeps cursors and blobs over
// restarts, and keeps all that is logged. Its methods may be called concurrently.
type Environment struct {
	t testing.TB
	// Log is what connectors log to, at every level; Logged is what they did.
	Log    *zap.Logger
	Logged *observer.ObservedLogs

	mu       sync.Mutex
	refuse   func(*message.Message) error
	accepted []*message.Message // each once
	times    map[string]int
	closed   bool
	cursors  map[string]string
	once     map[string]noted // what a cursor keeps for a time
	passed   time.Duration
	blobs    map[string]string
}

// ErrRefused is why a message is not accepted after Refuse.
var ErrRefused = errors.New("the store is away")

// New makes an environment in which every message is accepted and the office is open.
func New(t testing.TB) *Environment {
	core, logged := observer.New(zapcore.DebugLevel)
	return &Environment{t: t, Log: zap.New(core), Logged: logged, times: map[string]int{}, cursors: map[string]string{}, once: map[string]noted{}, blobs: map[string]string{}}
}

// Env is that of a connector called name. What differs in a test is changed in it before it is used.
func (e *Environment) Env(name string) connectors.Env {
	return connectors.Env{
		Name: name, Accept: e.accept, Cursor: (*cursor)(e), Blobs: (*blobs)(e), Log: e.Log, Region: "NL", PublicURL: PublicURL,
		ThreadURL: func(thread string) string { return PublicURL + "/t/" + thread },
		Tokens:    tokens{},
		Began:     func(context.Context, string, string) (bool, error) { return true, nil },
		Transcript: func(_ context.Context, thread, language string) (string, error) {
			return "transcript of " + thread + " in " + language, nil
		},
		Ended: func(context.Context, string) (bool, error) { return false, nil },
		Seal:  func(purpose, text string) string { return purpose + "-" + text },
		Open:  func(time.Time) bool { e.mu.Lock(); defer e.mu.Unlock(); return !e.closed },
		Opens: func(at time.Time) (time.Time, bool) {
			e.mu.Lock()
			defer e.mu.Unlock()
			return at.Add(time.Hour).UTC(), e.closed
		},
	}
}

// Run runs a connector until stop is called or the test ends; that waits for it. An error of Run fails the test.
func (e *Environment) Run(c connectors.Connector) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := c.Run(ctx); err != nil {
			e.t.Errorf("Run = %v, want nil after cancel", err)
		}
	}()
	stop = sync.OnceFunc(func() {
		e.t.Helper()
		cancel()
		wait(e.t, done)
	})
	e.t.Cleanup(stop)
	return stop
}

// Eventually waits for something that must come about, and fails the test if it does not.
func (e *Environment) Eventually(what string, ok func() bool) {
	e.t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			e.t.Fatalf("waited too long for %s", what)
		}
	}
}

func wait(t testing.TB, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Errorf("Run has not returned %s after cancel", patience)
	}
}

// Refuse lets messages be refused, or be accepted again.
func (e *Environment) Refuse(yes bool) {
	if !yes {
		e.RefuseIf(nil)
		return
	}
	e.RefuseIf(func(*message.Message) error { return ErrRefused })
}

// RefuseIf lets those messages be refused for which why gives an error; nil accepts all. why is not called concurrently.
func (e *Environment) RefuseIf(why func(*message.Message) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refuse = why
}

// CloseOffice makes it be outside of the hours in which somebody is there.
func (e *Environment) CloseOffice() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
}

func (e *Environment) accept(_ context.Context, m *message.Message) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refuse != nil {
		if err := e.refuse(m); err != nil {
			return err
		}
	}
	if e.times[m.ID]++; e.times[m.ID] == 1 {
		e.accepted = append(e.accepted, m)
	}
	return nil
}

// Accepted gives the messages that were accepted so far, each once, in the order in which they came first.
func (e *Environment) Accepted() []*message.Message {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.accepted)
}

// Times tells how often a message was accepted.
func (e *Environment) Times(id string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.times[id]
}

// Only gives the one message that was accepted; none or several fail the test.
func (e *Environment) Only() *message.Message {
	e.t.Helper()
	all := e.Accepted()
	if len(all) != 1 {
		e.t.Fatalf("%d messages accepted, want 1", len(all))
	}
	return all[0]
}

// Position gives what the cursor keeps under key, "" when nothing.
func (e *Environment) Position(key string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.cursors[key]
}

// SetPosition has the cursor keep value, as if an earlier run had saved it.
func (e *Environment) SetPosition(key, value string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cursors[key] = value
}

// Pass lets time pass for cursors, which know for some of it what was asked once.
func (e *Environment) Pass(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.passed += d
}

// Blob gives what is stored under name, "" when nothing.
func (e *Environment) Blob(name string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.blobs[name]
}

// SetBlob stores data under name.
func (e *Environment) SetBlob(name, data string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.blobs[name] = data
}

// BlobNames gives the names of all that is stored, in order.
func (e *Environment) BlobNames() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Sorted(maps.Keys(e.blobs))
}

type cursor Environment

func (c *cursor) Load(_ context.Context, key string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cursors[key], nil
}

func (c *cursor) Save(_ context.Context, key, value string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cursors[key] = value
	return nil
}

func (c *cursor) Once(ctx context.Context, key string, keep time.Duration) (bool, error) {
	_, there, err := c.Kept(ctx, key)
	if there || err != nil {
		return false, err
	}
	return true, c.Note(ctx, key, "", keep)
}

func (c *cursor) First(ctx context.Context, key, value string, keep time.Duration) (string, error) {
	kept, there, err := c.Kept(ctx, key)
	if there || err != nil {
		return kept, err
	}
	return "", c.Note(ctx, key, value, keep)
}

func (c *cursor) Note(_ context.Context, key, value string, keep time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.once[key] = noted{c.passed + keep, value}
	return nil
}

func (c *cursor) Kept(_ context.Context, key string) (string, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.once[key]
	return kept.value, c.passed < kept.until, nil
}

// noted is what a cursor keeps for a time.
type noted struct {
	until time.Duration
	value string
}

type blobs Environment

func (b *blobs) Put(_ context.Context, name string, r io.Reader) (int64, error) {
	bytes, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blobs[name] = string(bytes)
	return int64(len(bytes)), nil
}

func (b *blobs) Get(_ context.Context, name string) (io.ReadSeekCloser, int64, error) {
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

// tokens are tokens that only look like some.
type tokens struct{}

func (tokens) Token(thread string) string { return thread + "-token" }

func (tokens) Thread(token string) (string, error) {
	thread, ok := strings.CutSuffix(token, "-token")
	if !ok {
		return "", errors.New("not a token of ours")
	}
	return thread, nil
}
