package twilio

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/internal/message"
)

// Warnings for the agent.
const (
	MarkLate         = "a file is still on its way"
	MarkMissing      = "a file could not be fetched"
	MarkDisguised    = "a file is not what it says it is"
	MarkForwarded    = "forwarded"
	MarkStop         = "wants no more messages (STOP)"
	MarkStart        = "wants messages again (START)"
	MarkUnreacted    = "took a reaction back"
	MarkWithheld     = "the caller hides the number"
	MarkCallerForged = "the number of the caller is not theirs"
	MarkNoAnswer     = "nothing can be sent on this channel"
	MarkBelated      = "found later at Twilio: names and buttons are not kept there"
)

const (
	maxMedia    = 20
	maxBody     = 64 << 10
	maxNameSize = 200
)

// incoming makes the message of what a customer wrote, and tells which files come with it. at is when it came.
func (t *Twilio) incoming(params url.Values, at time.Time) (*message.Message, []fetch.File, error) {
	sid := messageSID(params)
	if !isSID(sid, "SM", "MM") {
		return nil, nil, hook.Missing("MessageSid")
	}
	if params.Get("From") == "" {
		return nil, nil, hook.Missing("From")
	}
	s := t.sent(params)
	to := params.Get("To")
	m := &message.Message{
		ID: t.id(sid), Connector: t.env.Name, Channel: s.channel, Own: sid, From: s.ids, To: ours(s.channel, to),
		Name: message.Head(message.CleanLine(params.Get("ProfileName")), maxNameSize), Text: textOf(params), Received: at, Sent: at,
		References: t.pairs(s, to),
	}
	if s.machine {
		m.Automatic = message.Notice
		m.Name = message.Head(message.CleanLine(s.address), maxNameSize)
	} else if len(s.ids) == 0 && m.Name == "" {
		m.Name = message.Head(message.CleanLine(params.Get("From")), maxNameSize) // as it is shown, for somebody to answer
	}
	if replied := params.Get("OriginalRepliedMessageSid"); isSID(replied, "SM", "MM") {
		m.References = append([]string{replied}, m.References...) // what they point at says more than who they are
	}
	m.Marks = marks(params)
	if len(carriedAs(s.channel).kinds) == 0 {
		m.Marks = append(m.Marks, MarkNoAnswer)
	}
	files := t.filesOf(m, params)
	if m.Text == "" && len(files) == 0 && params.Get("ReferralHeadline") == "" {
		m.Text = "(empty message)"
	}
	noteReaction(m, params)
	return m, files, nil
}

// id is the one of whatever has that SID, whoever tells of it.
func (t *Twilio) id(sid string, more ...string) string {
	parts := [][]byte{[]byte("twilio"), []byte(t.cfg.AccountSID), []byte(sid)}
	for _, p := range more {
		parts = append(parts, []byte(p))
	}
	return message.NewID(parts...)
}

func messageSID(params url.Values) string {
	return firstOf(params, "MessageSid", "SmsMessageSid", "SmsSid")
}

// firstOf is the first of some parameters that says something.
func firstOf(params url.Values, names ...string) string {
	for _, name := range names {
		if v := params.Get(name); strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}

// isSID tells whether s is an id of one of these kinds: two letters and 32 of hexadecimal, in practice.
func isSID(s string, kinds ...string) bool {
	if len(s) < 3 || len(s) > 64 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return false
	}
	for _, k := range kinds {
		if strings.HasPrefix(s, k) {
			return true
		}
	}
	return false
}

// textOf is what was said: the text, the button that was pressed, the place that was shown.
func textOf(params url.Values) string {
	said := firstOf(params, "Body", "ButtonText", "ListTitle")
	lines := []string{said}
	if lat, lon, ok := place(params); ok {
		for _, name := range []string{"Label", "Address"} {
			if v := params.Get(name); v != "" && !strings.Contains(said, v) {
				lines = append(lines, v)
			}
		}
		lines = append(lines, fmt.Sprintf("geo:%s,%s", lat, lon))
	}
	return message.Head(strings.TrimSpace(message.CleanText(strings.Join(lines, "\n"))), maxBody)
}

// place is where customers say they are.
func place(params url.Values) (lat, lon string, ok bool) {
	y, errY := strconv.ParseFloat(params.Get("Latitude"), 64)
	x, errX := strconv.ParseFloat(params.Get("Longitude"), 64)
	if errY != nil || errX != nil || !(y >= -90 && y <= 90) || !(x >= -180 && x <= 180) {
		return "", "", false
	}
	return strconv.FormatFloat(y, 'f', -1, 64), strconv.FormatFloat(x, 'f', -1, 64), true
}

// marks are what the agent should know beside the text.
func marks(params url.Values) []string {
	var marks []string
	if params.Get("Forwarded") == "true" || params.Get("FrequentlyForwarded") == "true" {
		marks = append(marks, MarkForwarded)
	}
	for _, m := range []struct{ name, param string }{
		{"button", "ButtonPayload"}, {"chosen", "ListId"}, {"by an advertisement", "ReferralHeadline"}, {"advertisement at", "ReferralSourceUrl"},
	} {
		if v := message.CleanLine(params.Get(m.param)); v != "" {
			marks = append(marks, m.name+": "+message.Head(v, 200))
		}
	}
	return marks
}

// filesOf are what came with a message, in the order of the webhook.
func (t *Twilio) filesOf(m *message.Message, params url.Values) []fetch.File {
	n, err := strconv.Atoi(params.Get("NumMedia"))
	if err != nil || n < 0 {
		n = 0
	}
	var files []fetch.File
	for i := range min(n, maxMedia) {
		at := params.Get(fmt.Sprintf("MediaUrl%d", i))
		kind := params.Get(fmt.Sprintf("MediaContentType%d", i))
		if at == "" {
			continue
		}
		files = append(files, fetch.File{URL: at, Type: kind, Name: cmp.Or(givenName(params, kind), fileName(m.Channel, i+1)), Blob: fmt.Sprintf("%s/%d", m.ID, i+1)})
	}
	return files
}
