package webhook_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/webhook/webhooktest"
	"loket/internal/message"
)

// What a customer writes is one value in a call, whatever it says.
func TestNothingBreaksOutOfACall(t *testing.T) {
	const hostile = "\"}],\"to\":\"x\"&to=x</t><to a=\"1\">\r\nX: y {{secret.k}} ]]>"
	for _, test := range []struct{ name, reply, want string }{
		{"JSON", `body: {text: "{{text}}", to: [1, "{{text}}!"]}`, ""},
		{"form", `type: form, body: {text: "{{text}}", to: y}`, ""},
		{"XML", `type: xml, body: '<m a="{{text}}"><t>{{text}}</t></m>'`, ""},
		{"path", `body: {}, url: "https://api.example/m/{{text}}"`, "cannot stand there"},
		{"header", `body: {}, headers: {X-Text: "{{text}}"}`, "cannot stand there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			reply := test.reply
			if !strings.Contains(reply, "url:") {
				reply += `, url: "https://api.example/m"`
			}
			b := newBench(t, open(`message: {id: body.id}, reply: {`+reply+`, secrets: {k: v3ry}}`))
			lines, err := b.Connector.(connectors.ReplyRehearser).RehearseReply(&message.Message{ID: message.NewID([]byte("a")), Text: hostile})
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%v, want %s", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			content := lines[len(lines)-1]
			switch test.name {
			case "JSON":
				var got map[string]any
				if err := json.Unmarshal([]byte(content), &got); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(map[string]any{"text": hostile, "to": []any{1.0, hostile + "!"}}, got); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
			case "form":
				got, err := url.ParseQuery(content)
				if diff := cmp.Diff(url.Values{"text": {hostile}, "to": {"y"}}, got); err != nil || diff != "" {
					t.Errorf("%v; body (-want +got):\n%s", err, diff)
				}
			case "XML":
				var got struct {
					A    string   `xml:"a,attr"`
					T    []string `xml:"t"`
					More []string `xml:",any"`
				}
				if err := xml.Unmarshal([]byte(content), &got); err != nil || got.A != hostile || len(got.T) != 1 || got.T[0] != hostile || len(got.More) != 0 {
					t.Errorf("%v: %+v", err, got)
				}
			}
		})
	}
}

