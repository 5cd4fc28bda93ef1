package e2e_test

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store/storetest"
)

func TestStoppedUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	d := newDaemon(t, fmt.Sprintf(standard, "url: unix://"+server.Socket)).start()
	s := &sender{d: d, accepted: map[string]bool{}}
	const messages = 600
	var next, done atomic.Int64
	var wg sync.WaitGroup
	var gate sync.RWMutex // closed while loket is down
	for range 8 {
		wg.Go(func() {
			for i := next.Add(1); i <= messages; i = next.Add(1) {
				for ok := false; !ok; {
					gate.RLock()
					ok = s.send(fmt.Sprintf("question %d", i))
					gate.RUnlock()
				}
				done.Add(1)
			}
		})
	}
	for n := range 3 {
		d.await("some messages", func() bool { return done.Load() >= int64(n+1)*messages/4 })
		d.stop()
		gate.Lock()
		d.start()
		gate.Unlock()
	}
	wg.Wait()
	s.expectEach()
}

// TestStoppingTakesNoLongerThanItMay: a customer who never ends their post, and a store that does not answer.
func TestStoppingTakesNoLongerThanItMay(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	d := newDaemon(t, fmt.Sprintf(standard, "url: unix://"+server.Socket)).start()
	slow, err := net.Dial("tcp", strings.TrimPrefix(d.public, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if _, err := fmt.Fprint(slow, "POST /in/website/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	defer rdb.Close()
	if err := rdb.Do(t.Context(), "CLIENT", "PAUSE", 60_000, "ALL").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.post("k", "while the store does not answer"); err != nil {
		t.Errorf("refused, though there is the spool: %v", err)
	}
	begun := time.Now()
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	d.await("loket to stop", d.dead)
	if took := time.Since(begun); took > 14*time.Second { // it may take 10, and this machine may be busy
		t.Errorf("stopping took %v", took)
	}
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit %d:\n%s", code, tail(d.log))
	}
}
