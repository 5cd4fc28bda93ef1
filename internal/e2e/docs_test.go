package e2e_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"

	"loket/cmd/loket/cli"
)

// notRun are commands in pages that no test runs as they stand, and why. What of them is loket's own is compared with its help.
var notRun = map[string]string{
	"go build":                 "the tests run what it makes",
	"go test":                  "is what runs this; the tests and measurements that it names must be there",
	"make ":                    "runs everything; the targets must be there",
	"useradd ":                 "changes the machine",
	"install -d -m 750":        "needs root",
	"loket resend ":            "needs an answer that failed: TestResendIsAPersonsDecision",
	"systemctl enable --now ":  "changes the machine; the daemon runs already",
	"systemctl restart loket":  "changes the machine; TestWhatWasAcceptedSurvivesARestart does it",
	"loket completion bash > ": "needs no daemon; cmd/loket tests what it prints",
}

// answersNo are commands whose answer is no, as the page says: exit code 1.
var answersNo = []string{"loket customer merge cno:1042 cno:2077", "loket customer erase cno:1042", "loket close-all "}

// A block is what stands between two fences of a page.
type block struct {
	page, heading, kind, text string
	line                      int
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

var fence = regexp.MustCompile("^[ \t]*```(\\w*)$")

// blocksOf reads the fenced blocks of a page.
func blocksOf(tb testing.TB, page string) (all []block, prose string) {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", page))
	if err != nil {
		tb.Fatal(err)
	}
	var b *block
	heading, indent := "", ""
	for i, line := range strings.Split(string(text), "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case m != nil && b == nil:
			indent = line[:strings.Index(line, "`")]
			b = &block{page: page, heading: heading, kind: m[1], line: i + 1}
		case m != nil:
			all, b = append(all, *b), nil
		case b != nil:
			b.text += strings.TrimPrefix(line, indent) + "\n"
		default:
			if strings.HasPrefix(line, "#") {
				heading = strings.TrimLeft(line, "# ")
			}
			prose += line + "\n"
		}
	}
	return all, prose
}

