package message

import "strings"

// NetworkPhones are the identifiers of a telephone number as a network shows it: as it is written there, and as it is written
// now where that differs. None when it is no number, or nobody's.
func NetworkPhones(shown string, level Level) []Identifier {
	id, err := ShownPhone(shown, "", level)
	if err != nil || id.Blocked() {
		return nil
	}
	ids := []Identifier{id}
	if number, ok := PhoneOfWhatsApp(strings.TrimPrefix(id.Value, "+")); ok && number != id.Value {
		if now, err := Phone(number, "", level); err == nil {
			ids = append(ids, now)
		}
	}
	return ids
}

// Caller are the identifiers of who calls, as a network shows them: a number, or an address of SIP, at which they may be called
// back, and the number that is its name. What a telephone shows by SIP is a claim.
func Caller(shown string, level Level) []Identifier {
	address, ok := cutSIP(shown)
	if !ok {
		return NetworkPhones(shown, level)
	}
	var ids []Identifier
	if id, err := NewIdentifier("sip", "", address, Claimed); err == nil {
		ids = []Identifier{id}
	}
	user, _, _ := strings.Cut(address, "@")
	return append(ids, NetworkPhones(user, Claimed)...)
}

// PhoneOfWhatsApp is the telephone number of a WhatsApp id where there is no doubt about it. Brazilian ids may lack the ninth
// digit of mobile numbers, which begin with 6 to 9; Mexican ones have a 1 that the number has no longer.
func PhoneOfWhatsApp(wa string) (string, bool) {
	switch {
	case strings.Trim(wa, "0123456789") != "":
		return "", false
	case strings.HasPrefix(wa, "55") && len(wa) == 12 && wa[4] >= '6':
		return "+" + wa[:4] + "9" + wa[4:], true
	case strings.HasPrefix(wa, "521") && len(wa) == 13:
		return "+52" + wa[3:], true
	}
	return "+" + wa, true
}

// Withheld tells whether a network, or the vendor behind it, says that who calls or writes does not want to be known.
func Withheld(from string) bool {
	if rest, ok := cutSIP(from); ok {
		id, err := NewIdentifier("sip", "", rest, Claimed)
		return err == nil && id.Blocked()
	}
	switch word := strings.ToLower(strings.Trim(from, "+ ")); word {
	case "private", "blocked":
		return true
	default:
		return Identifier{Kind: "phone", Value: word}.Blocked()
	}
}

func cutSIP(from string) (string, bool) {
	for _, scheme := range []string{"sip:", "sips:"} {
		if len(from) > len(scheme) && strings.EqualFold(from[:len(scheme)], scheme) {
			return from[len(scheme):], true
		}
	}
	return "", false
}
