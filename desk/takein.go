package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router"
	"loket/router/intake"
	"loket/router/thread"
)

// TakenIn says what became of a message.
type TakenIn struct {
	ID string `json:"id"`
	// Thread is absent when only its references tell, later, which it joins.
	Thread string `json:"thread,omitempty"`
	URL    string `json:"url,omitempty"` // the customer's page of the thread
}

// ReadMessage is the function of that name, with the region of the desk.
func (d *Desk) ReadMessage(data []byte) (*Incoming, error) { return ReadMessage(data, d.region) }

// TakeIn takes responsibility for a message that somebody wrote down, or another program brings. A message with
// an id may be taken in again: it stays one.
func (d *Desk) TakeIn(ctx context.Context, by By, in *Incoming) (*TakenIn, error) {
	if err := in.complete(); err != nil {
		return nil, err
	}
	m := *in.Message
	if by.Agent == "" {
		by.Agent = m.Agent
	}
	if by.Agent != "" || by.Person != "" {
		var err error
		if m.Agent, err = d.access().Agent(by.Principal, by.Agent); err != nil {
			return nil, err
		}
	}
	if m.ID == "" {
		m.ID = message.NewID([]byte("desk"), []byte(m.Connector), []byte(rand.Text()))
	}
	m.Received = d.now().UTC().Truncate(time.Millisecond)
	if err := d.place(ctx, &m); err != nil {
		return nil, err
	}
	kept, err := d.keep(ctx, m.ID, in.Files)
	if err != nil {
		return nil, err
	}
	m.Attachments = kept
	if err := d.intake.Accept(ctx, &m); err != nil {
		if errors.Is(err, intake.ErrTooLarge) || ctx.Err() != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrNotNow, err)
	}
	taken := &TakenIn{ID: m.ID, Thread: m.Thread}
	if m.Thread != "" && d.url != nil {
		taken.URL = d.url(m.Thread)
	}
	return taken, nil
}

// place settles the thread: the one that was named, or a new one unless the references will tell.
func (d *Desk) place(ctx context.Context, m *message.Message) error {
	if m.Thread == "" {
		if len(m.References) == 0 && m.Own == "" {
			m.Thread = m.ID
		}
		return nil
	}
	th, err := d.threads.Find(ctx, m.Thread)
	if errors.Is(err, thread.ErrNone) {
		return field.Errorf("thread", "there is no such thread")
	}
	if err != nil {
		return err
	}
	if m.Channel == "" {
		m.Channel = th.Channel
	}
	return nil
}

// A Routed is what the rules make of a message: the answer of a dry run.
type Routed struct {
	File     string          `json:"file,omitempty"`
	Message  RoutedMessage   `json:"message"`
	Decision router.Decision `json:"decision"`
	Error    string          `json:"error,omitempty"` // what could not be read of it
}

// A RoutedMessage is a message as a dry run shows it.
type RoutedMessage struct {
	ID          string               `json:"id"`
	Channel     string               `json:"channel,omitempty"`
	Connector   string               `json:"connector,omitempty"`
	Public      bool                 `json:"public,omitempty"`
	From        []message.Identifier `json:"from"`
	Name        string               `json:"name"`
	Subject     string               `json:"subject"`
	Text        string               `json:"text"`
	Quoted      string               `json:"quoted"`
	Attachments []RoutedAttachment   `json:"attachments"`
	Automatic   string               `json:"automatic"`
	Thread      string               `json:"thread"`
	Language    string               `json:"language"`
	Marks       []string             `json:"marks,omitempty"`
}

// A RoutedAttachment names a file in a dry run, which keeps none.
type RoutedAttachment struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// RouteResult is the answer of a dry run: m, and what the rules made of it.
func RouteResult(m *message.Message, decision router.Decision) Routed {
	r := RoutedMessage{
		ID: m.ID, Channel: m.Channel, Connector: m.Connector, Public: m.Public, From: m.From, Name: m.Name,
		Subject: m.Subject, Text: m.Text, Quoted: quoted(m), Attachments: []RoutedAttachment{},
		Automatic: m.Automatic.Word(), Thread: m.Thread, Language: m.Language, Marks: m.Marks,
	}
	if r.From == nil {
		r.From = []message.Identifier{}
	}
	for _, a := range m.Attachments {
		r.Attachments = append(r.Attachments, RoutedAttachment{a.Name, a.Type, a.Size})
	}
	return Routed{Message: r, Decision: decision}
}

// Route asks the rules that hold now what they make of a message that came at an instant. Nothing is stored.
func (d *Desk) Route(ctx context.Context, in *Incoming, received time.Time) (*Routed, error) {
	m := *in.Message
	if m.ID == "" {
		m.ID = message.NewID([]byte("desk"), []byte(m.Connector), []byte(m.Subject), []byte(m.Text))
	}
	if received.IsZero() {
		received = d.now()
	}
	who, err := d.registry.Resolve(ctx, identity.Subject{IDs: m.From, Name: m.Name, At: received, Message: m.ID, Look: true})
	if err != nil {
		return nil, err
	}
	decision := d.router().Route(router.FactsOf(&m, router.Customer{ID: who.Customer, Assurance: who.Assurance.String()}), received)
	routed := RouteResult(&m, decision)
	return &routed, nil
}
