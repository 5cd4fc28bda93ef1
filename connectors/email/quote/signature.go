package quote

import (
	"slices"
	"strings"
)

// delimiter is the length of lines without the signature at their end, if a delimiter stands above it. Dashes on a line
// of their own may also be part of a table, or a rule: "-- " counts when there are at most two, "--" (clients and gateways
// eat the blank) when it is the only one, below a blank line or a quote and directly above text.
func delimiter(lines []line) int {
	const maxLines = 60
	at, filled := -1, 0
	for i := len(lines) - 1; i >= 0 && filled <= maxLines; i-- {
		if lines[i].quoted() {
			return len(lines)
		}
		if isDelimiter(&lines[i]) {
			at = i
			break
		}
		if !lines[i].blank {
			filled++
		}
	}
	if at < 0 {
		return len(lines)
	}
	exact := lines[at].text == "-- "
	if !exact && !bareDelimiter(lines, at) {
		return len(lines)
	}
	others := 0
	for i := range at {
		if isDelimiter(&lines[i]) {
			others++
		}
	}
	if others > 1 || others == 1 && !exact {
		return len(lines)
	}
	return at
}

// bareDelimiter tells whether "--" at a line stands where a signature begins.
func bareDelimiter(lines []line, at int) bool {
	if at == 0 || at+1 == len(lines) {
		return false
	}
	up := lastFilled(lines[:at])
	if up > 0 && lines[up-1].quoted() {
		start, _ := introduced(lines, quoteStart(lines, up))
		return answered(lines[:start]) // else what stands below is the answer
	}
	return lines[at-1].blank && !lines[at+1].blank
}

// answered tells whether somebody said more than a greeting.
func answered(above []line) bool {
	const most = 5
	return slices.ContainsFunc(above, func(l line) bool {
		words := strings.Fields(strings.ToLower(l.plain))
		return len(words) > most || len(words) > 0 && !greetings[strings.TrimRight(words[0], ",!.")]
	})
}

// onlySigned tells whether somebody answered above a quote and only signed below it.
func onlySigned(above, below []line) bool {
	const most = 4
	below = trim(below)
	if !enough(above) || len(below) == 0 || len(below) > most {
		return false
	}
	first := strings.ToLower(strings.TrimRight(below[0].plain, " ,.!"))
	head, _, _ := strings.Cut(first, ",")
	return farewells[head]
}

func isDelimiter(l *line) bool {
	return len(l.text) < 8 && (l.plain == "--" || l.plain == "—") && !strings.HasPrefix(l.text, "\t")
}

var (
	greetings = words("hallo", "hoi", "hi", "hello", "hey", "dear", "beste", "geachte", "goedendag", "goedemorgen", "goedemiddag", "goedenavond",
		"goeiedag", "dag", "good", "guten", "sehr", "liebe", "lieber", "moin", "bonjour", "bonsoir", "cher", "chère", "hej", "hei", "god", "moi",
		"cześć", "witam", "dzień", "szanowny", "szanowna", "szanowni", "ciao", "buongiorno", "buonasera", "gentile", "hola", "buenos", "buenas",
		"estimado", "estimada", "olá", "bom", "boa", "caro", "cara", "prezado", "prezada")
	// farewells are what people write above their name.
	farewells = words("regards", "kind regards", "best regards", "best", "cheers", "thanks", "thank you", "sincerely", "yours sincerely",
		"groet", "groeten", "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "mvg", "hartelijke groet",
		"mit freundlichen grüßen", "viele grüße", "freundliche grüße", "liebe grüße", "gruß", "mfg", "lg", "cordialement", "bien à vous",
		"salutations", "saludos", "un saludo", "cordiali saluti", "saluti", "pozdrawiam", "z poważaniem", "med venlig hilsen", "mvh", "hilsen",
		"venlig hilsen", "med vänliga hälsningar", "vänliga hälsningar", "hälsningar", "med vennlig hilsen", "atenciosamente", "abraço")
)
