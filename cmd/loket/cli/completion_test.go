package cli

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestCompletionScriptsAreScripts(t *testing.T) {
	for shell, check := range map[string][]string{"bash": {"bash", "-n"}, "zsh": {"zsh", "-n"}, "fish": {"fish", "--no-execute"}} {
		t.Run(shell, func(t *testing.T) {
			got := typed(t, "", nil, "completion", shell)
			if got.code != exitDone || !strings.Contains(got.out, "quarantine") || !strings.Contains(got.out, "team") {
				t.Fatalf("completion %s = %+v", shell, got)
			}
			if _, err := exec.LookPath(check[0]); err != nil {
				t.Logf("%s is not here: its syntax is not checked", shell)
				return
			}
			path := write(t, "loket", got.out)
			if out, err := exec.Command(check[0], append(check[1:], path)...).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", shell, err, out)
			}
		})
	}
}

func TestBashCompletesWhatMayFollow(t *testing.T) {
	path := write(t, "loket.bash", typed(t, "", nil, "completion", "bash").out)
	for _, tt := range []struct {
		line []string // the last word is being typed
		want []string
	}{
		{[]string{"loket", "che"}, []string{"check"}},
		{[]string{"loket", "quarantine", ""}, []string{"list", "show", "retry", "drop"}},
		{[]string{"loket", "quarantine", "list", "--l"}, []string{"--limit"}},
		{[]string{"loket", "list", "--state", ""}, []string{"open", "queued", "claimed", "waiting", "closed", "all"}},
		{[]string{"loket", "list", "--state", "=", "w"}, []string{"waiting"}},
		{[]string{"loket", "intake", "--channel", "c"}, []string{"counter"}},
		{[]string{"loket", "--agent", "anna", "next", "--te"}, []string{"--team"}},
		{[]string{"loket", "completion", ""}, []string{"bash", "zsh", "fish"}},
		{[]string{"loket", "check", "--s"}, nil},
	} {
		// The script stands first, so that the words of the line are its arguments.
		code := `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _loket; printf '%s\n' "${COMPREPLY[@]}"`
		out, err := exec.Command("bash", append([]string{"-c", code, "bash", path}, tt.line...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("bash: %v\n%s", err, out)
		}
		if got := strings.Fields(string(out)); !slices.Equal(got, tt.want) {
			t.Errorf("%q completes to %q, want %q", tt.line, got, tt.want)
		}
	}
}

func TestBashCompletesWhatTheDaemonKnows(t *testing.T) {
	path := write(t, "loket.bash", typed(t, "", nil, "completion", "bash").out)
	self := write(t, "loket", "#!/bin/sh\n[ \"$1\" = complete ] && printf '%s\\n' \"$2-one\" \"$2-two\"\n")
	if err := os.Chmod(self, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		line []string
		want []string
	}{
		{[]string{self, "next", "--team", ""}, []string{"teams-one", "teams-two"}},
		{[]string{self, "list", "--team", "teams-t"}, []string{"teams-two"}},
		{[]string{self, "reply", ""}, []string{"tasks-one", "tasks-two"}},
	} {
		code := `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _loket; printf '%s\n' "${COMPREPLY[@]}"`
		out, err := exec.Command("bash", append([]string{"-c", code, "bash", path}, tt.line...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("bash: %v\n%s", err, out)
		}
		if got := strings.Fields(string(out)); !slices.Equal(got, tt.want) {
			t.Errorf("%q completes to %q, want %q", tt.line, got, tt.want)
		}
	}
}

func TestCompleteSaysWhatTheTokenMaySee(t *testing.T) {
	c := newCounter(t, map[string]string{
		"GET /me":                             `200 {"token":"admin","teams":["network","support"],"roles":["admin"]}`,
		"GET /tasks?agent=anna":               `200 {"tasks":[` + aTask + `],"cursor":""}`,
		"GET /teams/support/tasks?state=open": `200 {"tasks":[` + aTask + `,{"number":"T-7-4"}],"cursor":""}`,
	})
	if got := typed(t, "", nil, "complete", "teams", "--server", c.URL); got != (said{exitDone, "network\nsupport\n", ""}) {
		t.Errorf("complete teams = %+v", got)
	}
	if got := typed(t, "", nil, "complete", "tasks", "--server", c.URL); got != (said{exitDone, "T-1042-8\nT-7-4\n", ""}) {
		t.Errorf("complete tasks = %+v", got)
	}
	if got := typed(t, "", nil, "complete", "teams", "--server", "http://127.0.0.1:1"); got != (said{exitNo, "", ""}) {
		t.Errorf("complete without a daemon = %+v, want nothing", got)
	}
}
