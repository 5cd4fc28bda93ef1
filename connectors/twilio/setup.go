package twilio

import (
	"context"
	"fmt"
	"strings"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"
)

// Setup says what must stand at Twilio, and what does, as far as Twilio tells.
func (t *Twilio) Setup(ctx context.Context) ([]string, error) {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if !strings.HasPrefix(t.env.PublicURL, "https://") {
		say("listen.public_url is %s: Twilio needs one that it can reach, with https", t.env.PublicURL)
	}
	if t.cfg.Number != "" {
		say("Phone Numbers, Active numbers, %s:", t.cfg.Number)
		say("  A message comes in, Webhook, POST      %s", t.advised(pathMessage))
		say("  Primary handler fails (messages), POST %s", t.env.HookURL(pathMessage))
		if t.cfg.Voice.Enabled {
			say("  A call comes in, Webhook, POST         %s", t.advised(pathVoice))
			say("  Primary handler fails (calls), POST    %s", t.env.HookURL(pathVoice))
			say("  Call status changes, POST              %s", t.advised(pathCall))
		}
	}
	if t.cfg.MessagingService != "" {
		say("Messaging, Services, %s, Integration: send a webhook to the same URL, or defer to the sender's webhook", t.cfg.MessagingService)
	}
	if t.cfg.WhatsApp != "" {
		say("Messaging, Senders, WhatsApp senders, %s (or the sandbox settings):", t.cfg.WhatsApp)
		say("  When a message comes in, POST          %s", t.advised(pathMessage))
		say("  Status callback                        is sent with each answer; leave it empty")
	}
	if t.cfg.Number == "" {
		return lines, nil
	}
	found, err := t.configured(ctx)
	if err != nil {
		return lines, fmt.Errorf("look what is configured at Twilio: %w", err)
	}
	return append(lines, found...), nil
}

func (t *Twilio) advised(path string) string { return t.env.HookURL(path) + overrides() }

// configured compares what stands at Twilio with what should.
func (t *Twilio) configured(ctx context.Context) (lines []string, err error) {
	params := &v2010.ListIncomingPhoneNumberParams{}
	params.SetPhoneNumber(t.cfg.Number)
	page, err := t.api.service(ctx).PageIncomingPhoneNumber(params, "", "")
	if err != nil {
		return nil, err
	}
	if len(page.IncomingPhoneNumbers) == 0 {
		return []string{fmt.Sprintf("MISSING  the account has no number %s", t.cfg.Number)}, nil
	}
	n := page.IncomingPhoneNumbers[0]
	check := func(what, have, path string) {
		bare, _, _ := strings.Cut(have, "#")
		switch {
		case have == t.advised(path):
			lines = append(lines, "right    "+what)
		case bare == t.env.HookURL(path):
			lines = append(lines, fmt.Sprintf("weak     %s: without %s a webhook that fails is not repeated", what, overrides()))
		case have == "":
			lines = append(lines, fmt.Sprintf("MISSING  %s: nothing is set", what))
		default:
			lines = append(lines, fmt.Sprintf("WRONG    %s: it is %s", what, have))
		}
	}
	if app := text(n.SmsApplicationSid); app != "" {
		lines = append(lines, "LOOK     messages go to the application "+app+", whose URL counts")
	} else {
		check("messages", text(n.SmsUrl), pathMessage)
	}
	if !t.cfg.Voice.Enabled {
		return lines, nil
	}
	if other := text(n.VoiceApplicationSid) + text(n.TrunkSid); other != "" {
		lines = append(lines, "LOOK     calls go to "+other+", whose URL counts")
	} else {
		check("calls", text(n.VoiceUrl), pathVoice)
	}
	check("status of calls", text(n.StatusCallback), pathCall)
	return lines, nil
}
