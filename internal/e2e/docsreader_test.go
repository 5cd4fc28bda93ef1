package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"loket/connectors/bluesky/blueskytest"
	"loket/connectors/mastodon/mastodontest"
	"loket/connectors/meta/metatest"
	"loket/connectors/telegram/telegramtest"
	"loket/connectors/twilio/twiliotest"
	"loket/connectors/x/xtest"
	"loket/connectors/youtube/youtubetest"
	"loket/desk/api"
	"loket/internal/store/storetest"
)

// A reader follows a page: with a daemon, and with the files and tasks that the page speaks of.
type reader struct {
	*daemon
	x       *xtest.X
	store   *storetest.Redis // a Redis of the reader's own
	control string           // where systemctl asks
	skipped []string
}

func newReader(t *testing.T, page string) *reader {
	t.Helper()
	example, err := os.ReadFile(filepath.Join("..", "..", "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := yaml.Unmarshal(example, &c); err != nil {
		t.Fatal(err)
	}
	c["listen"] = map[string]any{"public": "127.0.0.1:0", "desk": "127.0.0.1:0"}
	c["log"] = map[string]any{"level": "info", "format": "json"}
	r := &reader{}
	if page != "README.md" {
		r.connect(t, c)
	}
	text, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	r.daemon = newDaemon(t, string(text))
	r.files(t)
	r.start()
	if page == "docs/customers.md" {
		r.store = storetest.Start(t)
	}
	systemd := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		switch req.URL.Path {
		case "/stop":
			r.stop()
		case "/start":
			r.start()
			r.write(".desk", []byte(r.desk))
		}
	}))
	t.Cleanup(systemd.Close)
	r.control = systemd.URL
	r.write(".desk", []byte(r.desk))
	if page != "README.md" {
		if out, code := r.loket("", "customer", "import", "--system", "crm", "seed.csv"); code != 0 {
			t.Fatalf("import: %d: %s", code, out)
		}
		if _, err := r.post("seed", "No signal"); err != nil {
			t.Fatal(err)
		}
		r.settled()
	}
	return r
}

// connect gives the channels of the example stand-ins to talk to, and teams a calendar.
func (r *reader) connect(t *testing.T, c map[string]any) {
	t.Helper()
	r.x = xtest.Start(t)
	var care map[string]any
	if err := yaml.Unmarshal([]byte("{"+r.x.Settings("v2")+", poll: 50ms, poll_messages: 50ms}"), &care); err != nil {
		t.Fatal(err)
	}
	gone := map[string]any{"user": "help@example.org", "password": "secret", "insecure": true, "starttls": "none"}
	for _, one := range c["connectors"].([]any) {
		connector := one.(map[string]any)
		settings := connector["settings"].(map[string]any)
		connector["enabled"] = true
		switch connector["type"] {
		case "webform":
			settings["rate_per_minute"] = 0
		case "email":
			connector["settings"] = map[string]any{
				"address": "help@example.org", "imap": "imap://127.0.0.1:1", "user": gone["user"], "password": gone["password"],
				"starttls": "none", "insecure": true, "authserv": []any{"mx.example.org"},
				"smtp": map[string]any{"url": "smtp://127.0.0.1:1", "insecure": true},
			}
		case "x":
			connector["settings"] = care
		case "twilio":
			twilio := twiliotest.Start(t)
			connector["settings"] = map[string]any{
				"account_sid": twiliotest.Account, "auth_token": twiliotest.Token, "number": twiliotest.Number, "api_url": twilio.URL,
			}
		case "telegram":
			connector["settings"] = map[string]any{"token": telegramtest.Token, "api_url": telegramtest.Start(t).URL}
		case "meta":
			connector["settings"] = map[string]any{
				"app_id": metatest.App, "app_secret": metatest.Secret, "verify_token": metatest.Verify, "api_url": metatest.Start(t).URL,
				"whatsapp": []any{map[string]any{"id": metatest.NumberID, "number": metatest.Number, "token": metatest.Token}},
				"pages":    []any{map[string]any{"id": metatest.Page, "instagram": metatest.Instagram, "token": metatest.Token}},
			}
		case "youtube":
			tube := youtubetest.Start(t)
			connector["settings"] = map[string]any{
				"channel_id": youtubetest.Channel, "client_id": youtubetest.Client, "client_secret": youtubetest.Secret, "refresh_token": youtubetest.Refresh,
				"api_url": tube.URL, "token_url": tube.URL + "/token",
			}
		case "bluesky":
			connector["settings"] = map[string]any{"handle": blueskytest.Handle, "app_password": blueskytest.Password, "service": blueskytest.Start(t).URL}
		case "mastodon":
			connector["settings"] = map[string]any{"server": mastodontest.Start(t).URL, "access_token": mastodontest.Token}
		default:
			connector["enabled"] = false
		}
	}
	c["calendars"] = map[string]any{"office": map[string]any{"zone": "Europe/Amsterdam", "holidays": []any{"nl"},
		"week":  map[string]any{"mon-fri": "09:00-12:30, 13:00-17:30", "sat": "10:00-14:00"},
		"dates": map[string]any{"12-24": "09:00-13:00", "2026-12-28..2026-12-31": "closed"}}}
}

