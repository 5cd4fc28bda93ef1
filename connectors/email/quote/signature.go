package quote

import "strings"

// delimiter is the length of lines without the signature at their end, if a delimiter stands above it. Dashes on a line
// of their own may also be part of a table, or a rule: "-- " counts when there are at most two, "--" (clients and gateways
// eat the blank) when it is the only one, below a blank line and directly above text.
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
	if !exact && (at == 0 || !lines[at-1].blank || at+1 == len(lines) || lines[at+1].blank) {
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

func isDelimiter(l *line) bool {
	return len(l.text) < 8 && (l.plain == "--" || l.plain == "—") && !strings.HasPrefix(l.text, "\t")
}

// addedByProgram tells whether a line is one that a telephone, a mail program or a virus scanner adds: nothing but known
// words, names and a device or a program. A sentence about things that were sent has other words in it.
func addedByProgram(plain string) bool {
	const longest = 200
	if plain == "" || len(plain) > longest {
		return false
	}
	if i := strings.Index(plain, "http"); i > 0 && !strings.Contains(plain[i:], " ") {
		plain = plain[:i]
	}
	plain = strings.TrimRight(plain, " .!<([")
	lower := strings.ToLower(plain)
	if strings.HasPrefix(lower, "yahoo mail: ") || scanned[strings.ReplaceAll(lower, " ", "")] || advertised(lower) {
		return true
	}
	for _, lead := range leads {
		if rest, ok := strings.CutPrefix(lower, lead); ok && strings.HasPrefix(rest, " ") {
			return namesDevice(strings.Fields(plain[len(plain)-len(rest):]))
		}
	}
	return false
}

// namesDevice tells whether words name a device or program, and nothing is said beside.
func namesDevice(words []string) bool {
	const most = 12
	if len(words) > most {
		return false
	}
	found, mine := false, false
	for _, w := range words {
		w = strings.Trim(w, "'\"()®™,.")
		lower := strings.ToLower(w)
		switch {
		case lower == "":
		case owners[lower]:
			mine = true
		case lower == "mail" || hasBrand(lower):
			found = true
		case devices[lower]:
			found = found || mine
		case fillers[lower]:
		case w[0] >= '0' && w[0] <= '9', lower != w:
		default:
			return false
		}
	}
	return found
}

func hasBrand(lower string) bool {
	for _, b := range brands {
		if strings.HasPrefix(lower, b) {
			return true
		}
	}
	return false
}

// advertised knows "Get Outlook for iOS" in its languages.
func advertised(lower string) bool {
	for _, system := range [...]string{"ios", "android", "mac"} {
		if i := strings.Index(lower, system); i > 0 {
			return advertisements[lower[:i]+lower[i+len(system):]]
		}
	}
	return lower == "mail for windows" || lower == "mail voor windows"
}

// leads are the words before the name of a device or program, in lower case.
var leads = []string{
	"sent", "verzonden", "verstuurd", "gestuurd", "deze e-mail is verzonden", "dit bericht is verzonden", "dit bericht is verstuurd",
	"gesendet", "versendet", "von meinem", "von meiner", "diese nachricht wurde", "envoyé", "envoyée", "message envoyé",
	"enviado", "inviato", "inviata", "skickat", "sendt", "wysłane", "mailed",
}

var (
	owners  = words("my", "mijn", "meinem", "meiner", "mon", "ma", "mi", "mio", "min", "mit", "mojego")
	fillers = words("from", "vanaf", "vanuit", "via", "met", "with", "using", "von", "mit", "aus", "über", "de", "du", "depuis", "à", "partir",
		"avec", "desde", "con", "da", "dal", "från", "fra", "the", "het", "der", "een", "a", "an", "l'application", "for", "voor", "für",
		"pour", "para", "per", "op", "on", "auf", "sur", "en", "secure", "email", "e-mail", "app", "gesendet", "versendet", "verstuurd",
		"verzonden", "geschickt", "mobile", "mobil", "mobiele", "smartphone", "tablet", "toestel", "telefoon", "device", "phone")
	devices = words("smartphone", "telefoon", "mobiel", "gsm", "tablet", "mobile", "phone", "telefon", "handy", "mobiltelefon", "téléphone",
		"portable", "móvil", "teléfono", "tableta", "toestel", "device")
	advertisements = words("get outlook for ", "download outlook for ", "download outlook voor ", "outlook voor  downloaden",
		"outlook voor  ophalen", "outlook für  beziehen", "outlook für  herunterladen", "holen sie sich outlook für ",
		"laden sie outlook für  herunter", "télécharger outlook pour ", "téléchargez outlook pour ", "obtenir outlook pour ",
		"obtenez outlook pour ", "obtener outlook para ", "descargar outlook para ", "scarica outlook per ")
	scanned = words("virus-free.www.avast.com", "virus-free.www.avg.com", "virusvrij.www.avast.com", "virusvrij.www.avg.com",
		"virenfrei.www.avast.com", "virenfrei.www.avg.com", "garantisansvirus.www.avast.com", "sansvirus.www.avast.com",
		"libredevirus.www.avast.com")
)

// brands are how the names of devices and mail programs begin.
var brands = []string{
	"iphone", "ipad", "ipod", "icloud", "galaxy", "samsung", "android", "blackberry", "huawei", "xiaomi", "redmi", "oneplus", "oppo",
	"pixel", "motorola", "nokia", "lumia", "xperia", "htc", "fairphone", "honor", "windows", "outlook", "yahoo", "proton", "gmail", "gmx",
	"web.de", "zimbra", "spark", "bluemail", "k-9", "thunderbird", "aol", "tuta", "zoho", "fastmail", "mailbird", "airmail", "edison",
	"newton", "mymail", "canary", "spike",
}
