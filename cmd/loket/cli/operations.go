package cli

import (
	"context"
	"strconv"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type statusCommand struct{ outputFlags }

func (c *statusCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return answer(w, d, c.outputFlags, func(client *api.Client) (*api.Status, error) { return client.Status(ctx) }, (*page).status)
}

func (p *page) status(s *api.Status) {
	up := ""
	if !s.Started.IsZero() {
		up = ", up " + format.Span(p.Now.Sub(s.Started.Time))
	}
	p.Printf("loket %s%s, store %s\n", s.Version, up, storeState(s))
	p.onItsWay(s)
	rows := make([][]any, len(s.Teams))
	for i, t := range s.Teams {
		rows[i] = []any{format.Bold.Of("%s", t.Team), number(t.Queued), number(t.Kept), format.Alarm(t.Overdue), number(t.Claimed), number(t.Waiting), number(t.Closed), number(t.Unattended)}
	}
	p.Section([]string{"TEAM", "QUEUED", "KEPT", "OVERDUE", "CLAIMED", "WAITING", "CLOSED", "UNATTENDED"}, rows)
	rows = make([][]any, len(s.Outgoing))
	for i, o := range s.Outgoing {
		rows[i] = []any{format.Bold.Of("%s", o.Connector), number(int64(o.Waiting)), p.Ago(o.Oldest.Time), format.Red.Of("%s", o.Error)}
	}
	p.Section([]string{"OUTGOING", "WAITING", "OLDEST", ""}, rows)
	rows = make([][]any, len(s.Connectors))
	for i, c := range s.Connectors {
		since := ""
		if !c.Since.IsZero() {
			since = p.Clock(c.Since.Time)
		}
		rows[i] = []any{format.Bold.Of("%s", c.Name), c.Type, c.State, since, format.Red.Of("%s", c.Error)}
	}
	p.Section([]string{"CONNECTOR", "TYPE", "STATE", "SINCE", ""}, rows)
}

// storeState is the kind of the store, and what is wrong with it.
func storeState(s *api.Status) format.Styled {
	switch kind := s.Store.Kind; {
	case s.Store.Trouble != "" && !s.StoreAway:
		return format.Red.Of("%s, REFUSES TO WRITE: %s: messages go to the spool", kind, s.Store.Trouble)
	case s.Store.Trouble != "":
		return format.Red.Of("%s, AWAY: %s: messages go to the spool", kind, s.Store.Trouble)
	case s.StoreAway:
		return format.Red.Of("%s, AWAY: messages go to the spool", kind)
	case !s.Store.Durable:
		return format.Red.Of("%s, KEEPS NOTHING over a restart", kind)
	default:
		return format.Plain.Of("%s", kind)
	}
}

// onItsWay prints how much was taken in and is not placed yet.
func (p *page) onItsWay(s *api.Status) {
	p.Printf("on its way in %d, quarantine %s, spool %d messages (%s)",
		int(s.Journal), format.Alarm(s.Quarantine), s.Spool.Messages, format.Size(s.Spool.Bytes))
	if s.Caught > 0 {
		p.Printf(", %d caught by a honeypot", int(s.Caught))
	}
	if !s.Spool.Oldest.IsZero() {
		p.Printf(", oldest %s", p.Ago(s.Spool.Oldest.Time))
	}
	if s.Spool.Bad > 0 {
		p.Printf(", %s", format.Red.Of("%d files cannot be read", s.Spool.Bad))
	}
	p.Printf("\n")
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

type doctorCommand struct{ outputFlags }

func (c *doctorCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	client.HTTP = patient(morePatience)
	broken, err := client.Doctor(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		if broken == nil {
			broken = []string{}
		}
		if err := w.printJSON(map[string][]string{"broken": broken}); err != nil {
			return err
		}
	} else {
		p := w.page()
		for _, line := range broken {
			p.Printf("%s\n", format.CleanLine(line))
		}
		if len(broken) == 0 {
			p.Printf("every invariant holds\n")
		}
	}
	if len(broken) > 0 {
		return errReported
	}
	return nil
}
