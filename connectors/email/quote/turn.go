package quote

import "strings"

// A turning is what a text turns to for good at one of its lines.
type turning uint8

const (
	turnsNever turning = iota
	turnsToHistory
	turnsToForward
)

// turn finds the first line from which on there is only history, or a forwarded mail.
func turn(lines []line) (int, turning) {
	for i := range lines {
		l := &lines[i]
		switch {
		case l.marks&forwarded != 0:
			return i, turnsToForward
		case l.marks&(history|earlier) == history && !l.blank:
			return above(lines, i), turnsToHistory
		case l.blank:
			continue
		case groupWise(l.text):
			return i, turnsToHistory
		case l.quoted():
			continue
		case runsOn(l.text):
			return i, turnsToHistory
		case l.plain == "":
			continue
		}
		switch separator(l.plain) {
		case turnsToForward:
			return i, turnsToForward
		case turnsToHistory:
			return i, turnsToHistory
		}
		if headerBlock(lines, i) {
			return above(lines, i), turnsToHistory
		}
		if start, certain, ok := attributionEnding(lines, i); ok && certain && !quoteFollows(lines[i+1:]) {
			return start, turnsToHistory
		}
	}
	return len(lines), turnsNever
}

// above goes up over the rule that some programs draw over a header block.
func above(lines []line, i int) int {
	for j := i - 1; j >= 0 && i-j <= 3; j-- {
		if lines[j].blank {
			continue
		}
		if p := lines[j].plain; len(p) >= 5 && strings.Trim(p, "-_=") == "" {
			return j
		}
		break
	}
	return i
}

// quoteFollows tells whether the next lines are quoted.
func quoteFollows(lines []line) bool {
	for i := range lines {
		if lines[i].quoted() {
			return true
		}
		if !lines[i].blank || i == 2 {
			return false
		}
	}
	return false
}

// separator tells what a line begins that a mail program draws between a mail and the one that it carries along.
func separator(plain string) turning {
	said := strings.Trim(plain, "-_=#– \t")
	if said == "" || len(said) > 120 {
		return turnsNever
	}
	rules := len(plain) - len(strings.TrimLeft(plain, "-_=#–"))
	key := strings.ToLower(strings.TrimSpace(strings.TrimSuffix(said, ":")))
	if rules == 0 {
		if forwardBegins[key] {
			return turnsToForward
		}
		return turnsNever
	}
	switch {
	case rules < 2:
		return turnsNever
	case forwardSeparators[key] || forwardBegins[key] || forwardedBy(key):
		return turnsToForward
	case historySeparators[key] || replyAbove(key) || betweenDashes(plain), key == "original" && rules >= 10: // QQ
		return turnsToHistory
	}
	return turnsNever
}

// groupWise knows the line that Novell GroupWise puts above the mail that is answered, which it does not quote.
func groupWise(text string) bool {
	const longest = 300
	text = strings.TrimSpace(text)
	said, first := strings.CutPrefix(text, ">>> ")
	said, last := strings.CutSuffix(said, " >>>")
	return first && last && len(text) <= longest && dated(said) && !strings.Contains(said, ">>>")
}

// forwardedBy knows the line of Lotus Notes, which names who forwarded and when.
func forwardedBy(key string) bool {
	for _, p := range [...]string{"forwarded by ", "doorgestuurd door ", "weitergeleitet von ", "réacheminé par ", "reenviado por "} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// replyAbove knows the line that ticket systems ask to answer above of.
func replyAbove(key string) bool {
	for _, p := range [...]string{
		"reply above this line", "please reply above this line", "please type your reply above this line",
		"write above this line", "antwoord boven deze regel", "typ uw antwoord boven deze regel", "reageer boven deze regel",
		"antworten sie oberhalb dieser zeile", "répondez au-dessus de cette ligne", "responda por encima de esta línea",
	} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}
