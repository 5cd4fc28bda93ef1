package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/email"
	"loket/desk"
	"loket/desk/access"
	"loket/desk/api"
	"loket/internal/field"
	"loket/internal/secret"
	"loket/router/thread"
)

// mailFiles reads mails as a mailbox of help@example.org would that runs nowhere.
func mailFiles(t *testing.T) func(string, []byte, time.Time) (desk.MailFile, error) {
	t.Helper()
	cfg := email.Type().NewConfig().(*email.Config)
	cfg.Address, cfg.AuthServ, cfg.URL = "help@example.org", []string{"mx.example.org"}, secret.New("imap://help:x@127.0.0.1:1")
	box, err := email.New(*cfg, connectors.Env{Name: "mail", Tokens: thread.NewTokens([]byte("the key of this house")), Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	return func(name string, data []byte, received time.Time) (desk.MailFile, error) {
		if name != "" && name != "mail" {
			return desk.MailFile{}, field.Errorf("connector", "must be a mailbox")
		}
		filed, err := box.(connectors.FileReader).ReadFile(data, received)
		if err != nil {
			return desk.MailFile{}, field.Errorf("mail", "%v", err)
		}
		return desk.MailFile{Message: filed.Message, Files: filed.Files}, nil
	}
}

const attestedMail = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.net\r\nFrom: Kate <kate@example.net>\r\n" +
	"Reply-To: Kate at home <kate@home.example>\r\nTo: help@example.org\r\nCc: bert@example.net\r\nSubject: Storing at home\r\n" +
	"Date: Sun, 29 Nov 2026 10:00:00 +0100\r\nMessage-ID: <one@example.net>\r\n\r\nThere is a storing.\r\n"

func TestMailThatIsAFileIsAClaimUnlessSomebodyVouches(t *testing.T) {
	h := open(t, access.Person{Name: "anna", Teams: []string{"support", "network"}}, access.Person{Name: "nora", Teams: []string{"webcare"}})
	for name, tt := range map[string]struct{ token, level, mark string }{
		"an agent":               {annaToken, "claimed", ""},
		"a program that vouches": {channelToken, "attested", desk.MarkVouched},
	} {
		mail := strings.ReplaceAll(attestedMail, "one@", strings.ReplaceAll(name, " ", "-")+"@")
		taken := read[api.TakenIn](t, h.raw("POST", "/api/v1/mails", tt.token, mail, "Content-Type", "message/rfc822"))
		again := read[api.TakenIn](t, h.raw("POST", "/api/v1/mails?connector=mail", tt.token, mail, "Content-Type", "message/rfc822"))
		if taken.ID != again.ID {
			t.Errorf("%s: the same mail is %s and %s", name, taken.ID, again.ID)
		}
		var m api.Message
		level := ""
		await(t, name, func() bool {
			page, err := h.admin("anna").List(t.Context(), api.Listing{Team: "network"})
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range page.Tasks {
				if v, err := h.admin("anna").Task(t.Context(), v.ID); err == nil && v.Messages[0].ID == taken.ID {
					m, level = v.Messages[0], v.Customer.Assurance
				}
			}
			return m.ID != ""
		})
		if len(m.From) != 1 || level != tt.level || strings.Join(m.ReplyTo, "") != "email:kate@home.example" || len(m.Cc) != 1 ||
			strings.Contains(strings.Join(m.Marks, "; "), desk.MarkVouched) != (tt.mark != "") {
			t.Errorf("%s: message = %+v, %s; want it %s", name, m, level, tt.level)
		}
	}
}

func TestWhatIsNoMailIsRefused(t *testing.T) {
	h := open(t)
	for name, body := range map[string]string{
		"nothing": "", "a picture": "\xff\xd8\xff\xe0\x00\x10JFIF\x00" + strings.Repeat("\x01", 500), "a table": "id,name\n1,Kate\n",
		"a page": "<!DOCTYPE html>\n<html><body>From: kate@example.org</body></html>\n", "words": "Dear all,\n\nFrom: kate@example.org\n",
	} {
		if res := h.raw("POST", "/api/v1/mails", adminToken, body); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s = %d, want 422", name, res.StatusCode)
		}
	}
	if res := h.raw("POST", "/api/v1/mails?connector=none", adminToken, attestedMail); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a mailbox that is not there = %d, want 422", res.StatusCode)
	}
}
