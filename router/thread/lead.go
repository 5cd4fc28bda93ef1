package thread

import (
	"slices"
	"strings"
)

// A lead is what a reference holds, in the words of join.lua: the threads that it leads to.
type lead struct {
	kind    string // "" of a message that was seen, ~ of one only referred to, * of several that have the same id
	threads []string
	others  [][]string // of each thread: who wrote, got or referred to it
}

func readLead(value string) lead {
	var l lead
	if value != "" && strings.ContainsAny(value[:1], "~*") {
		l.kind, value = value[:1], value[1:]
	}
	for entry := range strings.SplitSeq(value, "|") {
		words := strings.Fields(entry)
		if len(words) == 0 {
			continue
		}
		others := words[1:]
		if len(others) > 0 && strings.HasPrefix(others[0], "=") {
			others = others[1:]
		}
		l.threads, l.others = append(l.threads, words[0]), append(l.others, others)
	}
	return l
}

// to is the thread that the reference leads an answer to, which is written to people; "" when it leads nowhere.
func (l lead) to(people []string) string {
	for i, thread := range l.threads {
		switch {
		case l.kind == "", l.kind == "~" && len(l.others[i]) == 0, meet(people, l.others[i]):
			return thread
		}
	}
	return ""
}

func meet(some, others []string) bool {
	return slices.ContainsFunc(some, func(w string) bool { return slices.Contains(others, w) })
}
