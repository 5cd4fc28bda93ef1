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
	plain = withoutApology(strings.TrimRight(plain, " .!<(["))
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

// withoutApology leaves out what some programs add behind their name.
func withoutApology(plain string) string {
	at := strings.LastIndex(plain, ". ")
	if at < 0 || !apologies[strings.ToLower(plain[at+2:])] {
		return plain
	}
	return plain[:at]
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
	"enviado", "inviato", "inviata", "skickat", "sendt", "wysłane", "wysłano", "mailed", "lähetetty",
}

var (
	owners  = words("my", "mijn", "meinem", "meiner", "mon", "ma", "mi", "mio", "min", "mit", "mojego")
	fillers = words("from", "vanaf", "vanuit", "via", "met", "with", "using", "von", "mit", "aus", "über", "de", "du", "depuis", "à", "partir",
		"avec", "desde", "con", "da", "dal", "från", "fra", "the", "het", "der", "een", "a", "an", "l'application", "for", "voor", "für",
		"pour", "para", "per", "op", "on", "auf", "sur", "en", "secure", "email", "e-mail", "app", "gesendet", "versendet", "verstuurd",
		"verzonden", "geschickt", "mobile", "mobil", "mobiele", "smartphone", "tablet", "toestel", "telefoon", "device", "phone",
		"appareil", "apparaat", "gerät", "dispositivo", "enhed", "enhet", "urządzenia", "z", "za", "pomocą", "courriel")
	devices = words("smartphone", "telefoon", "mobiel", "gsm", "tablet", "mobile", "phone", "telefon", "handy", "mobiltelefon", "téléphone",
		"portable", "móvil", "teléfono", "tableta", "toestel", "device")
	// apologies stand behind the name of a telephone's mail program.
	apologies = words("please excuse my brevity", "excuse my brevity", "please excuse any typos", "please excuse typos", "excuse typos",
		"excuseer mijn beknoptheid", "excuses voor mijn beknoptheid", "bitte entschuldigen sie meine kürze", "bitte entschuldige die kürze",
		"veuillez excuser ma brièveté", "por favor, disculpa mi brevedad", "disculpa mi brevedad", "perdonate la brevità",
		"perdonate la mia brevità", "proszę wybaczyć moją zwięzłość", "proszę wybacz moją zwięzłość", "ursäkta min fåordighet",
		"undskyld at jeg er kortfattet", "undskyld min kortfattethed")
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
