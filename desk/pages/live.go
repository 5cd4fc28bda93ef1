package pages

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	"loket/desk"
	"loket/desk/people"
)

const (
	// beat is how often a stream says that it is there, and looks whether its person still is.
	beat = 15 * time.Second
	// streamsEach is how many streams a person may have: each browser has one for all of its tabs.
	streamsEach = 4
)

// errEnded says that whoever follows may not any more, or does not keep up.
var errEnded = errors.New("the stream is over")

// live streams to one browser what happens to the tasks that its person may see (server-sent events):
//
//   - row: a task as it stands in lists; its id is that of the event
//   - call: why the task of the row before it may call the person, who chooses what does
//   - gone: a task that went where the person does not see it
//   - reload: too much happened to be told; what is shown is to be read anew
//   - here: who looks at a task, and who writes in it
//   - beat: nothing, every 15 s, so that a stream that is dead is noticed; a browser answers it by /live/here, with the tasks that it shows
//
// It begins after the event of the parameter after. What happened to a task until it could be told is told once.
func (h *Handler) live(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	if !h.enterStream(w, v.words, v.by.Agent) {
		return
	}
	defer h.streams.leave(v.by.Agent)
	s := h.hub.join(v.by, v.words.Lang)
	defer h.hub.leave(s)
	after := r.URL.Query().Get("after")
	if after != "" {
		if err := h.hub.catchUp(r.Context(), s, after); err != nil {
			h.trouble(w, r, v.words, err)
			return
		}
	}
	h.metrics.stream(1)
	defer h.metrics.stream(-1)
	out := &stream{h: h, r: r, w: w, control: http.NewResponseController(w), sub: s, visitor: v}
	out.metered(out.run(r.Context()))
}

// enterStream counts one more stream of somebody, or answers that they have too many; then leave is to be called.
func (h *Handler) enterStream(w http.ResponseWriter, words *words, who string) bool {
	if h.streams.enter(who) {
		return true
	}
	w.Header().Set("Retry-After", "10")
	h.problem(w, words, http.StatusTooManyRequests, words.Busy)
	return false
}

// A stream is the answer that does not end.
type stream struct {
	h       *Handler
	r       *http.Request
	w       http.ResponseWriter
	control *http.ResponseController
	sub     *subscriber
	visitor *visitor // nil for a board
}

// begin says what follows, and that it has no end.
func (s *stream) begin() {
	_ = s.control.SetReadDeadline(time.Time{}) // nothing more is to be read, but it must not end the stream
	header := s.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no")
}

func (s *stream) run(ctx context.Context) error {
	s.begin()
	defer s.h.hub.left(s.sub)
	if err := s.beat(); err != nil {
		return err
	}
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err = s.signedIn(ctx); err == nil {
				err = s.beat()
			}
		case <-s.sub.wake:
			err = s.tell(ctx)
		}
		if err != nil {
			return err
		}
	}
}

func (s *stream) beat() error { return s.send(event("beat", "", told{Stream: s.sub.id})) }

// tell sends what is new.
func (s *stream) tell(ctx context.Context) error {
	if err := s.mayStill(); err != nil {
		return err
	}
	notices, behind := s.sub.take()
	if behind {
		last, err := s.h.desk.LastEvent(ctx)
		if err != nil {
			return err
		}
		s.sub.skip(last)
		return s.send(event("reload", last, told{}))
	}
	var text strings.Builder
	for _, n := range notices {
		text.WriteString(n.text)
		text.WriteString(n.call)
	}
	err := s.send(text.String())
	if err == nil {
		s.h.metrics.told(notices)
	}
	return err
}

// mayStill is an error when the person's rights are not those with which the stream began: it may begin again.
func (s *stream) mayStill() error {
	who, err := s.h.access().Person(s.visitor.by.Agent)
	if err == nil && !reflect.DeepEqual(who, s.visitor.by.Principal) {
		err = errEnded
	}
	return err
}

// signedIn is an error when the session is over. That a page stands open is no use of it.
func (s *stream) signedIn(ctx context.Context) error {
	_, err := s.h.people.Signed(ctx, s.h.token(s.r))
	if err == nil || desk.IsAway(err) { // a store that is away signs nobody out
		return s.mayStill()
	}
	return err
}

// send writes and flushes, and gives up on a reader who does not take it.
func (s *stream) send(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(beat))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}

// metered counts why a stream was ended by us.
func (s *stream) metered(err error) {
	switch {
	case err == nil, s.r.Context().Err() != nil:
	case errors.Is(err, errEnded), errors.Is(err, people.ErrSession):
		s.h.metrics.cut("rights")
	default:
		s.h.metrics.cut("slow")
	}
}

// streams counts the streams that each person has.
type streams struct {
	mu sync.Mutex
	of map[string]int
}

// enter tells whether a person may have one more; then leave is to be called.
func (s *streams) enter(person string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[person] >= streamsEach {
		return false
	}
	s.of[person]++
	return true
}

func (s *streams) leave(person string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[person]--; s.of[person] <= 0 {
		delete(s.of, person)
	}
}
