package email_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/email"
	"loket/connectors/email/mailbox"
	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/internal/message"
	"loket/internal/secret"
)

// TestConforms reads a real mailbox. What is acknowledged bears our keyword there; a mail that was taken comes again as
// another copy, as a server makes one that lost its numbers.
func TestConforms(t *testing.T) {
	server := dovecottest.Start(t)
	sink := smtptest.Start(t, smtptest.Options{User: "help", Password: "smtp-hunter2"})
	box, boxes, copies := "", 0, 0
	var refused atomic.Int64 // how often Accept refused
	kind := email.Type()
	open := kind.New
	kind.New = func(cfg any, env connectors.Env) (connectors.Connector, error) {
		env.Accept = counted(env.Accept, &refused)
		return open(cfg, env)
	}
	connectortest.Run(t, connectortest.Fixture{
		Type: kind,
		Config: func(t *testing.T) any {
			boxes, copies = boxes+1, 0
			box = fmt.Sprint("help", boxes)
			server.MakeFolder(box, "INBOX")
			cfg := kind.NewConfig().(*email.Config)
			cfg.Address, cfg.Name = "help@example.org", "Example Support"
			cfg.URL, cfg.CA, cfg.Poll = secret.New(server.URL(box)), server.CAFile, time.Second
			cfg.SMTP.URL, cfg.SMTP.CA, cfg.SMTP.Plus = secret.New(sink.URL()), sink.CA(), "+"
			return cfg
		},
		Deliver: func(t testing.TB, _ connectors.Connector) bool {
			t.Helper()
			before := refused.Load()
			if marked(server.Files(box, "INBOX")) == copies {
				copies++
				server.Deliver(box, "INBOX", []byte(complaint))
			}
			deadline := time.Now().Add(20 * time.Second)
			for {
				switch {
				case marked(server.Files(box, "INBOX")) == copies:
					return true
				case refused.Load() > before:
					return false
				case time.Now().After(deadline):
					t.Fatalf("the mail is neither taken nor refused:\n%s", server.Log())
				}
				time.Sleep(5 * time.Millisecond)
			}
		},
		Reply: &message.Message{
			ID: message.NewID([]byte("reply")), Thread: message.NewID([]byte("thread")), Direction: message.Out, Connector: "conformance", Channel: "email",
			From: addresses("help@example.org"), To: addresses("kate@example.com"), Subject: "my secret worry", Text: "our answer", References: []string{"1@example.com"},
		},
		Secrets: []string{dovecottest.Password, "smtp-hunter2"},
		Private: []string{"Jansen", "kate@example.com", "worry", "our answer"},
	})
	if mails := sink.Mails(); len(mails) != 1 || !slices.Equal(mails[0].To, []string{"kate@example.com"}) {
		t.Errorf("%d mails went out, want the one reply", len(mails))
	}
}

const complaint = "From: Kate Jansen <kate@example.com>\r\nTo: help@example.org\r\nSubject: my secret worry\r\nMessage-ID: <1@example.com>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nthe worry itself\r\n--b\r\nContent-Type: text/plain; name=a.txt\r\n\r\nattached worry\r\n--b--\r\n"

// marked counts those that were acknowledged.
func marked(files []dovecottest.File) (n int) {
	for _, f := range files {
		if slices.Contains(f.Keywords, mailbox.Keyword) {
			n++
		}
	}
	return n
}

func counted(accept connectors.Accept, refused *atomic.Int64) connectors.Accept {
	return func(ctx context.Context, m *message.Message) error {
		err := accept(ctx, m)
		if err != nil {
			refused.Add(1)
		}
		return err
	}
}

func addresses(addr string) []message.Identifier {
	return []message.Identifier{{Kind: "email", Value: addr, Level: message.Attested}}
}
