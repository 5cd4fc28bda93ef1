package trouble_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"loket/internal/trouble"
)

func TestTroubleIsLoggedWhenItBeginsAndEnds(t *testing.T) {
	core, logged := observer.New(zap.DebugLevel)
	l := trouble.New(zap.New(core), "does not work", "works again")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	away := errors.New("the store is away")
	l.Note(t.Context(), nil)
	l.Note(gone, away) // whoever asked went away
	l.Note(t.Context(), away)
	l.Note(t.Context(), errors.New("the store is still away"))
	l.Note(t.Context(), nil)
	l.Note(t.Context(), nil)
	var got []string
	for _, e := range logged.All() {
		got = append(got, e.Level.String()+" "+e.Message)
		if err, ok := e.ContextMap()["error"]; ok && err != away.Error() {
			t.Errorf("logged %v, want %v", err, away)
		}
	}
	if diff := cmp.Diff([]string{"warn does not work", "info works again"}, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}
