package cli

import (
	"encoding/json"
	"strings"
	"testing"
)

const rules = `
store: {url: embedded, data: ./data}
teams:
  support: {first_reply: 4h}
  network: {first_reply: 30m}
rules:
  - {name: outage, when: 'text matches "(?i)storing|no signal"', team: network, priority: high}
  - {name: machines, when: 'automatic != "no"', team: support, priority: low}
fallback_team: support
`

// routedLine is what programs read of route --json.
type routedLine struct {
	File    string
	Message struct {
		ID, Name, Text, Automatic string
		From                      []struct{ Kind, Value, Level string }
	}
	Decision struct {
		Team, Priority, Due, Rule string
		Tried                     []struct {
			Rule, Because string
			Matched       bool
		}
	}
	Error string
}

func TestRouteAnswersAnObjectPerFile(t *testing.T) {
	config := write(t, "config.yaml", rules)
	outage := write(t, "a.json", `{"channel":"web","from":["email:Kate@Example.org"],"name":"Kate","text":"No signal since noon"}`)
	other := write(t, "b.msg", ` {"email":"kate@example.org","text":"Hello"}`)
	got := typed(t, `{"text":"stdin","automatic":"reply"}`, nil, "route", "-c", config, "--json", "--at", "2026-11-22T10:00:00+01:00", outage, other, "-")
	if got.code != exitDone || got.err != "" {
		t.Fatalf("route = %+v", got)
	}
	lines := strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("route printed %d lines, want one per file:\n%s", len(lines), got.out)
	}
	for i, want := range []struct{ file, team, priority, due, rule string }{
		{outage, "network", "high", "2026-11-22T09:30:00.000Z", "outage"},
		{other, "support", "normal", "2026-11-22T13:00:00.000Z", "fallback_team"},
		{"-", "support", "low", "2026-11-22T13:00:00.000Z", "machines"},
	} {
		var d routedLine
		if err := json.Unmarshal([]byte(lines[i]), &d); err != nil {
			t.Fatal(err)
		}
		if d.File != want.file || d.Decision.Team != want.team || d.Decision.Priority != want.priority || d.Decision.Due != want.due || d.Error != "" || d.Message.ID == "" {
			t.Errorf("line %d = %s, want %+v", i, lines[i], want)
		}
		if i != 1 && d.Decision.Rule != want.rule {
			t.Errorf("line %d: rule %q, want %q", i, d.Decision.Rule, want.rule)
		}
	}
	var first routedLine
	_ = json.Unmarshal([]byte(lines[0]), &first)
	if f := first.Message.From; len(f) != 1 || f[0].Kind != "email" || f[0].Value != "kate@example.org" || f[0].Level != "claimed" {
		t.Errorf("from = %+v, want the normalised claim", f)
	}
}

func TestRouteTellsWhatItCouldNotRead(t *testing.T) {
	config := write(t, "config.yaml", rules)
	for _, tt := range []struct {
		name, text string
		code       int
		wrong      string
		team       string
	}{
		{"mail", "From: a@example.org\r\n\r\nno signal", exitDone, "", "network"},
		{"mail in part", "From: a@example.org\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nbm8gc2lnbmFs!!!!\x01", exitNo, "base64", "network"},
		{"empty", "", exitNo, "nothing in this mail could be read", "support"},
		{"mail that begins as JSON", "{x: y}\r\nFrom: a@example.org\r\n\r\nno signal", exitDone, "", "network"},
		{"JSON from Windows", "\uFEFF{\"text\":\"no signal\"}", exitDone, "", "network"},
		{"broken", `{"text":`, exitNo, "JSON", "support"},
		{"unknown field", `{"txt":"x"}`, exitNo, "txt", "support"},
		{"wrong sender", `{"from":["email:nobody"],"text":"no signal"}`, exitNo, "from[0]", "network"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, "m", tt.text)
			got := typed(t, "", nil, "route", "-c", config, "--json", path)
			var d routedLine
			if err := json.Unmarshal([]byte(got.out), &d); err != nil {
				t.Fatalf("%v in %q", err, got.out)
			}
			if got.code != tt.code || !strings.Contains(d.Error, tt.wrong) || d.Decision.Team != tt.team || d.File != path {
				t.Errorf("route = %d %s, want code %d, an error with %q and team %s", got.code, got.out, tt.code, tt.wrong, tt.team)
			}
		})
	}
	got := typed(t, "", nil, "route", "-c", config, "--json", "no-such-file")
	if got.code != exitUsage || !strings.Contains(got.out, `"error":`) || !strings.Contains(got.err, "no-such-file") {
		t.Errorf("a file that is not there: %+v", got)
	}
	got = typed(t, "", nil, "route", "-c", config, "no-such-file", "nor-this")
	if got.code != exitUsage || got.out != "" || !strings.Contains(got.err, "no-such-file") || !strings.Contains(got.err, "nor-this") {
		t.Errorf("files that are not there, for people: %+v", got)
	}
}

