package quote

import "strings"

// prefixes are what mail programs put before the subject of an answer or a forward, in lower case; true for a forward.
// VS means forward in Danish and Norwegian and answer in Finnish, so it counts as an answer.
var prefixes = map[string]bool{
	"re": false, "antw": false, "antwoord": false, "aw": false, "betr": false, "sv": false, "vs": false, "res": false, "rif": false,
	"odp": false, "ré": false, "réf": false, "rép": false, "ynt": false, "atb": false, "回复": false, "回覆": false, "答复": false, "返信": false,
	"fw": true, "fwd": true, "doorst": true, "tr": true, "wg": true, "rv": true, "enc": true, "vb": true, "vl": true, "pd": true,
	"i̇lt": true, "ilt": true, "转发": true, "轉寄": true,
}

// Subject returns s without the prefixes of answers and forwards (Re:, Antw:, AW:, Fwd:, RE[2]: and the like), however
// many there are, with white space around it gone and inside it single. A subject that is nothing else becomes "".
func Subject(s string) string {
	s = oneLine(s)
	for {
		_, rest, ok := prefix(s)
		if !ok {
			return s
		}
		s = rest
	}
}

// IsForward tells whether a mail passes on another: its subject says so first of all (a "Re: Fwd:" answers a forward), or
// its text has the line that begins a forwarded mail, above any history.
func IsForward(subject, text string) bool {
	if forward, _, ok := prefix(oneLine(subject)); ok && forward {
		return true
	}
	if len(text) > MaxText {
		text = text[:MaxText]
	}
	_, kind := turn(split(text))
	return kind == turnsToForward
}

// prefix splits the first prefix off a subject.
func prefix(s string) (forward bool, rest string, ok bool) {
	const longest = 24
	at, width := strings.IndexByte(s[:min(len(s), longest)], ':'), 1
	if wide := strings.Index(s[:min(len(s), longest)], "："); wide >= 0 && (at < 0 || wide < at) {
		at, width = wide, len("：")
	}
	if at < 1 {
		return false, s, false
	}
	forward, ok = prefixes[strings.ToLower(strings.TrimSpace(uncounted(s[:at])))]
	if !ok {
		return false, s, false
	}
	return forward, strings.TrimSpace(s[at+width:]), true
}

// uncounted leaves out the count of "Re[2]" and "Re (2)".
func uncounted(s string) string {
	s = strings.TrimSpace(s)
	for _, pair := range [...]string{"[]", "()"} {
		if open := strings.IndexByte(s, pair[0]); open > 0 && s[len(s)-1] == pair[1] {
			if n := s[open+1 : len(s)-1]; n != "" && strings.Trim(n, "0123456789") == "" {
				return s[:open]
			}
		}
	}
	if open := strings.IndexByte(s, '^'); open > 0 && strings.Trim(s[open+1:], "0123456789") == "" {
		return s[:open]
	}
	return s
}

// oneLine gives s in one line with single spaces; the end of a very long one is left out.
func oneLine(s string) string {
	const longest = 4096
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "")
	}
	return strings.Join(strings.Fields(s), " ")
}
