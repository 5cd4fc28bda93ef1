package twilio

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/internal/message"
)

// takeCall takes what Twilio says of a call: one that ended without a message left is a missed call.
func (t *Twilio) takeCall(ctx context.Context, e event) (twiml, error) {
	sid := e.params.Get("CallSid")
	if !isSID(sid, "CA") {
		return "", hook.Missing("CallSid")
	}
	if !t.cfg.Voice.Enabled || !hasEnded(e.params.Get("CallStatus")) || strings.HasPrefix(e.params.Get("Direction"), "outbound") {
		return "", nil
	}
	recordings, err := t.api.recordings(ctx, sid)
	if err != nil {
		return "", err
	}
	for _, r := range recordings {
		if !isEmpty(text(r.Status), text(r.Duration)) {
			return "", nil // it comes by itself, when Twilio has it ready
		}
	}
	return "", t.miss(ctx, e.params, t.now().UTC(), byWebhook)
}

func hasEnded(status string) bool {
	switch status {
	case "completed", "busy", "failed", "no-answer", "canceled":
		return true
	}
	return false
}

// isEmpty tells whether there is nothing in a recording. One that is still going on has no length yet.
func isEmpty(status, seconds string) bool {
	return status == "absent" || status == "failed" || status == "deleted" || status == "completed" && seconds == "0"
}

// miss takes in a call of somebody who hung up before they left a message.
func (t *Twilio) miss(ctx context.Context, params url.Values, at time.Time, by string) error {
	m := t.callMessage(params, t.id(params.Get("CallSid")), at)
	m.Own = params.Get("CallSid")
	m.Subject, m.Text = "Missed call", "Missed call"+span(params.Get("CallDuration"))
	return t.took(ctx, m, "call", by)
}

// took hands a message over that has no files.
func (t *Twilio) took(ctx context.Context, m *message.Message, event, by string) error {
	err := t.env.Accept(ctx, m)
	if err == nil {
		t.Took(event, by)
	}
	return err
}

// span is how long something took, to stand behind what it was.
func span(seconds string) string {
	n, err := strconv.Atoi(seconds)
	if err != nil || n <= 0 {
		return ""
	}
	return ", " + (time.Duration(n) * time.Second).String()
}

// callMessage is what a message about a call has in any case. All about one call are in one conversation, that of the
// two numbers.
func (t *Twilio) callMessage(params url.Values, id string, at time.Time) *message.Message {
	s, marks := t.called(params)
	to := params.Get("To")
	name := params.Get("CallerName")
	if name == "" && len(s.ids) == 0 {
		name = s.address // as it is shown, for somebody to call back
	}
	return &message.Message{
		ID: id, Connector: t.env.Name, Channel: channelPhone, From: s.ids, To: ours(channelPhone, to), Marks: marks,
		Name: message.Head(message.CleanLine(name), maxNameSize), References: append(t.pairs(s, to), params.Get("CallSid")),
		Received: at, Sent: at,
	}
}

// takeRecording takes a message that a caller left.
func (t *Twilio) takeRecording(ctx context.Context, e event) (twiml, error) {
	params, err := t.ofCall(ctx, e)
	if err != nil {
		return "", err
	}
	switch status := params.Get("RecordingStatus"); {
	case isEmpty(status, params.Get("RecordingDuration")):
		return "", t.miss(ctx, params, t.now().UTC(), byWebhook)
	case status == "in-progress":
		return "", nil
	}
	if !isSID(params.Get("RecordingSid"), "RE") {
		return "", hook.Missing("RecordingSid")
	}
	_, err = t.voicemail(ctx, params, t.now().UTC(), byWebhook)
	return "", err
}

// ofCall adds to a webhook about a recording what it lacks of the call.
func (t *Twilio) ofCall(ctx context.Context, e event) (url.Values, error) {
	if !isSID(e.params.Get("CallSid"), "CA") {
		return nil, hook.Missing("CallSid")
	}
	params := url.Values{}
	for k, v := range e.params {
		params[k] = slices.Clone(v)
	}
	for param, name := range callFields() {
		if v := e.query.Get(name); v != "" {
			params.Set(param, v)
		}
	}
	if params.Get("To") == "" { // not from a URL of ours: somebody configured it by hand
		call, err := t.api.service(ctx).FetchCall(params.Get("CallSid"), nil)
		if err != nil {
			return nil, fmt.Errorf("fetch call: %w", err)
		}
		params.Set("From", text(call.From))
		params.Set("To", text(call.To))
	}
	return params, nil
}

// voicemail takes in a recording, with its sound as a file. whole tells that this is there already.
func (t *Twilio) voicemail(ctx context.Context, params url.Values, at time.Time, by string) (whole bool, err error) {
	sid := params.Get("RecordingSid")
	m := t.callMessage(params, t.id(sid), at)
	m.Own, m.Subject, m.Text = sid, "Voicemail", "Voicemail"+span(params.Get("RecordingDuration"))
	files := []fetch.File{{
		URL:  t.api.Base().String() + "/2010-04-01/Accounts/" + t.cfg.AccountSID + "/Recordings/" + sid + ".mp3",
		Type: "audio/mpeg", Name: "voicemail.mp3", Blob: m.ID + "/1",
	}}
	whole, err = t.late.Deliver(ctx, m, files)
	if err == nil {
		t.Took("recording", by)
	}
	return whole, err
}

// takeTranscription takes what a machine heard in a recording.
func (t *Twilio) takeTranscription(ctx context.Context, e event) (twiml, error) {
	params, err := t.ofCall(ctx, e)
	if err != nil {
		return "", err
	}
	sid, heard := params.Get("TranscriptionSid"), strings.TrimSpace(message.CleanText(params.Get("TranscriptionText")))
	if !isSID(sid, "TR") {
		return "", hook.Missing("TranscriptionSid")
	}
	if params.Get("TranscriptionStatus") == "failed" || heard == "" {
		return "", nil
	}
	m := t.callMessage(params, t.id(sid), t.now().UTC())
	m.Own, m.Subject, m.Automatic = sid, "Voicemail", message.Notice
	m.Text = "Heard by a machine: " + message.Head(heard, maxBody)
	return "", t.took(ctx, m, "transcription", byWebhook)
}
