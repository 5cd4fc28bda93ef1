package mailbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"loket/connectors"
	"loket/connectors/email/mailbox/dovecottest"
	"loket/internal/secret"
)

// shared is the Dovecot of all tests that break nothing; each has a user of its own.
var shared = sync.OnceValues(func() (*dovecottest.Server, error) {
	dir, err := os.MkdirTemp("", "dovecot")
	if err != nil {
		return nil, err
	}
	return dovecottest.New(dir)
})

var sharedUsed atomic.Bool

func TestMain(m *testing.M) {
	code := m.Run()
	if sharedUsed.Load() {
		if s, err := shared(); err == nil {
			s.Close()
		}
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func dovecot(tb testing.TB) *dovecottest.Server {
	tb.Helper()
	sharedUsed.Store(true)
	s, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// user is a new account.
func user() string { return fmt.Sprintf("user%d", users.Add(1)) }

var users atomic.Int64

// over is a configuration of the account at url, impatient as tests are.
func over(url, ca string) Config {
	c := DefaultConfig()
	c.URL, c.CA = secret.New(url), ca
	c.Poll = time.Second
	return c
}

var _ Cursor = connectors.Cursor(nil)

// An env takes letters, or refuses them, and keeps cursors over restarts.
type env struct {
	mu      sync.Mutex
	letters []Fetched
	told    chan struct{}         // closed and replaced whenever a letter is taken
	refuse  func(l Fetched) error // nil takes everything
	cursors map[string]string
	saveErr error
	saved   []saved // every position that was kept
	core    zapcore.Core
	logs    *observer.ObservedLogs
}

// saved is a position, and how many letters had been taken when it was kept.
type saved struct {
	value   string
	letters int
}

func newEnv() *env {
	core, logs := observer.New(zapcore.DebugLevel)
	return &env{told: make(chan struct{}), cursors: map[string]string{}, core: core, logs: logs}
}

func (h *env) take(_ context.Context, l Fetched) error {
	h.mu.Lock()
	refuse := h.refuse
	h.mu.Unlock()
	if refuse != nil {
		if err := refuse(l); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.letters = append(h.letters, l)
	close(h.told)
	h.told = make(chan struct{})
	return nil
}

func (h *env) refusing(f func(Fetched) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = f
}

func (h *env) Load(_ context.Context, key string) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cursors[key], nil
}

func (h *env) Save(_ context.Context, key, value string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.saveErr == nil {
		h.cursors[key] = value
		h.saved = append(h.saved, saved{value, len(h.letters)})
	}
	return h.saveErr
}

// taken lists what was taken, by subject.
func (h *env) taken() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, l := range h.letters {
		all = append(all, subject(l))
	}
	return all
}

func subject(l Fetched) string {
	for line := range strings.Lines(string(l.Raw)) {
		if s, ok := strings.CutPrefix(line, "Subject: "); ok {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// wait returns when every one of the subjects was taken.
func (h *env) wait(tb testing.TB, subjects ...string) {
	tb.Helper()
	h.until(tb, fmt.Sprintf("%d mails are taken", len(subjects)), func(letters []Fetched) bool {
		have := map[string]bool{}
		for _, l := range letters {
			have[subject(l)] = true
		}
		return !slices.ContainsFunc(subjects, func(s string) bool { return !have[s] })
	})
}

// until returns when cond holds of the letters that were taken. It is asked again with each letter.
func (h *env) until(tb testing.TB, what string, cond func([]Fetched) bool) {
	tb.Helper()
	deadline := time.After(60 * time.Second)
	for {
		h.mu.Lock()
		letters, told := slices.Clone(h.letters), h.told
		h.mu.Unlock()
		if cond(letters) {
			return
		}
		select {
		case <-told:
		case <-deadline:
			for _, e := range h.logs.All() {
				tb.Log(e.Level, e.Message, e.ContextMap())
			}
			tb.Fatalf("waited too long until %s; %d letters", what, len(letters))
		}
	}
}

// runs is a Mailbox that runs until the test ends, or stop.
type runs struct {
	*Mailbox
	cancel context.CancelFunc
	done   chan error
	rested chan string // folders that have nothing to do, as it happens
}

// run starts reading for the env, quick in everything that would take long.
func (h *env) run(tb testing.TB, cfg Config, tune ...func(*Mailbox)) *runs {
	tb.Helper()
	m, err := New(cfg, h, h.take, zap.New(h.core))
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	r := &runs{Mailbox: m, done: make(chan error, 1), rested: make(chan string, 1000)}
	m.parkAfter, m.parkAnyway = 0, 0
	m.backoff = func(int) time.Duration { return time.Millisecond }
	m.slow = func() time.Duration { return time.Millisecond }
	m.waiting = func(folder string, _ bool) {
		select {
		case r.rested <- folder:
		default:
		}
	}
	if !m.cfg.Idle {
		m.cfg.Poll = 20 * time.Millisecond
	}
	for _, t := range tune {
		t(m)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() { r.done <- m.Run(ctx) }()
	tb.Cleanup(func() { r.stop(tb) })
	return r
}

// stop ends Run, which must return nil at once. It is safe twice.
func (r *runs) stop(tb testing.TB) {
	tb.Helper()
	r.cancel()
	if err := r.ended(tb); err != nil {
		tb.Errorf("Run = %v, want nil", err)
	}
	r.done <- nil
}

func (r *runs) ended(tb testing.TB) error {
	tb.Helper()
	select {
	case err := <-r.done:
		return err
	case <-time.After(20 * time.Second):
		tb.Fatal("Run does not return")
		return nil
	}
}

// rests returns when the folder has nothing to do any more.
func (r *runs) rests(tb testing.TB, folder string) {
	tb.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case got := <-r.rested:
			if got == folder {
				return
			}
		case <-deadline:
			tb.Fatalf("folder %s does not come to rest: %+v", folder, r.State())
		}
	}
}

// eventually polls for what has no event.
func eventually(tb testing.TB, what string, cond func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(30 * time.Second); !cond(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("waited too long until %s", what)
		}
	}
}

func mailOf(subject string) []byte {
	return []byte("From: Jan <jan@example.com>\r\nTo: help@example.org\r\nSubject: " + subject + "\r\n\r\nGood day.\r\n")
}

func subjects(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s-%05d", prefix, i)
	}
	return all
}

// position is what the cursor holds of a folder.
func (h *env) position(tb testing.TB, r *runs, folder string) *position {
	tb.Helper()
	text, _ := h.Load(context.Background(), r.cursorKey(folder))
	if text == "" {
		return &position{}
	}
	p, err := decodePosition(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

var errAway = errors.New("the store is away")
