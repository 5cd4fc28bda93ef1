package thread_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"loket/internal/message"
	"loket/router/thread"
)

func TestForgetLeavesWhatOthersSaid(t *testing.T) {
	t.Parallel()
	threads := newThreads(t)
	ctx := t.Context()
	kate := message.Identifier{Kind: "email", Value: "kate@example.org", Level: message.Attested}
	bob := message.Identifier{Kind: "email", Value: "bob@example.org", Level: message.Attested}
	id := message.NewID([]byte("thread"))
	for text, from := range map[string]message.Identifier{"hers": kate, "his": bob} {
		m := inbound(text, id)
		m.From, m.Own, m.References = []message.Identifier{from}, "<"+text+">", []string{"<root of " + text + ">"}
		if _, err := threads.Join(ctx, m, id); err != nil {
			t.Fatal(err)
		}
		if _, _, err := threads.Place(ctx, thread.Placing{Message: m, Task: "T"}); err != nil {
			t.Fatal(err)
		}
	}
	ours := inbound("ours", id)
	ours.Direction, ours.To = message.Out, []message.Identifier{kate, bob}
	if err := threads.Record(ctx, "T", ours); err != nil {
		t.Fatal(err)
	}
	if err := threads.Give(ctx, id, time.Now(), []message.Identifier{bob, {Kind: "phone", Value: "+31612345678", Level: message.Claimed}}); err != nil {
		t.Fatal(err)
	}
	var dropped []string
	of := func(who message.Identifier) thread.Forgetting {
		return thread.Forgetting{
			Theirs: func(m *message.Message) bool {
				return m.Direction == message.In && m.From[0] == who || m.Direction == message.Out && who == bob
			},
			Began: func(*thread.Thread) bool { return who == kate },
			Drop: func(_ context.Context, m *message.Message) error {
				dropped = append(dropped, m.Text)
				return nil
			},
			Identifiers: []message.Identifier{who},
		}
	}
	if went, err := threads.Forget(ctx, id, of(kate)); !went || err != nil {
		t.Fatalf("Forget = %v, %v; want that something went", went, err)
	}
	if went, err := threads.Forget(ctx, id, of(kate)); went || err != nil {
		t.Errorf("Forget again = %v, %v; want nothing to go", went, err)
	}
	left, err := threads.Messages(ctx, id, 10)
	if err != nil || len(left) != 2 || left[0].Message.Text == "hers" || left[1].Message.Text == "hers" || len(dropped) != 1 || dropped[0] != "hers" {
		t.Errorf("left %v, %v, dropped files of %v; want his message and ours", left, err, dropped)
	}
	if th, err := threads.Find(ctx, id); err != nil || len(th.From) != 0 || th.Task != "T" || len(th.Given) > 0 || th.Connector != "website" {
		t.Errorf("Find = %+v, %v; want it without who began it", th, err)
	}
	if part, err := threads.PartOf(ctx, id, []message.Identifier{kate}); err != nil || part.In {
		t.Errorf("PartOf = %v, %v; want that she takes part no more", part, err)
	}
	for own, want := range map[string]string{"<hers>": "", "<root of hers>": "", "<his>": id} {
		if got, err := threads.Known(ctx, &message.Message{Connector: "website", References: []string{own}}); err != nil || got != want {
			t.Errorf("%s leads to %q, %v; want %q", own, got, err, want)
		}
	}
	all := of(bob)
	all.Began = func(*thread.Thread) bool { return true }
	if went, err := threads.Forget(ctx, id, all); !went || err != nil {
		t.Fatalf("Forget = %v, %v", went, err)
	}
	if _, err := threads.Find(ctx, id); !errors.Is(err, thread.ErrForgotten) || !errors.Is(err, thread.ErrNone) {
		t.Errorf("Find = %v, want that it was forgotten", err)
	}
	if _, err := threads.Find(ctx, message.NewID([]byte("never there"))); errors.Is(err, thread.ErrForgotten) || !errors.Is(err, thread.ErrNone) {
		t.Errorf("Find of another = %v, want that it is not there", err)
	}
}
