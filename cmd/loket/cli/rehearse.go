package cli

import (
	"errors"
	"fmt"
	"io"

	"loket/cmd/loket/cli/format"
	"loket/connectors"
	"loket/desk/api"
	"loket/internal/message"
)

// rehearser is the connector that requests are tried with.
func (c *routeCommand) rehearser(w *streams, from *configured) (connectors.Rehearser, error) {
	made, found, err := from.connector(io.Discard, c.Connector) // what there was to say of the file is said
	if err != nil {
		return nil, err
	}
	through, ok := made.(connectors.Rehearser)
	if !ok {
		return nil, usagef("connector %s is of type %s: only requests to a webhook can be tried", c.Connector, found.Type)
	}
	if _, answers := made.(connectors.ReplyRehearser); !answers && c.Reply != "" {
		return nil, usagef("connector %s has no reply: it carries no answers", c.Connector)
	}
	return through, nil
}

// rehearse decides about each message of a request, at least one.
func (d *dryRun) rehearse(data []byte) (all []*api.Routed) {
	d.read = nil
	messages, err := d.through.Rehearse(data, d.at)
	if err == nil && len(messages) == 0 {
		err = errors.New("there is no message in it: it would be counted as other, or is a report")
	}
	for _, m := range messages {
		d.read = append(d.read, m)
		all = append(all, d.decide(m, nil))
	}
	if err != nil {
		all = append(all, d.decide(&message.Message{ID: message.NewID(data)}, err))
	}
	return all
}

// printReply prints the call by which an answer to a message that was just routed would go.
func (c *routeCommand) printReply(w *streams, d *dryRun, r *api.Routed) error {
	if c.Reply == "" || len(d.read) == 0 || r.Message.ID != d.read[0].ID {
		return nil
	}
	m := d.read[0]
	d.read = d.read[1:]
	refs := append(append([]string{}, m.References...), m.Own)
	lines, err := d.through.(connectors.ReplyRehearser).RehearseReply(&message.Message{
		ID: message.NewID([]byte("answer"), []byte(m.ID)), Direction: message.Out, To: m.From, References: refs, Subject: m.Subject, Text: c.Reply,
	})
	if err != nil {
		lines = []string{"no answer could go: " + err.Error()}
	}
	_, _ = fmt.Fprintln(w.out)
	for _, l := range lines {
		_, _ = fmt.Fprintln(w.out, "  "+format.Clean(l))
	}
	return nil
}
