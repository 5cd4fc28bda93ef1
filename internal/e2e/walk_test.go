package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"loket/desk/api"
)

const embedded = "url: embedded"

func TestMessageInTaskAnswerBack(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	a, err := d.post("k1", "Since this morning no signal")
	if err != nil {
		t.Fatal(err)
	}
	out, code := d.loket("", "next", "--team", "network", "--wait", "10s", "--json")
	if code != 0 {
		t.Fatalf("loket next: %d: %s", code, out)
	}
	var task struct{ Number, Team, State, Priority, Rule, Agent string }
	if err := json.Unmarshal([]byte(out), &task); err != nil {
		t.Fatalf("loket next --json: %v: %s", err, out)
	}
	if task.Team != "network" || task.State != "claimed" || task.Priority != "high" || task.Rule != "outage" || task.Agent != "anna" {
		t.Fatalf("claimed %+v", task)
	}
	if out, code := d.loket("We are on it.\n", "reply", task.Number, "--close"); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.await("the answer on the customer's page", func() bool { return strings.Contains(d.get(a.Thread), "We are on it.") })
	if out, code := d.loket("", "next", "--team", "network", "--wait", "0s"); code != 1 {
		t.Fatalf("nothing to claim: exit %d: %s", code, out)
	}
	if out, code := d.loket("", "doctor"); code != 0 {
		t.Fatalf("loket doctor: %d: %s", code, out)
	}
	d.stop()
	if left, _ := filepath.Glob(filepath.Join(d.dir, "data", "spool", "*.json")); len(left) > 0 {
		t.Errorf("spool holds %d messages after all", len(left))
	}
}

func TestWhatWasAcceptedSurvivesARestart(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	a, err := d.post("k1", "Where is my parcel?")
	if err != nil {
		t.Fatal(err)
	}
	d.kill() // the embedded Redis dies with it
	d.start()
	// It may have died on the walk: then the journal waits half a minute for somebody to take it up.
	d.await("the question on the customer's page", func() bool { return strings.Contains(d.get(d.page(a)), "Where is my parcel?") })
	d.settled()
	if n := len(d.tasks("support")); n != 1 {
		t.Errorf("%d tasks, want 1", n)
	}
	d.healthy()
}

func TestTwentyAgentsOnTenTasks(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	for i := range 10 {
		if _, err := d.post(fmt.Sprint(i), fmt.Sprint("question ", i)); err != nil {
			t.Fatal(err)
		}
	}
	d.settled()
	var mu sync.Mutex
	claimed := map[string]string{}
	var none atomic.Int64
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			agent := fmt.Sprint("agent", i)
			task, err := d.client(agent).Claim(t.Context(), "support", 0, "")
			if err != nil {
				t.Error(err)
				return
			}
			if task == nil {
				none.Add(1)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if other, twice := claimed[task.ID]; twice {
				t.Errorf("task %s went to %s and %s", task.Number, other, agent)
			}
			claimed[task.ID] = agent
		})
	}
	wg.Wait()
	if len(claimed) != 10 || none.Load() != 10 {
		t.Errorf("%d tasks claimed, %d agents without; want 10 and 10", len(claimed), none.Load())
	}
	d.healthy()
}

func TestWhoLostTheTaskChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	if _, err := d.post("k", "question"); err != nil {
		t.Fatal(err)
	}
	anna, bert := d.client("anna"), d.client("bert")
	task, err := anna.Claim(t.Context(), "support", 10*time.Second, "")
	if err != nil || task == nil {
		t.Fatalf("claim: %v, %v", task, err)
	}
	anna.Lease = task.Lease
	if _, err := anna.Assign(t.Context(), task.ID, "bert"); err != nil {
		t.Fatal(err)
	}
	if _, err := bert.Take(t.Context(), task.ID); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"reply":     func() error { _, err := anna.Reply(t.Context(), task.ID, api.Answer{Text: "late words"}); return err },
		"close":     func() error { _, err := anna.Close(t.Context(), task.ID, "done"); return err },
		"return":    func() error { _, err := anna.Return(t.Context(), task.ID); return err },
		"heartbeat": func() error { _, err := anna.Heartbeat(t.Context(), task.ID); return err },
		"transfer":  func() error { _, err := anna.Transfer(t.Context(), task.ID, "network", ""); return err },
	} {
		var p *api.Problem
		if err := call(); !errors.As(err, &p) || p.Status != http.StatusConflict {
			t.Errorf("%s without the task: %v, want 409", name, err)
		}
	}
	got, err := bert.Task(t.Context(), task.ID)
	if err != nil || got.Agent != "bert" || got.State != "claimed" || len(got.Messages) != 1 {
		t.Errorf("task is %+v, %v", got, err)
	}
	if len(got.Drafts) != 1 || got.Drafts[0].Text != "late words" {
		t.Errorf("the late words are not kept: %+v", got.Drafts)
	}
}

