package mail

import (
	"slices"
	"strings"
)

// maxIDs and maxID bound what ParseIDs gives.
const (
	maxIDs = 100
	maxID  = 512
)

// ParseIDs gives the message ids in the decoded value of a Message-ID, In-Reply-To or References field, in order, without
// angle brackets, each once. Where nothing stands in brackets, words count. An id has an @ with something on either side (RFC
// 5322 §3.6.4): what programs write that have none, such as undefined or null, would lead strangers to each other.
// Ids longer than 512 bytes are left out; of more than 100, the first and the last 99 are given.
func ParseIDs(value string) []string {
	ids := bracketed(value)
	if len(ids) == 0 {
		ids = bare(value)
	}
	seen := make(map[string]bool, len(ids))
	ids = slices.DeleteFunc(ids, func(id string) bool {
		gone := !isID(id) || len(id) > maxID || seen[id]
		seen[id] = true
		return gone
	})
	if len(ids) > maxIDs {
		ids = slices.Delete(ids, 1, len(ids)-maxIDs+1)
	}
	if len(ids) == 0 {
		return nil
	}
	return ids
}

func isID(id string) bool {
	at := strings.IndexByte(id, '@')
	return at > 0 && at < len(id)-1
}

func bracketed(value string) []string {
	var ids []string
	for {
		_, after, found := strings.Cut(value, "<")
		if !found {
			return ids
		}
		end := strings.IndexAny(after, "<>")
		if end < 0 { // never closed: up to the next white space
			id, _, _ := strings.Cut(strings.TrimLeft(after, " "), " ")
			return append(ids, cleanID(id))
		}
		if after[end] == '<' {
			value = after[end:]
			continue
		}
		ids = append(ids, cleanID(after[:end]))
		value = after[end+1:]
	}
}

func bare(value string) []string {
	var ids []string
	for w := range strings.FieldsFuncSeq(value, func(c rune) bool { return strings.ContainsRune(" ,;>\t\n", c) }) {
		ids = append(ids, cleanID(w))
	}
	return ids
}

// cleanID takes out white space, which folding in the wrong place leaves, and what prose puts around an id.
func cleanID(id string) string {
	id = strings.Join(strings.Fields(cleanLine(id)), "")
	return strings.Trim(id, `<>"'()`)
}
