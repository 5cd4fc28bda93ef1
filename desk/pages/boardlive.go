package pages

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"loket/desk"
	"loket/desk/people"
)

const (
	// boardAtMost is how often a board is told how it stands while much happens.
	boardAtMost = time.Second
	// boardLasts is how long one stream of a board lasts: its cookie is renewed when it begins anew.
	boardLasts = 24 * time.Hour
)

// boardLive streams to a board how the teams stand (server-sent events), when something happened to a task of theirs and every 15 s, because
// time alone makes customers wait longer. Whoever is not signed in any more is answered 401, and a stream that they have ends.
func (h *Handler) boardLive(w http.ResponseWriter, r *http.Request) {
	words := h.wordsFor(r)
	by, err := h.onlooker(r)
	if errors.Is(err, people.ErrSession) {
		h.problem(w, words, http.StatusUnauthorized, words.SignInAgain)
		return
	}
	if err != nil {
		h.trouble(w, r, words, err)
		return
	}
	who := "board " + by.Name
	if !h.enterStream(w, words, who) {
		return
	}
	defer h.streams.leave(who)
	h.keepBoard(w, r, by)
	h.metrics.stream(1)
	defer h.metrics.stream(-1)
	ctx, cancel := context.WithTimeout(r.Context(), boardLasts)
	defer cancel()
	sub := h.hub.join(by, words.Lang)
	defer h.hub.leave(sub)
	s := &stream{h: h, r: r, w: w, control: http.NewResponseController(w), sub: sub}
	s.metered(s.runBoard(ctx, words))
}

// runBoard tells how it stands until ctx ends, or until whoever looks may not any more.
func (s *stream) runBoard(ctx context.Context, words *words) error {
	s.begin()
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		if err := s.sendBoard(ctx, words); err != nil {
			return err
		}
		for due := false; !due; {
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
				due = true
			case <-s.sub.wake:
				due = s.sub.happened()
			}
		}
		select { // what happens meanwhile is told together
		case <-ctx.Done():
			return nil
		case <-time.After(boardAtMost):
		}
	}
}

// sendBoard sends the board as it stands now, if whoever looks still may. While the store is away nothing is sent, and the board grows old.
func (s *stream) sendBoard(ctx context.Context, words *words) error {
	page := boardView{frame: s.h.frame(words, words.Board)}
	by, err := s.h.onlooker(s.r)
	if err == nil {
		err = s.h.fillBoard(ctx, by, words, &page)
	}
	if desk.IsAway(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var html bytes.Buffer
	if err := s.h.html.ExecuteTemplate(&html, "board", page); err != nil {
		return err
	}
	return s.send(event("board", "", told{HTML: html.String()}))
}

// happened takes what is to be told and tells whether anything happened to a task: that somebody looks at one changes no figure.
func (s *subscriber) happened() bool {
	notices, behind := s.take()
	if behind {
		s.skip("")
		return true
	}
	for _, n := range notices {
		if n.id != "" {
			return true
		}
	}
	return false
}
