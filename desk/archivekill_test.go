package desk_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"loket/desk/customers"
	"loket/internal/store/storetest"
)

// A process that finds these in its environment archives, or erases, and is killed at a step.
const (
	killSocketVar = "LOKET_TEST_ARCHIVE_SOCKET"
	killDirVar    = "LOKET_TEST_ARCHIVE_DIR"
	killStepVar   = "LOKET_TEST_ARCHIVE_STEP" // with the how manieth time, as many dots
	killEraseVar  = "LOKET_TEST_ARCHIVE_ERASE"
)

func TestKilledWhileArchiving(t *testing.T) {
	t.Parallel()
	if os.Getenv(killSocketVar) != "" && os.Getenv(killEraseVar) == "" {
		h := victim(t)
		if _, err := h.desk.Archive(t.Context(), over()); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, step := range []string{
		"archive-thread-written", "archive-thread-gone", "archive-task-written", "archive-task-gone",
		"archive-thread-written.", "archive-task-gone..", "archive-task-written...",
	} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := storetest.Start(t)
			dir := t.TempDir()
			h := newEnv(t, storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket}), dir, nil)
			h.customers = []string{h.register("kate"), h.register("bob")}
			tasks, threads := h.street()
			before := h.seen(tasks, threads)
			die(t, "TestKilledWhileArchiving", server.Socket, dir, step, "")
			if diff := cmp.Diff(before, h.seen(tasks, threads)); diff != "" {
				t.Errorf("what is seen changed by the kill (-before +after):\n%s", diff)
			}
			h.healthy()
			for _, want := range []bool{true, false} {
				done, err := h.desk.Archive(t.Context(), over())
				if err != nil || done.Failed > 0 || done.Tasks > 0 != want {
					t.Errorf("Archive afterwards = %+v, %v", done, err)
				}
			}
			if diff := cmp.Diff(before, h.seen(tasks, threads)); diff != "" {
				t.Errorf("what is seen changed (-before +after):\n%s", diff)
			}
			h.healthy()
		})
	}
}

func TestKilledWhileErasingWhatIsArchived(t *testing.T) {
	t.Parallel()
	if who := os.Getenv(killEraseVar); who != "" {
		h := victim(t)
		_, err := h.service.Erase(t.Context(), h.by("anna"), who, customers.Erasure{Because: customers.Because{Reason: "asked"}})
		t.Fatal(err)
	}
	for _, step := range []string{"restore-task-back", "restore-task-back.", "restore-thread-back", "restore-thread-back.", "erase-threads", "erase-queue"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := storetest.Start(t)
			dir := t.TempDir()
			h := newEnv(t, storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket}), dir, nil)
			kate := h.register("kate")
			h.street()
			h.archives(closedInStreet)
			die(t, "TestKilledWhileErasingWhatIsArchived", server.Socket, dir, step, kate)
			if _, err := h.desk.Archive(t.Context(), over()); err != nil { // the next process begins with that, in the worst case
				t.Fatal(err)
			}
			if left, err := h.service.ResumeErasures(t.Context()); left > 0 || err != nil {
				t.Fatalf("ResumeErasures = %d, %v", left, err)
			}
			h.forgotten()
			h.healthy()
		})
	}
}

// victim is the env of the process that is to die.
func victim(t *testing.T) *env {
	step := os.Getenv(killStepVar)
	left := 1 + strings.Count(step, ".")
	step = strings.TrimRight(step, ".")
	return newEnv(t, storetest.On(t, &redis.Options{Network: "unix", Addr: os.Getenv(killSocketVar)}), os.Getenv(killDirVar), func(name string) {
		if name != step {
			return
		}
		if left--; left == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
}

// die runs a test in a process of its own, and wants it to be killed.
func die(t *testing.T, test, socket, dir, step, who string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^"+test+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), killSocketVar+"="+socket, killDirVar+"="+dir, killStepVar+"="+step, killEraseVar+"="+who)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("the process that was to die at %s: %v\n%s", step, err, out)
	}
}
