// Package storetest starts a real Redis for tests.
package storetest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// New gives a store on a redis-server of the test's own, which ends with it. A missing redis-server fails the test.
func New(tb testing.TB) *store.Store {
	tb.Helper()
	return On(tb, &redis.Options{Network: "unix", Addr: Server(tb)})
}

// On gives a store on a server that runs. It is closed with the test. When the server is killed, calls soon say so.
func On(tb testing.TB, opt *redis.Options) *store.Store {
	tb.Helper()
	opt.DialerRetries, opt.ContextTimeoutEnabled = 1, true
	s := store.New(redis.NewClient(opt), store.Info{Kind: "redis", Durable: true}, nil)
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// Server starts a redis-server of the test's own with the extra arguments and gives its unix socket.
func Server(tb testing.TB, args ...string) (socket string) {
	tb.Helper()
	return Start(tb, args...).Socket
}

// A Redis is a redis-server that a test may kill and start again.
type Redis struct {
	Socket string
	tb     testing.TB
	bin    string
	args   []string
	cmd    *exec.Cmd
}

// Start starts a redis-server with the extra arguments, which ends with the test. Without arguments of the test's
// it keeps nothing when killed; with "--appendonly", "yes", "--appendfsync", "always" it keeps what it answered.
func Start(tb testing.TB, args ...string) *Redis {
	tb.Helper()
	redis.SetLogger(silent{})
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		tb.Fatalf("redis-server is needed for this test (Debian: apt install redis-server): %v", err)
	}
	// Not tb.TempDir: a socket's path is at most 108 bytes.
	dir, err := os.MkdirTemp("", "loket")
	if err != nil {
		tb.Fatal(err)
	}
	r := &Redis{Socket: filepath.Join(dir, "s"), tb: tb, bin: bin}
	r.args = append([]string{
		"--port", "0", "--unixsocket", r.Socket, "--dir", dir, "--save", "", "--loglevel", "warning",
	}, args...)
	tb.Cleanup(func() {
		r.Kill()
		_ = os.RemoveAll(dir)
	})
	r.Restart()
	return r
}

// Kill ends the server as kill -9 does.
func (r *Redis) Kill() {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
	r.cmd = nil
}

// Freeze has the server take calls and answer none, until Thaw.
func (r *Redis) Freeze() { r.signal(syscall.SIGSTOP) }

// Thaw has a frozen server go on; it does then what it was asked meanwhile.
func (r *Redis) Thaw() { r.signal(syscall.SIGCONT) }

func (r *Redis) signal(s syscall.Signal) {
	r.tb.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.tb.Fatalf("signal redis-server: %v", err)
	}
}

// Restart starts the server again, killing it first if it runs, and waits until it answers.
func (r *Redis) Restart() {
	r.tb.Helper()
	r.Kill()
	cmd := exec.Command(r.bin, r.args...)
	if err := cmd.Start(); err != nil {
		r.tb.Fatalf("start redis-server: %v", err)
	}
	r.cmd = cmd
	await(r.tb, r.Socket)
}

func await(tb testing.TB, socket string) {
	tb.Helper()
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: -1, DialerRetries: 1})
	defer c.Close()
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := c.Ping(context.Background()).Err()
		if err == nil || redis.HasErrorPrefix(err, "NOAUTH") {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("redis-server does not answer: %v", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// silent keeps the client library from writing to stderr.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
