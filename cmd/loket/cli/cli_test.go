package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A said is what one command line answered.
type said struct {
	code     int
	out, err string
}

// typed runs one command line with a token and nothing else in its environment; env adds to that.
func typed(t *testing.T, stdin string, env map[string]string, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	err := Run(t.Context(), args, Process{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Getenv: func(name string) string {
		if v, ok := env[name]; ok {
			return v
		}
		return map[string]string{"LOKET_TOKEN": "0123456789abcdef", "LOKET_AGENT": "anna"}[name]
	}})
	return said{Report(&errs, err), out.String(), errs.String()}
}

// A counter stands in for the daemon where only what is sent and printed matters.
type counter struct {
	*httptest.Server
	mu    sync.Mutex
	asked []asked
}

type asked struct {
	call, body, token, key string
}

// newCounter answers every call, METHOD /path?query without /api/v1, with the status and body that it has for it.
func newCounter(t *testing.T, answers map[string]string) *counter {
	t.Helper()
	c := &counter{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		call := r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), "/api/v1")
		c.mu.Lock()
		c.asked = append(c.asked, asked{call, string(body), r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key")})
		c.mu.Unlock()
		answer, ok := answers[call]
		if !ok {
			answer = `404 {"type":"urn:loket:not-found","status":404,"detail":"there is nothing at ` + call + `"}`
		}
		status, text, _ := strings.Cut(answer, " ")
		code := map[string]int{"200": 200, "202": 202, "204": 204, "401": 401, "404": 404, "409": 409, "410": 410, "422": 422, "503": 503}[status]
		w.Header().Set("Content-Type", "application/json")
		if code >= 400 {
			w.Header().Set("Content-Type", "application/problem+json")
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(c.Close)
	return c
}

// last is the last call.
func (c *counter) last(t *testing.T) asked {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.asked) == 0 {
		t.Fatal("nothing was asked")
	}
	return c.asked[len(c.asked)-1]
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWrongUseIsTwoAndExplained(t *testing.T) {
	mail := write(t, "a.eml", "Subject: x\r\n\r\nx")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"nxt"}, `unexpected argument nxt, did you mean one of "next"`},
		{[]string{"show", ""}, "must be a number such as"},
		{[]string{"next"}, "--team"},
		{[]string{"next", "--team", "a", "--wait", "soon"}, "--wait"},
		{[]string{"list"}, "--team or --mine"},
		{[]string{"list", "--team", "a", "--state", "done"}, "--state"},
		{[]string{"claim"}, "task"},
		{[]string{"reply", "T-1-9", "--text", "x", "--outcome", "solved"}, "--outcome needs --close"},
		{[]string{"reply", "T-1-9", "--text", "x", "--attach", "no-such-file"}, "no-such-file"},
		{[]string{"quarantine"}, "retry"},
		{[]string{"intake", "--file", mail, "--channel", "phone"}, "a mail says itself what it is"},
		{[]string{"intake", "--channel", "phone", "--connector", "mail", "--text", "x"}, "--file"},
		{[]string{"intake", "--text", "x"}, "--channel"},
		{[]string{"check", "-c", "no-such-file.yaml"}, "no-such-file.yaml: no such file or directory\nloket: give yours with -c"},
		{[]string{"route", "-c", "no-such-file.yaml", "-"}, "no-such-file.yaml"},
		{[]string{"completion", "tcsh"}, "bash"},
		{[]string{"status", "--server", "localhost:1"}, "must be a URL"},
		{[]string{"status", "--server", "http://127.0.0.1:1"}, "cannot reach the daemon at http://127.0.0.1:1"},
		{[]string{"status", "--token-file", "no-such-file"}, "no-such-file"},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			got := typed(t, "", nil, tt.args...)
			if got.code != exitUsage || !strings.Contains(got.err, tt.want) || got.out != "" {
				t.Errorf("got %+v, want code 2 and %q on standard error only", got, tt.want)
			}
		})
	}
}

func TestHelpIsDone(t *testing.T) {
	for _, tt := range []struct {
		args          string
		want, wantNot string
	}{
		{"", "The queue:", ""},
		{"--help", "quarantine", "--format"},
		{"help", "The queue:", ""},
		{"help next", "--server", ""},
		{"help customer merge", "--confirm", ""},
		{"next --help", "--server", ""},
		{"serve --help", "--config", "--server"},
		{"route --help", "nobody known", "--token-file"},
	} {
		got := typed(t, "", nil, strings.Fields(tt.args)...)
		if got.code != exitDone || got.err != "" || !strings.Contains(got.out, tt.want) || tt.wantNot != "" && strings.Contains(got.out, tt.wantNot) {
			t.Errorf("loket %s = %+v, want help with %q and without %q", tt.args, got, tt.want, tt.wantNot)
		}
	}
}

