package twilio

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"loket/internal/message"
)

// The channels, as customers call them.
const (
	channelSMS       = "sms"
	channelWhatsApp  = "whatsapp"
	channelRCS       = "rcs"
	channelMessenger = "messenger"
	channelPhone     = "phone"
)

const (
	whatsAppPrefix  = "whatsapp:"
	rcsPrefix       = "rcs:"
	messengerPrefix = "messenger:"
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
	s.ids = numbers(from, level)
	s.machine = len(s.ids) == 0 && (isService(from) || isHidden(from))
	return s
}

// onOther reads the address of a channel that Twilio carries beside SMS and WhatsApp. People there are people, whatever
// their addresses look like.
func onOther(channel, address, to string) sender {
	s := sender{channel: channel, address: address, ids: numbers(address, message.Attested)}
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

// numbers are the identifiers of a telephone number as a network shows it: as it is written there, and as it is written
// now where that differs. None when it is no number, or nobody's.
func numbers(shown string, level message.Level) []message.Identifier {
	id, err := message.ShownPhone(shown, "", level)
	if err != nil || id.Blocked() {
		return nil
	}
	ids := []message.Identifier{id}
	if number, ok := phoneOf(strings.TrimPrefix(id.Value, "+")); ok && number != id.Value {
		if now, err := message.Phone(number, "", level); err == nil {
			ids = append(ids, now)
		}
	}
	return ids
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
				add(message.ShownPhone(number, "", message.Attested))
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
	case strings.Trim(wa, "0123456789") != "":
		return "", false
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
	if isHidden(s.address) {
		s.address = ""
		return s, append(marks, MarkWithheld)
	}
	if rest, ok := cutSIP(s.address); ok {
		return onSIP(s, rest), marks
	}
	s.ids = numbers(s.address, level)
	return s, marks
}

// isHidden tells whether a network, or Twilio, says that the caller does not want to be known.
func isHidden(from string) bool {
	if rest, ok := cutSIP(from); ok {
		id, err := message.NewIdentifier("sip", "", rest, message.Claimed)
		return err == nil && id.Blocked()
	}
	switch word := strings.ToLower(strings.Trim(from, "+ ")); word {
	case "private", "blocked":
		return true
	default:
		return message.Identifier{Kind: "phone", Value: word}.Blocked()
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

// onSIP reads a caller by SIP, who may be called back there, and at the number if that is their name.
func onSIP(s sender, address string) sender {
	if id, err := message.NewIdentifier("sip", "", address, message.Claimed); err == nil {
		s.ids = []message.Identifier{id}
	}
	user, _, _ := strings.Cut(address, "@")
	s.ids = append(s.ids, numbers(user, message.Claimed)...)
	return s
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
	for _, address := range theirs {
		add(address)
		if now, ok := phoneOf(bare(address)); ok {
			add(now)
		}
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
	id, err := message.ShownPhone(strings.TrimPrefix(to, whatsAppPrefix), "", message.Mentioned)
	switch channel {
	case channelWhatsApp:
		id, err = message.WhatsApp(strings.TrimPrefix(to, whatsAppPrefix), message.Mentioned)
	case channelRCS:
		id, err = message.NewIdentifier("rcs", "", strings.TrimPrefix(to, rcsPrefix), message.Mentioned)
	}
	if err != nil {
		return nil
	}
	return []message.Identifier{id}
}
