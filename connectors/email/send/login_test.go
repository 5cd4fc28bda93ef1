package send_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"loket/connectors/email/send"
	"loket/connectors/email/send/smtptest"
	"loket/internal/message"
	"loket/internal/secret"
)

func TestAccountIsChosenByAddress(t *testing.T) {
	first, second := smtptest.Start(t, smtptest.Options{}), smtptest.Start(t, smtptest.Options{})
	sales := account(second)
	sales.Address = "Sales@bücher.example"
	s := sender(t, send.Options{Accounts: send.Accounts{account(first), sales}})
	m := said("x")
	for value, want := range map[string]int{"sales@xn--bcher-kva.example": 1, "unknown@example.com": 0} {
		m.From = []message.Identifier{{Kind: "email", Value: value}}
		before := len(second.Mails())
		if _, err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if got := len(second.Mails()) - before; got != want {
			t.Errorf("from %s: %d mails through the second account, want %d", value, got, want)
		}
	}
	if got := second.Mails()[0].From; got != "sales@xn--bcher-kva.example" {
		t.Errorf("envelope is from %q", got)
	}
}

func TestServerWithoutTLSIsNotTrusted(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{Security: smtptest.Clear, User: "u", Password: "p"})
	if _, err := through(t, sink).Send(t.Context(), said("x")); outcome(err) != "temporary" || !strings.Contains(err.Error(), "STARTTLS") {
		t.Errorf("Send = %v, want that STARTTLS is not offered", err)
	}
	strange := smtptest.Start(t, smtptest.Options{})
	a := account(strange)
	a.CA = sink.CA()
	if _, err := sender(t, send.Options{Accounts: send.Accounts{a}}).Send(t.Context(), said("x")); outcome(err) != "temporary" ||
		!strings.Contains(err.Error(), "certificate") {
		t.Errorf("Send to a server with a certificate of somebody else = %v", err)
	}
	if len(sink.Mails())+len(strange.Mails()) > 0 {
		t.Error("a mail went out")
	}
}

// access gives one token after the other.
type access struct {
	tokens  []string
	dropped []string
}

func (a *access) Token(context.Context) (secret.String, error) {
	if len(a.tokens) == 0 {
		return secret.String{}, errors.New("no token to be had")
	}
	return secret.New(a.tokens[0]), nil
}

func (a *access) Drop(refused secret.String) {
	a.dropped, a.tokens = append(a.dropped, refused.Reveal()), a.tokens[1:]
}

func TestWaysToLogIn(t *testing.T) {
	for _, tt := range []struct {
		auth    string
		offered []string
		want    string
	}{
		{"", []string{"PLAIN"}, "sent"}, {"", []string{"LOGIN"}, "sent"}, {"", []string{"LOGIN", "PLAIN"}, "sent"},
		{"login", []string{"PLAIN", "LOGIN"}, "sent"}, {"plain", []string{"LOGIN"}, "temporary"}, {"", []string{"XOAUTH2"}, "temporary"},
		{"xoauth2", []string{"XOAUTH2"}, "sent"},
	} {
		t.Run(tt.auth+fmt.Sprint(tt.offered), func(t *testing.T) {
			sink := smtptest.Start(t, smtptest.Options{User: "help", Password: "good", Mechanisms: tt.offered})
			a := account(sink)
			a.Auth, a.User, a.Password = tt.auth, "help", secret.New("good")
			a.URL = secret.New(strings.Replace(sink.URL(), "help:good@", "", 1))
			tokens := &access{tokens: []string{"stale", "good"}}
			s := sender(t, send.Options{Accounts: send.Accounts{a}, Access: func(string) send.Access { return tokens }})
			_, err := s.Send(t.Context(), said("x"))
			if tt.auth == "xoauth2" {
				if outcome(err) != "temporary" || len(tokens.dropped) != 1 {
					t.Errorf("Send with a stale token = %v, dropped %v", err, tokens.dropped)
				}
				_, err = s.Send(t.Context(), said("x"))
			}
			if outcome(err) != tt.want {
				t.Errorf("Send = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestTalkativeServerIsCutOff(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{})
	sink.Fail(smtptest.Sender, smtptest.Fault{Code: 450, Text: strings.Repeat("talk ", 200_000)}, 1)
	if _, err := through(t, sink).Send(t.Context(), said("x")); outcome(err) != "temporary" || len(err.Error()) > 400 {
		t.Errorf("Send = %v", err)
	}
}

func TestFilesOfAnAccountAreRead(t *testing.T) {
	broken := t.TempDir() + "/broken.pem"
	if err := os.WriteFile(broken, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := send.Account{Address: "help@example.com", URL: secret.New("smtps://smtp.example.com")}
	for want, spoil := range map[string]func(*send.Account){
		"[0].ca:":            func(a *send.Account) { a.CA = broken },
		"[0].dkim.key_file:": func(a *send.Account) { a.DKIM = &send.DKIM{Selector: "s", KeyFile: secret.File(broken)} },
		"[0].auth:":          func(a *send.Account) { a.User, a.Auth = "u", "xoauth2" },
	} {
		a := good
		spoil(&a)
		if _, err := send.New(send.Options{Accounts: send.Accounts{a}, Tokens: tokens("key")}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("New = %v, want %s …", err, want)
		}
	}
}