func TestCustomerWritesBackWheneverHeLikes(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	anna := d.client("anna")
	a, err := d.post("k", "no signal")
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if _, err := d.postTo(a.Thread, text, map[string]string{"text": text}); err != nil {
			t.Fatal(err)
		}
		d.settled()
	}
	task, err := anna.Claim(t.Context(), "network", 10*time.Second, "")
	if err != nil || task == nil {
		t.Fatalf("claim: %v, %v", task, err)
	}

	// During a transfer: it follows the task to the other team.
	var wg sync.WaitGroup
	wg.Go(func() { write("during the transfer") })
	if _, err := anna.Transfer(t.Context(), task.ID, "support", "is it the bill?"); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	task, err = anna.Task(t.Context(), task.ID)
	if err != nil || task.Team != "support" || task.State != "queued" || len(task.Messages) != 2 {
		t.Fatalf("after the transfer: %+v, %v", task, err)
	}

	// After a close, within the time to reopen.
	if _, err := anna.Close(t.Context(), task.ID, "done"); err != nil {
		t.Fatal(err)
	}
	write("but it still does not work")
	task, err = anna.Task(t.Context(), task.ID)
	if err != nil || task.State != "queued" || len(task.Messages) != 3 {
		t.Fatalf("after a close: %+v, %v", task, err)
	}

	// After the time to reopen, which is a second in the network team: a new task, linked.
	if _, err := anna.Transfer(t.Context(), task.ID, "network", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := anna.Close(t.Context(), task.ID, "done"); err != nil {
		t.Fatal(err)
	}
	closed := time.Now()
	d.await("the time to reopen to pass", func() bool { return time.Since(closed) > 1200*time.Millisecond })
	write("no signal again")
	old, err := anna.Task(t.Context(), task.ID)
	if err != nil || old.State != "closed" || len(old.Messages) != 3 || len(old.Links) != 1 {
		t.Fatalf("the old task: %+v, %v", old, err)
	}
	all := d.tasks("network")
	if len(all) != 2 {
		t.Fatalf("%d tasks in the team, want the old and the new", len(all))
	}
	d.healthy()
}

func TestReloadIsAllOrNothing(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	if _, err := d.post("k", "no signal"); err != nil {
		t.Fatal(err)
	}
	d.settled()
	fresh := strings.ReplaceAll(fmt.Sprintf(standard, embedded), "{name: outage", "{name: renamed")

	d.configure(strings.ReplaceAll(strings.ReplaceAll(fresh, "  network: {first_reply: 30m, lease: 30s, reopen: 1s}\n", ""), "team: network", "team: support"))
	d.hangUp("but has 1 open tasks")
	d.configure(strings.Replace(fresh, "no signal", "(no signal", 1))
	d.hangUp("rules[0].when")
	d.configure(strings.Replace(fresh, "log: {level: debug", "log: {level: info", 1))
	d.hangUp("needs a restart")
	if _, err := d.post("k2", "no signal either"); err != nil {
		t.Fatal(err)
	}
	d.settled()
	d.configure(fresh)
	d.hangUp("configuration reloaded")
	if _, err := d.post("k3", "no signal at all"); err != nil {
		t.Fatal(err)
	}
	d.settled()
	rules := map[string]int{}
	for _, task := range d.tasks("network") {
		rules[task.Rule]++
	}
	if rules["outage"] != 2 || rules["renamed"] != 1 {
		t.Errorf("tasks by rule: %v, want 2 outage and 1 renamed", rules)
	}
}

