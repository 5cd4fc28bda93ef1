package identity

import (
	cmdline "flag"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"loket/internal/message"
)

// checks is how many cases of a property are looked at that needs a store. Those that do not are looked at a hundred
// times, as usual; -rapid.checks=1000 is for all.
const checks = "30"

// check is rapid.Check for a property that needs a store. A test that calls it does not run in parallel.
func check(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	given := false
	cmdline.Visit(func(f *cmdline.Flag) { given = given || f.Name == "rapid.checks" })
	if n := cmdline.Lookup("rapid.checks"); !given {
		usual := n.Value.String()
		_ = n.Value.Set(checks)
		defer func() { _ = n.Value.Set(usual) }()
	}
	rapid.Check(t, property)
}

// ids reads identifiers with their level: "attested email:kate@example.org".
func ids(tb interface{ Fatal(...any) }, lines ...string) []message.Identifier {
	var out []message.Identifier
	for _, line := range lines {
		word, rest, _ := strings.Cut(line, " ")
		level, err := message.ParseLevel(word)
		if err != nil {
			tb.Fatal(err)
		}
		id, err := message.ParseIdentifier(rest, "NL", level)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, id)
	}
	return out
}
