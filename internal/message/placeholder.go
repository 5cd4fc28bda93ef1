package message

import (
	"regexp"
	"strings"
	"unicode"
)

// SaysNothing tells whether a cell of a table holds what programs and people write there when they have nothing to write:
// a spreadsheet's error such as #N/A, a word in brackets such as (leeg), marks without a letter or digit, the name of a
// field that was to be filled in. It is for names too, so plain words are not among them.
func SaysNothing(cell string) bool {
	cell = strings.TrimSpace(cell)
	if strings.IndexFunc(cell, isWritten) < 0 || isSheetError(cell) {
		return true
	}
	inner := strings.TrimFunc(cell, func(r rune) bool { return !isWritten(r) })
	if len(inner) == len(cell) || strings.IndexFunc(inner, unicode.IsDigit) >= 0 {
		return false
	}
	first, last := cell[0], cell[len(cell)-1]
	switch string([]byte{first, last}) {
	case "()", "[]", "<>", "{}", "%%", "--", "**", "__":
		return true
	}
	return strings.HasPrefix(cell, "${") || isPlaceholder(lowerASCII(inner)) && strings.IndexFunc(inner, unicode.IsSpace) < 0 && quotes(first, last)
}

// quotes tells whether two signs stand around a word of a program's.
func quotes(first, last byte) bool { return first == last && strings.IndexByte("\"'`", first) >= 0 }

func isWritten(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isSheetError knows the errors of spreadsheets in all languages: #N/A, #REF!, #WAARDE!, #NAME?, #DEEL/0!, #NV, ####.
func isSheetError(cell string) bool {
	rest, ok := strings.CutPrefix(cell, "#")
	if !ok {
		return false
	}
	return strings.HasSuffix(rest, "!") || strings.HasSuffix(rest, "?") || strings.IndexFunc(rest, unicode.IsDigit) < 0
}

// rounded is how spreadsheets write a long number: several of them look the same.
var rounded = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]+)?[eE][+-][0-9]+$`)

// IsRounded tells whether a spreadsheet wrote a number so that only its size is left, such as 1.00E+05.
func IsRounded(cell string) bool { return rounded.MatchString(strings.TrimSpace(cell)) }

// isPlaceholder knows the words that stand where a number should be, in lower case.
func isPlaceholder(value string) bool {
	if IsRounded(value) {
		return true
	}
	plain := strings.Map(func(r rune) rune {
		if isWritten(r) {
			return r
		}
		return -1
	}, value)
	if plain == "" {
		return true
	}
	switch plain {
	case "tbd", "tba", "tbc", "todo", "fixme", "pending", "missing", "notset", "notavailable", "notapplicable", "notknown",
		"tobedetermined", "tobeconfirmed", "nonumber", "nocustomer", "nocustomernumber", "novalue", "nodata", "notfound", "error",
		"null", "nil", "none", "nan", "inf", "infinity", "undefined", "unknown", "unassigned", "anonymous", "anon", "na", "empty", "blank",
		"nonetype", "objectobject", "placeholder", "dummy", "example":
		return true
	case "leeg", "geen", "geennummer", "geenklantnummer", "onbekend", "nietbekend", "nogonbekend", "nogniet", "nognietbekend", "nvt",
		"niet", "nietvantoepassing", "nogtebepalen", "ntb", "nnb", "nagaan", "navragen", "opvragen", "volgt", "anoniem", "voorbeeld":
		return true
	case "leer", "kein", "keine", "keiner", "keinenummer", "ohne", "unbekannt", "nichtbekannt", "nichtvorhanden", "nichtverfügbar",
		"entfällt", "fehlt", "folgt", "offen", "kundennummer", "keinekundennummer", "anonym", "beispiel":
		return true
	case "vide", "aucun", "aucune", "inconnu", "inconnue", "nonrenseigné", "nonrenseigne", "nonconnu", "nondisponible", "sansobjet",
		"àdéfinir", "adefinir", "àcompléter", "acompleter", "manquant", "anonyme", "exemple":
		return true
	case "vacío", "vacio", "ninguno", "ninguna", "desconocido", "desconocida", "sinnúmero", "sinnumero", "sindatos", "pordefinir",
		"pendiente", "nodisponible", "noaplica", "enblanco", "anónimo", "anonimo":
		return true
	case "vuoto", "nessuno", "nessuna", "sconosciuto", "sconosciuta", "nondefinito", "nondisponibile", "nonapplicabile",
		"dadefinire", "mancante", "vazio", "nenhum", "desconhecido", "adefinirse":
		return true
	case "brak", "puste", "nieznany", "nieznane", "niedotyczy", "ingen", "ukendt", "okänd", "saknas", "mangler":
		return true
	case "customerno", "customernumber", "klantnummer", "customerid", "clientnumber":
		return true
	}
	return len(plain) >= 3 && strings.Trim(plain, "x") == ""
}
