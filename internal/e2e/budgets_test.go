package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/internal/store/storetest"
)

// A priced page is one of which is known what it costs: its bytes, and the commands that the store was sent meanwhile.
type priced struct{ bytes, commands int }

// price loads a page a few times and takes the least: what goes on beside it only adds.
func (d *daemon) price(rdb *redis.Client, c *http.Client, path string) priced {
	d.tb.Helper()
	commands := func() int {
		var n int
		stats := rdb.Info(d.tb.Context(), "stats").Val()
		_, _ = fmt.Sscanf(stats[strings.Index(stats, "total_commands_processed:"):], "total_commands_processed:%d", &n)
		return n
	}
	least := priced{1 << 30, 1 << 30}
	for range 5 {
		before := commands()
		page := d.read(c, path, 200)
		least.commands = min(least.commands, commands()-before)
		least.bytes = min(least.bytes, len(page))
	}
	return least
}

// What is huge makes no huge page and no more work for the store: long lists, mails of 100 kB, a thousand files, questions without an end.
func TestHugePagesCostLittle(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	t.Cleanup(func() { _ = rdb.Close() })
	mails, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{})
	d := newDaemon(t, strings.NewReplacer("url: embedded", "url: unix://"+server.Socket, "teams:\n", "teams:\n  network: {first_reply: 30m}\n",
		"connectors:\n", "connectors:\n  - {name: website, type: webform, settings: {rate_per_minute: 0, min_fill_time: 0s}}\n",
		"fallback_team:", "rules: [{name: outage, when: 'text matches \"(?i)no signal\"', team: network}]\nfallback_team:").Replace(mailed(mails, sink, ""))).start()
	joris := d.signedIn("joris", "--role", "admin")
	d.say(t, "No signal")
	for i := range 10 {
		if _, err := d.post("", fmt.Sprint("Where is parcel ", i)); err != nil {
			t.Fatal(err)
		}
	}
	d.settled()
	small := d.price(rdb, joris, "/desk?team=support")
	task := d.price(rdb, joris, "/tasks/"+d.tasks("network")[0].Number)

	// Five hundred rows.
	var posted sync.WaitGroup
	for i := range 10 {
		posted.Go(func() {
			for j := range 49 {
				if _, err := d.post("", fmt.Sprint("Where is parcel ", i, " ", j, strings.Repeat(" with a long text", 50))); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	posted.Wait()
	d.settled()
	list := d.price(rdb, joris, "/desk?team=support")

	// A mail of 100 kB of HTML, and one with a thousand files.
	const head = "From: kate@example.org\nTo: help@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\nMessage-ID: <%s@example.org>\nSubject: %[1]s"
	const text = "--x\nContent-Type: text/plain\n\nNo signal\n"
	html := strings.Repeat(`<p style="color:red">some words <a href="https://example.org/x">here</a></p>`+"\n", 1_400)
	mails.Deliver("help", "INBOX", letter(fmt.Sprintf(head, "html"), text+"--x\nContent-Type: text/html\n\n"+html+"\n--x--\n"))
	var files strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&files, "--x\nContent-Type: text/plain; name=\"file %d.txt\"\nContent-Disposition: attachment; filename=\"file %[1]d.txt\"\n\nx %[1]d\n", i)
	}
	mails.Deliver("help", "INBOX", letter(fmt.Sprintf(head, "files"), text+files.String()+"--x--\n"))
	mails.Deliver("help", "INBOX", letter("From: kate@example.org\nTo: help@example.org\nMessage-ID: <long@example.org>\nSubject: long", "No signal "+strings.Repeat("long words\n", 20_000)))
	d.await("the mails in tasks", func() bool { return len(d.tasks("network")) == 4 })
	d.settled()
	if most := (priced{100 << 10, small.commands + 3*100}); list.bytes > most.bytes || list.commands > most.commands {
		t.Errorf("100 rows of 500 cost %+v, want at most %+v: ten cost %+v", list, most, small)
	}
	for _, listed := range d.tasks("network") {
		path := "/tasks/" + listed.Number
		if got, most := d.price(rdb, joris, path), (priced{300 << 10, 2 * task.commands}); got.bytes > most.bytes || got.commands > most.commands {
			t.Errorf("%q costs %+v, want at most %+v: a short one costs %+v", listed.Subject, got, most, task)
		}
		if frame := regexp.MustCompile(`/tasks/[^"]+/html/[^"]+`).FindString(d.read(joris, path, 200)); listed.Subject == "html" {
			if n := len(d.read(joris, frame, 200)); n < len(html) || n > 2*len(html) {
				t.Errorf("%d bytes of HTML are framed as %d", len(html), n)
			}
		}
	}

	// Questions without an end are not repeated in every link.
	long := strings.Repeat("x", 8000)
	for path, want := range map[string]int{
		"/desk?team=support&cursor=" + long: http.StatusOK,
		"/search?q=" + long:                 http.StatusUnprocessableEntity,
		"/search?q=" + url.QueryEscape(strings.Repeat("No signal ", 800)): http.StatusUnprocessableEntity,
		"/figures?last=28d&tag=" + long:                                   http.StatusUnprocessableEntity,
		"/figures/tasks?figure=late&last=28d&tag=" + long:                 http.StatusUnprocessableEntity,
		"/figures?from=2000-01-01&to=2026-11-30&by=hour":                  http.StatusUnprocessableEntity,
		"/figures?from=" + long:                                           http.StatusUnprocessableEntity,
		"/figures/report?month=" + long:                                   http.StatusUnprocessableEntity,
		"/customers/compare?a=" + long + "&b=" + long:                     http.StatusUnprocessableEntity,
	} {
		if n := len(d.read(joris, path, want)); n > 128<<10 {
			t.Errorf("%.60s… is answered with %d bytes", path, n)
		}
	}
	d.healthy()
}
