package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/alecthomas/kong"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

// helpCommand is for the list of commands and completion: see withAliases.
type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command; left out, all of them."`
}

func (c *helpCommand) Run(k *kong.Context) error { return k.PrintUsage(false) }

// completeCommand answers a shell that completes a line. What cannot be had is not said.
type completeCommand struct {
	What string `arg:"" enum:"teams,tasks"`
}

// completeWithin is how long somebody who pressed a key waits.
const completeWithin = time.Second

func (c *completeCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	ctx, cancel := context.WithTimeout(ctx, completeWithin)
	defer cancel()
	client, err := d.client(w)
	if err != nil {
		return errReported
	}
	me, err := client.Me(ctx)
	if err != nil {
		return errReported
	}
	if c.What == "teams" {
		for _, team := range me.Teams {
			_, _ = fmt.Fprintln(w.out, format.Clean(team))
		}
		return nil
	}
	return c.tasks(ctx, w, client, me)
}

// tasks prints those that the agent holds, then the first open ones of each team.
func (c *completeCommand) tasks(ctx context.Context, w *streams, client *api.Client, me *api.Me) error {
	said := map[string]bool{}
	say := func(p *api.Page, err error) {
		if err != nil {
			return
		}
		for _, t := range p.Tasks {
			if !said[t.Number] {
				said[t.Number] = true
				_, _ = fmt.Fprintln(w.out, format.Clean(t.Number))
			}
		}
	}
	say(client.Held(ctx, client.Agent))
	for _, team := range me.Teams {
		say(client.List(ctx, api.Listing{Team: team, State: "open"}))
	}
	return nil
}
