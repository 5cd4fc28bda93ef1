package smtptest

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func (s *Sink) session(c *smtp.Conn) (smtp.Session, error) {
	session := &session{sink: s, conn: c}
	return session, session.fail(Hello, "")
}

type session struct {
	sink *Sink
	conn *smtp.Conn
	user string
	mail Mail
}

var (
	errDropped = errors.New("dropped")
	errLogin   = &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Authentication failed"}
	errNoLogin = &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
)

// fail does what is planned for a stage.
func (s *session) fail(stage Stage, recipient string) error {
	f := s.sink.next(stage, recipient)
	if f == nil {
		return nil
	}
	return s.do(f)
}

func (s *session) do(f *Fault) error {
	if f.Hang {
		<-s.sink.done
	}
	if f.Hang || f.Drop {
		_ = s.conn.Conn().Close()
		return errDropped
	}
	return f.answer()
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	if err := s.fail(Sender, ""); err != nil {
		return err
	}
	if s.sink.options.User != "" && s.user == "" {
		return errNoLogin
	}
	s.mail = Mail{
		From: from, Hello: s.conn.Hostname(), User: s.user, Size: o.Size, UTF8: o.UTF8, EightBit: o.Body == smtp.Body8BitMIME,
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.fail(Recipient, to); err != nil {
		return err
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	if f := s.sink.next(Body, ""); f != nil {
		_, _ = io.ReadFull(r, make([]byte, 100))
		return s.do(f)
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, r); err != nil {
		return err
	}
	s.mail.Data = b.Bytes()
	f := s.sink.next(End, "")
	if f == nil || f.Keep || f.Meanwhile != nil {
		s.sink.keep(s.mail)
	}
	if f != nil && f.Meanwhile != nil {
		f.Meanwhile(s.mail)
		return nil
	}
	if f != nil {
		return s.do(f)
	}
	return nil
}

func (s *session) Reset()        { s.mail = Mail{} }
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string {
	if s.sink.options.User == "" {
		return nil
	}
	return s.sink.options.Mechanisms
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if err := s.fail(Login, ""); err != nil {
		return nil, err
	}
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return s.login(user, password) }), nil
	case "LOGIN":
		return &dialogue{ask: []string{"Username:", "Password:"}, end: func(said []string) error { return s.login(said[0], said[1]) }}, nil
	case "XOAUTH2":
		return &dialogue{first: true, ask: []string{""}, end: func(said []string) error {
			user, rest, _ := strings.Cut(strings.TrimPrefix(said[0], "user="), "\x01auth=Bearer ")
			return s.login(user, strings.TrimRight(rest, "\x01"))
		}}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *session) login(user, password string) error {
	if user != s.sink.options.User || password != s.sink.options.Password {
		return errLogin
	}
	s.user = user
	return nil
}

// A dialogue asks for one thing after the other.
type dialogue struct {
	ask   []string
	first bool // the client begins with its first answer
	said  []string
	asked int
	end   func(said []string) error
}

func (d *dialogue) Next(response []byte) (challenge []byte, done bool, err error) {
	if d.asked > 0 || d.first {
		d.said = append(d.said, string(response))
	}
	if len(d.said) == len(d.ask) {
		return nil, true, d.end(d.said)
	}
	d.asked++
	return []byte(d.ask[d.asked-1]), false, nil
}

var (
	_ smtp.AuthSession = (*session)(nil)
	_ sasl.Server      = (*dialogue)(nil)
)
