package x

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

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

// A loop asks for one kind of news, again and again.
type loop struct {
	*poll.Loop
	name string
}

func (a *Account) newLoops() (loops []loop) {
	add := func(name string, every time.Duration, pass func(context.Context) error) {
		if every == 0 {
			return
		}
		loops = append(loops, loop{name: name, Loop: poll.New(poll.Options{
			Pass: func(ctx context.Context) error { return a.untilMidnight(pass(ctx)) }, Every: every, Longest: maxPause,
			Failed: "asking X failed", Again: "X answers again", Log: a.env.Log.With(zap.String("poll", name)),
		})})
	}
	add("mentions", a.cfg.Poll, a.mentions().Pass)
	add("messages", a.cfg.PollMessages, a.directs().Pass)
	if a.cfg.Webhook && strings.HasPrefix(a.env.PublicURL, "https://") { // else X can't have it
		add("webhooks", watchEvery, a.watchHook)
	}
	return loops
}

// Trouble tells what is not asked for, and why.
func (a *Account) Trouble() error {
	var errs []error
	for _, l := range a.loops {
		if err := l.Trouble(); err != nil {
			errs = append(errs, fmt.Errorf("ask for %s: %w", l.name, err))
		}
	}
	return errors.Join(errs...)
}

// mentions takes in all new posts that name us.
func (a *Account) mentions() *poll.Feed[api.Post] {
	return &poll.Feed[api.Post]{
		Cursor: a.env.Cursor, Key: "mentions", List: a.listMentions, ID: func(p api.Post) string { return p.ID },
		Compare: api.Compare, Start: a.start, Forget: forget,
		Take: func(ctx context.Context, p api.Post) error { return a.take(ctx, api.Event{Post: &p}, byPolling) },
	}
}

func (a *Account) listMentions(ctx context.Context, position string) (posts []api.Post, err error) {
	since, from := "", a.now().Add(-a.cfg.First)
	if api.IsID(position) {
		since = api.IDBefore(position, overlap)
	}
	err = a.pages(ctx, maxMentions, func(page string) (string, int, error) {
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

// directs takes in all new private messages, which X gives newest first, without a since.
func (a *Account) directs() *poll.Feed[api.Direct] {
	return &poll.Feed[api.Direct]{
		Cursor: a.env.Cursor, Key: "directs", List: a.listDirects, ID: func(d api.Direct) string { return d.ID },
		Compare: api.Compare, Start: a.start, Forget: forget,
		Take: func(ctx context.Context, d api.Direct) error { return a.take(ctx, api.Event{Direct: &d}, byPolling) },
	}
}

func (a *Account) listDirects(ctx context.Context, position string) (directs []api.Direct, err error) {
	since := a.start()
	if api.IsID(position) {
		since = api.IDBefore(position, overlap)
	}
	err = a.pages(ctx, maxDirects, func(page string) (string, int, error) {
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

func forget(position string) string { return api.IDBefore(position, 2*overlap) }

// pages reads page after page within the day's budget. What is read is not lost when the last page spends it.
func (a *Account) pages(ctx context.Context, most int, read func(page string) (next string, n int, err error)) error {
	return poll.Pages(ctx, most, func(page string) (string, error) {
		if err := a.spend(ctx, 0); err != nil {
			return "", err
		}
		next, n, err := read(page)
		if err != nil {
			return "", err
		}
		if err := a.spend(ctx, n); err != nil && next != "" {
			return "", err
		}
		return next, nil
	})
}
