package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"loket/internal/secret"
)

// errSignIn marks a refusal of user, password or token: trying again soon does not help and may lock the account.
var errSignIn = errors.New("sign in refused")

// dial connects and signs in. Whoever gets the connection closes it.
func (m *Mailbox) dial(ctx context.Context) (*conn, error) {
	if m.tokens == nil {
		return m.dialAs(ctx, secret.String{})
	}
	// A token may have been withdrawn before its time: the second try is with a new one.
	for again := false; ; again = true {
		token, err := m.tokens.Token(ctx)
		if err != nil {
			if refusal := (*TokenError)(nil); errors.As(err, &refusal) {
				return nil, fmt.Errorf("%w: %w", errSignIn, err)
			}
			return nil, err
		}
		c, err := m.dialAs(ctx, token)
		if err == nil || again || !errors.Is(err, errSignIn) {
			return c, err
		}
		m.tokens.Drop(token)
	}
}

func (m *Mailbox) dialAs(ctx context.Context, token secret.String) (*conn, error) {
	dialCtx, cancel := context.WithTimeout(ctx, m.stall)
	defer cancel()
	tcp, err := (&net.Dialer{}).DialContext(dialCtx, "tcp", m.account.addr())
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c := newConn(&wire{Conn: tcp}, m.stall, m.most)
	// From here on everything that waits is ended by closing the wire.
	stop := context.AfterFunc(ctx, c.wire.abort)
	if err := m.greet(c, token); err != nil {
		stop()
		c.close()
		return nil, err
	}
	c.release = stop
	return c, nil
}

// greet makes the connection safe, then signs in.
func (m *Mailbox) greet(c *conn, token secret.String) error {
	defer c.watch()()
	options := &imapclient.Options{
		TLSConfig:             &tls.Config{ServerName: m.account.host, RootCAs: m.roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"imap"}},
		UnilateralDataHandler: c.handler(),
	}
	switch {
	case m.account.tls:
		secure := tls.Client(c.wire, options.TLSConfig)
		if err := secure.Handshake(); err != nil {
			return fmt.Errorf("start TLS: %w", err)
		}
		c.imap = imapclient.New(secure, options)
	case m.account.plain:
		c.imap = imapclient.New(c.wire, options)
	default:
		var err error
		if c.imap, err = imapclient.NewStartTLS(c.wire, options); err != nil {
			return fmt.Errorf("start TLS: %w", err)
		}
	}
	if err := c.imap.WaitGreeting(); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	if c.imap.State() == imap.ConnStateNotAuthenticated {
		if err := m.signIn(c.imap, token); err != nil {
			return err
		}
	}
	// What a server can do changes with signing in, and the library may still hold the list from before.
	caps, err := c.imap.Capability().Wait()
	if err != nil {
		return fmt.Errorf("ask capabilities: %w", err)
	}
	c.caps = caps
	return nil
}

func (m *Mailbox) signIn(client *imapclient.Client, token secret.String) error {
	caps := client.Caps()
	var err error
	switch {
	case m.tokens != nil:
		err = client.Authenticate(&xoauth2{user: m.account.user, token: token})
	case caps.Has(imap.AuthCap("PLAIN")):
		err = client.Authenticate(sasl.NewPlainClient("", m.account.user, m.account.password.Reveal()))
	case caps.Has(imap.CapLoginDisabled):
		return fmt.Errorf("%w: the server takes no password on this connection", errSignIn)
	default:
		err = client.Login(m.account.user, m.account.password.Reveal()).Wait()
	}
	if err == nil {
		return nil
	}
	if refused(err) {
		return fmt.Errorf("%w: %w", errSignIn, err)
	}
	return fmt.Errorf("sign in: %w", err)
}

// refused tells a server's no to who we are from one that has other trouble (RFC 5530).
func refused(err error) bool {
	var answer *imap.Error
	if !errors.As(err, &answer) || answer.Type != imap.StatusResponseTypeNo {
		return false
	}
	switch answer.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug:
		return false
	}
	return true
}
