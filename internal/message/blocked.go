package message

import "strings"

// Blocked tells whether the value says nothing about anybody: all zeros, null, anonymous, the number a
// network sends for a withheld one. Such an identifier must never bind, find or create anything.
func (i Identifier) Blocked() bool {
	value := lowerASCII(i.Value)
	switch i.Kind {
	case "phone", "wa":
		return isWithheld(strings.TrimPrefix(value, "+"))
	case "email":
		local, domain := splitEmail(value)
		return isNobodysMailbox(local) || domain == "invalid" || strings.HasSuffix(domain, ".invalid")
	}
	return isNobody(value)
}

// Role tells whether the address is that of a function, a list or a machine and not of one person:
// info@, sales@, no-reply@. It may stand for an organisation, never for somebody in particular.
func (i Identifier) Role() bool {
	if i.Kind != "email" {
		return false
	}
	local, _ := splitEmail(lowerASCII(i.Value))
	local, _, _ = strings.Cut(local, "+")
	for _, end := range []string{"-request", "-owner", "-bounces", "-bounce", "-subscribe", "-unsubscribe"} {
		if strings.HasSuffix(local, end) {
			return true
		}
	}
	plain := strings.NewReplacer("-", "", "_", "", ".", "").Replace(local)
	if len(plain) <= 4 {
		plain = local // h.r is somebody's initials
	}
	for _, start := range []string{"noreply", "donotreply", "nietbeantwoorden", "mailerdaemon"} {
		if strings.HasPrefix(plain, start) {
			return true
		}
	}
	return isFunction(plain)
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
	case "null", "undefined", "unknown", "anonymous", "anoniem", "onbekend", "nobody":
		return true
	}
	return strings.Trim(local, "0-.") == ""
}

// isWithheld knows the numbers that networks and providers send when the caller withholds his:
// zeros, and the words restricted, anonymous, unknown, unavailable and blocked spelt on the keys.
func isWithheld(number string) bool {
	switch number {
	case "7378742833", "266696687", "8656696", "86282452253", "2562533":
		return true
	}
	return isNobody(number)
}

// isFunction has the names of RFC 2142 and those that offices use, without - _ and dots.
func isFunction(local string) bool {
	switch local {
	case "info", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster", "hostmaster",
		"usenet", "news", "webmaster", "www", "uucp", "ftp", "list", "lists", "listserv", "majordomo":
		return true
	case "admin", "administrator", "administration", "administratie", "root", "sysadmin", "daemon", "system", "systeem",
		"bounce", "bounces", "notification", "notifications", "notify", "alert", "alerts", "newsletter", "nieuwsbrief",
		"mailing", "mail", "email", "post", "postbus", "inbox", "autoreply", "automail":
		return true
	case "contact", "hello", "hallo", "hi", "welcome", "welkom", "office", "kantoor", "team", "reception", "receptie",
		"balie", "secretariaat", "secretary", "bureau", "help", "helpdesk", "service", "services", "servicedesk",
		"customerservice", "customercare", "klantenservice", "klantcontact", "feedback", "enquiries", "inquiries", "questions", "vragen":
		return true
	case "billing", "invoice", "invoices", "factuur", "facturen", "facturatie", "finance", "financien", "accounts",
		"accounting", "accountspayable", "payments", "betalingen", "boekhouding", "debiteuren", "crediteuren", "inkoop", "purchasing",
		"procurement", "verkoop", "order", "orders", "bestelling", "bestellingen", "returns", "retour", "retouren", "shop", "webshop", "store", "winkel":
		return true
	case "hr", "jobs", "careers", "vacatures", "personeelszaken", "recruitment", "press", "pers", "media", "legal", "juridisch",
		"privacy", "avg", "gdpr", "dpo", "compliance", "it", "ict", "dev", "development", "hosting", "dns", "ssladmin", "everyone", "all", "staff":
		return true
	}
	return false
}
