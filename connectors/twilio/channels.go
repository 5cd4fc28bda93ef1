package twilio

import (
	"cmp"
	"slices"

	"loket/connectors"
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

// A carried channel is one of Twilio's that answers go out on.
type carried struct {
	prefix string   // of addresses on it
	pairs  string   // the channel whose conversations its are
	kinds  []string // of the identifiers that are written to; the first goes before
	// check says why an answer would be refused.
	check func(t *Twilio, o *outgoing, m *message.Message) error
}

// carriedAs gives what is to be known of a channel. One without kinds carries no answers.
func carriedAs(channel string) carried {
	switch channel {
	case channelSMS, channelPhone: // who called gets an SMS
		return carried{"", channelSMS, []string{"phone"}, (*Twilio).checkSMS}
	case channelWhatsApp:
		return carried{whatsAppPrefix, channel, []string{"wa", "bsuid"}, (*Twilio).checkWhatsApp}
	case channelRCS:
		return carried{rcsPrefix, channel, []string{"phone"}, (*Twilio).checkRCS}
	case channelMessenger:
		return carried{messengerPrefix, channel, []string{"psid"}, (*Twilio).checkMessenger}
	}
	return carried{}
}

// from is where an answer leaves from: the address of ours that the customer wrote to, else the one that is configured, as
// several may lead here. "" when it is not known.
func (t *Twilio) from(m *message.Message, to message.Identifier) string {
	wroteTo := func(kind string) string {
		i := slices.IndexFunc(m.From, func(id message.Identifier) bool { return id.Kind == kind })
		if i < 0 {
			return ""
		}
		return m.From[i].Value
	}
	switch m.Channel {
	case channelMessenger:
		return to.Scope
	case channelRCS:
		return wroteTo("rcs")
	case channelWhatsApp:
		if number := wroteTo("wa"); number != "" {
			return "+" + number
		}
		return t.cfg.WhatsApp
	}
	return cmp.Or(wroteTo("phone"), t.cfg.Number)
}

// recipients are the identifiers of m that can be written to on its channel.
func (t *Twilio) recipients(m *message.Message) (to []message.Identifier) {
	for _, kind := range carriedAs(m.Channel).kinds {
		for _, id := range m.To {
			if id.Kind == kind && (kind != "bsuid" || id.Scope == t.cfg.portfolio()) {
				to = append(to, id)
			}
		}
	}
	return to
}

// address finds where an answer goes, and where it leaves from. The address is the one that the customer wrote from, as it was
// received.
func (t *Twilio) address(o *outgoing, m *message.Message) error {
	if err := t.cannotAnswer(m.Channel); err != nil {
		return err
	}
	to := t.recipients(m)
	if len(to) == 0 {
		return connectors.Refuse("there is no number to answer to: the sender is a machine or hides it")
	}
	c := carriedAs(m.Channel)
	from := t.from(m, to[0])
	if from == "" {
		return connectors.Refuse("it is not known which %s sender of ours was written to", m.Channel)
	}
	o.sms, o.from, o.to = c.pairs == channelSMS, c.prefix+from, c.prefix+to[0].Value
	if to[0].Kind == "wa" { // which has no plus
		o.to = c.prefix + "+" + to[0].Value
	}
	o.pair = t.pair(c.pairs, o.from, o.to)
	return nil
}

// cannotAnswer says why nothing goes out on a channel.
func (t *Twilio) cannotAnswer(channel string) error {
	switch c := carriedAs(channel); {
	case len(c.kinds) == 0:
		return connectors.Refuse("%s: %q; answer by another way, such as --via preferred", MarkNoAnswer, channel)
	case channel == channelPhone && !t.cfg.TextCallers:
		return connectors.Refuse("a call is answered by calling back: close the task with an outcome")
	case c.pairs == channelSMS && t.cfg.Number == "":
		return connectors.Refuse("this connector has no number for SMS")
	case channel == channelWhatsApp && t.cfg.WhatsApp == "":
		return connectors.Refuse("this connector has no number for WhatsApp")
	}
	return nil
}

// Reaches gives the channel on which a message of ours to the address would go.
func (t *Twilio) Reaches(to message.Identifier) string {
	for _, channel := range []string{channelSMS, channelWhatsApp} {
		m := &message.Message{Channel: channel, To: []message.Identifier{to}}
		if t.cannotAnswer(channel) == nil && len(t.recipients(m)) > 0 {
			return channel
		}
	}
	return ""
}

// References are the pairs of our number and each address of the customer: what comes from there answers the thread that
// was last written from.
func (t *Twilio) References(m *message.Message) []string {
	var o outgoing
	if t.address(&o, m) != nil {
		return nil
	}
	var theirs []string
	for _, id := range t.recipients(m) {
		theirs = append(theirs, id.Value)
	}
	return t.pairsWith(carriedAs(m.Channel).pairs, o.from, theirs...)
}
