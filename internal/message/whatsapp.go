package message

import "slices"

// A WhatsAppAccount is what a provider tells of one account on WhatsApp with one message. Any of it may be missing, the
// telephone's id too. The identity is the same whichever provider tells it.
type WhatsAppAccount struct {
	Phones    []string // ids of the telephone, with or without a plus
	Portfolio string   // of the business, within which UserIDs are valid
	UserIDs   []string // the account's own id there, and its parent's
	Username  string
}

// Identifiers are those of the account, attested, as WhatsApp itself says so: the telephone's, its number, the ids, the name.
// What is none is left out.
func (a WhatsAppAccount) Identifiers() (ids []Identifier) {
	add := func(id Identifier, err error) bool {
		known := func(have Identifier) bool { return have.Kind == id.Kind && have.Value == id.Value }
		if err != nil || id.Blocked() || slices.ContainsFunc(ids, known) {
			return false
		}
		ids = append(ids, id)
		return true
	}
	for _, phone := range a.Phones {
		id, err := WhatsApp(phone, Attested)
		if !add(id, err) {
			continue
		}
		if number, ok := PhoneOfWhatsApp(id.Value); ok {
			add(ShownPhone(number, "", Attested))
		}
	}
	for _, raw := range a.UserIDs {
		add(NewIdentifier("bsuid", a.Portfolio, raw, Attested))
	}
	if a.Username != "" {
		add(NewIdentifier("wa.user", "", a.Username, Attested))
	}
	return ids
}

// WhatsAppAddresses are those of identifiers that can be written to on WhatsApp.
func WhatsAppAddresses(ids []Identifier) (addresses []string) {
	for _, id := range ids {
		if id.Kind == "wa" || id.Kind == "bsuid" {
			addresses = append(addresses, id.Value)
		}
	}
	return addresses
}

// WhatsAppConversations are keys of the conversation between a number of ours and whoever has these addresses on WhatsApp, one for
// each: the same whichever provider carries it, so that it goes on when the number moves to another. One number in two spellings,
// as it is and as it was, is one conversation. They can't be read back. ours has no plus.
func WhatsAppConversations(ours string, theirs ...string) (keys []string) {
	add := func(address string) {
		if key := "whatsapp:" + NewID([]byte("whatsapp conversation"), []byte(ours), []byte(address)); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, address := range theirs {
		add(address)
		if now, ok := PhoneOfWhatsApp(address); ok {
			add(now[1:])
		}
	}
	return keys
}
