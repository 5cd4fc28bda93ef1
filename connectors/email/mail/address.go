package mail

import "strings"

const (
	maxAddr        = 512  // bytes of one address
	maxDisplayName = 1000 // bytes of its name
)

// ParseAddresses reads the raw value of an address field (RFC 5322 §3.4) and what programs write instead: names with
// commas, colons or parentheses that nobody quoted, quotes that are not closed, groups, semicolons, addresses without brackets,
// whole mailboxes as one encoded word. Encoded words are read in names, never as structure. At most 200 are given; an
// Address without Addr is a name that came with none.
func ParseAddresses(value string) []Address {
	list, _ := parseAddresses(value, DefaultLimits().Addresses)
	return list
}

func parseAddresses(value string, limit int) (list []Address, problem string) {
	list, rest := splitAddresses(value, limit)
	if rest = strings.Trim(rest, " \t,;"); rest == "" {
		return list, ""
	}
	if len(list) >= limit {
		return list, tooManyAddresses
	}
	name := displayName(rest)
	switch {
	case strings.Contains(name, "@"):
		if again, left := splitAddresses(name, limit-len(list)); len(again) > 0 && left == "" {
			return append(list, again...), ""
		}
	case name != "" && !strings.Contains(name, " ") && len(name) <= maxAddr:
		return append(list, Address{Addr: name}), ""
	}
	if name == "" {
		return list, ""
	}
	return append(list, Address{Name: name}), addressUnreadable
}

// splitAddresses reads up to limit addresses. What stands between two separators and holds no address belongs to the
// name of the next ("Jansen B.V. (Info), Jan <jan@example.nl>"); rest is what follows the last address.
func splitAddresses(s string, limit int) (list []Address, rest string) {
	t := tokens{s: s}
	start, found := 0, false
	groupEnd := strings.LastIndexByte(s, ';')
	add := func(end int) {
		if found {
			if a := mailbox(s[start:end]); a != (Address{}) {
				list = append(list, a)
			}
			start, found = end+1, false
		}
	}
	for i := 0; i < len(s); {
		if len(list) >= limit {
			return list, s[min(start, len(s)):]
		}
		if end := t.skip(i); end > i {
			found = found || s[i] == '<'
			i = end
			continue
		}
		switch s[i] {
		case '@':
			found = true
		case ',', ';':
			add(i)
		case ':':
			isGroup := i < groupEnd || strings.Trim(s[i:], ": \t;") == ""
			if isGroup && !found && !strings.EqualFold(strings.TrimSpace(s[start:i]), "mailto") {
				start = i + 1
			}
		}
		i++
	}
	add(len(s))
	return list, s[min(start, len(s)):]
}

// mailbox reads one: the last thing in angle brackets that has an @, else the last in brackets, else the last word with
// an @. What is left is the name.
func mailbox(s string) Address {
	t := tokens{s: s}
	open, end := -1, -1
	for i := 0; i < len(s); {
		next := t.skip(i)
		if s[i] == '<' {
			if next == i && strings.IndexByte(s[i+1:], '<') >= 0 {
				i++
				continue
			}
			if next == i { // never closed
				next = len(s)
			}
			if open < 0 || strings.Contains(s[i:next], "@") || !strings.Contains(s[open:end], "@") {
				open, end = i, next
			}
		}
		i = max(next, i+1)
	}
	if open < 0 {
		return bareMailbox(s)
	}
	name := s[:open] + " " + s[end:]
	if !strings.Contains(name, `"`) {
		name = strings.NewReplacer("<", "", ">", "").Replace(name)
	}
	return newAddress(displayName(name), s[open:end])
}

func bareMailbox(s string) Address {
	comment := ""
	var words []string
	t := tokens{s: s}
	glue := false
	for i := 0; i < len(s); {
		if s[i] == ' ' || s[i] == '\t' {
			i++
			continue
		}
		begin := i
		if s[i] == '(' {
			if end := t.skip(i); end > i {
				comment, i = s[i:end], end
				continue
			}
		}
		for i < len(s) && s[i] != ' ' && s[i] != '\t' && (s[i] != '(' || i == begin) {
			i = max(t.skip(i), i+1)
		}
		word := s[begin:i]
		if n := len(words); n > 0 && (glue || word[0] == '@') {
			words[n-1] += word
		} else {
			words = append(words, word)
		}
		glue = strings.HasSuffix(word, "@")
	}
	at := -1
	for i, w := range words {
		if strings.Contains(w, "@") {
			at = i
		}
	}
	if at < 0 {
		return Address{Name: displayName(s)}
	}
	name := strings.Trim(strings.Join(append(words[:at:at], words[at+1:]...), " "), " ,;-")
	if name == "" {
		name = comment
	}
	return newAddress(displayName(name), words[at])
}

func newAddress(name, addr string) Address {
	a := Address{Name: name, Addr: bareAddr(addr)}
	if a.Addr == "" && a.Name == "" {
		return Address{}
	}
	return a
}

// bareAddr takes from an address what does not belong to it: brackets, a route (RFC 5322 §4.4), "mailto:", white space.
func bareAddr(s string) string {
	s = cleanName(s)
	s = strings.Trim(s, "<> ,;")
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.HasPrefix(s, "@") {
		if _, after, found := strings.Cut(s, ":"); found {
			s = after
		}
	}
	if !strings.Contains(s, `"`) {
		s = strings.Join(strings.Fields(withoutComments(s)), "")
	} else if strings.Count(s, `"`) == 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	s = strings.Trim(s, "'")
	if len(s) > maxAddr {
		return ""
	}
	return s
}

// displayName gives a phrase as people read it: quotes gone, words decoded. A comment alone is a name as well.
func displayName(s string) string {
	s = strings.Trim(s, " \t,")
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		s = s[1 : len(s)-1]
	}
	if strings.Contains(s, `"`) {
		var b strings.Builder
		for i := 0; i < len(s); i++ {
			switch {
			case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
				i++
				b.WriteByte(s[i])
			case s[i] != '"':
				b.WriteByte(s[i])
			}
		}
		s = b.String()
	}
	s = cleanName(DecodeWords(strings.Join(strings.Fields(s), " ")))
	if len(s) > 1 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = s[1 : len(s)-1]
	}
	return cutText(strings.TrimSpace(s), maxDisplayName)
}
