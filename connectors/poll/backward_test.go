package poll_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/poll"
)

// A backlog that is longer than one pass reads, or that a failure cuts off, is taken in piece by piece, also after a restart.
func TestLongListingsAreTakenInPieceByPiece(t *testing.T) {
	e := connectortest.New(t)
	cursor, away := e.Env("x").Cursor, errors.New("away")
	var got []string
	fails := map[string]error{}
	pass := func() error {
		f := &poll.Feed[string]{
			Cursor: cursor, Key: "posts", Compare: strings.Compare, ID: func(s string) string { return s }, Forget: func(string) string { return "" }, Pages: 2,
			Page: func(_ context.Context, position, page string) (items []string, next string, err error) {
				n, _ := strconv.Atoi(page)
				if err := fails[page]; err != nil {
					delete(fails, page)
					return nil, "", err
				}
				item := fmt.Sprintf("p%d", 9-n) // one each, the newest first
				if item <= position {
					return nil, "", nil
				}
				if n == 7 {
					return []string{item}, "", nil
				}
				return []string{item}, strconv.Itoa(n + 1), nil
			},
			Take: func(_ context.Context, s string) error { got = append(got, s); return nil },
		}
		return f.Pass(t.Context())
	}
	fails["3"] = away
	for i, want := range []error{nil, away, nil, nil, nil} {
		if err := pass(); !errors.Is(err, want) {
			t.Errorf("pass %d = %v, want %v", i, err, want)
		}
	}
	if diff := cmp.Diff([]string{"p8", "p9", "p7", "p5", "p6", "p3", "p4", "p2"}, got); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	if position, _ := cursor.Load(t.Context(), "posts"); position != "p9" {
		t.Errorf("position %q, want p9", position)
	}
}

// A vendor that knows a page no more is asked from the newest again.
func TestPageThatIsForgottenBeginsAgain(t *testing.T) {
	e := connectortest.New(t)
	asked := []string{}
	f := &poll.Feed[string]{
		Cursor: e.Env("x").Cursor, Key: "posts", Compare: strings.Compare, ID: func(s string) string { return s }, Pages: 1,
		Page: func(_ context.Context, _, page string) ([]string, string, error) {
			asked = append(asked, page)
			if page != "" {
				return nil, "", connectors.Permanent(errors.New("no such page"))
			}
			return []string{"a"}, "second", nil
		},
		Take: func(context.Context, string) error { return nil },
	}
	for range 3 {
		_ = f.Pass(t.Context()) // the second fails
	}
	if diff := cmp.Diff([]string{"", "second", ""}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// One that can't be taken for good holds up no other, and is listed again.
func TestOneThatFailsForGoodHoldsUpNoOther(t *testing.T) {
	e := connectortest.New(t)
	bad := connectors.Permanent(errors.New("bad"))
	var got []string
	f := &poll.Feed[string]{
		Cursor: e.Env("x").Cursor, Key: "posts", Compare: strings.Compare, ID: func(s string) string { return s },
		List: func(context.Context, string) ([]string, error) { return []string{"c", "b", "a"}, nil },
		Take: func(_ context.Context, s string) error {
			if s == "b" {
				return bad
			}
			got = append(got, s)
			return nil
		},
	}
	if err := f.Pass(t.Context()); !errors.Is(err, bad) {
		t.Errorf("Pass = %v, want what is bad", err)
	}
	position, _ := f.Cursor.Load(t.Context(), "posts")
	if diff := cmp.Diff([]string{"a", "c"}, got); diff != "" || position != "a" {
		t.Errorf("taken (-want +got):\n%s, position %q", diff, position)
	}
}
