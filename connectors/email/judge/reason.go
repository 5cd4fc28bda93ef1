package judge

import (
	"strings"
	"unicode"

	"loket/internal/lazy"
	"loket/internal/message"
)

const maxReason = 200 // characters

var (
	enhanced  = lazy.Compile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	folded    = lazy.Compile(`^([245][0-7]\d)-`) // the first line of an answer of several
	replyCode = lazy.Compile(`\b[245][0-7]\d\b`)
)

// statusCode finds a code of RFC 3463 that is not part of an IP address.
func statusCode(s string) string {
	s = head(s, maxField)
	for _, at := range enhanced.Get().FindAllStringIndex(s, 20) {
		before, after := s[:at[0]], s[at[1]:]
		if strings.HasSuffix(before, ".") || strings.HasPrefix(after, ".") && len(after) > 1 && after[1] >= '0' && after[1] <= '9' {
			continue
		}
		return s[at[0]:at[1]]
	}
	return ""
}

// reason is the code once, and then what the server said.
func reason(status, diagnostic string) string {
	if status == "" {
		return line(diagnostic)
	}
	diagnostic = strings.NewReplacer("("+status+")", "", "(#"+status+")", "", "#"+status, "", status, "").Replace(head(diagnostic, maxField))
	diagnostic = folded.Get().ReplaceAllString(strings.TrimSpace(diagnostic), "$1 ")
	return line(status + " " + diagnostic)
}

// line is s on one line without characters that hide others, at most maxReason characters.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, message.CleanText(head(s, maxField)))
	s = strings.Join(strings.Fields(s), " ")
	n := 0
	for i := range s {
		if n++; n == maxReason {
			return strings.TrimSpace(s[:i]) + "…"
		}
	}
	return s
}

// gone is what servers say of an address that does not exist or is closed.
var gone = lazy.Compile(`(?i)(no such|unknown|invalid|non-?existent|nonexistant|unrouteable|not our) (user|mailbox|recipient|address|local|customer|domain|host)` +
	`|(user|recipient|mailbox|account|address|alias|domain|host)( name| address)?( \S+)? (is )?(unknown|not found|not known|not recogni[sz]ed|rejected: user unknown|doesn['’]?t exist|does not exist|not exist|disabled|inactive|invalid|not listed|not available|unavailable)` +
	`|no mailbox (here )?by that name|not listed in .*directory|account .*does not exist|address (not found|couldn['’]t be found)` +
	`|unknown in virtual|recipient .*not exist|host or domain name not found|user doesn['’]?t have|illegal host|not our user|no longer accepts|not recogni[sz]ed as` +
	`|(empf(ä|ae)nger|benutzer|adresse|postfach|geadresseerde|gebruiker|ontvanger|destinataire|utilisateur|usuario|destinatario)\b.{0,80}(unbekannt|nicht (gefunden|vorhanden)|existiert nicht|onbekend|niet gevonden|bestaat niet|inconnue?|introuvable|n['’]existe pas|non répertorié|desconocid|no existe|no encontrad|sconosciut|inesistente)`)

// full is what they say of one that would do with less in it.
var full = lazy.Compile(`(?i)(mailbox|quota|inbox|storage|postvak|postfach|bo(î|i)te|buz(ó|o)n).*(full|exceed|over|vol\b|voll\b|pleine|lleno|limit)|over ?quota|quota exceeded|out of (disk )?space|insufficient (system )?storage`)

// isGone tells whether a failure is about the address, and not about this mail, our server or a full box.
func isGone(status, text string) bool {
	text = head(text, maxField)
	if full.MatchString(text) {
		return false
	}
	if _, detail, ok := strings.Cut(status, "."); ok && status[0] == '5' {
		switch detail {
		case "1.0", "1.1", "1.2", "1.3", "1.4", "1.6", "1.10", "2.1", "4.4":
			return true
		case "0.0", "3.0", "4.1", "5.0", "7.1": // said of much else too
		default:
			return false
		}
	}
	return !strings.HasPrefix(status, "4") && gone.MatchString(text)
}
