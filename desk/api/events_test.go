package api_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"loket/desk/access"
	"loket/desk/api"
	"loket/internal/secret"
)

var errEnough = errors.New("enough")

// follow gives n events after an id, and calls begun when the stream has begun.
func (h *house) follow(team, after string, n int) ([]api.Event, error) {
	var got []api.Event
	err := h.admin("").Events(h.t.Context(), team, after, func(e api.Event) error {
		if got = append(got, e); len(got) == n {
			return errEnough
		}
		return nil
	})
	return got, err
}

func TestEventsGoOnWhereTheyBrokeOff(t *testing.T) {
	h := open(t)
	task := h.arrive("a matter")
	h.arrive("een storing")
	if _, err := h.admin("anna").Take(t.Context(), task.ID); err != nil {
		t.Fatal(err)
	}
	all, err := h.follow("", "0", 3)
	if !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	var types []string
	for _, e := range all {
		types = append(types, e.Type)
	}
	if want := []string{"created", "created", "claimed"}; !slices.Equal(types, want) {
		t.Errorf("events = %v, want %v", types, want)
	}
	if e := all[2]; e.Task != task.ID || e.Number != task.Number || e.Agent != "anna" || e.At.IsZero() {
		t.Errorf("event = %+v", e)
	}
	rest, err := h.follow("", all[0].ID, 2)
	if !errors.Is(err, errEnough) || rest[0].ID != all[1].ID || rest[1].ID != all[2].ID {
		t.Errorf("after the first came %+v, %v", rest, err)
	}
	network, err := h.follow("network", "0", 1)
	if !errors.Is(err, errEnough) || network[0].Team != "network" {
		t.Errorf("events of network = %+v, %v", network, err)
	}
	if _, err := h.follow("", "yesterday", 1); !api.IsProblem(err, "field") {
		t.Errorf("after a wrong id: %v", err)
	}
}

func TestEventsComeOnceWhileTheyHappen(t *testing.T) {
	h := open(t)
	const tasks = 30
	got := make(chan []api.Event, 1)
	go func() {
		events, err := h.follow("", "0", tasks)
		if !errors.Is(err, errEnough) {
			t.Error(err)
		}
		got <- events
	}()
	for n := range tasks {
		if _, err := h.admin("").TakeIn(t.Context(), api.NewMessage{Channel: "phone", Text: fmt.Sprint("matter ", n)}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for _, e := range <-got {
		if seen[e.ID] {
			t.Errorf("event %s came twice", e.ID)
		}
		seen[e.ID] = true
	}
}

func TestStreamEndsWhenTheDaemonStops(t *testing.T) {
	h := open(t)
	res := h.raw("GET", "/api/v1/events", adminToken, "")
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("content type %q", kind)
	}
	h.stop()
	if text := readAll(t, res.Body); !strings.HasPrefix(text, ": here\n") {
		t.Errorf("stream = %q", text)
	}
}

func TestFollowingEndsWithTheToken(t *testing.T) {
	h := open(t)
	first := h.arrive("a matter")
	err := h.as(programToken, "").Events(t.Context(), "", "0", func(e api.Event) error {
		if e.Task != first.ID {
			t.Errorf("event = %+v after the token was taken away", e)
		}
		h.access.Store(access.New(nil, nil, nil, secret.New(adminToken)))
		h.arrive("another matter")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := h.as(programToken, "").Events(t.Context(), "", "0", nil); !api.IsProblem(err, "token") {
		t.Errorf("following again: %v, want that the token is none", err)
	}
}

func TestTokenOfATeamFollowsOnlyIt(t *testing.T) {
	h := open(t)
	h.arrive("a matter")
	if err := h.as(webcareToken, "").Events(t.Context(), "support", "0", nil); !api.IsProblem(err, "forbidden") {
		t.Errorf("following another team: %v", err)
	}
	taken, err := h.admin("").TakeIn(t.Context(), api.NewMessage{Channel: "x", Public: true, Text: "in public"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = h.as(webcareToken, "").Events(ctx, "", "0", func(e api.Event) error {
		if e.Team != "webcare" || e.Message != taken.ID {
			t.Errorf("event = %+v, want that of webcare", e)
		}
		return errEnough
	})
	if !errors.Is(err, errEnough) {
		t.Error(err)
	}
}
