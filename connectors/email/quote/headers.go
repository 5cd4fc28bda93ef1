package quote

import "strings"

// A role is what a line of a header block tells.
type role uint8

const (
	from role = 1 << iota
	when
	to
	subject
	other
	addressee // from or to, with an address
	timed     // when, with a time of day
)

// headerBlock tells whether the header of an earlier mail begins at a line: sender, date, and recipient or subject with an
// address; without an address it takes both, and a time of day; below a rule that a program drew, a time of day and one of the others. A journey
// from Amsterdam to Paris has less.
func headerBlock(lines []line, at int) bool {
	const maxLines, maxFolded = 40, 12
	if lines[at].role == 0 {
		return false
	}
	ruled := strings.HasPrefix(lines[above(lines, at)].plain, "____________________") // Outlook's, or that of a page
	if ruled && lines[at].role&from != 0 && lines[at].role&addressee != 0 && clock.MatchString(lines[at].plain) {
		return true // all of it on one line
	}
	lines = lines[at:]
	var seen role
	folded, gap := 0, false
	for i := range min(len(lines), maxLines) {
		l := &lines[i]
		if l.blank {
			if gap {
				break
			}
			gap = true
			continue
		}
		if l.quoted() {
			break
		}
		switch {
		case l.role != 0:
			seen |= l.role
			folded = 0
		case gap || folded == maxFolded:
			return false
		default:
			folded++
			continue
		}
		if gap = false; isHeader(seen, ruled) {
			return true
		}
	}
	return false
}

func isHeader(seen role, ruled bool) bool {
	const both = to | subject
	if seen&from == 0 || seen&when == 0 {
		return false
	}
	if ruled && seen&timed != 0 {
		return seen&(both|addressee) != 0
	}
	if seen&addressee != 0 {
		return seen&both != 0
	}
	return seen&both == both && seen&timed != 0
}

// header is what a line tells in a header block; 0 when it can't be of one.
func header(plain string) role {
	const maxKey = 24
	colon := strings.IndexByte(plain[:min(len(plain), maxKey)], ':')
	if colon < 1 {
		return 0
	}
	value := strings.TrimSpace(plain[colon+1:])
	r := headerKeys[strings.ToLower(strings.Trim(plain[:colon], " *_|"))]
	if value == "" && r&(from|when) != 0 {
		return 0
	}
	if r&(from|to) != 0 && strings.Contains(value, "@") {
		r |= addressee
	}
	if r == when && clock.MatchString(value) {
		r |= timed
	}
	return r
}
