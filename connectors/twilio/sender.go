package twilio

import (
	"net/url"
	"regexp"
	"strings"

	"loket/internal/message"
)

// The channels, as customers call them.
const (
	channelSMS      = "sms"
	channelWhatsApp = "whatsapp"
	channelPhone    = "phone"
)

const whatsAppPrefix = "whatsapp:"

var otherChannel = regexp.MustCompile(`^([a-z]{2,20}):(.+)$`)

// A sender is who wrote or called, as far as Twilio tells.
type sender struct {
	channel string
	address string // as it stands in From, without its prefix
	ids     []message.Identifier
	machine bool // a name or a service code sent it, which nobody can answer
	// also are other addresses of the same person, by which his conversation is found again.
	also []string
}

// sent reads who wrote a message. What the network says of a sender is attested unless the settings doubt it; what
// WhatsApp says of an account of its own always is.
func (t *Twilio) sent(params url.Values) sender {
	from := params.Get("From")
	if rest, ok := strings.CutPrefix(from, whatsAppPrefix); ok {
		return t.onWhatsApp(rest, params)
	}
	s := sender{channel: channelSMS, address: from}
	if m := otherChannel.FindStringSubmatch(from); m != nil { // rcs:, messenger: and what may come
		s.channel, s.address = m[1], m[2]
	}
	level := message.Attested
	if t.cfg.SMSSender == senderUnsure {
		level = message.Claimed
	}
	if id, err := message.Phone(s.address, "", level); err == nil && !id.Blocked() {
		s.ids = []message.Identifier{id}
	} else {
		s.machine = true
	}
	return s
}

// onWhatsApp reads the ids that WhatsApp gives of one account in one message: the phone's, the one within the
// portfolio, its parent's, and the name. Any may be missing, the phone's too.
func (t *Twilio) onWhatsApp(from string, params url.Values) sender {
	s := sender{channel: channelWhatsApp, address: from}
	add := func(id message.Identifier, err error) bool {
		if err != nil || id.Blocked() {
			return false
		}
		for _, have := range s.ids {
			if have.Kind == id.Kind && have.Value == id.Value {
				return false
			}
		}
		s.ids = append(s.ids, id)
		return true
	}
	for _, wa := range []string{from, params.Get("WaId")} {
		id, err := message.WhatsApp(wa, message.Attested)
		if add(id, err) {
			s.also = append(s.also, id.Value)
			if number, ok := phoneOf(id.Value); ok {
				add(message.Phone(number, "", message.Attested))
			}
		}
	}
	for _, raw := range []string{from, params.Get("ExternalUserId"), params.Get("ParentExternalUserId")} {
		id, err := message.NewIdentifier("bsuid", t.cfg.portfolio(), strings.TrimPrefix(raw, whatsAppPrefix), message.Attested)
		if add(id, err) {
			s.also = append(s.also, id.Value)
		}
	}
	if name := params.Get("ProfileUsername"); name != "" {
		add(message.NewIdentifier("wa.user", "", name, message.Attested))
	}
	return s
}

// phoneOf is the telephone number of a WhatsApp id where there is no doubt about it. Brazilian ids may lack the ninth
// digit of mobile numbers, which begin with 6 to 9; Mexican ones have a 1 that the number has no longer.
func phoneOf(wa string) (string, bool) {
	switch {
	case strings.HasPrefix(wa, "55") && len(wa) == 12 && wa[4] >= '6':
		return "+" + wa[:4] + "9" + wa[4:], true
	case strings.HasPrefix(wa, "521") && len(wa) == 13:
		return "+52" + wa[3:], true
	}
	return "+" + wa, true
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
	id, err := message.Phone(s.address, "", level)
	if err != nil || id.Blocked() {
		s.address, s.machine = "", true
		return s, append(marks, MarkWithheld)
	}
	s.ids = []message.Identifier{id}
	return s, marks
}

// pairs are the keys of the conversation between one of our numbers and the sender, one for each of his addresses.
func (t *Twilio) pairs(s sender, ours string) []string {
	if s.address == "" {
		return nil
	}
	var keys []string
	for _, theirs := range append([]string{s.address}, s.also...) {
		key := t.pair(s.channel, ours, theirs)
		if len(keys) == 0 || keys[0] != key {
			keys = append(keys, key)
		}
	}
	return keys
}

const pairPrefix = "pair:"

// pair is the key of what goes between two addresses. It can't be read back.
func (t *Twilio) pair(channel, ours, theirs string) string {
	plain := func(s string) string { return strings.TrimPrefix(strings.TrimPrefix(s, whatsAppPrefix), "+") }
	return pairPrefix + message.NewID([]byte("twilio pair"), []byte(t.cfg.AccountSID), []byte(channel), []byte(plain(ours)), []byte(plain(theirs)))
}

// ours is the identifier of our number.
func ours(channel, to string) []message.Identifier {
	number := strings.TrimPrefix(to, whatsAppPrefix)
	id, err := message.Phone(number, "", message.Mentioned)
	if channel == channelWhatsApp {
		id, err = message.WhatsApp(number, message.Mentioned)
	}
	if err != nil {
		return nil
	}
	return []message.Identifier{id}
}
