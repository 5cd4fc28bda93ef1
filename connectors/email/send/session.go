package send

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"loket/connectors"
	"loket/internal/secret"
)

const (
	// finalTimeout is what RFC 5321 §4.5.3.2.6 gives a server to answer the final dot. A shorter one makes doubt.
	finalTimeout = 10 * time.Minute
	chunk        = 32 << 10
)

// A session is one connection to a server that let us in. One goroutine at a time uses it.
type session struct {
	wire   *wire
	client *smtp.Client
	host   string
	limit  int64 // what the server says it takes (RFC 1870); 0 when it does not say
	broken bool  // nothing more can be sent on it
}

// open connects, with TLS as the account wants it, and logs in.
func (r *relay) open(ctx context.Context) (_ *session, err error) {
	dialer := net.Dialer{Timeout: r.timeout}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(r.host, r.port))
	if err != nil {
		return nil, fault(stageConnect, r.host, err)
	}
	s := &session{wire: &wire{Conn: conn, timeout: r.timeout}, host: r.host}
	stop := context.AfterFunc(ctx, s.wire.cut)
	defer func() {
		if !stop() && err == nil {
			err = s.fault(stageConnect, context.Cause(ctx))
		}
		if err != nil {
			s.close()
		}
	}()
	if err := s.greet(ctx, r); err != nil {
		return nil, err
	}
	return s, s.login(ctx, r)
}

func (s *session) greet(ctx context.Context, r *relay) (err error) {
	s.wire.step(ctx, false)
	var conn net.Conn = s.wire
	if r.tls {
		encrypted := tls.Client(s.wire, r.tlsConfig)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return s.fault(stageTLS, err)
		}
		conn = encrypted
	}
	if s.client, err = smtp.NewClient(conn, s.host); err != nil {
		return s.fault(stageConnect, err)
	}
	s.wire.step(ctx, false)
	if err := s.client.Hello(r.hello); err != nil {
		return s.fault(stageConnect, err)
	}
	if r.tls || r.clear {
		return nil
	}
	if offered, _ := s.client.Extension("STARTTLS"); !offered {
		return s.fault(stageTLS, errors.New("it does not offer STARTTLS, and nothing is sent without"))
	}
	s.wire.step(ctx, false)
	if err := s.client.StartTLS(r.tlsConfig); err != nil {
		return s.fault(stageTLS, err)
	}
	return nil
}

func (s *session) login(ctx context.Context, r *relay) error {
	if offered, most := s.client.Extension("SIZE"); offered {
		s.limit, _ = strconv.ParseInt(strings.TrimSpace(most), 10, 64) // SIZE alone or SIZE 0: the server does not say
	}
	if r.user == "" {
		return nil
	}
	kind, err := s.authKind(r.auth)
	if err != nil {
		return s.fault(stageLogin, err)
	}
	password := secret.New(r.password)
	if kind == "xoauth2" {
		if password, err = r.access.Token(ctx); err != nil {
			return s.fault(stageLogin, err)
		}
	}
	s.wire.step(ctx, false)
	if err := s.client.Auth(s.auth(kind, r, password)); err != nil {
		var said *textproto.Error
		if kind == "xoauth2" && errors.As(err, &said) {
			r.access.Drop(password)
		}
		return s.fault(stageLogin, err)
	}
	return nil
}

// authKind chooses how to log in. That the connection is safe enough for it was seen to before.
func (s *session) authKind(wanted string) (string, error) {
	_, offer := s.client.Extension("AUTH")
	offered := strings.Fields(strings.ToUpper(offer))
	for _, kind := range []string{"plain", "login", "xoauth2"} {
		if (wanted == kind || wanted == "" && kind != "xoauth2") && slices.Contains(offered, strings.ToUpper(kind)) {
			return kind, nil
		}
	}
	if wanted == "" {
		wanted = "plain or login"
	}
	return "", errors.New("it does not offer to log in by " + wanted)
}

func (s *session) auth(kind string, r *relay, password secret.String) smtp.Auth {
	switch kind {
	case "login":
		return smtp.LoginAuth(r.user, password.Reveal(), s.host, r.clear)
	case "xoauth2":
		return smtp.XOAuth2Auth(r.user, password.Reveal())
	}
	return smtp.PlainAuth("", r.user, password.Reveal(), s.host, r.clear)
}

// An envelope is what the server needs to know to bring a mail to its recipients: bare addresses.
type envelope struct {
	from string // may be ""
	to   []string
	cc   []string // who get a copy
	utf8 bool     // an address is not ASCII
}

// transfer hands a mail over. One recipient that is refused keeps it from all: nobody gets it twice when it is
// tried again. Only a copy that is refused for good is left out: missed has the reasons by the addresses.
func (s *session) transfer(ctx context.Context, e envelope, mail []byte) (missed map[string]string, err error) {
	stop := context.AfterFunc(ctx, s.wire.cut)
	defer stop()
	s.client.SkipSMTPUTF8(!e.utf8)
	from := "<" + e.from + ">"
	if has, _ := s.client.Extension("SIZE"); has {
		from += " SIZE=" + strconv.Itoa(len(mail))
	}
	s.wire.step(ctx, false)
	if err := s.client.Mail(from); err != nil {
		return nil, s.fault(stageMail, err)
	}
	if missed, err = s.recipients(ctx, e); err != nil {
		return nil, err
	}
	return missed, s.data(ctx, mail)
}

// recipients names them all to the server.
func (s *session) recipients(ctx context.Context, e envelope) (missed map[string]string, err error) {
	for i, to := range slices.Concat(e.to, e.cc) {
		s.wire.step(ctx, false)
		err := s.client.Rcpt("<" + to + ">")
		if err == nil {
			continue
		}
		if err = s.fault(stageRcpt, err); i < len(e.to) || !connectors.IsPermanent(err) {
			return nil, err
		}
		if missed == nil {
			missed = map[string]string{}
		}
		missed[to] = err.Error()
	}
	return missed, nil
}

func (s *session) data(ctx context.Context, mail []byte) error {
	s.wire.step(ctx, false)
	data, err := s.client.Data()
	if err != nil {
		return s.fault(stageData, err)
	}
	for part := range slices.Chunk(mail, chunk) {
		s.wire.step(ctx, false)
		if _, err := data.Write(part); err != nil {
			return s.fault(stageData, err)
		}
	}
	// What is left in the buffer goes out before the dot, so that a connection that is gone by now leaves no doubt.
	if err := s.client.Text.W.Flush(); err != nil {
		return s.fault(stageData, err)
	}
	if ctx.Err() != nil {
		return s.fault(stageData, context.Cause(ctx))
	}
	s.wire.step(ctx, true)
	if err := data.Close(); err != nil {
		return s.fault(stageEnd, err)
	}
	return nil
}

// fault is as the function says, and remembers when the session is of no use any more: after anything but an answer,
// and when the server is about to close it.
func (s *session) fault(at stage, err error) error {
	var said *textproto.Error
	if !errors.As(err, &said) || said.Code == 421 {
		s.broken = true
	}
	return fault(at, s.host, err)
}

// renew makes a session that was idle ready for the next mail, and tells whether it still lives.
func (s *session) renew(ctx context.Context) bool {
	stop := context.AfterFunc(ctx, s.wire.cut)
	s.wire.step(ctx, false)
	err := s.client.Reset()
	s.broken = !stop() || err != nil
	return !s.broken
}

// close ends the session, with a word to the server if it still listens.
func (s *session) close() {
	if s.client != nil && !s.broken {
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		s.wire.step(ctx, false)
		_ = s.client.Quit()
	}
	_ = s.wire.Close()
}