// commands are the command lines of a block, those that go on behind a backslash in one; output is what it shows beside.
func (b block) commands() (lines []string, output string) {
	begun := false
	for line := range strings.Lines(b.text) {
		line = strings.TrimRight(line, "\n")
		if b.kind == "console" {
			typed, is := strings.CutPrefix(line, "$ ")
			if !is {
				output += line + "\n"
				continue
			}
			line = typed
		}
		if begun {
			lines[len(lines)-1] += "\n" + line
		} else if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
		begun = strings.HasSuffix(line, `\`)
	}
	return lines, output
}

// documentation are all pages that hold commands.
func documentation(tb testing.TB) []string {
	tb.Helper()
	pages := []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md"}
	for _, pattern := range []string{"docs/*.md", "docs/channels/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			tb.Fatal(err)
		}
		for _, path := range found {
			pages = append(pages, strings.TrimPrefix(filepath.ToSlash(path), "../../"))
		}
	}
	return pages
}

// isCommands tells whether a block is for a shell.
func (b block) isCommands() bool { return b.kind == "sh" || b.kind == "console" }

// TestCommandsInPagesWork runs what pages tell people to type, page by page, from top to bottom, on a daemon with the example
// configuration whose channels lead to stand-ins.
func TestCommandsInPagesWork(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	unused := map[string]bool{}
	for prefix := range notRun {
		unused[prefix] = true
	}
	t.Run("pages", func(t *testing.T) {
		for _, page := range documentation(t) {
			blocks, _ := blocksOf(t, page)
			if !slices.ContainsFunc(blocks, block.isCommands) {
				continue
			}
			t.Run(page, func(t *testing.T) {
				t.Parallel()
				r := newReader(t, page)
				for _, b := range blocks {
					if b.isCommands() && b.heading != backUp && b.heading != restore {
						r.run(b)
					}
				}
				mu.Lock()
				defer mu.Unlock()
				for _, prefix := range r.skipped {
					delete(unused, prefix)
				}
			})
		}
	})
	for prefix := range unused {
		t.Errorf("no page has %q any more: take it off the list", prefix)
	}
}

// TestConfigurationsInPagesAreRight: each piece of a configuration is right in one that has what it leaves out.
func TestConfigurationsInPagesAreRight(t *testing.T) {
	t.Parallel()
	r := &reader{daemon: newDaemon(t, "")}
	r.files(t)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range documentation(t) {
		blocks, _ := blocksOf(t, page)
		for _, b := range blocks {
			if b.kind != "yaml" {
				continue
			}
			var piece map[string]any
			if err := yaml.Unmarshal([]byte(b.text), &piece); err != nil {
				t.Errorf("%s: %v", b, err)
				continue
			}
			teams := map[string]any{"support": nil, "network": nil, "webcare": nil}
			whole := map[string]any{"teams": teams, "fallback_team": "support"}
			for key, value := range piece {
				if more, is := value.(map[string]any); is && key == "teams" {
					for name, team := range more {
						teams[name] = team
					}
					continue
				}
				whole[key] = value
			}
			text, err := yaml.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			r.configure(string(text))
			cmd := exec.Command(path, "check", "-c", "config.yaml")
			cmd.Dir = r.dir
			cmd.Env = append(os.Environ(), "TWILIO_AUTH_TOKEN=secret-token", "X_CONSUMER_KEY=k", "X_CONSUMER_SECRET=secret",
				"X_ACCESS_TOKEN=783214-token", "X_ACCESS_TOKEN_SECRET=secret", "TELEGRAM_TOKEN=424242:token-of-the-bot",
				"MASTODON_TOKEN=token", "YOUTUBE_CLIENT_ID=client", "YOUTUBE_CLIENT_SECRET=secret", "YOUTUBE_REFRESH_TOKEN=token", "BLUESKY_PASSWORD=abcd-efgh-ijkl-mnop")
			for _, name := range []string{"SMS_SIGNING_KEY", "SMS_ACCESS_KEY", "SMS_TOKEN", "SMS_SECRET", "LINE_CHANNEL_SECRET", "LINE_TOKEN", "REVIEW_SECRET", "REVIEW_TOKEN", "ALARM_PASSWORD"} {
				cmd.Env = append(cmd.Env, name+"=a-secret-of-"+name) // of docs/channels/webhook.md
			}
			cmd.Env = append(cmd.Env, "META_APP_SECRET=0123456789abcdef0123456789abcdef", "META_VERIFY_TOKEN=a-word_that-was_made-up",
				"META_TOKEN=EAA-token-of-a-system-user", "META_PAGE_TOKEN=EAA-token-of-a-page")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s\n%s", b, err, out, text)
			}
		}
	}
}

// TestCommandsThatPagesNameExist: what stands in the middle of a sentence, and what is not run, has commands and flags that
// the help knows.
func TestCommandsThatPagesNameExist(t *testing.T) {
	t.Parallel()
	helps := map[string]string{}
	help := func(command string) string {
		text, known := helps[command]
		if !known {
			var out strings.Builder
			line := append(strings.Fields(command), "--help")
			if err := cli.Run(t.Context(), line, cli.Process{Stdout: &out, Stderr: io.Discard, Getenv: os.Getenv}); err == nil {
				text = out.String()
			}
			helps[command] = text
		}
		return text
	}
	word, flag := regexp.MustCompile(`^[a-z-]+$`), regexp.MustCompile(`--[a-z-]+`)
	check := func(where, line string) {
		command, rest := "", line
		for _, w := range strings.Fields(line) {
			if !word.MatchString(w) || strings.HasPrefix(w, "-") || !strings.Contains(help(command), "\n  "+w+" ") &&
				!strings.Contains(help(command), "\n  "+strings.TrimSpace(command+" "+w)+" ") {
				break
			}
			command = strings.TrimSpace(command + " " + w)
		}
		if command == "" {
			t.Errorf("%s names %q: there is no such command", where, "loket "+line)
		}
		known := help(command) + help(command+" show")
		for _, f := range flag.FindAllString(rest, -1) {
			if !strings.Contains(known, f) {
				t.Errorf("%s names %q, and the help of %s has no %s", where, "loket "+line, command, f)
			}
		}
	}
	quoted := regexp.MustCompile("(?s)`loket ([a-z][^`]*)`")
	for _, page := range documentation(t) {
		blocks, prose := blocksOf(t, page)
		for _, m := range quoted.FindAllStringSubmatch(prose, -1) {
			check(page, m[1])
		}
		for _, b := range blocks {
			if !b.isCommands() {
				continue
			}
			lines, _ := b.commands()
			for _, line := range lines {
				if after, is := strings.CutPrefix(line, "loket "); is {
					before, _, _ := strings.Cut(after, " #")
					check(b.String(), before)
				}
			}
		}
	}
}

// TestMakeAndTestsThatPagesNameExist: targets, folders and measurements of the commands that are not run.
func TestMakeAndTestsThatPagesNameExist(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	target := regexp.MustCompile(`^make ([a-z0-9]+)`)
	measured := regexp.MustCompile(`-(?:bench|run) '?([A-Z]\w+(?:\|\w+)*)'? .* (\./\S+?)/?$`)
	for _, page := range documentation(t) {
		blocks, _ := blocksOf(t, page)
		for _, b := range blocks {
			if !b.isCommands() {
				continue
			}
			lines, _ := b.commands()
			for _, line := range lines {
				if m := target.FindStringSubmatch(line); m != nil && !strings.Contains(string(makefile), "\n"+m[1]+":") {
					t.Errorf("%s: the Makefile has no %s", b, m[1])
				}
				if m := measured.FindStringSubmatch(line); m != nil {
					for _, name := range strings.Split(m[1], "|") {
						if !declares(t, m[2], strings.TrimPrefix(name, "Test")) {
							t.Errorf("%s: %s has no %s", b, m[2], name)
						}
					}
				}
			}
		}
	}
}

// declares tells whether the tests of a folder have one of that name.
func declares(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	is := regexp.MustCompile(`(?m)^func (?:Test|Benchmark)\w*` + name)
	return slices.ContainsFunc(files, func(path string) bool {
		text, err := os.ReadFile(path)
		return err == nil && is.Match(text)
	})
}
