package x

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"loket/connectors/x/api"
)

const (
	mostMentions = 800 // X gives no more, however far one asks
	mostDirects  = 5000
	// overlap is how far before the newest is asked again: X does not always show posts in the order of their ids.
	overlap = time.Minute
	// longest pause after failures, and that after a refusal that an operator must see to.
	mostPause = 5 * time.Minute
)

// A poll asks for one kind of news, again and again.
type poll struct {
	name  string
	every time.Duration
	once  func(ctx context.Context) error
	log   *zap.Logger
	pause func(tries int) time.Duration
	said  atomic.Pointer[string] // the trouble that was told last
}

func (a *Account) newPolls() (all []*poll) {
	for _, p := range []*poll{
		{name: "mentions", every: a.cfg.Poll, once: a.pollMentions()},
		{name: "messages", every: a.cfg.PollMessages, once: a.pollDirects()},
		{name: "webhooks", every: a.hookEvery(), once: a.watchHook},
	} {
		if p.every > 0 {
			p.log, p.pause = a.env.Log.With(zap.String("poll", p.name)), jitter
			all = append(all, p)
		}
	}
	return all
}

// hookEvery is how often to look after the webhook; 0 where X can't have it.
func (a *Account) hookEvery() time.Duration {
	if !a.cfg.Webhook || !strings.HasPrefix(a.env.PublicURL, "https://") {
		return 0
	}
	return 15 * time.Minute
}

func (p *poll) run(ctx context.Context) {
	for tries := 0; ctx.Err() == nil; {
		err := p.once(ctx)
		wait := p.every
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			tries = 0
		default:
			wait = max(p.pause(tries), until(err))
			tries++
		}
		p.tell(err)
		sleep(ctx, wait)
	}
}

// tell logs trouble when it begins, changes and ends.
func (p *poll) tell(err error) {
	said := p.said.Load()
	switch {
	case err == nil && said != nil:
		p.log.Info("X answers again")
		p.said.Store(nil)
	case err != nil && (said == nil || err.Error() != *said):
		text := err.Error()
		p.said.Store(&text)
		p.log.Warn("asking X failed", zap.Error(err))
	}
}

// Trouble tells what is not asked for, and why.
func (a *Account) Trouble() error {
	var errs []error
	for _, p := range a.polls {
		if said := p.said.Load(); said != nil {
			errs = append(errs, fmt.Errorf("ask for %s: %s", p.name, *said))
		}
	}
	return errors.Join(errs...)
}

// jitter is a random part of a time that doubles with the tries before it.
func jitter(tries int) time.Duration {
	return time.Second/4 + rand.N(min(time.Second<<min(tries, 16), mostPause))
}

