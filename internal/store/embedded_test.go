package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"loket/internal/store"
	"loket/internal/store/storetest"
)

func TestEmbeddedKeepsDataOverClose(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir := t.TempDir()
	for i, want := range []string{"", "0", "1"} {
		s := openEmbedded(t, dir, zap.NewNop())
		if want := (store.Info{Kind: "embedded", Durable: true}); s.Info() != want {
			t.Errorf("Info = %v, want %v", s.Info(), want)
		}
		if got, err := s.Cursor("web").Load(t.Context(), "k"); got != want || err != nil {
			t.Errorf("Load = %q, %v, want %q", got, err, want)
		}
		if err := s.Cursor("web").Save(t.Context(), "k", strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
		if advice, err := s.Advise(t.Context()); len(advice) > 0 || err != nil {
			t.Errorf("Advise = %v, %v, want none", advice, err)
		}
		pid := serverPID(t, s)
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
		if alive(pid) {
			t.Errorf("server %d lives after Close", pid)
		}
	}
}

func TestEmbeddedStandsUpAfterKill(t *testing.T) {
	core, logs := observer.New(zapcore.ErrorLevel)
	s := openEmbedded(t, t.TempDir(), zap.New(core))
	defer s.Close()
	var acknowledged, unanswered atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := int64(1); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			_, err := s.Run(context.Background(), put, []string{"{t}h"}, i, "x")
			switch {
			case err == nil:
				acknowledged.Store(i)
			case errors.Is(err, store.ErrAway):
				unanswered.Add(1)
				i-- // again: it may or may not have been done
			default:
				t.Errorf("Run = %v", err)
				return
			}
		}
	}()
	for round := range 2 {
		before := acknowledged.Load()
		eventually(t, "writes go on", func() bool { return acknowledged.Load() > before+100 })
		kill(t, serverPID(t, s))
		eventually(t, "the restart is logged", func() bool { return logs.Len() == round+1 })
		before = acknowledged.Load()
		eventually(t, "writes go on again", func() bool { return acknowledged.Load() > before+100 })
	}
	close(stop)
	<-stopped
	if unanswered.Load() == 0 {
		t.Error("no call was told that the store is away")
	}
	if n, err := s.Redis().HLen(t.Context(), "{t}h").Result(); n != acknowledged.Load() || err != nil {
		t.Errorf("%d kept, %v, want the %d acknowledged", n, err, acknowledged.Load())
	}
}

func TestEmbeddedDirectoryHasOneOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openEmbedded(t, dir, zap.NewNop())
	began := time.Now()
	_, err := store.Open(t.Context(), store.Config{URL: store.Defaults().URL, Data: dir}, zap.NewNop())
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), dir) || time.Since(began) > 5*time.Second {
		t.Errorf("second Open = %v after %v, want at once ErrInUse that names %s", err, time.Since(began), dir)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("the first store after the second's attempt: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	s = openEmbedded(t, dir, zap.NewNop())
	_ = s.Close()
}

// A process that serves an embedded store until it is killed; see TestEmbeddedDiesWithItsProcess.
func TestMain(m *testing.M) {
	dir := os.Getenv("LOKET_TEST_SERVE")
	if dir == "" {
		os.Exit(storetest.Main(m, 3))
	}
	s, err := store.Open(context.Background(), store.Config{URL: store.Defaults().URL, Data: dir}, zap.NewNop())
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if err := s.Cursor("web").Save(context.Background(), "k", "acknowledged"); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.Redis().InfoMap(context.Background(), "server").Item("Server", "process_id"))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func TestEmbeddedDiesWithItsProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 3 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "LOKET_TEST_SERVE="+dir)
		if _, err := cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, _ := bufio.NewReader(out).ReadString('\n')
		pid, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			_ = cmd.Process.Kill()
			t.Fatalf("the process said %q, want its server's pid", line)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()

		s := openEmbedded(t, dir, zap.NewNop()) // while the old server may still be ending
		if alive(pid) {
			t.Errorf("server %d lives beside the new one", pid)
		}
		if got, err := s.Cursor("web").Load(t.Context(), "k"); got != "acknowledged" || err != nil {
			t.Errorf("Load = %q, %v, want what was acknowledged before the kill", got, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
}

func TestEmbeddedWaitsForTheServerOfAKilledProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "redis"), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "redis", "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = store.Open(ctx, store.Config{URL: store.Defaults().URL, Data: dir}, zap.NewNop())
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("Open = %v, want ErrInUse that names %s", err, dir)
	}
	time.AfterFunc(100*time.Millisecond, func() { _ = f.Close() })
	s := openEmbedded(t, dir, zap.NewNop())
	_ = s.Close()
}

