package x_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/connectortest"
	"loket/connectors/x"
	"loket/connectors/x/xtest"
	"loket/internal/message"
)

func polling(f *xtest.X, version string) x.Config {
	cfg := config(f, version)
	cfg.Webhook, cfg.Poll, cfg.PollMessages = false, 10*time.Millisecond, 10*time.Millisecond
	return cfg
}

// texts are those of messages whose text begins so, in the order of their arrival.
func texts(e *connectortest.Environment, begin string) (out []string) {
	for _, m := range e.Accepted() {
		if strings.HasPrefix(m.Text, begin) {
			out = append(out, m.Text)
		}
	}
	return out
}

func numbered(begin string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint(begin, i))
	}
	return out
}

func fill(f *xtest.X, from, to int) {
	for i := from; i < to; i++ {
		f.Add(xtest.Post{Text: fmt.Sprint("post ", i), Names: true})
		f.AddDirect(xtest.Direct{Text: fmt.Sprint("direct ", i)})
	}
}

// both runs a test with each API.
func both(t *testing.T, test func(t *testing.T, version string)) {
	for _, version := range []string{"v1.1", "v2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			test(t, version)
		})
	}
}

func TestAllPagesAreReadOldestFirst(t *testing.T) {
	both(t, func(t *testing.T, version string) {
		f, e := xtest.Start(t), connectortest.New(t)
		f.PageSize(3)
		fill(f, 0, 10)
		f.Add(xtest.Post{Text: "post of somebody else"})
		f.Add(xtest.Post{Text: "post of long ago", Names: true, At: time.Now().Add(-48 * time.Hour)})
		f.AddDirect(xtest.Direct{Text: "direct of ours", From: xtest.Account(), To: xtest.Kate().ID})
		e.Run(account(t, e, polling(f, version)))
		e.Eventually("all of it", func() bool { return len(e.Accepted()) >= 21 })
		if got := texts(e, "post"); !slices.Equal(got, numbered("post ", 10)) {
			t.Errorf("posts = %q", got)
		}
		if got := texts(e, "direct"); !slices.Equal(got, append(numbered("direct ", 10), "direct of ours")) {
			t.Errorf("messages = %q", got)
		}
		for _, m := range e.Accepted() {
			if m.Name != "Kate Jansen" && m.Direction == message.In {
				t.Errorf("message %q is of %q, want Kate's name", m.Text, m.Name)
			}
		}
	})
}

func TestRefusedPostIsReadAgainAndNoneIsLost(t *testing.T) {
	both(t, func(t *testing.T, version string) {
		f, e := xtest.Start(t), connectortest.New(t)
		f.PageSize(3)
		fill(f, 0, 8)
		e.RefuseIf(func(m *message.Message) error {
			if m.Text == "post 4" || m.Text == "direct 4" {
				return errors.New("the store is away")
			}
			return nil
		})
		a := account(t, e, polling(f, version))
		stop := e.Run(a)
		e.Eventually("the first four of both", func() bool { return len(e.Accepted()) == 8 && a.Trouble() != nil })
		stop()
		if got := texts(e, "post"); !slices.Equal(got, numbered("post ", 4)) {
			t.Errorf("posts = %q, want those before the refused one", got)
		}
		e.Refuse(false)
		fill(f, 8, 12)
		e.Run(account(t, e, polling(f, version)))
		e.Eventually("all of it", func() bool { return len(e.Accepted()) == 24 })
		if got := texts(e, "post"); !slices.Equal(got, numbered("post ", 12)) {
			t.Errorf("posts = %q", got)
		}
		if got := texts(e, "direct"); !slices.Equal(got, numbered("direct ", 12)) {
			t.Errorf("messages = %q", got)
		}
	})
}

func TestOldPagesAreNotReadAgain(t *testing.T) {
	both(t, func(t *testing.T, version string) {
		f, e := xtest.Start(t), connectortest.New(t)
		f.PageSize(5)
		var last xtest.Direct
		for i := range 40 {
			last = f.AddDirect(xtest.Direct{Text: fmt.Sprint("direct ", i), At: time.Now().Add(-2*time.Hour + time.Duration(i)*time.Minute)})
		}
		cfg := polling(f, version)
		cfg.PollMessages = time.Hour // one look, so that none is under way when it is stopped
		stop := e.Run(account(t, e, cfg))
		e.Eventually("all of it", func() bool { return e.Position("directs") == last.ID })
		stop()
		path := map[string]string{"v1.1": "/1.1/direct_messages/events/list", "v2": "/2/dm_events"}[version]
		before := f.Calls(path)
		f.AddDirect(xtest.Direct{Text: "direct new"})
		stop = e.Run(account(t, e, cfg))
		e.Eventually("the new one", func() bool { return len(texts(e, "direct new")) == 1 })
		stop()
		if got := f.Calls(path) - before; got != 1 {
			t.Errorf("%d pages read for one message, want 1", got)
		}
	})
}

