package quote

import (
	"regexp"
	"strings"
)

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

// addedByProgram tells whether a line is one that a telephone, a mail program or a virus scanner adds.
func addedByProgram(plain string) bool {
	if plain == "" || len(plain) > 200 {
		return false
	}
	return device.MatchString(plain) || program.MatchString(plain) || scanner.MatchString(plain)
}

const (
	devices = `(?:[\pL\d®™+-]*(?:iPhone|iPad|iPod|iOS|iCloud|Galaxy|Samsung|Android|BlackBerry|Huawei|HUAWEI|Xiaomi|Redmi|OnePlus|Oppo|OPPO|Pixel|Motorola|Nokia|Lumia|Xperia|HTC|Fairphone|Honor|HONOR|Windows|Outlook|Yahoo|Proton|ProtonMail|Gmail|GMX|WEB\.DE|Web\.de|Zimbra|Spark|BlueMail|K-9|Thunderbird|AOL|Tutanota|Tuta|Zoho|Fastmail|Mailbird|Airmail|Edison|Newton|myMail|Canary|Spike|Mail)[\pL\d®™+-]*` +
		`|smartphone|mobiele telefoon|mobiel|telefoon|gsm|tablet|mobile|mobile device|mobile phone|phone|cell phone|Smartphone|Handy|Tablet|Mobiltelefon|Telefon|mobil|téléphone|portable|mobile|móvil|teléfono|tableta)`
	more = `(?: (?:[\p{Lu}\d(][\pL\d().+-]*|smartphone|telefoon|toestel|tablet|device|phone|app|for|voor|für|pour|para|op|on|auf|sur|en|mobile|mobil|mobiele|de|mit|met|with|secure|email|e-mail))*`
	link = `(?: ?[<(\[]?https?://\S+)?`
)

var (
	// device is "Sent from my iPhone" in its languages.
	device = regexp.MustCompile(`^(?:(?:Sent|Verzonden|Verstuurd|Gestuurd|Gesendet|Diese Nachricht wurde|Envoyé|Envoyée|Enviado|Enviado con|Inviato|Von|Deze e-mail is verzonden|Dit bericht is verzonden|Message envoyé|Mailed)` +
		`(?: (?:from|vanaf|vanuit|via|met|with|using|von|mit|aus|über|de|depuis|à partir de|avec|desde|con|da|dal|mein\pL*))?(?: (?:my|mijn|meinem|meiner|mon|ma|mi|mio|the|de|het|der|l'application))?)` +
		`(?: ['\p{Lu}\d][\pL\d'®™.-]*){0,3} ` + devices + more + `(?: (?:gesendet|versendet|verstuurd|verzonden|geschickt))?` + link + `[.!]?[>)\]]?$`)

	// program is the advertisement of a mail program.
	program = regexp.MustCompile(`^(?:(?:Get|Download|Téléchargez|Télécharger|Obtenir|Obtenez|Obtener|Descargar|Scarica|Holen Sie sich|Laden Sie) Outlook (?:for|voor|für|pour|para|per) (?:iOS|Android|Mac)(?: herunter)?` +
		`|Outlook (?:voor|für) (?:iOS|Android|Mac) (?:downloaden|ophalen|beziehen|herunterladen)` +
		`|Yahoo Mail: .{1,60}|Mail (?:for|voor) Windows(?: 1\d)?)` + link + `[.]?[>)\]]?$`)

	// scanner is what virus scanners add.
	scanner = regexp.MustCompile(`^(?:Virus-?free\.?|Virusvrij\.?|Virenfrei\.?|Garanti sans virus\.?|Sans virus\.?|Libre de virus\.?) ?(?:www\.avast\.com|www\.avg\.com|www\.avira\.com)` + link + `[>)\]]?$`)
)
