package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"loket/desk/api"
	"loket/internal/message"
	"loket/router"
)

type routeCommand struct {
	configured
	printed
	At    string   `placeholder:"TIME" help:"When the messages came, in RFC 3339; now."`
	Files []string `arg:"" name:"file" type:"file" help:"Messages in the JSON form of POST /messages; - for standard input."`
}

// Help says what a dry run cannot know.
func (c *routeCommand) Help() string {
	return "Needs no daemon and no store: whoever wrote is nobody known. Exit code 1 when a file could be read only in part."
}

// mostMessage bounds one message file.
const mostMessage = 64 << 20

func (c *routeCommand) Run(w *world) error {
	at := w.now()
	if c.At != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, c.At); err != nil {
			return misused("--at: must be an instant such as 2026-11-22T09:30:00Z, not %q", c.At)
		}
	}
	cfg, err := c.load(w.err)
	if err != nil {
		return err
	}
	rules, err := router.New(cfg.Router)
	if err != nil {
		return misuse{err}
	}
	var unread []error
	partial := false
	for i, path := range c.Files {
		data, err := readInput(w, path)
		routed, partly := route(rules, data, cfg.Identity.Region, at)
		switch {
		case err != nil:
			routed.Error, unread = err.Error(), append(unread, fmt.Errorf("read message: %w", err))
		case partly != nil:
			routed.Error, partial = partly.Error(), true
		}
		routed.File = path
		if err != nil && !c.JSON {
			continue // nothing was read, so there is nothing to decide about
		}
		if err := c.print(w, &routed, i > 0); err != nil {
			return err
		}
	}
	switch {
	case len(unread) > 0:
		return misuse{errors.Join(unread...)}
	case partial:
		return errTold
	}
	return nil
}

func readInput(w *world, path string) ([]byte, error) {
	if path != "-" {
		return readFile(path, mostMessage)
	}
	data, err := io.ReadAll(io.LimitReader(w.in, mostMessage+1))
	if err == nil && len(data) > mostMessage {
		err = fmt.Errorf("more than %s", size(mostMessage))
	}
	return data, err
}

var errMail = errors.New("mail is not read yet: must be a message as JSON")

// route decides about what could be read of a message. The error says what could not be.
func route(rules *router.Router, data []byte, region string, at time.Time) (api.Routed, error) {
	m, err := &message.Message{ID: message.NewID(data)}, errMail
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		if m, err = api.ReadMessage(data, region); m.ID == "" {
			m.ID = message.NewID([]byte("desk"), []byte(m.Connector), []byte(m.Subject), []byte(m.Text))
		}
	}
	m.Received = at.UTC()
	return api.RouteResult(m, rules.Route(router.FactsOf(m, router.Customer{}), at)), err
}

func (c *routeCommand) print(w *world, r *api.Routed, another bool) error {
	if c.JSON {
		return w.printJSONLine(r)
	}
	p := w.page()
	if another {
		p.printf("\n")
	}
	p.routed(r)
	return nil
}

func (p *page) routed(r *api.Routed) {
	d := r.Decision
	p.printf("%s  → %s · %s · due %s (%s after it came) · rule %s\n", bold.of("%s", r.File), green.of("%s", d.Team), d.Priority,
		p.clock(d.Due), span(d.FirstReply), d.Rule)
	if r.Error != "" {
		p.printf("  %s %s\n", red.of("read in part:"), strings.ReplaceAll(r.Error, "\n", "; "))
	}
	if len(r.Message.From) > 0 || r.Message.Name != "" {
		p.printf("  from %s\n", join(quoted(r.Message.Name), identifiers(r.Message.From)))
	}
	rows := make([][]any, len(d.Tried))
	for i, t := range d.Tried {
		verdict := faint.of("  no")
		if t.Matched {
			verdict = green.of("  yes")
		}
		// The space before no and yes is part of the cell: cells are trimmed.
		rows[i] = []any{"", verdict, t.Rule, t.Because}
	}
	p.table(nil, rows)
}
