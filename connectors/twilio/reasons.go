package twilio

import "fmt"

// A reason is what an error code means for whoever answers.
type reason struct {
	text string
	// passes tells that the same message may be taken later.
	passes bool
}

// reasons are the codes that occur in answering (https://www.twilio.com/docs/api/errors).
func reasons() map[int]reason {
	const settings = ": the settings of the connector or the account must change"
	return map[int]reason{
		20003: {"Twilio does not take our password" + settings, true},
		20404: {"Twilio knows no such account" + settings, true},
		20429: {"we send faster than Twilio takes it", true},
		20500: {"Twilio has trouble of its own", true},
		21211: {"the number of the customer is none", false},
		21212: {"our own number is none" + settings, false},
		21217: {"the number of the customer is none", false},
		21219: {"a trial account writes only to numbers that are verified at Twilio", false},
		21401: {"the number of the customer is none", false},
		21408: {"the account may not send to that country: it can be permitted at Twilio", false},
		21421: {"our own number is none" + settings, false},
		21602: {"a message without text", false},
		21603: {"no number to send from" + settings, false},
		21604: {"no number to send to", false},
		21606: {"our number can't send this to that number", false},
		21608: {"a trial account writes only to numbers that are verified at Twilio", false},
		21609: {"Twilio can't reach our public URL" + settings, false},
		21610: {"the customer wants no more SMS (STOP); he can begin again by sending START", false},
		21611: {"too many messages wait at Twilio for this number", true},
		21612: {"from our number none can be sent to that one", false},
		21614: {"that number can't get SMS: it is not a mobile one", false},
		21617: {"the text is too long: 1,600 characters at most", false},
		21620: {"Twilio takes no such file", false},
		21623: {"there are too many files: ten at most", false},
		21635: {"that number can't get SMS: it is a land line", false},
		21654: {"the template is not there" + settings, false},
		21655: {"the template is not there" + settings, false},
		21656: {"what was filled in does not fit the template", false},
		21703: {"the messaging service has no number" + settings, false},
		30001: {"too many messages wait at Twilio", true},
		30002: {"the account is suspended", false},
		30003: {"the telephone can't be reached: switched off or out of range", false},
		30004: {"the customer or his network blocks our messages", false},
		30005: {"the number is not in use, or its network does not know it", false},
		30006: {"that number can't get SMS: it is a land line, or its network takes none", false},
		30007: {"a network filtered the message as unwanted", false},
		30008: {"the network did not say why it was not delivered", false},
		30009: {"a part of the message was lost on its way", false},
		30010: {"the message costs more than it may", false},
		30011: {"the network takes no files", false},
		30019: {"the file is too large for the network", false},
		30022: {"we send more than the networks allow our number", true},
		30023: {"we sent as much as the networks allow in a day", false},
		30024: {"the sender is not permitted there" + settings, false},
		30034: {"our number is not registered for that country's networks" + settings, false},
		30036: {"the message was not delivered in time", false},
		30044: {"a trial account can't send messages as long as this one", false},
		30410: {"the network did not answer in time", true},
		30450: {"the customer's network allows no more messages to him now", true},
		30454: {"the account sends more than it may", true},
		30500: {"Twilio has trouble of its own", true},
		63001: {"the channel does not take our password" + settings, false},
		63003: {"the customer has no WhatsApp with this number", false},
		63005: {"WhatsApp does not take what the message holds", false},
		63007: {"our number is not on WhatsApp" + settings, false},
		63013: {"WhatsApp refused it for its rules", false},
		63015: {"the customer must join the WhatsApp sandbox first", false},
		63016: {"the customer wrote more than 24 hours ago: WhatsApp takes only a template now", false},
		63018: {"we send faster than WhatsApp takes it", true},
		63019: {"WhatsApp could not fetch the file", false},
		63020: {"WhatsApp does not know our business" + settings, false},
		63021: {"WhatsApp takes no such content", false},
		63022: {"the vCard is none", false},
		63024: {"the customer has no WhatsApp with this number", false},
		63025: {"the file is there twice", false},
		63026: {"what was filled in does not fit the template", false},
		63027: {"the template is not there in this language" + settings, false},
		63028: {"what was filled in does not fit the template", false},
		63030: {"the text is too long for WhatsApp", false},
		63031: {"our own number is that of the customer", false},
		63032: {"WhatsApp does not deliver this to the customer now: he gets too many such messages", false},
		63033: {"the customer blocked us on WhatsApp", false},
		63036: {"the customer can't be reached on this channel", false},
		63038: {"we sent as much as WhatsApp allows in a day", false},
		63040: {"WhatsApp has refused the template", false},
		63041: {"WhatsApp has paused the template", false},
		63042: {"WhatsApp has switched the template off", false},
		63049: {"WhatsApp chose not to deliver this advertisement", false},
	}
}

// reasonOf is what a code means, with the code for whoever looks it up.
func reasonOf(code int) string {
	if r, ok := reasons()[code]; ok {
		return fmt.Sprintf("%s (Twilio %d)", r.text, code)
	}
	return fmt.Sprintf("Twilio refused it with error %d", code)
}

func passes(code int) bool { return reasons()[code].passes }
