// Package e2e_test runs the real binary against a real Redis, as users do, and kills both.
package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"loket/desk/api"
	"loket/internal/e2e/sources"
	"loket/internal/secret"
	"loket/internal/store/storetest"
)

// built tells whether binary was asked for.
var built atomic.Bool

// binary is loket as users build it, made once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	built.Store(true)
	if err := sources.Look(filepath.Join("..", "..")); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "loket-e2e")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "loket")
	out, err := exec.Command("go", "build", "-o", path, "loket/cmd/loket").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build loket: %w: %s", err, out)
	}
	return path, nil
})

// TestMain lets the hundreds of processes that tests start collect less garbage, of which most live too short to have any.
func TestMain(m *testing.M) {
	if os.Getenv("GOGC") == "" {
		_ = os.Setenv("GOGC", "400")
	}
	code := storetest.Main(m, chooseTests())
	endChromium()
	if built.Load() {
		if path, err := binary(); err == nil {
			_ = os.RemoveAll(filepath.Dir(path))
		}
	}
	os.Exit(code)
}

// A daemon is one loket process and what it leaves on disk; it can be started again.
type daemon struct {
	tb     testing.TB
	dir    string
	env    []string
	before []string // a command that runs the binary, if it is not run by itself
	cmd    *exec.Cmd
	exited chan struct{}
	log    *lockedBuffer
	public string // URLs
	desk   string
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// standard is a configuration with one form and two teams; %s is the store's section.
const standard = `
store: {%s, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, next_reply: 8h, lease: 30s, reopen: 7d}
  network: {first_reply: 30m, lease: 30s, reopen: 1s}
connectors:
  - {name: website, type: webform, settings: {rate_per_minute: 0, min_fill_time: 0s}}
rules:
  - {name: outage, when: 'text matches "(?i)no signal"', team: network, priority: high}
fallback_team: support
log: {level: debug, format: json}
`

// newDaemon prepares a loket with a configuration; start starts it.
func newDaemon(tb testing.TB, configuration string, env ...string) *daemon {
	tb.Helper()
	d := &daemon{tb: tb, dir: tb.TempDir(), env: env}
	d.configure(configuration)
	tb.Cleanup(func() { d.kill() })
	return d
}

func (d *daemon) configure(text string) {
	d.tb.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, "config.yaml"), []byte(text), 0o600); err != nil {
		d.tb.Fatal(err)
	}
}

// start runs loket until it answers. More environment may be given for this run only.
func (d *daemon) start(env ...string) *daemon {
	d.tb.Helper()
	path, err := binary()
	if err != nil {
		d.tb.Fatal(err)
	}
	d.log = &lockedBuffer{}
	line := append(slices.Clone(d.before), path, "serve", "-c", filepath.Join(d.dir, "config.yaml"))
	d.cmd = exec.Command(line[0], line[1:]...)
	d.cmd.Env = append(append(os.Environ(), d.env...), env...)
	d.cmd.Stdout, d.cmd.Stderr = d.log, d.log
	if err := d.cmd.Start(); err != nil {
		d.tb.Fatal(err)
	}
	d.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait()
		close(exited)
	}(d.cmd, d.exited)
	serves := regexp.MustCompile(`"loket serves","public":"([^"]+)","desk":"([^"]+)"`)
	d.await("loket to serve", func() bool {
		select {
		case <-d.exited:
			d.tb.Fatalf("loket ended at start:\n%s", d.log)
		default:
		}
		m := serves.FindStringSubmatch(d.log.String())
		if m == nil {
			return false
		}
		d.public, d.desk = m[1], m[2]
		return true
	})
	return d
}

// await polls until ok, with a deadline: often at first, then less, because many who wait are what keeps the machine busy.
func (d *daemon) await(what string, ok func() bool) {
	d.tb.Helper()
	deadline, pause := time.Now().Add(60*time.Second), 5*time.Millisecond
	for !ok() {
		if time.Now().After(deadline) {
			d.tb.Fatalf("waited too long for %s\nlog:\n%s", what, tail(d.log))
		}
		time.Sleep(pause)
		pause = min(pause*5/4, 100*time.Millisecond)
	}
}

