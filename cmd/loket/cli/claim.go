package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"loket/desk/api"
)

type nextCommand struct {
	outputFlags
	Team    string        `required:"" ask:"teams" placeholder:"TEAM" help:"The team."`
	Wait    time.Duration `placeholder:"30s" help:"How long to wait for a task when there is none."`
	Request string        `placeholder:"ID" help:"Makes a repeat of this claim give the same task."`
}

const (
	// slice is how long one claim waits: less than anything between us and the daemon has patience for.
	slice      = 30 * time.Second
	retryPause = 200 * time.Millisecond
)

func (c *nextCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	for end := w.now().Add(c.Wait); ; {
		t, err := client.Claim(ctx, c.Team, max(0, min(end.Sub(w.now()), slice)), c.Request)
		switch {
		case isAway(err) && w.now().Before(end): // there is time for the store to come back
		case err != nil:
			return err
		case t != nil:
			return c.result(w, t, nil, func(p *page) { p.task(t) })
		case !w.now().Before(end):
			return fmt.Errorf("nothing to claim in %s", c.Team)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryPause): // a daemon that is stopping answers at once
		}
	}
}

// isAway tells whether asking again may help.
func isAway(err error) bool {
	var problem *api.Problem
	return errors.As(err, &problem) && problem.Status == http.StatusServiceUnavailable
}

// about is for commands about one task.
type about struct {
	outputFlags
	Task string `arg:"" ask:"tasks" help:"Its number, such as T-1042-8, or its id."`
}

// Validate is called when the command line has been read.
func (a *about) Validate() error {
	if strings.TrimSpace(a.Task) == "" {
		return errors.New("<task> must be a number such as T-1042-8, or an id")
	}
	return nil
}

// act makes one call about a task, under the lease if there is one, and prints where the task stands then.
func (a *about) act(ctx context.Context, w *streams, d *daemon, l leased, call func(context.Context, *api.Client) (*api.Task, error)) error {
	return answer(w, d, a.outputFlags, func(client *api.Client) (*api.Task, error) { return call(ctx, client.Under(l.Lease)) }, (*page).brief)
}

type claimCommand struct{ about }

func (c *claimCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return answer(w, d, c.outputFlags, func(client *api.Client) (*api.Task, error) { return client.Take(ctx, c.Task) }, (*page).task)
}

type showCommand struct {
	about
	Before string `placeholder:"CURSOR" help:"Older messages: as the end of an answer says."`
	All    bool   `help:"All messages, however many."`
}

func (c *showCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	show := func(client *api.Client) (*api.Task, error) {
		t, err := client.TaskBefore(ctx, c.Task, c.Before)
		for err == nil && c.All && t.Older != "" {
			var older *api.Task
			if older, err = client.TaskBefore(ctx, c.Task, t.Older); err == nil {
				t.Messages, t.Older = append(older.Messages, t.Messages...), older.Older
			}
		}
		return t, err
	}
	return answer(w, d, c.outputFlags, show, (*page).task)
}
