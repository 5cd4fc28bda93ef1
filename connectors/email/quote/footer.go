package quote

import (
	"strings"
	"unicode/utf8"
)

// addedByProgram tells whether a line is one that a telephone, a mail program or a virus scanner adds: nothing but known
// words, names and a device or a program. A sentence about things that were sent has other words in it.
func addedByProgram(plain string) bool {
	const longest, shortest = 200, 24
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
	if utf8.RuneCountInString(lower) < shortest && (strings.HasPrefix(lower, "发自我的") || strings.HasPrefix(lower, "發自我的") ||
		strings.HasPrefix(lower, "從我的") && strings.HasSuffix(lower, "傳送") || strings.HasSuffix(lower, "から送信")) {
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
	found, mine, model := false, false, false
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
			model = model || lower != w && strings.ContainsAny(w, "0123456789") // TI-85, 4G
		default:
			return false
		}
	}
	return found || mine && model
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
	"enviado", "inviato", "inviata", "skickat", "sendt", "wysłane", "wysłano", "mailed", "lähetetty", "odesláno", "отправлено",
}

var (
	owners  = words("my", "meu", "mijn", "meinem", "meiner", "mon", "ma", "mi", "mio", "min", "mit", "mojego")
	fillers = words("from", "vanaf", "vanuit", "via", "met", "with", "using", "von", "mit", "aus", "über", "de", "du", "depuis", "à", "partir",
		"avec", "desde", "con", "da", "dal", "från", "fra", "the", "het", "der", "een", "a", "an", "l'application", "for", "voor", "für",
		"pour", "para", "per", "op", "on", "auf", "sur", "en", "secure", "email", "e-mail", "app", "gesendet", "versendet", "verstuurd",
		"verzonden", "geschickt", "mobile", "mobil", "mobiele", "smartphone", "tablet", "toestel", "telefoon", "device", "phone",
		"appareil", "apparaat", "gerät", "dispositivo", "enhed", "enhet", "urządzenia", "z", "za", "pomocą", "courriel",
		"do", "meu", "för", "til", "till", "dla", "systemu", "programu", "aplikacji", "mojego", "с", "моего")
	devices = words("smartphone", "telefoon", "mobiel", "gsm", "tablet", "mobile", "phone", "telefon", "handy", "mobiltelefon", "téléphone",
		"portable", "móvil", "teléfono", "tableta", "toestel", "device")
	// apologies stand behind the name of a telephone's mail program.
	apologies = words("please excuse my brevity", "excuse my brevity", "please excuse any typos", "please excuse typos", "excuse typos",
		"excuseer mijn beknoptheid", "excuses voor mijn beknoptheid", "bitte entschuldigen sie meine kürze", "bitte entschuldige die kürze",
		"veuillez excuser ma brièveté", "por favor, disculpa mi brevedad", "disculpa mi brevedad", "perdonate la brevità",
		"perdonate la mia brevità", "proszę wybaczyć moją zwięzłość", "proszę wybacz moją zwięzłość", "ursäkta min fåordighet",
		"undskyld at jeg er kortfattet", "undskyld min kortfattethed")
	advertisements = words("get outlook for ", "download outlook for ", "download outlook voor ", "outlook voor  downloaden",
		"outlook voor  ophalen", "outlook für  beziehen", "outlook für  herunterladen", "holen sie sich outlook für ",
		"laden sie outlook für  herunter", "télécharger outlook pour ", "téléchargez outlook pour ", "obtenir outlook pour ",
		"obtenez outlook pour ", "obtener outlook para ", "descargar outlook para ", "scarica outlook per ",
		"ottieni outlook per ", "obter o outlook para ", "hent outlook til ", "hämta outlook för ", "skaff deg outlook for ", "last ned outlook for ",
		"pobierz aplikację outlook dla systemu ", "pobierz program outlook dla systemu ", "hanki outlook for ", "stáhnout outlook pro ")
	scanned = words("virus-free.www.avast.com", "virus-free.www.avg.com", "virusvrij.www.avast.com", "virusvrij.www.avg.com",
		"virenfrei.www.avast.com", "virenfrei.www.avg.com", "garantisansvirus.www.avast.com", "sansvirus.www.avast.com",
		"libredevirus.www.avast.com")
)

// brands are how the names of devices and mail programs begin.
var brands = []string{
	"iphon", "ipad", "ipod", "icloud", "galaxy", "samsung", "android", "blackberry", "huawei", "xiaomi", "redmi", "oneplus", "oppo",
	"pixel", "motorola", "nokia", "lumia", "xperia", "htc", "fairphone", "honor", "windows", "outlook", "yahoo", "proton", "gmail", "gmx",
	"web.de", "zimbra", "spark", "bluemail", "k-9", "thunderbird", "aol", "tuta", "zoho", "fastmail", "mailbird", "airmail", "edison",
	"newton", "mymail", "canary", "spike", "typeapp",
}
