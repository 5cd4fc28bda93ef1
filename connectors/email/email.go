package email

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/email/judge"
	"loket/connectors/email/mailbox"
	"loket/connectors/email/send"
	"loket/internal/message"
)

// Account is the connector of one mailbox. Send may be called before, during and after Run, and concurrently.
type Account struct {
	cfg    Config
	env    connectors.Env
	reader *Reader
	box    *mailbox.Mailbox
}

// sending is a mailbox that answers can be sent from.
type sending struct {
	*Account
	sender *send.Sender
	ack    *acknowledger // nil when nothing is acknowledged
}

// New makes the connector of a configuration that Validate found right. It connects to nothing yet.
func New(cfg Config, env connectors.Env) (connectors.Connector, error) {
	ids := send.NewIDs(env.Tokens)
	m := &Account{cfg: cfg, env: env, reader: &Reader{
		connector: env.Name, copies: cfg.Copies, authserv: cfg.AuthServ, ids: ids, knows: true,
		own: judge.Own{
			Addresses: cfg.addresses(), Domains: domains(cfg.addresses()), Names: names(cfg), Forms: cfg.Forms,
			MessageID: func(id string) bool { _, ok := ids.Sent(id); return ok },
			Verp:      verp(ids),
		},
	}}
	var s *sending
	take := m.take
	if cfg.sends() {
		s = &sending{Account: m}
		take = s.take
	}
	var err error
	if m.box, err = mailbox.New(cfg.Config, env.Cursor, take, env.Log); err != nil {
		return nil, err
	}
	if s == nil {
		return m, nil
	}
	s.sender, err = send.New(send.Options{Accounts: cfg.accounts(), Tokens: env.Tokens, Blobs: env.Blobs, Access: m.access})
	if err != nil {
		return nil, fmt.Errorf("open smtp: %w", err)
	}
	if len(cfg.Acknowledge) > 0 {
		s.ack = newAcknowledger(s)
	}
	return s, nil
}

// verp takes an address that a bounce came to for an id of the mail, which Reader.reports reads: anything else that looks
// like the id of a message may have been written by anybody.
func verp(ids send.IDs) func(string) (string, bool) {
	return func(address string) (string, bool) {
		_, ok := ids.Bounced(address)
		return address, ok
	}
}

// access gives the tokens of the mailbox's own account for sending: providers give one token for both, and a refresh token
// that can be used once only has one user.
func (m *Account) access(string) send.Access {
	if t := m.box.Tokens(); t != nil {
		return t
	}
	return nil // of the interface
}

// domains are those of addresses of ours, but for those where everybody may have one: whoever writes from there is no
// impostor of ours.
func domains(addresses []string) []string {
	var out []string
	for _, a := range addresses {
		_, domain, ok := strings.Cut(a, "@")
		if ok && !slices.Contains(out, domain) && !message.IsPublicMail(domain) {
			out = append(out, domain)
		}
	}
	return out
}

// names are what we are called in our own mails.
func names(cfg Config) []string {
	var out []string
	for _, a := range cfg.accounts() {
		if a.Name != "" && !slices.Contains(out, a.Name) {
			out = append(out, a.Name)
		}
	}
	return out
}

// Run reads the mailbox until ctx is done.
func (m *Account) Run(ctx context.Context) error { return m.box.Run(ctx) }

// Run reads the mailbox until ctx is done.
func (s *sending) Run(ctx context.Context) error {
	defer s.sender.Close()
	return s.Account.Run(ctx)
}

// Trouble tells which folder is not read, and why.
func (m *Account) Trouble() error {
	var errs []error
	for _, f := range m.box.State().Folders {
		if f.Connected.IsZero() && f.Err != "" {
			errs = append(errs, fmt.Errorf("folder %s: %s", f.Name, f.Err))
		}
	}
	return errors.Join(errs...)
}

// take takes responsibility for one mail. Its files are stored before it, so that an accepted message has them.
func (m *Account) take(ctx context.Context, l mailbox.Fetched) error {
	_, err := m.accept(ctx, l)
	return err
}

func (m *Account) accept(ctx context.Context, l mailbox.Fetched) (Incoming, error) {
	read := m.reader.read(l)
	if read.Skip != "" {
		m.env.Log.Debug("a mail of our own came back", zap.String("message", read.Message.ID), zap.String("why", read.Skip))
		return read, nil
	}
	for _, f := range read.Files {
		if _, err := m.env.Blobs.Put(ctx, f.Blob, bytes.NewReader(f.Data)); err != nil {
			return read, fmt.Errorf("store attachment: %w", err)
		}
	}
	return read, m.env.Accept(ctx, read.Message)
}

func (s *sending) take(ctx context.Context, l mailbox.Fetched) error {
	read, err := s.accept(ctx, l)
	if err == nil && s.ack != nil && read.mayAcknowledge && begins(read.Message, time.Now()) {
		s.ack.send(ctx, read.Message)
	}
	return err
}

// Send sends an answer by the account whose address the customer wrote to.
func (s *sending) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	return s.sender.Send(ctx, m)
}

// References is the Message-ID. It names the thread itself, as the address for answers does; bound, it does so for a loket
// with another key too.
func (s *sending) References(m *message.Message) []string { return []string{s.sender.MessageID(m)} }

var errToOurselves = connectors.Refuse("would go to ourselves: the mail came from an address of ours and names nobody to answer")

// Ours tells whether mail to an address comes back to us: one that customers write to, that forms write from, or that servers
// report to.
func (s *sending) Ours(address message.Identifier) bool {
	if !address.IsMailbox() {
		return false
	}
	reports := func(a send.Account) bool { return sameMailbox(a.Bounce, address.Value) }
	return s.reader.isOurs(address) || slices.ContainsFunc(s.cfg.accounts(), reports)
}

// Check tells what keeps an answer from being sent. One to ourselves would be known again as ours, and read by nobody.
func (s *sending) Check(m *message.Message) error {
	if s.reader.onlyUs(m.To) {
		return errToOurselves
	}
	return s.sender.Check(m)
}

var (
	_ connectors.Connector = (*Account)(nil)
	_ connectors.Troubled  = (*Account)(nil)
	_ connectors.Sender    = (*sending)(nil)
	_ connectors.Checker   = (*sending)(nil)
	_ connectors.Copier    = (*sending)(nil)
	_ connectors.Referrer  = (*sending)(nil)
)