func TestPostThatAppearsLateIsTaken(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	f.Add(xtest.Post{Text: "post 1", Names: true})
	e.Run(account(t, e, polling(f, "v2")))
	e.Eventually("the first", func() bool { return len(e.Accepted()) == 1 })
	f.Add(xtest.Post{Text: "late", Names: true, At: time.Now().Add(-20 * time.Second)}) // its id is below one that was seen
	e.Eventually("the late one", func() bool { return len(texts(e, "late")) == 1 })
	for _, m := range e.Accepted() {
		if times := e.Times(m.ID); times != 1 {
			t.Errorf("message %s was handed over %d times, want once", m.ID, times)
		}
	}
}

func TestReadingWaitsWhereXSaysAndGoesOnThere(t *testing.T) {
	both(t, func(t *testing.T, version string) {
		f, e := xtest.Start(t), connectortest.New(t)
		f.PageSize(3)
		fill(f, 0, 8)
		path := map[string]string{"v1.1": "/1.1/statuses/mentions_timeline", "v2": "/2/users/"}[version]
		limited := xtest.Limited(time.Now().Add(time.Second))
		limited.After = 1 // the first page is read
		f.Fail(path, limited, 1)
		cfg := polling(f, version)
		cfg.Poll, cfg.PollMessages = time.Hour, 0
		e.Run(account(t, e, cfg))
		e.Eventually("all of it", func() bool { return len(e.Accepted()) == 8 })
		most := 4 // three pages, and that which was refused
		if version == "v1.1" {
			most++ // only an empty page is the last
		}
		if got := f.Calls(path); got > most {
			t.Errorf("%d calls, want at most %d: what was read is not read again", got, most)
		}
	})
}

func TestTroubleIsToldAndEnds(t *testing.T) {
	both(t, func(t *testing.T, version string) {
		for name, fault := range map[string]xtest.Fault{
			"v2 problem": {Status: 403, Body: `{"title":"Client Forbidden","detail":"When authenticating requests","status":403}`}, "empty refusal": {Status: 401},
			"v2 too often": {Status: 429, Body: `{"title":"Too Many Requests","status":429}`}, "HTML": {Status: 503, Body: "<html>"}, "nothing": {Status: 200},
			"null": {Status: 200, Body: "null"}, "errors alone": {Status: 200, Body: `{"errors":[{"title":"Not Found Error"}]}`}, "cut off": {Drop: true},
			"tier": {Status: 403, Body: `{"errors":[{"message":"subset of endpoints","code":453}]}`},
		} {
			f, e := xtest.Start(t), connectortest.New(t)
			fill(f, 0, 2)
			f.Fail("/", fault, 0)
			a := account(t, e, polling(f, version))
			stop := e.Run(a)
			e.Eventually(name, func() bool { err := a.Trouble(); return err != nil && strings.Count(err.Error(), "ask for") == 2 })
			stop()
			if len(e.Accepted()) != 0 || e.Position("mentions") != "" || e.Position("directs") != "" {
				t.Errorf("%s: %d messages and positions %q, %q, want none", name, len(e.Accepted()), e.Position("mentions"), e.Position("directs"))
			}
			f.Heal()
			a = account(t, e, polling(f, version))
			stop = e.Run(a)
			e.Eventually(name+", healed", func() bool { return len(e.Accepted()) == 4 })
			stop()
			if err := a.Trouble(); err != nil {
				t.Errorf("%s: Trouble = %v after it ended", name, err)
			}
		}
	})
}

func TestBudgetOfADayIsKept(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	f.PageSize(5)
	fill(f, 0, 20)
	cfg := polling(f, "v2")
	cfg.PollMessages, cfg.DailyReads = 0, 8
	a := account(t, e, cfg)
	stop := e.Run(a)
	e.Eventually("the budget to be spent", func() bool { return a.Trouble() != nil && strings.Contains(a.Trouble().Error(), "daily_reads") })
	stop()
	if got := f.Calls("/2/users/"); got > 2 {
		t.Errorf("%d pages of 5 read, want 2 at most", got)
	}
	cfg.DailyReads = 1000
	e.Run(account(t, e, cfg))
	e.Eventually("all of it", func() bool { return len(e.Accepted()) == 20 })
}

func TestOutageBeforeTheFirstMentionLosesNothing(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	cfg := polling(f, "v2")
	cfg.First = 0
	stop := e.Run(account(t, e, cfg))
	e.Eventually("a first look", func() bool { return e.Position("mentions") != "" })
	stop()
	f.Add(xtest.Post{Text: "post", Names: true})
	e.Run(account(t, e, cfg))
	e.Eventually("the post", func() bool { return len(e.Accepted()) == 1 })
}
