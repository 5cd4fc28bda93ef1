package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk"
	"loket/internal/message"
	"loket/internal/store/storetest"
)

func TestWaysSayUntilWhenAFreeTextIsTaken(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	wrote := time.Date(2026, 11, 29, 18, 2, 0, 0, time.UTC)
	task, _ := h.says("kate", "where is it?", "", func(m *message.Message) { m.Channel, m.Own, m.Sent = "whatsapp", "SM1", wrote })
	shown, err := h.desk.Task(t.Context(), h.by("anna"), task)
	if err != nil || len(shown.Ways) == 0 {
		t.Fatalf("Task = %+v, %v, want the ways to answer it", shown, err)
	}
	want := &desk.Window{Until: wrote.Add(24 * time.Hour), Templates: []desk.Template{{Begin: "#delay", Text: "We need more time, {{1}}."}}}
	if diff := cmp.Diff(want, shown.Ways[0].Window); diff != "" {
		t.Errorf("the window (-want +got):\n%s", diff)
	}
}

func TestPreviewTellsWhatAnAnswerWouldDo(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	h := newEnv(t, st, t.TempDir(), nil)
	ctx := t.Context()
	public := func(m *message.Message) { m.Public, m.Connector, m.Channel = true, "care", "x" }
	task, _ := h.says("kate", "where is it?", "", public)
	before := storetest.Dump(t, st.Redis())
	kate := []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Attested}}
	shown, err := h.desk.Task(ctx, h.by(""), task)
	if err != nil {
		t.Fatal(err)
	}
	want := []*desk.Preview{
		{Via: "same", To: kate, Connector: "care", Channel: "x", Public: true},
		{Via: "preferred", To: kate, Connector: "mail", Channel: "email"},
	}
	if diff := cmp.Diff(want, shown.Ways); diff != "" {
		t.Errorf("the ways (-want +got):\n%s", diff)
	}
	for name, c := range map[string]struct {
		answer desk.Answer
		want   *desk.Preview
	}{
		"usual":     {desk.Answer{Text: "here"}, &desk.Preview{Via: "same", To: kate, Connector: "care", Channel: "x", Public: true}},
		"private":   {desk.Answer{Text: "here", Via: "private"}, &desk.Preview{Via: "private", To: kate, Connector: "mail", Channel: "email"}},
		"preferred": {desk.Answer{Via: "preferred"}, &desk.Preview{Via: "preferred", To: kate, Connector: "mail", Channel: "email"}},
		"to others": {desk.Answer{Whom: desk.Whom{Cc: []string{"bob@example.org"}}}, &desk.Preview{Via: "same", Refusal: "must be left out: only an answer by mail can go to others, and this one goes by x"}},
	} {
		got, err := h.desk.Preview(ctx, h.by("anna"), task, c.answer)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	for _, a := range []desk.Answer{{Via: "pigeon"}, {Text: strings.Repeat("x", desk.MaxText+1)}, {Whom: desk.Whom{To: []string{"nobody"}}}} {
		if p, err := h.desk.Preview(ctx, h.by("anna"), task, a); err == nil {
			t.Errorf("Preview(%.40v) = %+v, want an error", a, p)
		}
	}
	if diff := cmp.Diff(before, storetest.Dump(t, st.Redis())); diff != "" {
		t.Errorf("the store changed (-before +after):\n%s", diff)
	}
}
