package store

import (
	"context"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"loket/internal/secret"
)

func TestAnEmbeddedServerThatHangsIsStartedAgain(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Config{URL: secret.New(Embedded), Data: t.TempDir()}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if s.Info().Kind != "embedded" {
		t.Fatal("redis-server is needed for this test")
	}
	s.hangs = 100 * time.Millisecond
	if err := s.Cursor("web").Save(t.Context(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	info, err := s.rdb.InfoMap(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(info["Server"]["process_id"])
	if err != nil {
		t.Fatal(err)
	}
	server, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Signal(syscall.SIGCONT) }) // or closing would wait for it
	ctx, cancel := context.WithCancel(t.Context())
	watched := make(chan error)
	go func() { watched <- s.Watch(ctx, zap.NewNop()) }()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		// Acknowledged is kept, by the server that was ended too.
		if got, err := s.Cursor("web").Load(t.Context(), "k"); err == nil && got == "v" {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("Load = %q, %v; want the store back", got, err)
		}
	}
	cancel()
	if err := <-watched; err != nil {
		t.Errorf("Watch = %v", err)
	}
}
