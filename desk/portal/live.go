package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"loket/internal/message"
	"loket/router/thread"
)

const (
	// livePerClient pages of one address, and liveInAll of all, hear of changes at the same time. Others look for
	// themselves. Many share an address: a firm, or the customers of a mobile network.
	livePerClient, liveInAll = 50, 2000
	// livePerThread pages of one thread do.
	livePerThread = 10
	// liveBeat is how often a stream says that it is there, and looks whether its thread came to another task.
	liveBeat = 15 * time.Second
	// soon is after what a thread is looked for again whose first message is on its way, at first.
	soon = 500 * time.Millisecond
	// liveFor is how long one stream lasts: the browser opens the next by itself.
	liveFor = 30 * time.Minute
)

// settling is when a thread is looked at after a hint: an answer is in the queue before it is in the thread.
var settling = []time.Duration{0, 300 * time.Millisecond, time.Second, 3 * time.Second}

// live tells a page when what it shows has changed (server-sent events). It tells nothing else: the page is fetched anew.
func (p *Portal) live(w http.ResponseWriter, r *http.Request, id string) {
	if r.Method != http.MethodGet {
		p.wrongMethod(w, r, "GET")
		return
	}
	if wait := p.reads.Take(r.RemoteAddr); wait > 0 {
		p.refuse(w, r, tooMany(wait))
		return
	}
	leave, ok := p.streams.Enter(r.RemoteAddr)
	if !ok {
		p.refuse(w, r, tooMany(liveBeat))
		return
	}
	defer leave()
	if !p.followers.enter(id) {
		p.refuse(w, r, tooMany(liveBeat))
		return
	}
	defer p.followers.leave(id)
	if p.erased(r.Context(), id) {
		p.refuse(w, r, gone())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), liveFor)
	defer cancel()
	go func() {
		select {
		case <-p.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	s := &stream{p: p, w: w, control: http.NewResponseController(w), thread: id, typing: r.URL.Query().Has("typing")}
	_ = s.control.SetReadDeadline(time.Time{}) // nothing more is to be read, but it must not end the stream
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	s.follow(ctx)
}

// A stream follows one thread for one page.
type stream struct {
	p       *Portal
	w       http.ResponseWriter
	control *http.ResponseController
	thread  string
	told    string // the version that was told last
	moves   bool   // what it shows may change without an event of its task: the customer's place in the line, that one of us reads
	typing  bool   // it tells who is writing
	writing bool   // and told that somebody is
}

// follow ends with ctx, and when nobody reads any more.
func (s *stream) follow(ctx context.Context) {
	for ctx.Err() == nil {
		task := s.task(ctx)
		hints, stop := s.p.watch(task)
		err := s.look(ctx) // after the watch began, so that nothing falls between
		for pause := soon; err == nil && ctx.Err() == nil && s.task(ctx) == task; pause = min(2*pause, liveBeat) {
			if task != "" {
				pause = liveBeat
			}
			err = s.wait(ctx, task, hints, pause)
		}
		stop()
		if err != nil {
			return
		}
	}
}

// wait waits for a hint, and then for what it is of; at most for a beat.
func (s *stream) wait(ctx context.Context, task string, hints <-chan struct{}, beat time.Duration) error {
	var ask <-chan time.Time
	if s.typing {
		tick := time.NewTicker(askEvery)
		defer tick.Stop()
		ask = tick.C
	}
	for over, hinted := time.After(beat), false; !hinted; {
		select {
		case <-ctx.Done():
			return nil
		case <-over:
			if s.moves {
				if err := s.look(ctx); err != nil {
					return err
				}
			}
			return s.send(": here\n\n")
		case <-ask:
			if err := s.tellTyping(ctx, task); err != nil {
				return err
			}
		case <-hints:
			hinted = true
		}
	}
	for _, after := range settling {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(after):
		}
		if err := s.look(ctx); err != nil {
			return err
		}
	}
	return nil
}

// task is the one that the thread belongs to now, "" when that can't be told.
func (s *stream) task(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	th, err := s.p.threads.Find(ctx, s.thread)
	if err != nil {
		return ""
	}
	return th.Task
}

// look says which version of the page there is, when that is another than the one told last; the page knows its own. What can't be read now
// is as it was. Its error is that of sending, or that the thread was erased.
func (s *stream) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	th, err := s.p.threads.Find(ctx, s.thread)
	if errors.Is(err, thread.ErrForgotten) {
		return err // the page asks again, and is told
	}
	if err != nil {
		return nil
	}
	newest, _, err := s.p.threads.Newest(ctx, th.ID, maxVersioned, maxShown)
	if err != nil {
		return nil
	}
	said := &threadView{matter: s.p.matter(ctx, th)}
	said.show(th, newest)
	s.moves = said.matter.InLine || said.unread()
	version := said.version()
	if version == s.told {
		return nil
	}
	s.told = version
	return s.send("event: version\ndata: " + version + "\n\n")
}

// followers counts the streams of each thread: each reads it, so one thread must not have many.
type followers struct {
	mu sync.Mutex
	of map[string]int
}

func (f *followers) enter(thread string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of[thread] >= livePerThread {
		return false
	}
	f.of[thread]++
	return true
}

func (f *followers) leave(thread string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of[thread]--; f.of[thread] == 0 {
		delete(f.of, thread)
	}
}

// maxVersioned is in how many of the newest messages the last is looked for that the page shows: others may have written to a thread.
const maxVersioned = 5

// unread tells whether the customer wrote last, and none of us has read it yet.
func (s *threadView) unread() bool {
	n := len(s.messages)
	return n > 0 && s.matter.Read != nil && s.messages[n-1].Direction == message.In && !s.matter.hasRead(s.messages[n-1])
}

// version differs when the page shows something else.
func (s *threadView) version() string {
	last := ""
	if n := len(s.messages); n > 0 {
		last = s.messages[n-1].ID
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %s %d %d", last, s.matter.State, s.matter.AnswerBy.UnixMilli(), s.matter.Rating, s.matter.Before, s.matter.ReadTo))
	return hex.EncodeToString(sum[:8])
}

// send writes and flushes, and gives up on a reader who does not take it.
func (s *stream) send(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(liveBeat))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
