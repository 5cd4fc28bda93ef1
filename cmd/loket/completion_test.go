package main

import (
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
		{[]string{"loket", "next", "--team", ""}, nil},
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