func TestRouteReadsMailAsItsMailboxWould(t *testing.T) {
	configuration := rules[:strings.Index(rules, "rules:")] + `
connectors:
  - name: mail
    type: email
    settings: {imap: "imaps://user:secret@imap.example.org", address: help@example.org, authserv: [mx.example.org]}
rules:
  - {name: mailbox, when: 'connector == "mail" and automatic == "no" and attachments == 1', team: network}
  - {name: machines, when: 'automatic == "reply"', team: support, priority: low}
fallback_team: support
`
	config := write(t, "config.yaml", configuration)
	first := "Received: from a by mx.example.org; Sun, 22 Nov 2026 10:30:00 +0100\nAuthentication-Results: mx.example.org; dmarc=pass header.from=example.com\n" +
		"From: Kate <kate@example.com>\nTo: help@example.org\nSubject: Re: signal\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nStill gone.\n\nOn Sunday Joe <joe@example.org> wrote:\n> is it back?\n\n" +
		"--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=a.png\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n"
	second := "From: joe@example.com\nAuto-Submitted: auto-replied\nSubject: Out of office\n\nAway.\n"
	mbox := "From kate@example.com Sun Nov 22 10:30:00 2026\n" + first + "\nFrom joe@example.com Sun Nov 22 10:31:00 2026\n" + second
	got := typed(t, "", nil, "route", "-c", config, "--json", write(t, "m.eml", first), write(t, "m.mbox", mbox))
	lines := strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
	if got.code != exitDone || got.err != "" || len(lines) != 3 {
		t.Fatalf("route = %+v, want a line for each of three mails", got)
	}
	for i, want := range []struct{ rule, team, automatic, level, text string }{
		{"mailbox", "network", "no", "attested", "Still gone."},
		{"mailbox", "network", "no", "attested", "Still gone."},
		{"machines", "support", "reply", "claimed", "Away."},
	} {
		var d routedLine
		if err := json.Unmarshal([]byte(lines[i]), &d); err != nil {
			t.Fatal(err)
		}
		if d.Decision.Rule != want.rule || d.Decision.Team != want.team || d.Message.Automatic != want.automatic || d.Error != "" ||
			d.Message.From[0].Level != want.level || d.Message.Text != want.text {
			t.Errorf("line %d = %s, want %+v", i, lines[i], want)
		}
	}
	off := write(t, "off.yaml", strings.Replace(configuration, "type: email", "type: email\n    enabled: false", 1))
	if got := typed(t, "", nil, "route", "-c", off, "--json", write(t, "m.eml", first)); strings.Contains(got.out, `"connector":"mail"`) {
		t.Errorf("route = %s, want no mailbox that is switched off", got.out)
	}
	if !strings.Contains(lines[0], `"quoted":"On Sunday Joe`) || !strings.Contains(lines[0], `"name":"a.png"`) {
		t.Errorf("line 0 = %s, want what was quoted, and the attachment", lines[0])
	}
}

func TestRouteExplainsItselfToPeople(t *testing.T) {
	config := write(t, "config.yaml", rules)
	path := write(t, "m.json", `{"from":["phone:+31201234567"],"name":"Kate \u001b[31m","text":"Out of office","automatic":"reply"}`)
	got := typed(t, "", nil, "route", "-c", config, path)
	for _, want := range []string{"→ support", "low", "4h after it came", "rule machines", "no   outage", "yes  machines", "“Kate [31m”", "(claimed)"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("route prints\n%s\nwithout %q", got.out, want)
		}
	}
	if got.code != exitDone || strings.Contains(got.out, "\x1b") {
		t.Errorf("route = %+v", got)
	}
}

func TestCheckPrintsMistakesByLine(t *testing.T) {
	good, bad := write(t, "config.yaml", rules), write(t, "config.yaml", strings.Replace(rules, "fallback_team: support", "fallback_team: suport", 1))
	if got := typed(t, "", nil, "check", "-c", good); got.code != exitDone || got.out != good+": ok\n" {
		t.Errorf("check of a good file = %+v", got)
	}
	got := typed(t, "", nil, "check", "-c", bad)
	want := bad + `:9:16: fallback_team: no team is called "suport" (did you mean "support"?)` + "\n"
	if got.code != exitNo || got.out != want || got.err != "" {
		t.Errorf("check = %+v, want code 1 and %q", got, want)
	}
	if got := typed(t, "", map[string]string{"LOKET_CONFIG": good}, "check"); got.code != exitDone {
		t.Errorf("check with LOKET_CONFIG = %+v", got)
	}
}
