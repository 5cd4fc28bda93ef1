package e2e_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/desk/api"
	"loket/internal/soak"
	"loket/internal/store/storetest"
)

// oneKey lets links of one process be good at another.
const oneKey = "secret_key: a-key-that-both-of-them-have\n"

// TestTwoLoketsOnOneStore: both take in, both sweep, both send; one of them dies again and again.
func TestTwoLoketsOnOneStore(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	configuration := fmt.Sprintf(standard, "url: unix://"+server.Socket) + oneKey
	one, two := newDaemon(t, configuration).start(), newDaemon(t, configuration).start()
	messages := soak.Pick(int64(80), 200)
	var posted, answered atomic.Int64
	var wg sync.WaitGroup
	var gate sync.RWMutex // closed while the second is down
	pages := make([]string, messages)
	for w := range 4 {
		wg.Go(func() {
			for i := posted.Add(1); i <= messages; i = posted.Add(1) {
				text := fmt.Sprintf("question %d.", i)
				for d := []*daemon{one, two}[w%2]; ; {
					gate.RLock()
					a, err := d.post(text, text) // under one key: what is not answered is sent again
					gate.RUnlock()
					if err == nil {
						pages[i-1] = a.Thread[strings.Index(a.Thread, "/t/"):]
						break
					}
				}
			}
		})
	}
	for w := range 6 {
		wg.Go(func() {
			agent, d := fmt.Sprint("agent", w), []*daemon{one, two}[w%2]
			for request := 0; answered.Load() < messages && t.Context().Err() == nil; request++ {
				ok := answerNext(t.Context(), fmt.Sprint(agent, "-", request), func(call func(*api.Client) error) {
					d.again(agent+" to be answered", func() error {
						gate.RLock()
						defer gate.RUnlock()
						return call(d.client(agent))
					})
				})
				if ok {
					answered.Add(1)
				}
			}
		})
	}
	for killed := range 3 {
		at := int64(killed+1) * messages / 4
		one.await("some answers", func() bool { return answered.Load() >= at })
		two.kill()
		gate.Lock()
		two.start()
		gate.Unlock()
	}
	wg.Wait()
	makeDue(t, server.Socket)
	sendDue(one, server.Socket)
	s := &sender{d: one, accepted: map[string]bool{}}
	for i := range messages {
		s.accepted[fmt.Sprintf("question %d.", i+1)] = true
	}
	s.expectEach()
	for i, page := range pages {
		question := fmt.Sprintf("question %d.", i+1)
		one.await("the answer to "+question, func() bool { return strings.Contains(one.get(one.public+page), "answer to "+question) })
		if n := strings.Count(two.get(two.public+page), "answer to "+question); n != 1 {
			t.Errorf("the answer to %s stands %d times", question, n)
		}
	}
	one.healthy()
	one.stop()
	two.stop()
}

// sendDue waits until only those replies are on their way out whose process died, and lets the living take them up
// now instead of when their sending lapses.
func sendDue(d *daemon, socket string) {
	d.tb.Helper()
	ctx := d.tb.Context()
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	defer rdb.Close()
	var before string
	since := time.Now()
	d.await("replies to stand still", func() bool {
		now := fmt.Sprint(rdb.ZRangeWithScores(ctx, "lk:{q}:s", 0, -1).Val())
		if now != before {
			before, since = now, time.Now()
		}
		return time.Since(since) > 2*time.Second
	})
	for _, id := range rdb.ZRange(ctx, "lk:{q}:s", 0, -1).Val() {
		card := rdb.HGet(ctx, "lk:{q}:o", id).Val()
		rdb.HSet(ctx, "lk:{q}:o", id, regexp.MustCompile(`"next":\d+`).ReplaceAllString(card, `"next":1`))
		rdb.ZAddXX(ctx, "lk:{q}:s", redis.Z{Score: 1, Member: id})
	}
}

// answerNext claims a task and answers it; do makes one call, again until it has an answer. It gives false when there
// was nothing to claim.
func answerNext(ctx context.Context, request string, do func(func(agent *api.Client) error)) (ok bool) {
	var task *api.Task
	do(func(agent *api.Client) (err error) {
		task, err = agent.Claim(ctx, "support", 200*time.Millisecond, request)
		return err
	})
	if task == nil {
		return false
	}
	do(func(agent *api.Client) error {
		_, err := agent.Reply(ctx, task.ID, api.Answer{Text: "answer to " + task.Messages[0].Text, Close: true, Key: task.ID})
		return err
	})
	return true
}

