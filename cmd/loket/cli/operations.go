package cli

import (
	"context"
	"strconv"

	"loket/desk/api"
)

type statusCommand struct{ printed }

func (c *statusCommand) Run(ctx context.Context, w *world, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	s, err := client.Status(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(s)
	}
	w.page().status(s)
	return nil
}

func (p *page) status(s *api.Status) {
	kept := plain.of("%s", s.Store.Kind)
	if !s.Store.Durable {
		kept = red.of("%s, KEEPS NOTHING over a restart", s.Store.Kind)
	}
	switch {
	case s.Store.Trouble != "" && !s.StoreAway:
		kept = red.of("%s, REFUSES TO WRITE: %s: messages go to the spool", s.Store.Kind, s.Store.Trouble)
	case s.Store.Trouble != "":
		kept = red.of("%s, AWAY: %s: messages go to the spool", s.Store.Kind, s.Store.Trouble)
	case s.StoreAway:
		kept = red.of("%s, AWAY: messages go to the spool", s.Store.Kind)
	}
	up := ""
	if !s.Started.IsZero() {
		up = ", up " + span(p.now.Sub(s.Started.Time))
	}
	p.printf("loket %s%s, store %s\n", s.Version, up, kept)
	p.printf("on its way in %d, quarantine %s, spool %d messages (%s)",
		int(s.Journal), alarm(s.Quarantine), s.Spool.Messages, size(s.Spool.Bytes))
	if s.Caught > 0 {
		p.printf(", %d caught by a honeypot", int(s.Caught))
	}
	if !s.Spool.Oldest.IsZero() {
		p.printf(", oldest %s", p.ago(s.Spool.Oldest.Time))
	}
	if s.Spool.Bad > 0 {
		p.printf(", %s", red.of("%d files cannot be read", s.Spool.Bad))
	}
	p.printf("\n")
	rows := make([][]any, len(s.Teams))
	for i, t := range s.Teams {
		rows[i] = []any{bold.of("%s", t.Team), number(t.Queued), number(t.Kept), alarm(t.Overdue), number(t.Claimed), number(t.Waiting), number(t.Closed), number(t.Unattended)}
	}
	p.section([]string{"TEAM", "QUEUED", "KEPT", "OVERDUE", "CLAIMED", "WAITING", "CLOSED", "UNATTENDED"}, rows)
	rows = make([][]any, len(s.Outgoing))
	for i, o := range s.Outgoing {
		rows[i] = []any{bold.of("%s", o.Connector), number(int64(o.Waiting)), p.ago(o.Oldest.Time), red.of("%s", o.Error)}
	}
	p.section([]string{"OUTGOING", "WAITING", "OLDEST", ""}, rows)
	rows = make([][]any, len(s.Connectors))
	for i, c := range s.Connectors {
		since := ""
		if !c.Since.IsZero() {
			since = p.clock(c.Since.Time)
		}
		rows[i] = []any{bold.of("%s", c.Name), c.Type, c.State, since, red.of("%s", c.Error)}
	}
	p.section([]string{"CONNECTOR", "TYPE", "STATE", "SINCE", ""}, rows)
}

// section is a table behind an empty line, if there is anything in it.
func (p *page) section(heads []string, rows [][]any) {
	if len(rows) > 0 {
		p.printf("\n")
		p.table(heads, rows)
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// alarm is a number that should be 0.
func alarm(n int64) styled {
	if n == 0 {
		return plain.of("0")
	}
	return red.of("%d", n)
}

type doctorCommand struct{ printed }

func (c *doctorCommand) Run(ctx context.Context, w *world, d *daemon) error {
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
			p.printf("%s\n", cleanLine(line))
		}
		if len(broken) == 0 {
			p.printf("every invariant holds\n")
		}
	}
	if len(broken) > 0 {
		return errTold
	}
	return nil
}
