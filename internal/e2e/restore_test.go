package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
)

// The headings under which docs/operate.md has what these tests type.
const (
	backUp  = "Back up"
	restore = "Restore"
)

// TestBackupIsRestored backs up and restores with the lines of docs/operate.md, in both ways that stand there: everything that
// was there before the backup is there after the restore, and nothing else.
func TestBackupIsRestored(t *testing.T) {
	t.Parallel()
	blocks, _ := blocksOf(t, "docs/operate.md")
	var backups []block
	var back block
	for _, b := range blocks {
		switch {
		case b.heading == backUp && b.kind == "sh":
			backups = append(backups, b)
		case b.heading == restore && b.kind == "sh":
			back = b
		}
	}
	if len(backups) != 2 || back.text == "" {
		t.Fatalf("docs/operate.md has %d ways to back up and a restore %q, want 2 and one", len(backups), back.text)
	}
	for i, way := range []string{"stopped", "running"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			r := newReader(t, "docs/operate.md")
			links := r.fill()
			before := r.everything(links)
			r.run(backups[i])
			if _, err := r.post("later", "after the backup"); err != nil {
				t.Fatal(err)
			}
			r.settled()
			again := back
			if way == "running" {
				tar := "tar -C /var/lib/loket -xzf /var/backups/loket.tgz"
				if !strings.Contains(back.text, tar) {
					t.Fatalf("%s has no line %s", back, tar)
				}
				again.text = strings.Replace(back.text, tar, "cp -a /var/backups/loket/. /var/lib/loket/", 1)
			}
			if out := r.run(again); !strings.Contains(out, "every invariant holds") {
				t.Errorf("doctor after the restore:\n%s", out)
			}
			if diff := cmp.Diff(before, r.everything(links)); diff != "" {
				t.Errorf("what was restored is not what was there (-before +after):\n%s", diff)
			}
		})
	}
}

// fill has some work done: an answered question with files, an open one, a note, what is old.
func (r *reader) fill() []accepted {
	r.tb.Helper()
	var links []accepted
	for _, text := range []string{"no signal", "Where is my parcel?"} {
		a, err := r.post(text, text)
		if err != nil {
			r.tb.Fatal(err)
		}
		links = append(links, a)
	}
	out, err := exec.Command("curl", "-sS", "-f", "-F", "text=a picture", "-F", "attachments=@"+filepath.Join(r.dir, "photo.jpg"), r.public+"/in/website/").CombinedOutput()
	if err != nil {
		r.tb.Fatalf("curl: %v: %s", err, out)
	}
	r.settled()
	first := slices.IndexFunc(r.tasks("network"), func(task *api.Task) bool { return task.Subject == "no signal" })
	number := r.tasks("network")[first].Number
	if out, code := r.loket("A mast is down.\n", "reply", number, "--attach", "photo.jpg"); code != 0 {
		r.tb.Fatalf("loket reply: %d: %s", code, out)
	}
	if out, code := r.loket("", "note", number, "--text", "call them back"); code != 0 {
		r.tb.Fatalf("loket note: %d: %s", code, out)
	}
	r.await("the answer on the customer's page", func() bool { return strings.Contains(r.get(r.page(links[0])), "A mast is down.") })
	old := filepath.Join("data", "archive", "00")
	if err := os.MkdirAll(filepath.Join(r.dir, old), 0o700); err != nil {
		r.tb.Fatal(err)
	}
	r.write(filepath.Join(old, "document"), []byte("what is old"))
	return links
}

// everything is what people can find: tasks with what was said in them, files, customers, pages by their links, the key.
func (r *reader) everything(links []accepted) map[string]string {
	r.tb.Helper()
	all := map[string]string{}
	for _, team := range []string{"support", "network"} {
		for _, task := range r.tasks(team) {
			out, code := r.loket("", "show", task.Number, "--json")
			if code != 0 {
				r.tb.Fatalf("loket show: %d: %s", code, out)
			}
			all[task.Number] = out
			for _, m := range task.Messages {
				r.attached(m, all)
			}
		}
	}
	for _, a := range links {
		all[a.Receipt] = freshKey.ReplaceAllString(r.get(r.page(a)), "")
	}
	customer, code := r.loket("", "customer", "show", "cno:1042", "--json")
	all["customer"] = fmt.Sprint(customer, code)
	for _, name := range []string{"secret.key", "admin.token", "archive/00/document"} {
		b, err := os.ReadFile(filepath.Join(r.dir, "data", name))
		all[name] = fmt.Sprint(string(b), err)
	}
	return all
}

// freshKey is what a page has anew each time.
var freshKey = regexp.MustCompile(`name="idempotency_key" value="\w+"`)

// attached adds the files of a message.
func (r *reader) attached(m api.Message, all map[string]string) {
	r.tb.Helper()
	for _, f := range m.Attachments {
		out, code := r.loket("", "attachment", f.ID)
		all[f.ID] = fmt.Sprint(out, code)
	}
}
