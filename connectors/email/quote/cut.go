package quote

import "strings"

// cut makes one round of cuts. Every decision depends only on the lines that remain, so that a round over its own
// result finds nothing else than the round before would have found.
func cut(lines []line) []line {
	knitted(lines)
	at, kind := turn(lines)
	if kind == turnsToHistory && enough(lines[:at]) {
		lines = lines[:at]
	}
	if kind != turnsToForward {
		at = len(lines)
	}
	head, content := lines[:at], lines[at:]
	head = foot(head, len(content) > 0)
	head = answersBelow(head, len(content) > 0)
	if len(content) == 0 {
		return trim(head)
	}
	if len(head) == at || lastFilled(head) == lastFilled(lines[:at]) {
		return lines
	}
	if head = trim(head); len(head) == 0 {
		return content
	}
	rest := append(make([]line, 0, len(head)+1+len(content)), head...)
	if lines[at-1].blank {
		rest = append(rest, lines[at-1])
	}
	return append(rest, content...)
}

// foot leaves out what trails: earlier mail, lines of mail programs, signatures. With free nothing needs to remain.
func foot(lines []line, free bool) []line {
	for {
		lines = lines[:lastFilled(lines)]
		less := lines[:trailing(lines)]
		if len(less) == len(lines) || !free && !enough(less) {
			return lines
		}
		lines = less
	}
}

// trailing is the length of lines without the last thing that is not said; lines don't end with a blank one.
func trailing(lines []line) int {
	n := len(lines)
	if n == 0 {
		return 0
	}
	last := &lines[n-1]
	switch {
	case last.quoted():
		return trailingQuote(lines)
	case last.marks&(signature|attribution) != 0:
		for n > 0 && (lines[n-1].blank || lines[n-1].marks&(signature|attribution) != 0 && !lines[n-1].quoted()) {
			n--
		}
		return n
	case addedByProgram(last.plain), isDelimiter(last):
		return n - 1
	}
	if strings.HasSuffix(last.plain, ":") && strings.Contains(last.plain, "@") {
		if start, _, ok := attributionEnding(lines, n-1); ok && start > 0 {
			return start
		}
	}
	return delimiter(lines)
}

// trailingQuote is the length of lines without the quote at their end, if that is earlier mail.
func trailingQuote(lines []line) int {
	end := len(lines)
	start := quoteStart(lines, end)
	if a, ok := introduced(lines, start); ok {
		return a
	}
	quote, up := lines[start:end], lastFilled(lines[:start])
	names := up > 0 && onlyNames(lines[up-1].plain)
	switch tight := start > 0 && !lines[start-1].blank && quote[0].marks&earlier == 0; {
	case tight && !names && beginsWithAttribution(quote):
		return start
	case tight && !names || own(lines, start, end) || !looksEarlier(quote):
		return end
	case names:
		return up - 1
	}
	return start
}

// quoteStart is where the run of quoted and blank lines begins that ends before end.
func quoteStart(lines []line, end int) int {
	start := end
	for i := end - 1; i >= 0 && (lines[i].blank || lines[i].quoted()); i-- {
		if lines[i].quoted() {
			start = i
		}
	}
	return start
}

// answersBelow leaves out the only quote when it is a mail that is answered below, with the signature that stood above it.
// What is short and asks something is the context of its answer.
func answersBelow(lines []line, free bool) []line {
	start, end := onlyQuote(lines)
	if start == end {
		return lines
	}
	filled, marked, asks := 0, false, false
	for _, l := range lines[start:end] {
		if !l.blank {
			filled++
		}
		marked = marked || l.marks&earlier != 0
		asks = asks || strings.ContainsAny(l.plain, "?？")
	}
	from, certain, ok := attributed(lines, start)
	context := filled <= contextLines && (asks || !certain) && !(ok && onlySigned(lines[:from], lines[end:]))
	if context || !ok && (!marked || own(lines, start, end)) {
		return lines
	}
	above := foot(lines[:from], true)
	rest := append(append(make([]line, 0, len(lines)), above...), lines[end:]...)
	if len(above) == 0 {
		rest = trim(rest)
	}
	if !free && !enough(rest) {
		return lines
	}
	return rest
}

// onlyQuote finds the quote of lines when there is exactly one and text follows it; else start is end.
func onlyQuote(lines []line) (start, end int) {
	for i := 0; i < len(lines); i++ {
		if !lines[i].quoted() {
			continue
		}
		if end > 0 {
			return 0, 0
		}
		start = i
		for ; i < len(lines) && (lines[i].blank || lines[i].quoted()); i++ {
			if lines[i].quoted() {
				end = i + 1
			}
		}
	}
	if end == len(lines) {
		return 0, 0
	}
	return start, end
}
