package send

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/mail"
	"slices"
	"time"

	"loket/connectors"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/secret"
)

// Options are what a Sender stands on.
type Options struct {
	Accounts Accounts
	Tokens   connectors.Tokens
	// Blobs opens attachments by their blob name.
	Blobs Blobs
	// Access gives what makes access tokens for the account of an address. It is asked once for each account with auth
	// xoauth2, and may be nil when there is none.
	Access func(address string) Access
	// Idle is how long a connection waits for the next mail; 0 is 10 seconds.
	Idle time.Duration
}

// Blobs opens what is stored under a name. The caller closes it. What is not there is an error that is
// fs.ErrNotExist.
type Blobs interface {
	Get(ctx context.Context, name string) (io.ReadSeekCloser, int64, error)
}

// Access makes access tokens (RFC 6750).
type Access interface {
	Token(ctx context.Context) (secret.String, error)
	// Drop says that a token was refused: the next one must be new.
	Drop(refused secret.String)
}

// A Sender sends messages as mail. Several goroutines may use it.
type Sender struct {
	ids    IDs
	blobs  Blobs
	relays []*relay
}

var (
	errNoRecipient = connectors.Refuse("must have a recipient with an e-mail address")
	errNoAccount   = connectors.Refuse("no account to send mail from")
)

// New gives a sender for accounts that are valid (Accounts.Validate). It reads the files of certificates and keys, and
// connects to nobody. Close ends it.
func New(o Options) (*Sender, error) {
	s := &Sender{ids: NewIDs(o.Tokens), blobs: o.Blobs}
	if len(o.Accounts) == 0 {
		return nil, errNoAccount
	}
	for i, a := range o.Accounts {
		r, err := newRelay(a, o)
		if err != nil {
			return nil, field.Under(fmt.Sprintf("[%d]", i), err)
		}
		s.relays = append(s.relays, r)
	}
	return s, nil
}

// Close closes the connections that wait for mail. What is being sent goes on to its end.
func (s *Sender) Close() {
	for _, r := range s.relays {
		r.close()
	}
}

// Largest is how large a mail of the first account may be, as it travels. It is less once the server has said so.
func (s *Sender) Largest() int64 { return s.relays[0].most() }

// Check tells what keeps m from being sent, in words for the agent who wrote it: no recipient with a mail address,
// or more bytes than the account or its server takes. It does no I/O; the limit of the server is known only after
// the first mail that went there.
func (s *Sender) Check(m *message.Message) error {
	r := s.relay(m)
	size, err := s.size(m, r)
	if err != nil {
		return err
	}
	if size > r.most() {
		return errTooLarge(size, r.most())
	}
	return nil
}

// Send hands m to the SMTP server of the account with the address in m.From, or of the first account. The receipt
// holds the Message-ID, which the same message always gets. Errors are marked as connectors.Sender wants them, and
// hold no address of a recipient and nothing of the text. Send takes until ctx ends at most.
func (s *Sender) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	r := s.relay(m)
	l, err := s.letter(ctx, m, r)
	if err != nil {
		return connectors.Receipt{}, connectors.Permanent(fmt.Errorf("write mail: %w", err))
	}
	missed, err := r.send(ctx, s.envelope(l, m, r), func() ([]byte, error) { return write(l, r) })
	if err != nil {
		return connectors.Receipt{}, err
	}
	receipt := connectors.Receipt{ID: l.MessageID, State: connectors.Sent}
	for _, c := range m.Cc {
		if reason, ok := missed[c.Value]; ok && c.Kind == "email" {
			receipt.Missed = append(receipt.Missed, connectors.Missed{To: c, Reason: reason})
			delete(missed, c.Value)
		}
	}
	return receipt, nil
}

// MessageID is the Message-ID that m gets, without angle brackets.
func (s *Sender) MessageID(m *message.Message) string {
	if m.Forward != "" {
		return s.ids.ForwardID(Forwarded{m.Forward, m.ID}, domainOf(s.relay(m).address))
	}
	return s.ids.MessageID(Ref{m.Thread, m.ID}, domainOf(s.relay(m).address))
}

// relay chooses the account.
func (s *Sender) relay(m *message.Message) *relay {
	for _, from := range m.From {
		at := slices.IndexFunc(s.relays, func(r *relay) bool { return from.Kind == "email" && r.address == from.Value })
		if at >= 0 {
			return s.relays[at]
		}
	}
	return s.relays[0]
}