func TestTokenComesFromFileElseEnvironmentElseDataDirectory(t *testing.T) {
	c := newCounter(t, map[string]string{"GET /status": "200 {}"})
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "admin.token"), []byte("of-the-data-directory\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := write(t, "token", "of-the-file\n")
	for _, tt := range []struct {
		env  map[string]string
		args []string
		want string
	}{
		{map[string]string{"LOKET_TOKEN": "of-the-environment"}, []string{"--token-file", file, "--data", data}, "of-the-file"},
		{map[string]string{"LOKET_TOKEN": "of-the-environment"}, []string{"--data", data}, "of-the-environment"},
		{map[string]string{"LOKET_TOKEN": ""}, []string{"--data", data}, "of-the-data-directory"},
		{map[string]string{"LOKET_TOKEN": "", "LOKET_DATA": data}, nil, "of-the-data-directory"},
	} {
		got := typed(t, "", tt.env, append([]string{"--server", c.URL, "status"}, tt.args...)...)
		if token := c.last(t).token; got.code != exitDone || token != "Bearer "+tt.want {
			t.Errorf("with %v %v: code %d, token %q, want %q", tt.env, tt.args, got.code, token, tt.want)
		}
	}
	got := typed(t, "", map[string]string{"LOKET_TOKEN": ""}, "status", "--data", t.TempDir(), "--server", c.URL)
	if got.code != exitUsage || !strings.Contains(got.err, "no token: give --token-file or LOKET_TOKEN") {
		t.Errorf("without a token: %+v", got)
	}
}

func TestTokenThatOthersMayReadIsTold(t *testing.T) {
	c := newCounter(t, map[string]string{"GET /status": "200 {}"})
	file := write(t, "token", "of-the-file\n")
	for mode, want := range map[os.FileMode]string{0o600: "", 0o644: "warning: " + file + " is open to others (-rw-r--r--): chmod 600 " + file} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		got := typed(t, "", nil, "status", "--server", c.URL, "--token-file", file)
		if got.code != exitDone || !strings.Contains(got.err, want) || want == "" && got.err != "" {
			t.Errorf("%v: %+v, want %q", mode, got, want)
		}
	}
}

func TestVersionSaysWhatItIs(t *testing.T) {
	if got := typed(t, "", nil, "version"); got.code != exitDone || !strings.HasPrefix(got.out, "loket ") {
		t.Errorf("version = %+v", got)
	}
	var b build
	if got := typed(t, "", nil, "version", "--json"); json.Unmarshal([]byte(got.out), &b) != nil || b.Go == "" {
		t.Errorf("version --json = %+v", got)
	}
}

func TestOutputThatCannotBeWrittenIsNotDone(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = full.Close() })
	var errs bytes.Buffer
	err = Run(t.Context(), []string{"version"}, Process{Stdin: strings.NewReader(""), Stdout: full, Stderr: &errs, Getenv: func(string) string { return "" }})
	if code := Report(&errs, err); code != exitNo || !strings.Contains(errs.String(), "print answer") {
		t.Errorf("on a full disk: %v %q, want 1 and a complaint", err, errs.String())
	}
}

func TestAnotherProgramAtTheAddressIsMisuse(t *testing.T) {
	c := newCounter(t, map[string]string{"GET /status": "200 <html>"})
	if got := typed(t, "", nil, "status", "--server", c.URL); got.code != exitUsage || !strings.Contains(got.err, "another program") {
		t.Errorf("status = %+v", got)
	}
}

func TestExampleConfigurationHasNoMistake(t *testing.T) {
	if got := typed(t, "", nil, "check", "-c", "../../../config.example.yaml"); got.code != exitDone || strings.Contains(got.out+got.err, "secret that stands here") {
		t.Errorf("loket check: %d: %s%s", got.code, got.out, got.err)
	}
}

func TestVersionIsAFlagToo(t *testing.T) {
	want := typed(t, "", nil, "version")
	if got := typed(t, "", nil, "--version"); got != want || got.code != exitDone || !strings.HasPrefix(got.out, "loket ") {
		t.Errorf("loket --version = %+v, want %+v", got, want)
	}
}

func TestConfigurationSaysWhereTheDaemonIs(t *testing.T) {
	c := newCounter(t, map[string]string{"GET /status": "200 {}"})
	listen := strings.TrimPrefix(c.URL, "http://")
	path := write(t, "config.yaml", strings.Replace(rules, "./data", "./here", 1)+"\nlisten: {desk: \""+strings.Replace(listen, "127.0.0.1", "0.0.0.0", 1)+"\"}\n")
	here := filepath.Join(filepath.Dir(path), "here")
	if err := os.Mkdir(here, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(here, "admin.token"), []byte("beside-the-configuration\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]said{
		"flag":        typed(t, "", map[string]string{"LOKET_TOKEN": ""}, "status", "-c", path),
		"environment": typed(t, "", map[string]string{"LOKET_TOKEN": "", "LOKET_CONFIG": path}, "status"),
	} {
		if run.code != exitDone {
			t.Errorf("by %s: %+v", name, run)
		}
	}
	if got := c.last(t); got.token != "Bearer beside-the-configuration" {
		t.Errorf("the token is %q", got.token)
	}
	if got := typed(t, "", nil, "status", "-c", write(t, "config.yaml", "nonsense: 1\n")); got.code != exitUsage || !strings.Contains(got.err, "give --server") {
		t.Errorf("with a wrong configuration: %+v", got)
	}
}
