package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"loket/connectors"
	"loket/internal/message"
	"loket/router/outbox"
	"loket/router/queue"
)

func TestInDoubtWithoutAFinderIsForTheAgent(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]func(context.Context, *message.Message) (connectors.Receipt, error){
		"said so":   fails(connectors.InDoubt(errors.New("connection lost after the data"))),
		"timed out": fails(fmt.Errorf("send: connection lost: %w", context.DeadlineExceeded)),
		"panicked":  func(context.Context, *message.Message) (connectors.Receipt, error) { panic("connection lost") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newEnv(t)
			c := &channel{say: []func(context.Context, *message.Message) (connectors.Receipt, error){say}}
			h.run(c)
			task, reply := h.answered(1, "website")
			h.becomes(reply, queue.ReplyDoubt)
			got := h.task(task)
			if got.State != queue.Queued || !strings.Contains(got.Failure, "connection lost") {
				t.Errorf("task = %+v", got)
			}
			if due, err := h.queue.DueReplies(t.Context(), 0, 10); err != nil || len(due) != 0 {
				t.Errorf("DueReplies = %v, %v; want nothing: a person decides", due, err)
			}
			if _, err := h.queue.Resend(t.Context(), reply, "anna"); err != nil {
				t.Fatal(err)
			}
			h.becomes(reply, queue.ReplyDone)
			if n := c.handed()[reply]; n != 2 {
				t.Errorf("handed over %d times, want 2", n)
			}
		})
	}
}

func TestInDoubtIsFoundOut(t *testing.T) {
	t.Parallel()
	for _, found := range []bool{true, false} {
		t.Run(fmt.Sprint("the channel has it: ", found), func(t *testing.T) {
			h := newEnv(t)
			var asked atomic.Int32
			f := &finder{find: func(m *message.Message) (connectors.Receipt, bool, error) {
				if asked.Add(1) == 1 {
					return connectors.Receipt{}, false, errors.New("cannot say now")
				}
				return connectors.Receipt{ID: "found", State: connectors.Sent}, found, nil
			}}
			f.say = append(f.say, fails(connectors.InDoubt(errors.New("connection lost"))))
			h.run(f)
			task, reply := h.answered(1, "website")
			for n := range 2 {
				h.eventually("it is in doubt", func() bool {
					r, err := h.queue.ReplyByID(t.Context(), reply)
					return err == nil && r.State == queue.ReplyDoubt && r.Token == "" && int(asked.Load()) == n
				})
				if got := h.task(task); got.State != queue.Waiting {
					t.Errorf("task is %s while the channel is asked, want it to wait", got.State)
				}
				h.soon(reply)
			}
			r := h.becomes(reply, queue.ReplyDone)
			want := map[bool]int{true: 1, false: 2}[found]
			if n := f.handed()[reply]; n != want {
				t.Errorf("handed over %d times, want %d", n, want)
			}
			if found && r.ChannelID != "found" {
				t.Errorf("reply = %+v", r)
			}
		})
	}
}

func TestProcessThatVanishesWhileSending(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"sending", "handed", "recorded"} {
		for _, canFind := range []bool{true, false} {
			t.Run(fmt.Sprint(step, ", the channel can be asked: ", canFind), func(t *testing.T) {
				h := newEnv(t)
				c := &finder{}
				c.find = func(m *message.Message) (connectors.Receipt, bool, error) {
					return connectors.Receipt{ID: "c-" + m.ID, State: connectors.Sent}, c.handed()[m.ID] > 0, nil
				}
				var sender connectors.Sender = c
				if !canFind {
					sender = &c.channel
				}
				gone := make(chan struct{})
				_, stop := h.run(sender, func(o *outbox.Options) {
					o.Step = func(s string) {
						if s == step {
							close(gone)
							runtime.Goexit()
						}
					}
				})
				task, reply := h.answered(1, "website")
				<-gone
				stop()
				if r, err := h.queue.ReplyByID(t.Context(), reply); err != nil || r.State != queue.ReplySending {
					t.Fatalf("reply = %+v, %v; want it under way", r, err)
				}
				h.soon(reply)
				h.run(sender)
				if !canFind {
					h.becomes(reply, queue.ReplyDoubt)
					h.eventually("the agent is told", func() bool { return h.task(task).State == queue.Queued })
					if n := c.handed()[reply]; n > 1 {
						t.Errorf("handed over %d times", n)
					}
					return
				}
				h.becomes(reply, queue.ReplyDone)
				if n := c.handed()[reply]; n != 1 {
					t.Errorf("handed over %d times, want once", n)
				}
				entries, err := h.threads.Messages(t.Context(), h.task(task).Threads[0], 10)
				if err != nil || len(entries) != 2 {
					t.Errorf("the thread has %d messages, %v; want the question and one answer", len(entries), err)
				}
			})
		}
	}
}
