package x

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/connectors/x/api"
	"loket/internal/message"
)

// Reaches gives the channel for numbers of X: a private message can go to anybody who takes it.
func (a *Account) Reaches(to message.Identifier) string {
	if to.Kind != "xu" || to.Value == a.self {
		return ""
	}
	return channel
}

// Check tells what keeps an answer from being sent.
func (a *Account) Check(m *message.Message) error {
	if err := a.checkFiles(m); err != nil {
		return err
	}
	if m.Public {
		return a.checkPost(m)
	}
	switch n := len([]rune(m.Text)); {
	case user(m.To) == "" && len(m.References) == 0:
		return errNoNumber
	case n > directLength:
		return connectors.Refuse("a private message on X must be at most %d characters, not %d", directLength, n)
	}
	return nil
}

var errNoNumber = connectors.Refuse("X needs the customer's number to write to them privately")

// cashtags are the signs of shares, of which X takes one.
var cashtags = regexp.MustCompile(`(?:^|\s)\$[A-Za-z]{1,6}\b`)

func (a *Account) checkPost(m *message.Message) error {
	if _, ok := answered(m); !ok {
		return connectors.Refuse("there is no post to answer")
	}
	if n := weigh(m.Text); n > a.cfg.MaxLength {
		return connectors.Refuse("a post on X must be at most %d characters as X counts (a link 23, an emoji 2), not %d", a.cfg.MaxLength, n)
	}
	if len(cashtags.FindAllString(m.Text, 2)) > 1 {
		return connectors.Refuse("a post on X may name one share ($ABC) only")
	}
	return nil
}

// Send posts an answer, or writes a private message.
func (a *Account) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	if err := a.Check(m); err != nil {
		return connectors.Receipt{}, connectors.Permanent(err)
	}
	out, err := a.outgoing(m)
	if err != nil {
		return connectors.Receipt{}, err
	}
	media, err := a.upload(ctx, m)
	if err != nil {
		return connectors.Receipt{}, err
	}
	if err := a.own.Add(ctx, out.echo); err != nil {
		return connectors.Receipt{}, err
	}
	id, err := out.send(ctx, media)
	if err != nil {
		return a.unsent(ctx, m, out, err)
	}
	return a.took(ctx, m, out, id), nil
}

// took notes what an answer is called: first whose it is, so that it is not taken for another one with the same words. Without the note it is
// found by its words.
func (a *Account) took(ctx context.Context, m *message.Message, out outgoing, id string) connectors.Receipt {
	a.note.Lock()
	_ = a.taken.Took(ctx, out.place, m.ID, id)
	a.note.Unlock()
	a.own.Sent(ctx, out.echo, id)
	return connectors.Receipt{ID: ref(out.place, id), State: connectors.Sent}
}

// An outgoing message knows where it goes.
type outgoing struct {
	echo  string
	place string // what its id comes after
	send  func(ctx context.Context, media []string) (id string, err error)
}

// References is the private conversation that m is written in. What is answered in public refers to what m refers to.
func (a *Account) References(m *message.Message) []string {
	with, _ := conversation(m, a.self)
	if m.Public || with == "" {
		return nil
	}
	return []string{ref(private, with)}
}

// outgoing finds out where m goes.
func (a *Account) outgoing(m *message.Message) (outgoing, error) {
	if m.Public {
		to, _ := answered(m) // Check has
		customer, _, _ := strings.Cut(m.References[len(m.References)-1], "/")
		return outgoing{echo: publicEcho(to, m.Text), place: customer, send: func(ctx context.Context, media []string) (string, error) {
			return a.api.Reply(ctx, to, m.Text, media)
		}}, nil
	}
	with, recipient := conversation(m, a.self)
	if with == "" {
		return outgoing{}, connectors.Permanent(errNoNumber)
	}
	return outgoing{echo: privateEcho(with, m.Text), place: ref(private, with), send: func(ctx context.Context, media []string) (string, error) {
		return a.api.Write(ctx, with, recipient, m.Text, media)
	}}, nil
}

// unsent says what a failed call means. What X calls a copy of what it has may be this very answer, sent before.
func (a *Account) unsent(ctx context.Context, m *message.Message, out outgoing, err error) (connectors.Receipt, error) {
	if e := vendor.As(err); e != nil && isCopy(e) {
		receipt, found, err := a.Find(ctx, m)
		if err != nil {
			return connectors.Receipt{}, connectors.InDoubt(err)
		}
		if found {
			return receipt, nil
		}
	}
	err = sendFault(err, m.Public, a.self)
	if connectors.IsPermanent(err) {
		_ = a.own.Drop(ctx, out.echo) // somebody may write the same in X itself now
	}
	return connectors.Receipt{}, err
}

const (
	findPages = 5 // how many pages are looked through; an answer that is not in them stays in doubt
	// clocksApart is how far X's clock may be from ours.
	clocksApart = 10 * time.Minute
)

// Find looks whether X has m among what the account wrote since. An earlier answer with the same words is not it: of that the
// id is known.
func (a *Account) Find(ctx context.Context, m *message.Message) (receipt connectors.Receipt, found bool, err error) {
	out, err := a.outgoing(m)
	if err != nil {
		return receipt, false, err
	}
	var ids []string
	since := api.IDAt(m.Received.Add(-clocksApart))
	err = poll.Pages(ctx, findPages, func(page string) (string, error) {
		found, next, err := a.written(ctx, m.Public, page)
		for id, echo := range found {
			if echo == out.echo {
				ids = append(ids, id)
			}
			if api.Less(id, since) {
				next = ""
			}
		}
		return next, err
	})
	if err != nil {
		return receipt, false, fmt.Errorf("look for the answer: %w", err)
	}
	slices.SortFunc(ids, api.Compare)
	for _, id := range ids {
		switch is, err := a.isIt(ctx, m, out, id); {
		case err != nil:
			return receipt, false, err
		case is:
			return a.took(ctx, m, out, id), true, nil
		}
	}
	return receipt, false, nil
}

// isIt tells whether what X has under an id, with m's words, is m.
func (a *Account) isIt(ctx context.Context, m *message.Message, out outgoing, id string) (bool, error) {
	all, err := a.taken.Lately(ctx, out.place)
	if err != nil {
		return false, err
	}
	for _, one := range all {
		if one.ID == id {
			return one.Reply == m.ID, nil
		}
	}
	known, err := a.own.Has(ctx, id)
	return !known, err
}

// written are ids of a page of what the account wrote, the newest first, with what names it.
func (a *Account) written(ctx context.Context, public bool, page string) (echoes map[string]string, next string, err error) {
	echoes = map[string]string{}
	if public {
		posts, next, err := a.api.Own(ctx, page)
		for _, p := range posts {
			echoes[p.ID] = publicEcho(p.ReplyTo, p.Text)
		}
		return echoes, next, err
	}
	directs, next, err := a.api.Directs(ctx, page)
	for _, d := range directs {
		echoes[d.ID] = ""
		if d.Sender.ID == a.self {
			echoes[d.ID] = privateEcho(d.Conversation, d.Text)
		}
	}
	return echoes, next, err
}