// letter is m as a mail from r.
func (s *Sender) letter(ctx context.Context, m *message.Message, r *relay) (*Outgoing, error) {
	l := &Outgoing{
		From:      mail.Address{Name: r.account.Name, Address: r.address},
		MessageID: s.MessageID(m), References: m.References,
		Subject: m.Subject, Date: m.Sent, Text: m.Text, HTML: m.HTML, Automatic: m.Automatic,
	}
	if l.Date.IsZero() {
		l.Date = time.Now()
	}
	l.Date = l.Date.UTC()
	l.To = mailboxes(m.To, nil)
	l.Cc = mailboxes(m.Cc, l.To)
	address, ok := s.ids.AnswerTo(r.address, r.account.Plus, m.Thread)
	if m.Forward != "" {
		address, ok = s.ids.ForwardTo(r.address, r.account.Plus, m.Forward)
	}
	if ok {
		l.ReplyTo = mail.Address{Name: r.account.Name, Address: address}
	}
	if e := m.Earlier; e != nil && e.Text != "" {
		l.Quote = &Quote{Attribution: Attribution(m.Language, e.Name, e.In()), Text: e.Text}
	}
	for _, a := range m.Attachments {
		l.Files = append(l.Files, File{Name: a.Name, Type: a.Type, Open: func() (io.ReadCloser, error) {
			f, _, err := s.blobs.Get(ctx, a.Blob)
			return f, err
		}})
	}
	return l, l.check()
}

// mailboxes are the mail addresses among ids, each once, but for those that have it already.
func mailboxes(ids []message.Identifier, have []mail.Address) []mail.Address {
	var list []mail.Address
	for _, id := range ids {
		same := func(a mail.Address) bool { return a.Address == id.Value }
		if id.Kind == "email" && !slices.ContainsFunc(list, same) && !slices.ContainsFunc(have, same) {
			list = append(list, mail.Address{Address: id.Value})
		}
	}
	return list
}

// envelope says who gets the mail, and who hears when it can't be delivered: for automatic mail nobody, so that no
// two machines write to each other (RFC 3834 §3.3), if the account has no address for bounces.
func (s *Sender) envelope(l *Outgoing, m *message.Message, r *relay) envelope {
	e := envelope{from: r.bounce, utf8: l.NeedsUTF8() || !isASCII(r.bounce)}
	for _, to := range l.To {
		e.to = append(e.to, to.Address)
	}
	for _, to := range l.Cc {
		e.cc = append(e.cc, to.Address)
	}
	if tagged, ok := s.ids.BounceTo(r.bounce, r.account.Plus, m.ID); ok {
		e.from = tagged
	}
	if r.bounce == "" && l.Automatic == message.ByPerson {
		e.from = r.address
	}
	return e
}

// write gives the bytes of the mail, signed if the account does so.
func write(l *Outgoing, r *relay) ([]byte, error) {
	b := &bounded{most: r.most()}
	err := Compose(b, l)
	switch {
	case b.full:
		return nil, connectors.Permanent(errTooLarge(b.most+1, b.most))
	case errors.Is(err, fs.ErrNotExist):
		return nil, connectors.Permanent(connectors.Refuse("an attachment is not stored any more"))
	case err != nil:
		return nil, errors.New(quiet(err.Error())) // not wrapped: see fault
	case r.dkim == nil:
		return b.Bytes(), nil
	}
	mail, err := sign(b.Bytes(), r.dkim)
	if err != nil {
		return nil, fmt.Errorf("sign mail: %w", err)
	}
	return mail, nil
}

// bounded keeps at most most bytes.
type bounded struct {
	bytes.Buffer
	most int64
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if int64(b.Len()+len(p)) > b.most {
		b.full = true
		return 0, io.ErrShortBuffer
	}
	return b.Buffer.Write(p)
}

// size is how large m will be as a mail: exactly but for the attachments, whose headers are counted generously.
func (s *Sender) size(m *message.Message, r *relay) (int64, error) {
	l, err := s.letter(context.Background(), m, r)
	if err != nil {
		return 0, err
	}
	l.Files = nil
	var n counted
	if err := Compose(&n, l); err != nil {
		return 0, err
	}
	size := int64(n) + roomForSignature
	for _, a := range m.Attachments {
		encoded := (max(a.Size, 0) + 2) / 3 * 4
		size += encoded + encoded/76*2 + roomForHeader
	}
	return size, nil
}

const (
	roomForSignature = 2 << 10
	roomForHeader    = 2 << 10 // of an attachment
)

type counted int64

func (n *counted) Write(p []byte) (int, error) {
	*n += counted(len(p))
	return len(p), nil
}

// errTooLarge tells the agent how much there may be. What files may have is less than what the mail may.
func errTooLarge(size, most int64) error {
	return connectors.Refuse("the mail is too large: %s of at most %s; attachments may be %s together",
		megabytes(size), megabytes(most), megabytes(max(0, most-(16<<10))/137*100))
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

var (
	_ connectors.Sender  = (*Sender)(nil)
	_ connectors.Checker = (*Sender)(nil)
)
