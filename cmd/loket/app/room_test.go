package app

import (
	"context"
	"testing"

	"loket/connectors"
	"loket/internal/message"
)

// A narrow connector takes short texts in public, shorter ones by letters, and any in private.
type narrow struct{ connectors.Sender }

func (narrow) Run(context.Context) error { return nil }

func (narrow) Limits() []connectors.Limits {
	return []connectors.Limits{
		{Channel: "town", Text: 500, Public: true},
		{Channel: "letters", Text: 10, Length: func(text string) int { return len(text) }},
		{Channel: "town"},
	}
}

func TestRoomIsCountedAsTheChannelCounts(t *testing.T) {
	c := &channels{byName: map[string]*channel{"square": {Connector: narrow{}}, "none": {}}}
	for _, row := range []struct {
		connector string
		m         message.Message
		want      string
	}{
		{"square", message.Message{Channel: "town", Public: true, Text: "één"}, "3 / 500"},
		{"square", message.Message{Channel: "town", Text: "één"}, ""},
		{"square", message.Message{Channel: "letters", Text: "één twee drie"}, "15 / 10"},
		{"square", message.Message{Channel: "unknown", Text: "x"}, ""},
		{"none", message.Message{Channel: "town", Text: "x"}, ""},
		{"gone", message.Message{Channel: "town", Text: "x"}, ""},
	} {
		if got := c.room(row.connector, &row.m); got != row.want {
			t.Errorf("room of %+v by %s = %q, want %q", row.m, row.connector, got, row.want)
		}
	}
}