func tail(l *lockedBuffer) string {
	s := l.String()
	return s[max(0, len(s)-4000):]
}

// kill is kill -9; it returns when the process is gone.
func (d *daemon) kill() {
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Kill()
	<-d.exited
}

// stop asks to stop, and expects it to.
func (d *daemon) stop() {
	d.tb.Helper()
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.exited:
	case <-time.After(30 * time.Second):
		d.tb.Fatalf("loket does not stop:\n%s", tail(d.log))
	}
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		d.tb.Fatalf("loket stopped with %d:\n%s", code, tail(d.log))
	}
}

func (d *daemon) dead() bool {
	select {
	case <-d.exited:
		return true
	default:
		return false
	}
}

// client speaks for an agent.
func (d *daemon) client(agent string) *api.Client {
	d.tb.Helper()
	token, err := os.ReadFile(filepath.Join(d.dir, "data", "admin.token"))
	if err != nil {
		d.tb.Fatal(err)
	}
	return &api.Client{Base: d.desk, Token: secret.New(strings.TrimSpace(string(token))), Agent: agent}
}

// loket runs a command of the binary and gives its output and exit code.
func (d *daemon) loket(stdin string, args ...string) (string, int) {
	d.tb.Helper()
	path, err := binary()
	if err != nil {
		d.tb.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "LOKET_SERVER="+d.desk, "LOKET_DATA="+filepath.Join(d.dir, "data"), "LOKET_AGENT=anna")
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		d.tb.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// accepted is what the form answers a program.
type accepted struct {
	Receipt string `json:"receipt"`
	Thread  string `json:"thread"`
}

// post sends the form once, as a program does. An error says nothing about whether it was accepted.
func (d *daemon) post(key, text string) (accepted, error) {
	return d.postTo(d.public+"/in/website/", key, map[string]string{"text": text, "name": "Anna", "email": "anna@example.org"})
}

var poster = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 128}}

func (d *daemon) postTo(url, key string, body map[string]string) (accepted, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return accepted{}, err
	}
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(b))
	if err != nil {
		return accepted{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := poster.Do(req)
	if err != nil {
		return accepted{}, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return accepted{}, err
	}
	if res.StatusCode != http.StatusAccepted {
		return accepted{}, fmt.Errorf("post: %s: %s", res.Status, answer)
	}
	var a accepted
	return a, json.Unmarshal(answer, &a)
}

// page is the customer's page of the thread, at the port that the running process has.
func (d *daemon) page(a accepted) string {
	return d.public + a.Thread[strings.Index(a.Thread, "/t/"):]
}

// get reads a page of the customer's side.
func (d *daemon) get(url string) string {
	d.tb.Helper()
	res, err := poster.Get(url)
	if err != nil {
		d.tb.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		d.tb.Fatal(err)
	}
	return string(b)
}

// tasks are all tasks of a team, page by page, with their messages.
func (d *daemon) tasks(team string) []*api.Task {
	d.tb.Helper()
	c := d.client("anna")
	var all []*api.Task
	cursor := ""
	for {
		page, err := c.List(context.Background(), api.Listing{Team: team, Limit: 500, Cursor: cursor})
		if err != nil {
			d.tb.Fatal(err)
		}
		all = append(all, page.Tasks...)
		if cursor = page.Cursor; cursor == "" {
			return all
		}
	}
}

// settled waits until nothing is on its way in any more.
func (d *daemon) settled() {
	d.tb.Helper()
	c := d.client("anna")
	d.await("the journal and the spool to be empty", func() bool {
		s, err := c.Status(context.Background())
		return err == nil && s.Journal == 0 && s.Spool.Messages == 0
	})
}

// healthy expects every invariant to hold.
func (d *daemon) healthy() {
	d.tb.Helper()
	problems, err := d.client("anna").Doctor(context.Background())
	if err != nil {
		d.tb.Fatal(err)
	}
	if len(problems) > 0 {
		d.tb.Fatalf("doctor: %s", strings.Join(problems, "\n"))
	}
}
