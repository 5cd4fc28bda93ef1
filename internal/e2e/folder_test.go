package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/desk/api"
	"loket/internal/soak"
)

// posted is a configuration with a folder for letters, one for answers, and a web form.
const posted = `
store: {url: embedded, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, next_reply: 8h, lease: 30s, reopen: 7d}
connectors:
  - {name: post, type: folder, settings: {directory: ./post, out: ./out, settle: 50ms, every: 20ms}}
  - {name: counter, type: folder, settings: {directory: ./counter, settle: 50ms, every: 20ms}}
  - {name: website, type: webform, settings: {rate_per_minute: 0, min_fill_time: 0s}}
fallback_team: support
log: {level: debug, format: json}
`

func newPost(t *testing.T) *daemon {
	t.Helper()
	d := newDaemon(t, posted)
	for _, dir := range []string{"post", "out", "counter"} {
		if err := os.Mkdir(filepath.Join(d.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *daemon) lies(path string) bool {
	_, err := os.Stat(filepath.Join(d.dir, path))
	return err == nil
}

func TestLettersAndTheirAnswers(t *testing.T) {
	t.Parallel()
	d := newPost(t).start()
	d.write("post/x.json", []byte(`{"sender": "email:kate@example.org", "name": "Kate Jansen", "subject": "De kast"}`))
	d.write("post/x.pdf", []byte("%PDF-1.7 the letter\n%%EOF"))
	d.write("post/y.exe", []byte("MZ"))
	task := d.only("support", "the letter in a task", func(*api.Task) bool { return true })
	m := task.Messages[0]
	if task.Channel != "letter" || task.Subject != "De kast" || m.Name != "Kate Jansen" || len(m.From) != 1 || m.From[0] != "email:kate@example.org" || len(m.Attachments) != 1 {
		t.Fatalf("message %+v on %s about %s", m, task.Channel, task.Subject)
	}
	if out, code := d.loket("", "attachment", m.Attachments[0].ID); code != 0 || out != "%PDF-1.7 the letter\n%%EOF" {
		t.Errorf("loket attachment: %d: %q", code, out)
	}
	d.await("both to be put away", func() bool {
		return d.lies("post/done/x.pdf") && d.lies("post/done/x.json") && d.lies("post/failed/y.exe.error.txt")
	})
	if out, code := d.loket("Wij komen morgen.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(1, "sent")
	written, err := filepath.Glob(filepath.Join(d.dir, "out", "*.txt"))
	if err != nil || len(written) != 1 {
		t.Fatalf("%d answers, %v", len(written), err)
	}
	if text, _ := os.ReadFile(written[0]); !strings.HasSuffix(string(text), "Subject: Re: De kast\n\nWij komen morgen.\n") || !strings.Contains(string(text), "To: Kate Jansen\n") {
		t.Errorf("answer %q", text)
	}

	// Where nobody fetches answers the person is told, and notes what they posted.
	d.write("counter/z.json", []byte(`{"text": "Nobody knows me"}`))
	byHand := func() *api.Task {
		for _, task := range d.tasks("support") {
			if task.Connector == "counter" {
				return task
			}
		}
		return nil
	}
	d.await("the second letter", func() bool { return byHand() != nil })
	if out, code := d.loket("Beste,\n", "reply", byHand().Number); code == 0 || !strings.Contains(out, "loket answered --by letter") {
		t.Errorf("loket reply: %d: %s", code, out)
	}
	d.run("answered", byHand().Number, "--by", "letter", "--text", "posted it")
	if task := byHand(); task.State != "waiting" || task.Replies != 1 {
		t.Errorf("task = %+v, want it answered", task)
	}
	if strings.Contains(d.log.String(), "x.pdf") {
		t.Error("the log tells the name of a letter")
	}
	d.healthy()
	d.stop()
}

// Killed between Accept and the move, or anywhere in intake: every letter is in one task, and put away.
func TestKilledWhileTakingLetters(t *testing.T) {
	t.Parallel()
	for _, step := range soak.Pick([]string{"admitted"}, []string{"admitted", "placed", "put"}) {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			d := newPost(t)
			for i := range 4 {
				d.write(fmt.Sprintf("post/%d.json", i), fmt.Appendf(nil, `{"sender": "email:c%d@example.org", "text": "letter %d"}`, i, i))
			}
			d.start("LOKET_FAIL_AT=" + step + ":2")
			d.await("loket to kill itself", d.dead)
			d.start()
			d.await("all to be put away", func() bool {
				return d.lies("post/done/0.json") && d.lies("post/done/1.json") && d.lies("post/done/2.json") && d.lies("post/done/3.json")
			})
			d.settled()
			d.eachOnce(4)
			d.healthy()
			d.stop()
		})
	}
}

// Killed between writing the answer and noting it: it is written once and counts as sent.
func TestKilledWhileAnsweringByLetter(t *testing.T) {
	t.Parallel()
	d := newPost(t).start()
	d.write("post/a.json", []byte(`{"text": "Beste"}`))
	task := d.only("support", "the letter", func(*api.Task) bool { return true })
	d.stop()
	d.start("LOKET_FAIL_AT=handed:1")
	d.loket("Wij komen morgen.\n", "reply", task.Number)
	d.await("loket to kill itself", d.dead)
	written, _ := filepath.Glob(filepath.Join(d.dir, "out", "*.txt"))
	if len(written) != 1 {
		t.Fatalf("%d answers", len(written))
	}
	if err := os.Remove(written[0]); err != nil { // it is fetched at once
		t.Fatal(err)
	}
	d.start()
	d.delivery(1, "sent")
	if again, _ := filepath.Glob(filepath.Join(d.dir, "out", "*.txt")); len(again) != 0 {
		t.Errorf("written again: %v", again)
	}
	d.stop()
}

// Many letters at once do not keep anybody else waiting.
func TestManyLettersHoldUpNobody(t *testing.T) {
	t.Parallel()
	n := soak.Pick(200, 1000)
	d := newPost(t).start()
	for i := range n {
		d.write(fmt.Sprintf("post/%04d.json", i), fmt.Appendf(nil, `{"text": "letter %d"}`, i))
	}
	d.await("some letters", func() bool { return len(d.tasks("support")) > 5 })
	if _, err := d.post("k", "by the form"); err != nil {
		t.Fatal(err)
	}
	left := 0
	d.await("the form's message", func() bool {
		all := d.tasks("support")
		for _, task := range all {
			if task.Channel == "web" {
				left = n - (len(all) - 1)
				return true
			}
		}
		return false
	})
	t.Logf("%d of %d letters were still to be taken", left, n)
	d.await("all letters", func() bool { return len(d.tasks("support")) == n+1 })
	d.settled()
	d.stop()
}
