package quote

import "strings"

// apart ends a line where an attribution begins that stands behind other words, as gateways leave it that throw line
// ends away. When nothing is cut, join puts the line together again.
func apart(lines []line) []line {
	for i := range lines {
		if at := attributionWithin(&lines[i]); at > 0 {
			text := lines[i].text
			head, tail := newLine(text[:at], lines[i].marks), newLine(text[at:], lines[i].marks)
			head.part, tail.part = partHead, partTail
			whole := append(make([]line, 0, len(lines)+1), lines[:i]...)
			whole = append(whole, head, tail)
			return append(whole, lines[i+1:]...)
		}
	}
	return lines
}

// attributionWithin is where in a line an attribution begins behind other words; 0 when none does.
func attributionWithin(l *line) int {
	const longest, maxTries = 2000, 8
	if l.blank || l.quoted() {
		return 0
	}
	text := l.text[:min(len(l.text), longest)]
	if !addressed(text) || !clock.MatchString(text) || !strings.Contains(text, ":") {
		return 0
	}
	begun, tries := false, 0
	for at := range len(text) - 1 {
		begun = begun || text[at] != ' ' && text[at] != '-'
		if !begun || text[at] != ' ' && text[at] != '-' {
			continue
		}
		first, _, _ := strings.Cut(text[at+1:], " ")
		if !openings[first] {
			continue
		}
		if endsLine(text[at+1:]) || runsOn(text[at+1:]) {
			return len(strings.TrimRight(text[:at+1], " -"))
		}
		if tries++; tries == maxTries {
			return 0
		}
	}
	return 0
}

// endsLine tells whether nothing but an attribution is left of a line.
func endsLine(text string) bool {
	text = plain(text)
	if len(text) > maxPlain || !closes(text) {
		return false
	}
	certain, ok := read(text).dateFirst()
	return ok && certain
}
