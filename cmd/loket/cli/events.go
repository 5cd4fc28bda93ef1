package cli

import (
	"context"
	"strings"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type eventsCommand struct {
	outputFlags
	Team  string `ask:"teams" placeholder:"TEAM" help:"Only what concerns this team."`
	After string `placeholder:"ID" help:"Begin behind this event. Left out, with what happens from now on."`
}

// Help says how it ends.
func (c *eventsCommand) Help() string {
	return "Goes on until it is stopped. With --json every event is one line; its id is what --after takes."
}

// pause is between the end of a stream and asking for the next.
const pause = time.Second

func (c *eventsCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	p, last := w.page(), c.After
	for {
		err := client.Events(ctx, c.Team, last, func(e api.Event) error {
			last = e.ID
			if c.JSON {
				return w.printJSONLine(e)
			}
			p.Now = w.now()
			p.event(&e)
			return nil
		})
		if ctx.Err() != nil {
			return nil // stopping is how this ends
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (p *page) event(e *api.Event) {
	team := e.Team
	if e.FromTeam != "" && e.FromTeam != e.Team {
		team = e.FromTeam + " → " + e.Team
	}
	p.In(e.Zone)
	p.Printf("%s  %s  %s\n", format.Faint.Of("%s", p.Zoned(e.At.In(p.Zone).Format("15:04:05"))), format.Bold.Of("%s", e.Number),
		join(e.Type, strings.TrimSpace("("+e.State+")"), team, e.Agent, e.Outcome, e.Reason))
}
