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
// angle brackets, each once. Where nothing stands in brackets, words with an @ count, or the value when it is one word.
// Ids longer than 512 bytes are left out; of more than 100, the first and the last 99 are given.
func ParseIDs(value string) []string {
	ids := bracketed(value)
	if len(ids) == 0 {
		ids = bare(value)
	}
	seen := make(map[string]bool, len(ids))
	ids = slices.DeleteFunc(ids, func(id string) bool {
		gone := id == "" || len(id) > maxID || seen[id]
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
	words := strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(" ,;>\t\n", c) })
	if len(words) == 1 {
		return []string{cleanID(words[0])}
	}
	var ids []string
	for _, w := range words {
		if at := strings.IndexByte(w, '@'); at > 0 && at < len(w)-1 {
			ids = append(ids, cleanID(w))
		}
	}
	return ids
}

// cleanID takes out white space, which folding in the wrong place leaves, and what prose puts around an id.
func cleanID(id string) string {
	id = strings.Join(strings.Fields(cleanLine(id)), "")
	return strings.Trim(id, `<>"'()`)
}
