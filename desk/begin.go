package desk

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router"
	"loket/router/queue"
	"loket/router/thread"
)

// A Beginning is a conversation that one of us begins.
type Beginning struct {
	Team string // that answers what comes back
	// To is an address: kind:value, or a bare mail address or telephone number. Without one it is where the customer likes to be answered.
	To          string
	Customer    string // whose address it is; "" for whoever has it
	Connector   string // by which it goes; "" for the first that can
	Subject     string
	Text        string
	Attachments []FileToTake
	Key         string // makes a repeat of the same one conversation
}

const (
	maxSubject    = 250
	usualPriority = "normal"
)

// Begin begins a conversation with a customer: a task of the team with the message that goes out. It waits for the customer then, and what
// they answer comes into it. That is no wait of theirs and no first answer, so figures tell nothing of it until they write. Whoever refused
// messages of service is not written to. Doing it again under the same key gives the same task; where it was broken off it is
// gone on with.
func (d *Desk) Begin(ctx context.Context, by access.Actor, b Beginning) (*Answered, error) {
	files, err := b.read()
	if err == nil {
		err = d.team(b.Team)
	}
	if err != nil {
		return nil, err
	}
	agent, err := d.agent(by, b.Team)
	if err != nil {
		return nil, err
	}
	to, err := d.whomToBegin(ctx, b)
	if err != nil {
		return nil, err
	}
	connector, channel, ok := d.reach(to, b.Connector)
	if !ok || b.Connector != "" && connector != b.Connector {
		return nil, field.Errorf("to", "must be another, or by another connector: no connector that was asked for can begin a conversation with %s", to)
	}
	key := agent + "\x00" + cmp.Or(b.Key, rand.Text())
	th := &thread.Thread{
		ID: message.NewID([]byte("begin"), []byte(key)), Connector: connector, Channel: channel, Subject: b.Subject, From: []message.Identifier{to},
	}
	m := compose(&queue.Task{}, th, Answer{Text: b.Text})
	m.Subject = b.Subject
	if err := d.attach(ctx, m, upload{th.ID, key, files}, "cannot begin a conversation on this channel"); err != nil {
		return nil, err
	}
	t, err := d.beginTask(ctx, b.Team, agent, th)
	if err != nil {
		return nil, fmt.Errorf("begin conversation: %w", err)
	}
	return d.give(ctx, by, t, queue.Actor{Agent: agent}, th, ViaSame, queue.Answer{Key: key, Message: m})
}

// read looks whether it is one.
func (b *Beginning) read() ([]FileToTake, error) {
	files, err := CheckFiles(b.Attachments)
	b.Subject = strings.Join(strings.Fields(strings.ToValidUTF8(b.Subject, "\uFFFD")), " ")
	errs := []error{err, keyMistake(b.Key), LongMistake("subject", b.Subject, maxSubject)}
	if strings.TrimSpace(b.Text) != "" || len(files) == 0 {
		errs = append(errs, textMistake("text", b.Text))
	}
	if b.To == "" && b.Customer == "" {
		errs = append(errs, field.Errorf("to", "must be given, or the customer"))
	}
	return files, errors.Join(errs...)
}

// whomToBegin is the address that a conversation is begun with. That of somebody who refused it is an error.
func (d *Desk) whomToBegin(ctx context.Context, b Beginning) (message.Identifier, error) {
	if b.To == "" {
		to, ok, err := d.registry.Preferred(ctx, b.Customer, identity.Service)
		if err == nil && !ok {
			err = field.Errorf("to", "must be given: the customer has no verified address of their own where they may be written to")
		}
		return to, err
	}
	to, err := addressOf(b.To, d.region)
	if err != nil {
		return to, err
	}
	if b.Customer != "" {
		owner, _, err := d.registry.Owner(ctx, to)
		if err != nil && !errors.Is(err, identity.ErrNone) {
			return to, err
		}
		if owner == nil || owner.ID != b.Customer {
			return to, field.Errorf("to", "must be an address of the customer")
		}
	}
	allowed, err := d.registry.Allowed(ctx, to, identity.Service)
	if err == nil && !allowed {
		err = field.Errorf("to", "must be another: they refused to be written to there")
	}
	return to, err
}

// addressOf reads an address that a person typed.
func addressOf(text, region string) (message.Identifier, error) {
	text = strings.TrimSpace(text)
	for _, read := range []func() (message.Identifier, error){
		func() (message.Identifier, error) { return message.ParseIdentifier(text, region, message.Attested) },
		func() (message.Identifier, error) { return message.Email(text, message.Attested) },
		func() (message.Identifier, error) { return message.ShownPhone(text, region, message.Attested) },
	} {
		if to, err := read(); err == nil {
			return to, nil
		}
	}
	return message.Identifier{}, field.Errorf("to", "must be a mail address, a telephone number or kind:value, not %q", text)
}

// beginTask makes the task of a conversation that we begin. The thread names the task first, so that repeats find the same one.
func (d *Desk) beginTask(ctx context.Context, team, agent string, th *thread.Thread) (*queue.Task, error) {
	if err := d.begin(ctx, ulid.Make().String(), th); err != nil {
		return nil, err
	}
	found, err := d.threads.Find(ctx, th.ID)
	if err != nil {
		return nil, err
	}
	th.Task, th.Began = found.Task, found.Began
	band, err := router.Band("priority", usualPriority)
	if err != nil {
		return nil, err
	}
	now := d.now().UTC().Truncate(time.Millisecond)
	_, err = d.queue.Put(ctx, queue.Put{
		Task: th.Task, Thread: th.ID, Decided: now,
		Decision: router.Decision{Team: team, Priority: usualPriority, Band: band, Lane: "@" + agent, Due: now},
		Message: &message.Message{
			ID: message.NewID([]byte("begun"), []byte(th.ID)), Direction: message.Out, Automatic: message.Notice, From: th.From, Received: now,
			Connector: th.Connector, Channel: th.Channel, Subject: th.Subject, Thread: th.ID,
		},
	})
	if err != nil {
		return nil, err
	}
	return d.queue.Task(ctx, th.Task)
}
