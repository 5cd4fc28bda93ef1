package message

import "strings"

// Blocked tells whether the value says nothing about anybody: all zeros, null, anonymous, the number a
// network sends for a withheld one. Such an identifier must never bind, find or create anything.
func (i Identifier) Blocked() bool {
	value := lowerASCII(i.Value)
	switch i.Kind {
	case "phone", "wa":
		return isWithheld(strings.TrimPrefix(value, "+"))
	case "sip":
		user, host, _ := strings.Cut(value, "@")
		return isWithheld(strings.TrimPrefix(user, "+")) || host == "invalid" || strings.HasSuffix(host, ".invalid")
	case "email":
		local, domain := splitEmail(value)
		return isNobodysMailbox(local) || domain == "invalid" || strings.HasSuffix(domain, ".invalid")
	case "cno", "crm", "sub": // others have handles of their own choice
		return isNobody(value) || SaysNothing(value) || isPlaceholder(value)
	}
	return isNobody(value)
}

func splitEmail(value string) (local, domain string) {
	at := strings.LastIndexByte(value, '@')
	if at < 0 {
		return "", ""
	}
	local = value[:at]
	if len(local) > 2 && local[0] == '"' && local[len(local)-1] == '"' {
		local = local[1 : len(local)-1]
	}
	return local, value[at+1:]
}

// isNobody knows what programs write where they have nothing to write.
func isNobody(value string) bool {
	if strings.Trim(value, "0-. ") == "" {
		return true
	}
	switch value {
	case "-1", "null", "nil", "none", "nan", "undefined", "unknown", "anonymous", "anon", "anoniem", "onbekend",
		"nobody", "withheld", "unavailable", "restricted", "n/a", "n.a.", "na", "nvt", "n.v.t.", "geen",
		"empty", "blank", "(null)", "<null>", "[object object]", "true", "false":
		return true
	}
	return false
}

// isNobodysMailbox is narrower than isNobody: there are people called Nil and Nan.
func isNobodysMailbox(local string) bool {
	switch local {
	case "null", "undefined", "unknown", "anonymous", "anoniem", "onbekend", "nobody",
		"noemail", "nomail", "geenemail", "geenmail", "keinemail", "unbekannt", "inconnu", "desconocido", "sconosciuto":
		return true
	}
	return strings.Trim(local, "0-.") == ""
}

// isWithheld knows the numbers that networks and providers send when the caller withholds theirs:
// zeros, and the words restricted, anonymous, unknown, unavailable and blocked spelt on the keys.
func isWithheld(number string) bool {
	switch number {
	case "7378742833", "266696687", "8656696", "86282452253", "2562533":
		return true
	}
	zeros := len(number) > 7 && len(strings.TrimRight(number, "0")) <= 2 // a country, and nobody in it
	return isNobody(number) || zeros
}
