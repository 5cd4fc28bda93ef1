package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/config"
	"loket/connectors"
	"loket/connectors/email"
	"loket/desk/api"
	"loket/internal/message"
	"loket/router"
)

type routeCommand struct {
	outputFlags
	At        string   `placeholder:"TIME" help:"When the messages came, in RFC 3339; now."`
	Connector string   `placeholder:"NAME" help:"The files are requests as the other system would send them to this connector (of type webhook): a body, or all of it with headers."`
	Reply     string   `placeholder:"TEXT" help:"With --connector: show the call by which this answer would go, without its secrets. Nothing is called."`
	Files     []string `arg:"" name:"file" type:"file" help:"Mails (.eml or mbox), or messages in the JSON form of POST /messages; - for standard input."`
}

// Help says what a dry run cannot know.
func (c *routeCommand) Help() string {
	return "Needs no daemon and no store: whoever wrote is nobody known, as sure as the message shows. Exit code 1 when a file could be read only in part."
}

// maxMessage bounds one message file.
const maxMessage = 64 << 20

func (c *routeCommand) Run(w *streams, from *configured) error {
	d, err := c.dryRun(w, from)
	if err != nil {
		return err
	}
	if c.Reply != "" && (d.through == nil || c.JSON) {
		return usagef("route: --reply needs --connector, and is for people: leave --json out")
	}
	var unread []error
	partial, printed := false, 0
	for _, path := range c.Files {
		data, err := readInput(w, path)
		results := d.route(data)
		if err != nil {
			results[0].Error = err.Error()
			unread = append(unread, fmt.Errorf("read message: %w", err))
			if !c.JSON {
				continue // nothing was read, so there is nothing to decide about
			}
		}
		for _, r := range results {
			r.File = path
			partial = partial || r.Error != ""
			w.zone = d.zoneOf(r.Decision.Calendar).String()
			if err := c.print(w, r, printed > 0); err != nil {
				return err
			}
			if err := c.printReply(w, d, r); err != nil {
				return err
			}
			printed++
		}
	}
	switch {
	case len(unread) > 0:
		return usageError{errors.Join(unread...)}
	case partial:
		return errReported
	}
	return nil
}

// dryRun is by the rules of the configuration, at the instant that was asked for.
func (c *routeCommand) dryRun(w *streams, from *configured) (*dryRun, error) {
	at := w.now()
	if c.At != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, c.At); err != nil {
			return nil, usagef("--at: must be an instant such as 2026-11-22T09:30:00Z, not %q", c.At)
		}
	}
	cfg, err := from.load(w.err)
	if err != nil {
		return nil, err
	}
	rules, err := router.New(cfg.Router)
	if err != nil {
		return nil, usageError{err}
	}
	d := &dryRun{router: rules, region: cfg.Identity.Region, boxes: mailboxes(cfg), zoneOf: cfg.ZoneOf, at: at.UTC()}
	if c.Connector != "" {
		d.through, err = c.rehearser(w, from)
	}
	return d, err
}

func readInput(w *streams, path string) ([]byte, error) {
	if path != "-" {
		return readFile(path, maxMessage)
	}
	data, err := io.ReadAll(io.LimitReader(w.in, maxMessage+1))
	if err == nil && len(data) > maxMessage {
		err = fmt.Errorf("more than %s", format.Size(maxMessage))
	}
	return data, err
}

// mailboxes are those of the configuration that mail comes to, for mails that come as files.
func mailboxes(cfg *config.Config) []email.Box {
	var boxes []email.Box
	for _, c := range cfg.Connectors {
		if settings, ok := c.Settings.(*email.Config); ok && c.Enabled {
			boxes = append(boxes, email.Box{Connector: c.Name, Config: settings})
		}
	}
	return boxes
}

// A dryRun decides about messages without a store: whoever wrote is somebody new.
type dryRun struct {
	router *router.Router
	region string
	boxes  []email.Box
	// through is the connector that files are requests to; nil when they are messages.
	through connectors.Rehearser
	read    []*message.Message                   // of the last request, those whose answer was not shown yet
	zoneOf  func(calendar string) *time.Location // in which people read the times of a calendar
	at      time.Time
}

// route decides about each message of a file, at least one, and says what could not be read of it.
func (d *dryRun) route(data []byte) []*api.Routed {
	if d.through != nil {
		return d.rehearse(data)
	}
	if text, ok := jsonIn(data); ok {
		m, err := api.ReadMessage(text, d.region)
		if m.ID == "" {
			m.ID = message.NewID([]byte("desk"), []byte(m.Connector), []byte(m.Subject), []byte(m.Text))
		}
		return []*api.Routed{d.decide(m, err)}
	}
	var all []*api.Routed
	err := email.ReadFile(data, d.at, d.boxes, func(l email.Incoming) error {
		var unread error
		if len(l.Unread) > 0 {
			unread = errors.New(strings.Join(l.Unread, "; "))
		}
		all = append(all, d.decide(l.Message, unread))
		return nil
	})
	if err != nil {
		all = append(all, d.decide(&message.Message{ID: message.NewID(data)}, err))
	}
	return all
}

// jsonIn gives what a file holds of JSON. What only begins so and can be read as a mail is a mail.
func jsonIn(data []byte) ([]byte, bool) {
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\uFEFF"))) // Windows puts the mark before it
	if !bytes.HasPrefix(text, []byte("{")) {
		return nil, false
	}
	sender := false
	if !json.Valid(text) {
		_ = email.ReadFile(data, time.Time{}, nil, func(l email.Incoming) error {
			sender = sender || len(l.Message.From) > 0
			return nil
		})
	}
	return text, !sender
}

func (d *dryRun) decide(m *message.Message, unread error) *api.Routed {
	m.Received = d.at
	routed := api.DryRun(d.router, m)
	if unread != nil {
		routed.Error = unread.Error()
	}
	return &routed
}

func (c *routeCommand) print(w *streams, r *api.Routed, another bool) error {
	if c.JSON {
		return w.printJSONLine(r)
	}
	p := w.page()
	if another {
		p.Printf("\n")
	}
	p.routed(r)
	return nil
}

func (p *page) routed(r *api.Routed) {
	d := r.Decision
	counted := "after it came"
	if d.Calendar != "" {
		counted = "of working time, calendar " + d.Calendar
	}
	p.Printf("%s  → %s · %s · due %s (%s %s) · rule %s\n", format.Bold.Of("%s", r.File), format.Green.Of("%s", d.Team), d.Priority,
		p.Clock(d.Due.Time), written(d.FirstReply.Duration), counted, d.Rule)
	if r.Error != "" {
		p.Printf("  %s %s\n", format.Red.Of("read in part:"), strings.ReplaceAll(r.Error, "\n", "; "))
	}
	if len(r.Message.From) > 0 || r.Message.Name != "" {
		p.Printf("  from %s\n", join(quoted(r.Message.Name), identifiers(r.Message.From)))
	}
	rows := make([][]any, len(d.Tried))
	for i, t := range d.Tried {
		verdict := format.Faint.Of("  no")
		if t.Matched {
			verdict = format.Green.Of("  yes")
		}
		// The space before no and yes is part of the cell: cells are trimmed.
		rows[i] = []any{"", verdict, t.Rule, t.Because}
	}
	p.Table(nil, rows)
}