func TestAnswersThatFail(t *testing.T) {
	type marks struct {
		Permanent, InDoubt bool
		After              time.Duration
	}
	for _, test := range []struct {
		name  string
		fault webhooktest.Fault
		want  marks
	}{
		{"refused", webhooktest.Fault{Status: 422, Body: "{}"}, marks{Permanent: true}},
		{"refused for a reason", webhooktest.Fault{Status: 503, Body: `{"code":"blocked"}`}, marks{Permanent: true}},
		{"by something between us", webhooktest.Fault{Status: 502}, marks{InDoubt: true}},
		{"too often", webhooktest.Fault{Status: 429, Body: "{}", After: "7"}, marks{After: 7 * time.Second}},
		{"wrong token, perhaps", webhooktest.Fault{Status: 401, Body: "{}"}, marks{}},
		{"broken off after it was taken", webhooktest.Fault{Taken: true}, marks{InDoubt: true}},
		{"taken without an id", webhooktest.Fault{Taken: true, Status: 200, Body: "{}"}, marks{InDoubt: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, "")
			b.server.Fail(test.fault)
			_, err := b.Connector.(connectors.Sender).Send(t.Context(), answerTo("+31612345678", "x"))
			got := marks{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err)}
			if err == nil || got != test.want || strings.Contains(err.Error(), b.server.URL) || strings.Contains(err.Error(), "6123") {
				t.Errorf("Send = %v: %+v, want %+v", err, got, test.want)
			}
		})
	}
	for status, want := range map[int]bool{http.StatusCreated: true, http.StatusOK: false} {
		t.Run(fmt.Sprint("success by the status ", status), func(t *testing.T) {
			server := webhooktest.Start(t)
			b := newBench(t, strings.Replace(webhooktest.Settings(server.URL), "max_text: 500", "success: status == 201", 1))
			server.Fail(webhooktest.Fault{Taken: true, Status: status, Body: `{"id":"out-1"}`})
			receipt, err := b.Connector.(connectors.Sender).Send(t.Context(), answerTo("+31612345678", "x"))
			if (err == nil) != want || want && receipt.ID != "out-1" || !want && !connectors.IsInDoubt(err) {
				t.Errorf("Send = %+v, %v", receipt, err)
			}
		})
	}
	for body, want := range map[string]marks{
		`{"messages":[{"status":"1"}]}`: {}, `{"messages":[{"status":"6"}]}`: {Permanent: true}, `{"messages":[]}`: {InDoubt: true}, `<html>`: {InDoubt: true},
		`{"wait":9,"messages":[{"status":"1"}]}`: {After: 9 * time.Second},
	} {
		t.Run("no success: "+body, func(t *testing.T) {
			server := webhooktest.Start(t)
			b := newBench(t, strings.Replace(webhooktest.Settings(server.URL), `permanent: body.code == "blocked"`,
				`success: 'body.messages[0].status == "0"', retry: 'body.messages[0].status == "1"', permanent: 'body.messages[0].status == "6"', after: body.wait`, 1))
			server.Fail(webhooktest.Fault{Status: http.StatusOK, Body: body})
			_, err := b.Connector.(connectors.Sender).Send(t.Context(), answerTo("+31612345678", "x"))
			if got := (marks{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err)}); err == nil || got != want {
				t.Errorf("Send = %v: %+v, want %+v", err, got, want)
			}
		})
	}
	t.Run("repeatable", func(t *testing.T) {
		server := webhooktest.Start(t)
		b := newBench(t, strings.Replace(webhooktest.Settings(server.URL), "max_text: 500", "repeatable: true, already: status == 409", 1))
		server.Fail(webhooktest.Fault{Status: 503, Body: "{}", After: "7"}, webhooktest.Fault{Taken: true}, webhooktest.Fault{Status: 409, Body: "{}"})
		send := func() error {
			_, err := b.Connector.(connectors.Sender).Send(context.WithoutCancel(t.Context()), answerTo("+31612345678", "x"))
			return err
		}
		if err := send(); connectors.IsInDoubt(err) || connectors.RetryAfter(err) != 7*time.Second {
			t.Errorf("Send = %v, want one to be tried again after seven seconds", err)
		}
		if err := send(); err == nil || connectors.IsInDoubt(err) || connectors.IsPermanent(err) {
			t.Errorf("Send = %v, want one to be tried again", err)
		}
		if err := send(); err != nil || len(server.Sent()) != 1 {
			t.Errorf("Send = %v; %d sent, want it done", err, len(server.Sent()))
		}
	})
}

func TestCheckTellsWhatCannotGo(t *testing.T) {
	b := newBench(t, "")
	for want, m := range map[string]*message.Message{
		"there is nobody on pager":  {Text: "x"},
		"at most 500 characters":    answerTo("+31612345678", strings.Repeat("é", 501)),
		"carries no files":          {To: answerTo("+31612345678", "").To, Text: "x", Attachments: []message.Attachment{{}}},
		"there is nothing to send":  answerTo("+31612345678", " "),
		"at most 500 characters, n": answerTo("+31612345678", strings.Repeat("x", 501)),
	} {
		if err := b.Connector.(connectors.Checker).Check(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check = %v, want %s", err, want)
		}
	}
	reach := b.Connector.(connectors.Reacher)
	if reach.Reaches(message.Identifier{Kind: "phone", Value: "+31612345678"}) != "pager" || reach.Reaches(message.Identifier{Kind: "email"}) != "" {
		t.Error("reaches others than those with a phone")
	}
}
