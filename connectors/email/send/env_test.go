package send_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"testing"
	"time"

	"go.uber.org/goleak"

	"loket/connectors/email/send"
	"loket/connectors/email/send/smtptest"
	"loket/internal/message"
	"loket/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tokens are like those of the daemon: case counts in them.
type tokens string

func (k tokens) Token(thread string) string {
	h := hmac.New(sha256.New, []byte(k))
	h.Write([]byte(thread))
	return thread + "-" + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

func (tokens) Thread(string) (string, error) { return "", errors.New("not asked for") }

// blobs are attachments in memory.
type blobs map[string][]byte

func (b blobs) Get(_ context.Context, name string) (io.ReadSeekCloser, int64, error) {
	data, ok := b[name]
	if !ok {
		return nil, 0, fs.ErrNotExist
	}
	return opened{bytes.NewReader(data)}, int64(len(data)), nil
}

type opened struct{ *bytes.Reader }

func (opened) Close() error { return nil }

var (
	thread = message.NewID([]byte("thread"))
	sentAt = time.Date(2026, 11, 22, 13, 5, 0, 0, time.UTC)
	ids    = send.NewIDs(tokens("key"))
)

// said is an answer to jan@example.org.
func said(text string) *message.Message {
	return &message.Message{
		ID: message.NewID([]byte(text)), Thread: thread, Direction: message.Out, Subject: "Re: Invoice", Text: text,
		To: []message.Identifier{{Kind: "email", Value: "jan@example.org"}}, Sent: sentAt,
	}
}

// account sends through a sink.
func account(s *smtptest.Sink) send.Account {
	return send.Account{Address: "help@example.com", Name: "Example Support", URL: secret.New(s.URL()), CA: s.CA(), Timeout: 5 * time.Second}
}

func sender(t testing.TB, o send.Options) *send.Sender {
	t.Helper()
	if err := o.Accounts.Validate(); err != nil {
		t.Fatal(err)
	}
	if o.Tokens == nil {
		o.Tokens = tokens("key")
	}
	s, err := send.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func through(t testing.TB, s *smtptest.Sink) *send.Sender {
	t.Helper()
	return sender(t, send.Options{Accounts: send.Accounts{account(s)}})
}