const mailOfKate = `Authentication-Results: mx.example.org; dmarc=pass header.from=example.org
From: Kate de Vries <kate@example.org>
To: help@example.org
Cc: Pat <pat@example.org>
Message-ID: <%s@example.org>
Subject: %[1]s
Date: Sun, 29 Nov 2026 10:00:00 +0100

My parcel from Besançon should have come on Friday.
`

// files are those that pages name.
func (r *reader) files(t *testing.T) {
	t.Helper()
	rows := "id,customer_no,name,email,phone\n8812,1042,Kate de Vries,kate@example.org,06 1234 5678\n8813,2077,Catharina de Vries,tine@example.com,\n"
	for name, text := range map[string]string{
		"seed.csv": rows, "customers.csv": rows, "answer.txt": "It comes tomorrow.\n", "photo.jpg": "\xff\xd8\xff\xe0 a picture",
		"mail.eml": fmt.Sprintf(mailOfKate, "mail"), "old-mails.mbox": "From kate\n" + fmt.Sprintf(mailOfKate, "old"),
		"mail.secret": "secret", "chat.secret": strings.Repeat("secret", 6), "chat-user.secret": strings.Repeat("user", 8), "google.secret": "secret", "google.token": "secret", "entra.secret": "secret", "oidc.secret": "secret",
		"logo.svg":  `<svg xmlns="http://www.w3.org/2000/svg"/>`,
		"crm.token": "a-token-of-32-characters-or-more",
		"office.ics": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n" +
			"DTSTART;VALUE=DATE:20261103\r\nSUMMARY:Moving\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
	} {
		r.write(name, []byte(text))
	}
	example, err := os.ReadFile(filepath.Join(r.dir, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	r.write("config.example.yaml", example)
	if err := os.Mkdir(filepath.Join(r.dir, "backups"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// task makes the task that a page calls by a number: of a post, if the answer goes to where only X leads, else of a mail.
func (r *reader) task(b block, name string) string {
	r.tb.Helper()
	id := strings.Trim(regexp.MustCompile(`\W+`).ReplaceAllString(fmt.Sprint(b, name), "-"), "-")
	is := func(task *api.Task) bool { return strings.Contains(task.Subject, id) }
	team := "support"
	if strings.Contains(b.text, "--via private") {
		team = "webcare"
		r.x.Add(xtest.Post{Text: "@example " + id, Names: true})
	} else {
		r.write(id+".eml", []byte(fmt.Sprintf(mailOfKate, id)))
		if out, code := r.loket("", "intake", "--file", id+".eml", "--connector", "mail"); code != 0 {
			r.tb.Fatalf("%s: intake: %d: %s", b, code, out)
		}
	}
	var found *api.Task
	r.await("the task of "+b.String(), func() bool {
		i := slices.IndexFunc(r.tasks(team), is)
		if i >= 0 {
			found = r.tasks(team)[i]
		}
		return i >= 0
	})
	c := r.client("anna")
	if strings.Contains(b.text, "loket draft ") {
		late := r.client("anna")
		late.Lease = "a lease that is over"
		if _, err := late.Reply(r.tb.Context(), found.ID, api.Answer{Text: "It comes tomorrow."}); err == nil {
			r.tb.Fatalf("%s: an answer that came too late was taken", b)
		}
	}
	if strings.Contains(b.text, "loket person ") {
		if _, err := c.Close(r.tb.Context(), found.ID, "solved"); err != nil {
			r.tb.Fatal(err)
		}
		auto := "Auto-Submitted: auto-replied\nIn-Reply-To: <" + id + "@example.org>\n" + fmt.Sprintf(mailOfKate, "auto-"+id)
		r.write("auto.eml", []byte(auto))
		if out, code := r.loket("", "intake", "--file", "auto.eml", "--connector", "mail"); code != 0 {
			r.tb.Fatalf("%s: intake: %d: %s", b, code, out)
		}
		r.await("the machine's message", func() bool {
			got, err := c.Task(r.tb.Context(), found.ID)
			return err == nil && len(got.Messages) == 2
		})
	}
	return found.Number
}

var taskNumber = regexp.MustCompile(`T-104[23]-\d`)

// run types the commands of a block.
func (r *reader) run(b block) string {
	r.tb.Helper()
	numbers := map[string]string{}
	for _, n := range taskNumber.FindAllString(b.text, -1) {
		if numbers[n] == "" {
			numbers[n] = r.task(b, n)
		}
	}
	lines, shows := b.commands()
	script := r.preamble()
	for _, line := range lines {
		if prefix := r.skips(line); prefix != "" {
			r.skipped = append(r.skipped, prefix)
			continue
		}
		script += r.shell(taskNumber.ReplaceAllStringFunc(line, func(n string) string { return numbers[n] })) + "\n"
	}
	ctx, cancel := context.WithTimeout(r.tb.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-e", "-c", script)
	cmd.Dir = r.dir
	cmd.Env = r.environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.tb.Errorf("%s: %v\n%s\n%s", b, err, out, b.text)
	}
	r.compare(b, shows, string(out))
	return string(out)
}

func (r *reader) environment() []string {
	path, err := binary()
	if err != nil {
		r.tb.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+filepath.Dir(path)+":"+os.Getenv("PATH"), "LOKET_DATA="+filepath.Join(r.dir, "data"), "LOKET_AGENT=anna")
	if r.store != nil {
		env = append(env, "REDIS_SOCKET="+r.store.Socket)
	}
	return env
}

// preamble makes of the words of a page what they are here: the daemon where it listens, systemd, a client that minds
// refusals.
func (r *reader) preamble() string {
	return `
loket() { LOKET_SERVER=$(cat ` + r.dir + `/.desk) command loket "$@"; }
curl() { command curl -sS --fail-with-body "$@"; }
systemctl() { curl "` + r.control + `/$1"; }
says_no() { "$@" && { echo "the answer is yes: $*"; return 3; } || [ $? = 1 ]; }
follows() {
  "$@" > followed 2>&1 & local it=$!
  until [ -s followed ]; do
    kill -0 $it || return 4
    curl -o /dev/null -H 'Content-Type: application/json' -d '{"text":"once more"}' ` + r.public + `/in/website/
    sleep 0.05
  done
  kill $it; wait $it || true
}
`
}

// skips gives the entry of notRun that a line has.
func (r *reader) skips(line string) string {
	for prefix := range notRun {
		if strings.HasPrefix(line, prefix) {
			return prefix
		}
	}
	return ""
}

// shell is a line as it is typed here.
func (r *reader) shell(line string) string {
	for _, no := range answersNo {
		if strings.HasPrefix(line, no) {
			line = "says_no " + line
		}
	}
	switch {
	case strings.HasPrefix(line, "loket events"), strings.HasPrefix(line, "curl -N"):
		line = "follows " + line
	case strings.Contains(line, "loket serve "), strings.Contains(line, "./cmd/loket serve "):
		line = "loket check" + line[strings.Index(line, " serve ")+len(" serve"):]
	}
	line = regexp.MustCompile(`redis-cli -u "\$REDIS_URL"`).ReplaceAllString(line, `redis-cli -s "$$REDIS_SOCKET"`)
	return strings.NewReplacer(
		"http://127.0.0.1:8080", r.public, "http://127.0.0.1:8081", r.desk,
		"/etc/loket", r.dir, "/var/lib/loket", filepath.Join(r.dir, "data"), "/var/backups", filepath.Join(r.dir, "backups"),
	).Replace(line)
}

// compare expects the first word of each line that the page shows in what was printed.
func (r *reader) compare(b block, shows, printed string) {
	r.tb.Helper()
	word := regexp.MustCompile(`^[^A-Za-z]*([A-Za-z]{3,})`)
	for line := range strings.Lines(shows) {
		if first := word.FindStringSubmatch(line); first != nil && !strings.Contains(printed, first[1]) {
			r.tb.Errorf("%s shows %q, printed is\n%s", b, strings.TrimSpace(line), printed)
		}
	}
}