// TestLostAnswersOfTheStore: a script has run and its answer is lost, so that the client runs it again; or each of
// the client's tries loses its answer, and whoever asked asks again.
func TestLostAnswersOfTheStore(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	between := newLossy(t, server.Socket)
	d := newDaemon(t, fmt.Sprintf(standard, "url: unix://"+between.socket)).start()
	n := 0
	for _, script := range []struct {
		path string
		uses int // in one walk with an answer
	}{
		{"router/intake/scripts/admit.lua", 1},
		{"router/thread/scripts/place.lua", 1},
		{"router/queue/scripts/put.lua", 1},
		{"router/intake/scripts/ack.lua", 1},
		{"router/queue/scripts/claim.lua", 1},
		{"internal/store/scripts/load.lua", 6},
		{"internal/store/scripts/commit.lua", 4},
	} {
		source, err := os.ReadFile(filepath.Join("..", "..", script.path))
		if err != nil {
			t.Fatal(err)
		}
		for use := range script.uses {
			for _, losses := range []int{1, 3} {
				n++
				question := fmt.Sprintf("question %d.", n)
				between.lose(source, use, losses)
				page := walkOnce(t, d, question)
				if between.left() == losses && use == 0 {
					t.Errorf("%s was not used: the test tests nothing", script.path)
				}
				between.lose(nil, 0, 0)
				d.await("the answer", func() bool { return strings.Contains(d.get(page), "answer to "+question) })
				text := d.get(page)
				if strings.Count(text, "answer to "+question) != 1 || strings.Count(text, ">"+question) != 1 {
					t.Errorf("%s, use %d, %d answers lost: the conversation is\n%s", script.path, use, losses, text)
				}
			}
		}
	}
	d.settled()
	if tasks := d.tasks("support"); len(tasks) != n {
		t.Errorf("%d tasks of %d messages", len(tasks), n)
	}
	d.healthy()
}

// again makes a call until it has no error.
func (d *daemon) again(what string, call func() error) {
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := call()
		if err == nil || d.tb.Context().Err() != nil {
			return
		}
		if time.Now().After(deadline) {
			d.tb.Errorf("waited too long for %s: %v", what, err)
			return
		}
	}
}

// walkOnce brings a message in and answers it, asking again until it is done. It gives the customer's page.
func walkOnce(t *testing.T, d *daemon, question string) string {
	t.Helper()
	var page string
	d.await("the message to be accepted", func() bool {
		a, err := d.post(question, question)
		if err == nil {
			page = d.page(a)
		}
		return err == nil
	})
	request := strings.TrimSuffix(strings.TrimPrefix(question, "question "), ".")
	d.await("something to answer", func() bool {
		return answerNext(t.Context(), request, func(call func(*api.Client) error) {
			d.again("an answer of the desk", func() error { return call(d.client("anna")) })
		})
	})
	return page
}

// A lossy is between loket and Redis, and loses answers to scripts.
type lossy struct {
	tb     testing.TB
	socket string
	server string

	mu     sync.Mutex
	sha    []byte
	skip   int // uses that are answered still
	losses int
}

func newLossy(tb testing.TB, server string) *lossy {
	tb.Helper()
	dir, err := os.MkdirTemp("", "lossy") // a socket's path is at most 108 bytes
	if err != nil {
		tb.Fatal(err)
	}
	l := &lossy{tb: tb, socket: filepath.Join(dir, "s"), server: server}
	on, err := net.Listen("unix", l.socket)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = on.Close()
		_ = os.RemoveAll(dir)
	})
	go func() {
		for {
			c, err := on.Accept()
			if err != nil {
				return
			}
			go l.serve(c)
		}
	}()
	return l
}

// lose loses the answers to a script, so many times, after so many uses.
func (l *lossy) lose(source []byte, skip, losses int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sum := sha1.Sum(source)
	l.sha, l.skip, l.losses = []byte(hex.EncodeToString(sum[:])), skip, losses
}

func (l *lossy) left() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.losses
}

// loses tells whether what is asked loses its answer.
func (l *lossy) loses(asked []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.losses == 0 || !bytes.Contains(asked, l.sha) {
		return false
	}
	if l.skip > 0 {
		l.skip--
		return false
	}
	l.losses--
	return true
}

func (l *lossy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", l.server)
	if err != nil {
		return
	}
	defer server.Close()
	var lost atomic.Bool
	go func() {
		defer client.Close()
		answer := make([]byte, 64<<10)
		for {
			n, err := server.Read(answer)
			if err != nil || lost.Load() { // it has answered, so it has done it
				return
			}
			if _, err := client.Write(answer[:n]); err != nil {
				return
			}
		}
	}()
	asked := make([]byte, 1<<20)
	for {
		n, err := client.Read(asked)
		if err != nil {
			return
		}
		if l.loses(asked[:n]) {
			lost.Store(true)
		}
		if _, err := server.Write(asked[:n]); err != nil && !errors.Is(err, io.EOF) {
			return
		}
	}
}
