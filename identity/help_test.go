package identity

import (
	"strings"

	"loket/internal/message"
)

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