func TestEmbeddedSaysWhyItsServerDoesNotStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "redis", "appendonlydir"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "redis", "appendonlydir", "appendonly.aof.manifest"), []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), store.Config{URL: store.Defaults().URL, Data: dir}, zap.NewNop())
	if err == nil || !strings.Contains(err.Error(), "manifest") {
		t.Errorf("Open = %v, want what the server said of the manifest", err)
	}
}

func TestEmbeddedInADeepDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("deep", 25), "with a space")
	s := openEmbedded(t, dir, zap.NewNop())
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping = %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
}

func TestStandInWithoutServer(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Setenv("PATH", t.TempDir())
	dir := t.TempDir()
	core, logs := observer.New(zapcore.WarnLevel)
	s := openEmbedded(t, dir, zap.New(core))
	if want := (store.Info{Kind: "stand-in", Durable: false}); s.Info() != want {
		t.Errorf("Info = %v, want %v", s.Info(), want)
	}
	if logs.FilterMessageSnippet("GONE").Len() != 1 {
		t.Errorf("logs = %v, want one loud warning", logs.All())
	}
	if err := s.Cursor("web").Save(t.Context(), "k", "v"); err != nil {
		t.Errorf("Save = %v", err)
	}
	ran := false
	err := s.Hold(t.Context(), "web", time.Minute, func(context.Context) error { ran = true; return nil })
	if err != nil || !ran {
		t.Errorf("Hold = %v, ran %v", err, ran)
	}
	if _, err := store.Open(t.Context(), store.Config{URL: store.Defaults().URL, Data: dir}, zap.NewNop()); !errors.Is(err, store.ErrInUse) {
		t.Errorf("second Open = %v, want ErrInUse", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	s = openEmbedded(t, dir, zap.NewNop())
	if got, err := s.Cursor("web").Load(t.Context(), "k"); got != "" || err != nil {
		t.Errorf("Load after a restart = %q, %v, want nothing", got, err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
}

func TestStandInAsksForItsPassword(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	s := openEmbedded(t, t.TempDir(), zap.NewNop())
	defer s.Close()
	addr := s.Redis().(interface{ String() string }).String()
	_, addr, _ = strings.Cut(addr, "<")
	addr, _, _ = strings.Cut(addr, " ")
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = c.Write([]byte("*2\r\n$3\r\nGET\r\n$1\r\nx\r\n"))
	if line, _ := bufio.NewReader(c).ReadString('\n'); !strings.HasPrefix(line, "-NOAUTH") {
		t.Errorf("a stranger was answered %q, want NOAUTH", line)
	}
}

func TestStandInRefusesToHideStoredData(t *testing.T) {
	dir := t.TempDir()
	s := openEmbedded(t, dir, zap.NewNop())
	_ = s.Close()
	t.Setenv("PATH", t.TempDir())
	_, err := store.Open(t.Context(), store.Config{URL: store.Defaults().URL, Data: dir}, zap.NewNop())
	if err == nil || !strings.Contains(err.Error(), "redis-server") {
		t.Errorf("Open = %v, want an error that asks for redis-server", err)
	}
}

func openEmbedded(t *testing.T, dir string, log *zap.Logger) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URL: store.Defaults().URL, Data: dir}, log)
	if err != nil {
		t.Fatalf("Open = %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func serverPID(t *testing.T, s *store.Store) int {
	t.Helper()
	var pid int
	eventually(t, "the server tells its pid", func() bool {
		var err error
		pid, err = strconv.Atoi(s.Redis().InfoMap(t.Context(), "server").Item("Server", "process_id"))
		return err == nil
	})
	return pid
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %d: %v", pid, err)
	}
}

// alive tells whether the process runs; one that ended and that nobody has waited for yet does not.
func alive(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !strings.Contains(string(status), "State:\tZ")
}
