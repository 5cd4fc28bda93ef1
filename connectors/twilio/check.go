package twilio

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"loket/connectors"
	"loket/internal/message"
	"loket/internal/sms"
)

// Limits of what goes out.
const (
	metaWindow        = 24 * time.Hour
	maxMMSFiles       = 10
	maxMMSBytes       = 5 << 20
	maxChatBytes      = 16 << 20
	templateSign      = "#"
	templateSeparator = "|"
)

// An outgoing message is an answer as Twilio wants it.
type outgoing struct {
	from, to string
	pair     string
	text     string
	template *Template
	filled   map[string]string // what stands in the template
	sms      bool
}

// Check tells before an answer is taken that Twilio, WhatsApp or the customer would refuse it.
func (t *Twilio) Check(m *message.Message) error {
	o, err := t.outgoing(m)
	if err != nil {
		return err
	}
	if o.sms && t.wishes.Known(o.pair) {
		return errStopped()
	}
	return nil
}

// Measure says how many SMS a text is, and why. A message that knows no channel yet is taken for an SMS.
func (t *Twilio) Measure(m *message.Message) string {
	if m.Channel != "" && carriedAs(m.Channel).pairs != channelSMS || m.Text == "" {
		return ""
	}
	return sms.Measure(strings.TrimRight(m.Text, " \t\n")).String()
}

// outgoing reads an answer; the error is for the agent.
func (t *Twilio) outgoing(m *message.Message) (*outgoing, error) {
	o := &outgoing{text: strings.TrimRight(m.Text, " \t\n")}
	if err := t.address(o, m); err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(o.text) > maxTextLength {
		return nil, connectors.Refuse("the text must be at most %d characters, not %d", maxTextLength, utf8.RuneCountInString(o.text))
	}
	return o, carriedAs(m.Channel).check(t, o, m)
}

func (t *Twilio) checkSMS(o *outgoing, m *message.Message) error {
	l := sms.Measure(o.text)
	switch {
	case l.Segments > t.cfg.MaxSegments:
		return connectors.Refuse("the text is %s; at most %d are sent", l, t.cfg.MaxSegments)
	case len(m.Attachments) > 0 && !t.cfg.MMS:
		return connectors.Refuse("this number can't send files: put them where the customer can fetch them, or answer on another channel")
	case len(m.Attachments) > maxMMSFiles:
		return connectors.Refuse("at most %d files go with one message", maxMMSFiles)
	case size(m) > maxMMSBytes:
		return connectors.Refuse("the files must be at most %d MB together", maxMMSBytes>>20)
	}
	return nil
}

func (t *Twilio) checkWhatsApp(o *outgoing, m *message.Message) error {
	if strings.HasPrefix(o.text, templateSign) {
		if err := t.fillIn(o); err != nil {
			return err
		}
	}
	if o.template != nil && len(m.Attachments) > 0 {
		return connectors.Refuse("a template takes no files")
	}
	if err := checkFile("WhatsApp", m); err != nil || o.template != nil {
		return err
	}
	if t.isLate(m) {
		return connectors.Refuse("WhatsApp takes a free text only within 24 hours of the customer's last message%s; %s", lastWrote(m), t.choice())
	}
	return nil
}

func (*Twilio) checkRCS(_ *outgoing, m *message.Message) error { return checkFile("RCS", m) }

// checkFile is for channels that take one file with a message.
func checkFile(channel string, m *message.Message) error {
	switch {
	case len(m.Attachments) > 1:
		return connectors.Refuse("%s takes one file with a message: send the others in further answers", channel)
	case size(m) > maxChatBytes:
		return connectors.Refuse("the file must be at most %d MB", maxChatBytes>>20)
	}
	return nil
}

// checkMessenger keeps to Meta's window, which is that of WhatsApp; there are no templates for it.
func (t *Twilio) checkMessenger(_ *outgoing, m *message.Message) error {
	if t.isLate(m) {
		return connectors.Refuse("Messenger takes an answer only within 24 hours of the customer's last message%s", lastWrote(m))
	}
	return checkFile("Messenger", m)
}

// Window is Meta's, which takes free texts for a day after the customer wrote.
func (t *Twilio) Window(m *message.Message) (connectors.Window, bool) {
	var w connectors.Window
	switch m.Channel {
	case channelWhatsApp:
		for _, c := range t.cfg.Templates {
			w.Templates = append(w.Templates, connectors.Template{Begin: templateSign + c.Name, Text: c.Text})
		}
	case channelMessenger:
	default:
		return connectors.Window{}, false
	}
	if m.Earlier != nil {
		w.Until = m.Earlier.Sent.Add(metaWindow)
	}
	return w, true
}

// isLate tells whether the customer's last message is too old for Meta to take a free text.
func (t *Twilio) isLate(m *message.Message) bool {
	w, limited := t.Window(m)
	return limited && t.now().After(w.Until)
}

// lastWrote says when the customer wrote, after a comma.
func lastWrote(m *message.Message) error {
	if m.Earlier == nil {
		return connectors.Refuse(", and there is none")
	}
	return connectors.Refuse(", which came on %s", m.Earlier.In().Format("2006-01-02 15:04 ")+m.Earlier.In().Location().String())
}

// choice says which templates there are.
func (t *Twilio) choice() error {
	if len(t.cfg.Templates) == 0 {
		return connectors.Refuse("a template would do, but none is configured")
	}
	var b strings.Builder
	for _, c := range t.cfg.Templates {
		fmt.Fprintf(&b, "\n  %s%s  %s", templateSign, c.Name, c.Text)
	}
	return connectors.Refuse("begin the answer with the name of a template instead:%s", b.String())
}

// fillIn reads "#name first | second". A text that begins with # and names no template is one.
func (t *Twilio) fillIn(o *outgoing) error {
	name, rest, _ := strings.Cut(strings.TrimPrefix(o.text, templateSign), " ")
	for _, c := range t.cfg.Templates {
		if c.Name != strings.TrimSpace(name) {
			continue
		}
		o.template, o.filled = &c, map[string]string{}
		if rest = strings.TrimSpace(rest); rest != "" {
			for i, v := range strings.Split(rest, templateSeparator) {
				o.filled[fmt.Sprint(i+1)] = strings.TrimSpace(v)
			}
		}
		if want := strings.Count(c.Text, "{{"); c.Text != "" && want != len(o.filled) {
			return connectors.Refuse("the template %s%s has %d places to fill in, split at %s; %d are given", templateSign, c.Name, want, templateSeparator, len(o.filled))
		}
		return nil
	}
	return nil
}

func size(m *message.Message) (n int64) {
	for _, a := range m.Attachments {
		n += a.Size
	}
	return n
}

// callback is where Twilio reports on an answer.
func (t *Twilio) callback(m *message.Message, pair string) string {
	return t.env.HookURL(pathStatus) + "?" + url.Values{"reply": {m.ID}, "pair": {pair}}.Encode() + overrides()
}

// overrides is the fragment of a URL by which Twilio tries again three times, after errors of ours and when it can't
// reach us; by itself it gives up after one refusal.
func overrides() string { return "#rc=3&rp=5xx,ct,rt" }
