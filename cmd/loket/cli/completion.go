package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help says how the script is loaded.
func (c *completionCommand) Help() string {
	return "bash: source <(loket completion bash); " +
		"zsh: loket completion zsh > _loket in a folder of fpath; " +
		"fish: loket completion fish > ~/.config/fish/completions/loket.fish"
}

func (c *completionCommand) Run(w *streams, k *kong.Kong) error {
	write := map[string]func(io.Writer, []position) error{"bash": writeBash, "zsh": writeZsh, "fish": writeFish}[c.Shell]
	return write(w.out, positions(k.Model.Node, "", nil))
}

// A position is how far a command line has come, and what may follow there.
type position struct {
	path     string // /quarantine/list; empty at the beginning
	commands []word
	flags    []word
	values   []string // of its argument, when they are known
	ask      string   // teams or tasks: the daemon knows
	files    bool     // its argument is a file
}

// A word is a command or flag.
type word struct {
	name, help string
	value      bool     // something must follow it,
	values     []string // one of these when they are known,
	ask        string   // or of those that the daemon knows: teams, tasks
	files      bool     // or a file
}

// places are all of them, from the beginning of the command line on.
func positions(n *kong.Node, path string, inherited []word) []position {
	at := position{path: path}
	if !n.Tag.Has("local") {
		at.flags = inherited
	}
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		at.flags = append(slices.Clone(at.flags), word{
			name: "--" + f.Name, help: f.Help, value: !f.IsBool(), values: known(f.Value), ask: f.Tag.Get("ask"), files: f.PlaceHolder == "FILE",
		})
	}
	for _, p := range n.Positional {
		at.values = append(at.values, known(p)...)
		at.files = at.files || p.Tag.TypeName == "file"
		at.ask += p.Tag.Get("ask")
	}
	all := []position{at}
	for _, c := range n.Children {
		if c.Hidden {
			continue
		}
		all[0].commands = append(all[0].commands, word{name: c.Name, help: c.Help})
		all = append(all, positions(c, path+"/"+c.Name, at.flags)...)
	}
	return all
}

// known are the values that a flag or argument may have, or, of a flag with the tag offer, often has.
func known(v *kong.Value) []string {
	offered := strings.Split(v.Tag.Get("offer"), ",")
	if v.Tag.Get("offer") == "dimensions" {
		offered = dimensions()
	}
	return slices.DeleteFunc(append(strings.Split(v.Enum, ","), offered...), func(s string) bool { return s == "" })
}
