// Package storetest starts a real Redis for tests.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// New gives a store on an empty redis-server that the test has for itself. A missing redis-server fails the test.
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

// Server gives the unix socket of an empty redis-server that the test has for itself; with extra arguments one that is started with them.
func Server(tb testing.TB, args ...string) (socket string) {
	tb.Helper()
	if len(args) == 0 {
		return lend(tb)
	}
	return Start(tb, args...).Socket
}

// A Redis is a redis-server that a test may kill and start again.
type Redis struct {
	Socket string
	tb     testing.TB
	bin    string
	args   []string
	cmd    *exec.Cmd
	ended  chan struct{} // closed when the process is over
	said   *bytes.Buffer // what it printed; to be read when it has ended
}

// Start starts a redis-server with the extra arguments, which ends with the test. Without arguments of the test's
// it keeps nothing when killed; with "--appendonly", "yes", "--appendfsync", "always" it keeps what it answered.
// It listens on a socket; one that must listen on ports too is started by StartOn.
func Start(tb testing.TB, args ...string) *Redis {
	tb.Helper()
	r := newRedis(tb)
	r.args = append(r.args, args...)
	r.Restart()
	return r
}

// newRedis is one that is not started yet.
func newRedis(tb testing.TB) *Redis {
	tb.Helper()
	bin, dir := prepare(tb)
	r := &Redis{Socket: filepath.Join(dir, socketName), tb: tb, bin: bin, args: plainArgs(dir)}
	tb.Cleanup(func() {
		r.Kill()
		_ = os.RemoveAll(dir)
	})
	return r
}

const socketName = "s"

// prepare finds the program of a server and makes a directory for it.
func prepare(tb testing.TB) (bin, dir string) {
	tb.Helper()
	redis.SetLogger(silent{})
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		tb.Fatalf("redis-server is needed for this test (Debian: apt install redis-server): %v", err)
	}
	// Not tb.TempDir: a socket's path is at most 108 bytes.
	dir, err = os.MkdirTemp("", "loket")
	if err != nil {
		tb.Fatal(err)
	}
	return bin, dir
}

// plainArgs are those of a server in dir that keeps nothing when it ends.
func plainArgs(dir string) []string {
	return []string{"--port", "0", "--unixsocket", filepath.Join(dir, socketName), "--dir", dir, "--save", "", "--loglevel", "warning"}
}

// Kill ends the server as kill -9 does.
func (r *Redis) Kill() {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Kill()
	<-r.ended
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
	if err := r.start(); err != nil {
		r.tb.Fatal(err)
	}
}

// start is Restart, for those who can do something about a server that ends at once.
func (r *Redis) start() error {
	r.Kill()
	r.said = &bytes.Buffer{}
	cmd := exec.Command(r.bin, r.args...)
	cmd.Stdout, cmd.Stderr = r.said, r.said
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	r.cmd, r.ended = cmd, ended
	return await(r.Socket, ended, func() error { return fmt.Errorf("%w: %s", errEnded, r.said) })
}

// errEnded is that of a server that was started and is over before it answered.
var errEnded = errors.New("redis-server ended")

// await waits until the server of a socket answers, for as long as a busy machine may take, or until it has ended.
func await(socket string, ended <-chan struct{}, why func() error) error {
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: -1, DialerRetries: 1})
	defer c.Close()
	deadline := time.Now().Add(time.Minute)
	for {
		err := c.Ping(context.Background()).Err()
		if err == nil || redis.HasErrorPrefix(err, "NOAUTH") {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("redis-server does not answer: %w", err)
		}
		select {
		case <-ended:
			return why()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// silent keeps the client library from writing to stderr.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