// until is how long the answer itself says to wait.
func until(err error) time.Duration {
	var spent *spentError
	switch e := api.As(err); {
	case errors.As(err, &spent):
		return time.Until(spent.until)
	case e == nil:
		return 0
	case e.Limited():
		return time.Until(e.Reset) + rand.N(time.Second)
	case e.Status/100 == 4:
		return time.Minute // it is the operator's matter
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// pollMentions gives a function that takes in all new posts that name us, oldest first, and then remembers the newest. What
// fails is asked for again: nothing is remembered that was not accepted.
func (a *Account) pollMentions() func(context.Context) error {
	done := recent{}
	return func(ctx context.Context) error {
		newest, from, err := a.position(ctx, "mentions")
		if err != nil {
			return err
		}
		since := ""
		if newest != "" {
			since = api.IDBefore(newest, overlap)
		}
		var posts []api.Post
		err = a.pages(ctx, func(page string) (string, int, error) {
			got, next, err := a.api.Mentions(ctx, since, from, page)
			posts = append(posts, got...)
			if len(posts) >= mostMentions {
				a.env.Log.Warn("X shows the newest 800 mentions only: some older ones may be missing")
				next = ""
			}
			return next, len(got), err
		})
		if err != nil {
			return err
		}
		slices.SortFunc(posts, func(p, q api.Post) int { return api.Compare(p.ID, q.ID) })
		for i := range posts {
			p := &posts[i]
			if done[p.ID] {
				continue
			}
			if err := a.takePost(ctx, p); err != nil {
				return errors.Join(err, a.remember(ctx, "mentions", newest, from))
			}
			a.count.took("post", byPoll)
			done[p.ID] = true
			newest = later(newest, p.ID)
		}
		done.forget(newest)
		return a.remember(ctx, "mentions", newest, from)
	}
}

// pollDirects does the same for private messages, which X gives newest first, without a since.
func (a *Account) pollDirects() func(context.Context) error {
	done := recent{}
	return func(ctx context.Context) error {
		newest, from, err := a.position(ctx, "directs")
		if err != nil {
			return err
		}
		since := api.IDAt(from)
		if newest != "" {
			since = api.IDBefore(newest, overlap)
		}
		var directs []api.Direct
		err = a.pages(ctx, func(page string) (string, int, error) {
			got, next, err := a.api.Directs(ctx, page)
			for _, d := range got {
				if !api.Less(since, d.ID) {
					next = ""
					continue
				}
				directs = append(directs, d)
			}
			if len(directs) >= mostDirects {
				next = ""
			}
			return next, len(got), err
		})
		if err != nil {
			return err
		}
		slices.SortFunc(directs, func(d, e api.Direct) int { return api.Compare(d.ID, e.ID) })
		for i := range directs {
			d := &directs[i]
			if done[d.ID] {
				continue
			}
			if err := a.takeDirect(ctx, d); err != nil {
				return errors.Join(err, a.remember(ctx, "directs", newest, from))
			}
			a.count.took("direct", byPoll)
			done[d.ID] = true
			newest = later(newest, d.ID)
		}
		done.forget(newest)
		return a.remember(ctx, "directs", newest, from)
	}
}

// pages reads page after page. Where X wants us to wait, it waits and goes on with that page: to begin again would cost
// what was read.
func (a *Account) pages(ctx context.Context, read func(page string) (next string, n int, err error)) error {
	for page, first := "", true; first || page != ""; {
		if err := a.spend(ctx, 0); err != nil {
			return err
		}
		next, n, err := read(page)
		if e := api.As(err); e != nil && e.Limited() && !first {
			if !sleep(ctx, until(err)) {
				return ctx.Err()
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := a.spend(ctx, n); err != nil && next != "" {
			return err
		}
		page, first = next, false
	}
	return nil
}

// position is the newest that was taken in, and when the very first asking begins.
func (a *Account) position(ctx context.Context, key string) (newest string, from time.Time, err error) {
	from = a.now().Add(-a.cfg.First)
	newest, err = a.env.Cursor.Load(ctx, key)
	if err != nil {
		return "", from, fmt.Errorf("load position: %w", err)
	}
	if !api.IsID(newest) {
		newest = ""
	}
	return newest, from, nil
}

// remember keeps the newest. Where there was none, the instant of the first asking stands for it, so that an outage before
// the first one comes loses nothing.
func (a *Account) remember(ctx context.Context, key, newest string, from time.Time) error {
	if newest == "" {
		newest = api.IDAt(from)
	}
	if had, err := a.env.Cursor.Load(ctx, key); err == nil && had == newest {
		return nil
	}
	if err := a.env.Cursor.Save(ctx, key, newest); err != nil {
		return fmt.Errorf("save position: %w", err)
	}
	return nil
}

// recent are ids that were taken in and are asked for once more.
type recent map[string]bool

func (r recent) forget(newest string) {
	bound := api.IDBefore(newest, 2*overlap)
	for id := range r {
		if !api.Less(bound, id) {
			delete(r, id)
		}
	}
}

func later(a, b string) string {
	if a == "" || api.Less(a, b) {
		return b
	}
	return a
}