// hangUp sends SIGHUP and waits until the log says so.
func (d *daemon) hangUp(says string) {
	d.tb.Helper()
	before := len(d.log.String())
	if err := d.cmd.Process.Signal(hangup); err != nil {
		d.tb.Fatal(err)
	}
	d.await("the log to say "+says, func() bool { return strings.Contains(d.log.String()[before:], says) })
}

func TestStandInKeepsOpenWorkOverARestart(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded), "PATH="+t.TempDir()).start()
	if !strings.Contains(d.log.String(), "THE STORE KEEPS NOTHING") {
		t.Error("the stand-in is not announced in the log")
	}
	anna := d.client("anna")
	for _, text := range []string{"first", "second"} {
		if _, err := d.post(text, text); err != nil {
			t.Fatal(err)
		}
	}
	task, err := anna.Claim(t.Context(), "support", 10*time.Second, "")
	if err != nil || task == nil {
		t.Fatalf("claim: %v, %v", task, err)
	}
	if _, err := anna.Close(t.Context(), task.ID, "done"); err != nil {
		t.Fatal(err)
	}
	d.await("the closed task's file to go", func() bool {
		left, _ := filepath.Glob(filepath.Join(d.dir, "data", "spool", "*.json"))
		return len(left) == 1
	})
	ready, err := anna.Ready(t.Context())
	if err != nil || !strings.Contains(fmt.Sprint(ready), "stand-in") {
		t.Errorf("readyz = %+v, %v; want a word about the stand-in", ready, err)
	}
	d.kill()
	d.start()
	d.await("the open task to come back", func() bool { return len(d.tasks("support")) == 1 })
	if back := d.tasks("support")[0]; back.State != "queued" || back.ID == task.ID {
		t.Errorf("came back: %+v", back)
	}
}

func TestNoSecretOrTextInTheLog(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, strings.Replace(fmt.Sprintf(standard, embedded), "level: debug", "level: info", 1)).start()
	if _, err := d.post("k", "private words"); err != nil {
		t.Fatal(err)
	}
	d.settled()
	d.stop()
	token, err := os.ReadFile(filepath.Join(d.dir, "data", "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"private words", "anna@example.org", strings.TrimSpace(string(token))} {
		if strings.Contains(d.log.String(), private) {
			t.Errorf("the log says %q", private)
		}
	}
}

func TestFilesTravelBothWays(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	file := filepath.Join(d.dir, "photo.txt")
	if err := os.WriteFile(file, []byte("what the customer saw"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("curl", "-sS", "-f", "-F", "text=with a file", "-F", "attachments=@"+file, d.public+"/in/website/").CombinedOutput(); err != nil {
		t.Fatalf("curl: %v: %s", err, out)
	}
	anna := d.client("anna")
	task, err := anna.Claim(t.Context(), "support", 10*time.Second, "")
	if err != nil || task == nil || len(task.Messages) != 1 || len(task.Messages[0].Attachments) != 1 {
		t.Fatalf("claim: %+v, %v", task, err)
	}
	if out, code := d.loket("", "attachment", task.Messages[0].Attachments[0].ID); code != 0 || out != "what the customer saw" {
		t.Errorf("loket attachment: %d: %q", code, out)
	}
	if out, code := d.loket("here is ours", "reply", task.Number, "--attach", file, "--close"); code != 0 {
		t.Fatalf("loket reply --attach: %d: %s", code, out)
	}
	d.await("our file in the task", func() bool {
		got, err := anna.Task(t.Context(), task.ID)
		return err == nil && len(got.Messages) == 2 && len(got.Messages[1].Attachments) == 1
	})
	got, err := anna.Task(t.Context(), task.ID)
	if err != nil {
		t.Fatal(err)
	}
	if out, code := d.loket("", "attachment", got.Messages[1].Attachments[0].ID); code != 0 || out != "what the customer saw" {
		t.Errorf("loket attachment of ours: %d: %q", code, out)
	}
	if _, code := d.loket("", "resend", task.Number, "nothing"); code != 1 {
		t.Errorf("resend of what does not exist: exit %d, want 1", code)
	}
}
