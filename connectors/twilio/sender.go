package twilio

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"loket/internal/message"
)

var otherChannel = regexp.MustCompile(`^([a-z]{2,20}):(.+)$`)

// A sender is who wrote or called, as far as Twilio tells.
type sender struct {
	channel string
	address string // as it stands in From, without its prefix
	ids     []message.Identifier
	machine bool // a name or a service code sent it, which nobody can answer
	// also are other addresses of the same person, by which their conversation is found again.
	also []string
}

// sent reads who wrote a message. What the network says of a sender is attested unless the settings doubt it; what
// WhatsApp says of an account of its own always is.
func (t *Twilio) sent(params url.Values) sender {
	from := params.Get("From")
	if rest, ok := strings.CutPrefix(from, whatsAppPrefix); ok {
		return t.onWhatsApp(rest, params)
	}
	if m := otherChannel.FindStringSubmatch(from); m != nil { // rcs:, messenger: and what may come
		return onOther(m[1], m[2], params.Get("To"))
	}
	s := sender{channel: channelSMS, address: from}
	level := message.Attested
	if t.cfg.SMSSender == senderUnsure {
		level = message.Claimed
	}
	s.ids = message.NetworkPhones(from, level)
	s.machine = len(s.ids) == 0 && (isService(from) || message.Withheld(from))
	return s
}

// onOther reads the address of a channel that Twilio carries beside SMS and WhatsApp. People there are people, whatever
// their addresses look like.
func onOther(channel, address, to string) sender {
	s := sender{channel: channel, address: address, ids: message.NetworkPhones(address, message.Attested)}
	if channel == channelMessenger {
		s.ids = nil
		if id, err := message.NewIdentifier("psid", strings.TrimPrefix(to, messengerPrefix), address, message.Attested); err == nil {
			s.ids = []message.Identifier{id}
		}
	}
	return s
}

// isService tells whether an SMS came from a name or a service code, which nobody can answer.
func isService(from string) bool {
	return len(from) <= 6 || strings.Trim(from, "+0123456789") != ""
}

// onWhatsApp reads the ids that WhatsApp gives of one account in one message.
func (t *Twilio) onWhatsApp(from string, params url.Values) sender {
	account := message.WhatsAppAccount{
		Phones: []string{from, params.Get("WaId")}, Portfolio: t.cfg.portfolio(), Username: params.Get("ProfileUsername"),
	}
	for _, raw := range []string{from, params.Get("ExternalUserId"), params.Get("ParentExternalUserId")} {
		account.UserIDs = append(account.UserIDs, strings.TrimPrefix(raw, whatsAppPrefix))
	}
	ids := account.Identifiers()
	return sender{channel: channelWhatsApp, address: from, ids: ids, also: message.WhatsAppAddresses(ids)}
}

// called reads who called. What a telephone shows anybody can make it show, unless the networks signed it in full.
func (t *Twilio) called(params url.Values) (s sender, marks []string) {
	s = sender{channel: channelPhone, address: params.Get("From")}
	verdict := params.Get("StirVerstat")
	level := message.Claimed
	if verdict == "TN-Validation-Passed-A" {
		level = message.Attested
	}
	if strings.HasPrefix(verdict, "TN-Validation-Failed") {
		marks = append(marks, MarkCallerForged)
	}
	if message.Withheld(s.address) {
		s.address = ""
		return s, append(marks, MarkWithheld)
	}
	s.ids = message.Caller(s.address, level)
	return s, marks
}

// pairs are the keys of the conversation between one of our numbers and the sender, one for each of their addresses.
func (t *Twilio) pairs(s sender, ours string) []string {
	if s.address == "" {
		return nil
	}
	return t.pairsWith(s.channel, ours, append([]string{s.address}, s.also...)...)
}

// pairsWith are the keys of the conversation with somebody who has these addresses. One number in two spellings, as it is and
// as it was, is one conversation.
func (t *Twilio) pairsWith(channel, ours string, theirs ...string) (keys []string) {
	add := func(address string) {
		if key := t.pair(channel, ours, address); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	var bares []string
	for _, address := range theirs {
		add(address)
		bares = append(bares, bare(address))
		if now, ok := message.PhoneOfWhatsApp(bare(address)); ok {
			add(now)
		}
	}
	if channel == channelWhatsApp {
		keys = append(keys, message.WhatsAppConversations(bare(ours), bares...)...)
	}
	return keys
}

// bare is an address without its channel and its plus.
func bare(address string) string {
	if m := otherChannel.FindStringSubmatch(address); m != nil {
		address = m[2]
	}
	return strings.TrimPrefix(address, "+")
}

const pairPrefix = "pair:"

// pair is the key of what goes between two addresses. It can't be read back.
func (t *Twilio) pair(channel, ours, theirs string) string {
	return pairPrefix + message.NewID([]byte("twilio pair"), []byte(t.cfg.AccountSID), []byte(channel), []byte(bare(ours)), []byte(bare(theirs)))
}

// ours is the identifier of our number, or of our agent on RCS.
func ours(channel, to string) []message.Identifier {
	kind, address := "phone", strings.TrimPrefix(to, whatsAppPrefix)
	switch channel {
	case channelWhatsApp:
		kind = "wa"
	case channelRCS:
		kind, address = "rcs", strings.TrimPrefix(to, rcsPrefix)
	}
	id, err := message.NewIdentifier(kind, "", address, message.Mentioned)
	if err != nil {
		return nil
	}
	return []message.Identifier{id}
}
