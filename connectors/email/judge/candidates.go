package judge

import (
	"slices"
	"strings"

	"loket/connectors/email/mail"
	"loket/internal/lazy"
)

const (
	maxCandidates = 10
	maxBody       = 256 << 10 // of a text in which ids are looked for
	maxID         = 998       // bytes, as long as a line may be
	maxIDs        = 500       // that are shown to Own.MessageID
)

var (
	angled = lazy.Compile(`<([^<>\s@]+@[^<>\s@]+)>`)
	// idLine is the field of our mail where it is returned within the text.
	idLine = lazy.Compile(`(?im)^[>\s|]*(?:X-Original-)?Message-ID:\s*<?([^<>\s]+)>?`)
)

// candidates gives the ids of which m may be a report, the surest first: by the envelope address that only this mail
// had, then those of the returned mail and what the report itself names (sure), then what m answers, then what stands
// anywhere in it. Where ids of ours can be told, they come before the others, and of the unsure ones only they count.
func candidates(m *mail.Mail, own Own, named []string) []string {
	var verp []string
	if own.Verp != nil {
		for _, a := range envelope(m) {
			if id, ok := own.Verp(a); ok {
				verp = append(verp, id)
			}
		}
	}
	sure := append(slices.Clone(named), returnedIDs(m)...)
	if len(sure) == 0 {
		for _, f := range idLine.Get().FindAllStringSubmatch(head(m.Text, maxBody), 5) {
			if id := bareID(f[1]); id != m.MessageID {
				sure = append(sure, id)
			}
		}
	}
	unsure := append(slices.Clone(m.InReplyTo), m.References...)
	if own.MessageID == nil {
		return firstIDs(verp, sure, unsure)
	}
	unsure = append(unsure, idsIn(m)...)
	foreign := func(id string) bool { return !own.sent(id) }
	unsure = slices.DeleteFunc(unsure[:min(len(unsure), maxIDs)], foreign)
	return firstIDs(verp, slices.DeleteFunc(slices.Clone(sure), foreign), unsure, sure)
}

func firstIDs(lists ...[]string) []string {
	var ids []string
	for _, list := range lists {
		for _, id := range list {
			if len(ids) == maxCandidates {
				return ids
			}
			if id != "" && len(id) <= maxID && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// returnedIDs are the ids of the mails that came back with m.
func returnedIDs(m *mail.Mail) []string {
	var ids []string
	for _, p := range m.Parts {
		if !slices.Contains(returnedMail[:], p.Type) || len(ids) >= maxCandidates {
			continue
		}
		h, _ := fieldsOf(p.Data)
		for _, name := range [...]string{"Message-ID", "X-Original-Message-ID", "X-Microsoft-Original-Message-ID"} {
			ids = append(ids, bareID(h.Get(name)))
		}
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

// idsIn are the ids in the texts of m.
func idsIn(m *mail.Mail) []string {
	var ids []string
	find := func(text string) {
		for _, f := range angled.Get().FindAllStringSubmatch(text, maxIDs) {
			ids = append(ids, f[1])
		}
	}
	find(head(m.Text, maxBody))
	for _, p := range m.Parts[:min(len(m.Parts), 20)] {
		if strings.HasPrefix(p.Type, "text/") || strings.HasPrefix(p.Type, "message/") {
			find(string(p.Data[:min(len(p.Data), maxBlock)]))
		}
	}
	return ids
}

// envelope gives the addresses that m was sent to, as the servers noted them.
func envelope(m *mail.Mail) []string {
	var out []string
	for _, name := range [...]string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-RCPT-To", "X-Forwarded-To"} {
		for _, v := range m.Header.All(name) {
			if a := strings.Trim(v, " <>"); a != "" && len(a) <= maxLine && len(out) < maxOutcomes {
				out = append(out, a)
			}
		}
	}
	for _, a := range m.To[:min(len(m.To), 20)] {
		out = append(out, a.Addr)
	}
	return out
}

// bareID is the first id of a field without angle brackets.
func bareID(v string) string {
	if f := angled.FindStringSubmatch(head(v, maxField)); f != nil {
		return f[1]
	}
	words := strings.Fields(head(v, maxField))
	if len(words) == 0 || len(words[0]) > maxID {
		return ""
	}
	return strings.Trim(words[0], "<>;")
}
