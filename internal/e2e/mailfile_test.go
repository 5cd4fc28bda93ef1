package e2e_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/desk/api"
)

// write makes a file for a command.
func (d *daemon) write(name string, data []byte) string {
	d.tb.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		d.tb.Fatal(err)
	}
	return path
}

// crlf is a text as mail has it.
func crlf(text string) []byte { return []byte(strings.ReplaceAll(text, "\n", "\r\n")) }

func TestAMailIsTheSameByFileAndByMailbox(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "authserv: [mx.example.org]")
	const body = "\nDate: Sun, 29 Nov 2026 10:00:00 +0100\n\nStill nothing.\n"
	for name, mail := range map[string]string{
		"reply-to":    "From: Kate <kate@example.net>\nReply-To: Kate <kate@home.example>\nTo: help@example.org\nCc: bert@example.net\nMessage-ID: <R@example.net>\nSubject: R",
		"marks":       "From: help@example.org\nTo: help@example.org\nMessage-ID: <M@example.net>\nSubject: M",
		"an automat":  "From: Kate <kate@example.net>\nTo: help@example.org\nAuto-Submitted: auto-replied\nMessage-ID: <A@example.net>\nSubject: A",
		"without ids": "From: \"kate@bank.example\" <kate@evil.example>\nTo: help@example.org\nIn-Reply-To: undefined\nSubject: W",
	} {
		// The same mail but for its name and id, so that both are taken in.
		byFile, byBox := strings.ReplaceAll(mail, "Subject: ", "Subject: file "), strings.ReplaceAll(mail, "Subject: ", "Subject: box ")
		byFile = strings.ReplaceAll(byFile, "Message-ID: <", "Message-ID: <file")
		file := h.write("a.eml", crlf(byFile+body))
		if out, code := h.loket("", "intake", "--file", file, "--connector", "mail"); code != 0 {
			t.Fatalf("%s: intake = %d %s", name, code, out)
		}
		h.server.Deliver("help", "INBOX", crlf(byBox+body))
		subject := mail[strings.LastIndex(mail, " ")+1:]
		a, b := h.from("file "+subject), h.from("box "+subject)
		same := cmp.Options{
			cmpopts.IgnoreFields(api.Task{}, "ID", "Number", "Subject", "Due", "Created", "Threads", "Seen", "Messages", "ResolveBy"), cmpopts.IgnoreFields(api.Wait{}, "Since", "Due"), cmpopts.EquateEmpty(),
			cmpopts.IgnoreFields(api.Message{}, "ID", "Thread", "Subject", "Received", "Agent"), cmpopts.IgnoreFields(api.TaskStep{}, "At"),
		}
		if diff := cmp.Diff(b, a, same); diff != "" {
			t.Errorf("%s: the tasks differ (-mailbox +file):\n%s", name, diff)
		}
		if diff := cmp.Diff(b.Messages, a.Messages, same); diff != "" {
			t.Errorf("%s: the messages differ (-mailbox +file):\n%s", name, diff)
		}
		// And the very same is one message.
		h.server.Deliver("help", "INBOX", crlf(byFile+body))
		h.taken()
		if again := h.from("file " + subject); len(again.Messages) != 1 || again.ID != a.ID {
			t.Errorf("%s: the same mail by both ways is %d messages", name, len(again.Messages))
		}
	}
	n := len(h.tasks("support"))
	for name, data := range map[string]string{
		"a.jpg": "\xff\xd8\xff\xe0\x00\x10JFIF", "a.csv": "id,name\n1,Kate\n", "a.html": "<html>\n<body>From: kate@example.org</body>\n", "empty.eml": "",
	} {
		if out, code := h.loket("", "intake", "--file", h.write(name, []byte(data)), "--connector", "mail"); code != 1 || !strings.Contains(out, "is no mail") {
			t.Errorf("intake of %s = %d %s; want 1 and the reason", name, code, out)
		}
	}
	h.settled()
	if got := len(h.tasks("support")); got != n {
		t.Errorf("%d tasks, want %d: what is no mail was taken in", got, n)
	}
}

// decided has rules that ask how sure a sender is.
const decided = `
store: {url: embedded, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams: {support: {languages: [nl, en, de]}, network: {}, webcare: {}}
rules:
  - {name: urgent, when: 'text contains "storing" and channel in ["web", "phone"]', team: network, priority: high}
  - {name: ours, when: 'channel == "web" and customer.assurance != "claimed"', team: webcare}
  - {name: nobody, when: 'customer.assurance == "none"', team: network, priority: low}
  - {name: known, when: 'customer.assurance in ["attested", "proven"] and customer.id != ""', team: webcare, priority: low}
  - {name: german, when: 'language == "de"', team: webcare, priority: urgent}
fallback_team: support
log: {format: json}
`

func TestRouteDecidesAsTheDaemonDoes(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, decided).start()
	messages := []string{
		`{"channel":"web","text":"anonymous on the web"}`,
		`{"channel":"web","from":["email:kate@example.org"],"text":"claims to be Kate"}`,
		`{"channel":"web","from":["email:kate@example.org"],"text":"Er is een storing"}`,
		`{"channel":"phone","text":"nobody calls"}`,
		`{"channel":"phone","from":["phone:+31612345678"],"text":"somebody calls"}`,
		`{"channel":"letter","from":["email:kate@example.org"],"text":"Guten Tag, ich habe seit gestern kein Netz und bitte um Hilfe"}`,
		`{"channel":"chat","from":[{"kind":"email","value":"attested@example.org","level":"attested"}],"text":"surely"}`,
		`{"channel":"chat","from":[{"kind":"phone","value":"+31612345679","level":"attested"}],"text":"surely by phone"}`,
	}
	for _, m := range messages {
		out, _ := d.loket("", "route", "-c", filepath.Join(d.dir, "config.yaml"), "--json", d.write("m.json", []byte(m)))
		var routed api.Routed
		if err := json.Unmarshal([]byte(out), &routed); err != nil {
			t.Fatalf("route %s = %s: %v", m, out, err)
		}
		d.api(http.MethodPost, "/api/v1/messages", m)
		var task *api.Task
		d.await("the task of "+m, func() bool {
			for _, team := range []string{"support", "network", "webcare"} {
				for _, v := range d.tasks(team) {
					if v, err := d.client("anna").Task(t.Context(), v.ID); err == nil && len(v.Messages) > 0 && v.Messages[0].Text == routed.Message.Text {
						task = v
					}
				}
			}
			return task != nil
		})
		got := [3]string{routed.Decision.Rule, routed.Decision.Team, string(routed.Decision.Priority)}
		if want := [3]string{task.Rule, task.Team, task.Priority}; got != want {
			t.Errorf("%s: route says %v, the daemon did %v", m, got, want)
		}
	}
}
