package cli

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/commands.md")

// grammar is the list of all commands.
func grammar(t *testing.T) *kong.Application {
	t.Helper()
	w := &streams{out: &output{}, env: func(string) string { return "" }, now: time.Now}
	parser, _, err := newParser(t.Context(), &commands{}, w)
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

// runnable are the commands below a node that do something themselves.
func runnable(n *kong.Node) []*kong.Node {
	var all []*kong.Node
	for _, c := range n.Children {
		switch {
		case c.Hidden:
		case len(c.Children) == 0:
			all = append(all, c)
		default:
			all = append(all, runnable(c)...)
		}
	}
	return all
}

// commandWords are what is typed for a command.
func commandWords(n *kong.Node) string {
	if n.Parent == nil {
		return "loket"
	}
	return commandWords(n.Parent) + " " + n.Name
}

func TestEveryCommandIsCompletedAndHasHelp(t *testing.T) {
	model := grammar(t)
	var known []string
	for _, p := range positions(model.Node, "", nil) {
		known = append(known, "loket"+strings.ReplaceAll(p.path, "/", " "))
	}
	for _, c := range runnable(model.Node) {
		command := commandWords(c)
		if !slices.Contains(known, command) {
			t.Errorf("completion does not know %s", command)
		}
		if c.Help == "" {
			t.Errorf("%s has no help", command)
		}
		if command == "loket help" {
			continue
		}
		got := typed(t, "", nil, append(strings.Fields(command)[1:], "--help")...)
		if got.code != exitDone || !strings.HasPrefix(got.out, "Usage: "+command) {
			t.Errorf("%s --help = %+v", command, got)
		}
	}
}

func TestDocsListEveryCommand(t *testing.T) {
	const path = "../../../docs/commands.md"
	want := "# Commands\n\n`loket --help` lists them, and `loket help COMMAND` tells the flags of one. " +
		"With `--json` most print their answer for programs.\n"
	group := ""
	for _, c := range runnable(grammar(t).Node) {
		top := c
		for top.Parent.Parent != nil {
			top = top.Parent
		}
		if top.Group.Title != group {
			group = top.Group.Title
			want += fmt.Sprintf("\n## %s\n\n| command | what it does |\n| --- | --- |\n", strings.TrimSuffix(group, ":"))
		}
		want += fmt.Sprintf("| `%s` | %s |\n", commandWords(c), c.Help)
	}
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/commands.md is not the list of commands; go test ./cmd/loket/cli -run TestDocs -update writes it (-want +got):\n%s", diff)
	}
}
