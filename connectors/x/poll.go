package x

import (
	"context"
	"errors"
	"strings"
	"time"

	"loket/connectors/poll"
	"loket/connectors/x/api"
)

const (
	maxMentions = 800 // X gives no more, however far one asks
	maxDirects  = 5000
	// overlap is how far before the newest is asked again: X does not always show posts in the order of their ids.
	overlap = time.Minute
	// maxPause is the longest pause after failures.
	maxPause = 5 * time.Minute
	// watchEvery is how often to look after the webhook.
	watchEvery = 15 * time.Minute
)

// errSpent says that the day's budget is read.
var errSpent = errors.New("the day's budget of reads (daily_reads) is spent: asking pauses until midnight UTC")

func (a *Account) newLoops() (loops []*poll.Loop) {
	add := func(name string, every time.Duration, pass func(context.Context) error) {
		if every == 0 {
			return
		}
		loops = append(loops, poll.New(poll.Options{
			Pass: func(ctx context.Context) error { return a.budget.UntilMidnight(pass(ctx)) }, Every: every, Longest: maxPause,
			Name: name, Failed: "asking X failed", Again: "X answers again", Log: a.env.Log,
		}))
	}
	add("mentions", a.cfg.Poll, feed(a, "mentions", a.listMentions, func(p *api.Post) (string, api.Event) { return p.ID, api.Event{Post: p} }).Pass)
	add("messages", a.cfg.PollMessages, feed(a, "directs", a.listDirects, func(d *api.Direct) (string, api.Event) { return d.ID, api.Event{Direct: d} }).Pass)
	if a.cfg.Webhook && strings.HasPrefix(a.env.PublicURL, "https://") { // else X can't have it
		add("webhooks", watchEvery, a.watchHook)
	}
	return loops
}

// Trouble tells what is not asked for, and why.
func (a *Account) Trouble() error { return poll.Troubles(a.loops...) }

// feed takes in all that is new of what list gives, by the id and the event of each.
func feed[T any](a *Account, key string, list func(context.Context, string) ([]T, error), of func(*T) (string, api.Event)) *poll.Feed[T] {
	return &poll.Feed[T]{
		Cursor: a.env.Cursor, Key: key, List: list, Compare: api.Compare, Start: a.start,
		ID: func(one T) string { id, _ := of(&one); return id },
		Take: func(ctx context.Context, one T) error {
			_, event := of(&one)
			return a.take(ctx, event, byPolling)
		},
		Forget: func(position string) string { return api.IDBefore(position, 2*overlap) },
	}
}

// listMentions gives new posts that name us.
func (a *Account) listMentions(ctx context.Context, position string) (posts []api.Post, err error) {
	since, from := "", a.now().Add(-a.cfg.First)
	if api.IsID(position) {
		since = api.IDBefore(position, overlap)
	}
	err = a.budget.Pages(ctx, maxMentions, func(page string) (string, int, error) {
		got, next, err := a.api.Mentions(ctx, since, from, page)
		posts = append(posts, got...)
		if len(posts) >= maxMentions {
			a.env.Log.Warn("X shows the newest 800 mentions only: some older ones may be missing")
			next = ""
		}
		return next, len(got), err
	})
	return posts, err
}

// listDirects gives new private messages. X gives them newest first, without a since.
func (a *Account) listDirects(ctx context.Context, position string) (directs []api.Direct, err error) {
	since := a.start()
	if api.IsID(position) {
		since = api.IDBefore(position, overlap)
	}
	err = a.budget.Pages(ctx, maxDirects, func(page string) (string, int, error) {
		got, next, err := a.api.Directs(ctx, page)
		for _, d := range got {
			if !api.Less(since, d.ID) {
				next = ""
				continue
			}
			directs = append(directs, d)
		}
		if len(directs) >= maxDirects {
			next = ""
		}
		return next, len(got), err
	})
	return directs, err
}

// start stands for the position before anything came, so that an outage before the first one comes loses nothing.
func (a *Account) start() string { return api.IDAt(a.now().Add(-a.cfg.First)) }
