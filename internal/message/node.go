package message

import (
	"slices"
	"strings"
)

// FromNode reads what Node wrote, and trusts it to be normal: it is for keys of one's own store, and much faster
// than ParseIdentifier. A ~ in front makes it a claim at most. It answers false when the kind is unknown.
func FromNode(node string, level Level) (Identifier, bool) {
	if rest, ok := strings.CutPrefix(node, "~"); ok {
		node, level = rest, min(level, Claimed)
	}
	name, value, _ := strings.Cut(node, ":")
	at := slices.IndexFunc(kinds[:], func(k kind) bool { return k.name == name })
	if at < 0 {
		return Identifier{}, false
	}
	id := Identifier{Kind: kinds[at].name, Value: value, Level: level}
	if kinds[at].scope != "" {
		id.Scope, id.Value, _ = strings.Cut(value, ":")
	}
	return id, true
}
