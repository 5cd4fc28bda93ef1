// Package storetest starts a real Redis for tests.
package storetest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// New gives a store on a redis-server of the test's own, which ends with it. A missing redis-server fails the test.
func New(tb testing.TB) *store.Store {
	tb.Helper()
	s := store.New(redis.NewClient(&redis.Options{Network: "unix", Addr: Server(tb)}), store.Info{Kind: "redis", Durable: true}, nil)
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// Server starts a redis-server of the test's own with the extra arguments and gives its unix socket.
func Server(tb testing.TB, args ...string) (socket string) {
	tb.Helper()
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		tb.Fatalf("redis-server is needed for this test (Debian: apt install redis-server): %v", err)
	}
	// Not tb.TempDir: a socket's path is at most 108 bytes.
	dir, err := os.MkdirTemp("", "loket")
	if err != nil {
		tb.Fatal(err)
	}
	socket = filepath.Join(dir, "s")
	cmd := exec.Command(bin, append([]string{"--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--loglevel", "warning"}, args...)...)
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start redis-server: %v", err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	})
	await(tb, socket)
	return socket
}

func await(tb testing.TB, socket string) {
	tb.Helper()
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: -1})
	defer c.Close()
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := c.Ping(context.Background()).Err()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("redis-server does not answer: %v", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
