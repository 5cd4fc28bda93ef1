package x

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"loket/connectors"
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
	a.own.Sent(ctx, out.echo, id)
	return out.receipt(id), nil
}

// An outgoing message knows where it goes.
type outgoing struct {
	echo  string
	place string // what its id comes after
	send  func(ctx context.Context, media []string) (id string, err error)
}

func (o outgoing) receipt(id string) connectors.Receipt {
	return connectors.Receipt{ID: ref(o.place, id), State: connectors.Sent}
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

// findPages is how many pages of private messages are looked through.
const findPages = 2

// Find looks whether X has m among what the account wrote last. An earlier answer with the same words is not it: of that the
// id is known.
func (a *Account) Find(ctx context.Context, m *message.Message) (connectors.Receipt, bool, error) {
	out, err := a.outgoing(m)
	if err != nil {
		return connectors.Receipt{}, false, err
	}
	var ids []string
	if m.Public {
		ids, err = a.findPosts(ctx, out.echo)
	} else {
		ids, err = a.findDirects(ctx, out.echo)
	}
	if err != nil {
		return connectors.Receipt{}, false, fmt.Errorf("look for the answer: %w", err)
	}
	for _, id := range ids {
		known, err := a.own.Has(ctx, id)
		if err != nil {
			return connectors.Receipt{}, false, err
		}
		if !known {
			a.own.Sent(ctx, out.echo, id)
			return out.receipt(id), true, nil
		}
	}
	return connectors.Receipt{}, false, nil
}

func (a *Account) findPosts(ctx context.Context, echo string) (ids []string, err error) {
	posts, err := a.api.Own(ctx)
	for _, p := range posts {
		if p.ReplyTo != "" && publicEcho(p.ReplyTo, p.Text) == echo {
			ids = append(ids, p.ID)
		}
	}
	return ids, err
}

func (a *Account) findDirects(ctx context.Context, echo string) (ids []string, err error) {
	for page, n := "", 0; n < findPages && (n == 0 || page != ""); n++ {
		var directs []api.Direct
		if directs, page, err = a.api.Directs(ctx, page); err != nil {
			return nil, err
		}
		for _, d := range directs {
			if d.Sender.ID == a.self && privateEcho(d.Conversation, d.Text) == echo {
				ids = append(ids, d.ID)
			}
		}
	}
	return ids, nil
}
