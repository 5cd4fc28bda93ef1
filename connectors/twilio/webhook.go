package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"loket/connectors/hook"
	"loket/internal/body"
	"loket/internal/problem"
)

const (
	// maxWebhook is many times the largest webhook there is: 1,600 characters and some fifty fields.
	maxWebhook = 256 << 10
	maxFields  = 1000
	// answerWithin is less than the fifteen seconds that Twilio waits.
	answerWithin = 13 * time.Second
	// mediaLife is how long Twilio can fetch a file: a message waits there for four hours at most.
	mediaLife = 12 * time.Hour
)

// The paths under /in/<name>/.
const (
	pathMessage    = "/message"
	pathStatus     = "/status"
	pathVoice      = "/voice"
	pathVoiceEnd   = "/voice/end"
	pathCall       = "/call"
	pathRecording  = "/recording"
	pathTranscript = "/transcription"
	pathMedia      = "/media/"
)

// An event is what a webhook says.
type event struct {
	params url.Values
	query  url.Values // what stood in the URL that we gave Twilio
}

// twiml is an answer in Twilio's language, without its root.
type twiml string

func (t *Twilio) newHook() *hook.Hook {
	paths := map[string]hook.Take{}
	for path, take := range map[string]func(context.Context, event) (twiml, error){
		pathMessage: t.takeMessage, pathStatus: t.takeStatus, pathVoice: t.takeVoice, pathVoiceEnd: t.endVoice,
		pathCall: t.takeCall, pathRecording: t.takeRecording, pathTranscript: t.takeTranscription,
	} {
		paths[path] = func(ctx context.Context, r *hook.Request) (hook.Answer, error) {
			e, err := eventOf(r.Request, r.Content)
			if err != nil {
				return hook.Answer{}, problem.New(http.StatusBadRequest, "the body must be a form or JSON")
			}
			answer, err := take(ctx, e)
			// Text of any other type would be sent to the customer.
			return hook.Answer{
				Type:    "text/xml; charset=utf-8",
				Content: []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<Response>" + string(answer) + "</Response>"),
			}, err
		}
	}
	return hook.New(hook.Options{
		Paths: paths, Methods: []string{http.MethodGet, http.MethodPost}, Admit: isSigned, Verify: t.verify,
		Limits: body.Limits{Bytes: maxWebhook, Depth: 16, Values: 2 * maxFields, Each: maxFields}, AnswerWithin: answerWithin,
		Signature: signatureHeader + " must be that of this URL and body", Counters: t.Counters, Log: t.env.Log,
	})
}

// ServeHTTP takes webhooks, and gives Twilio the files of our answers.
func (t *Twilio) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, pathMedia) {
		t.links.ServeHTTP(w, r)
		return
	}
	t.hook.ServeHTTP(w, r)
}

// eventOf reads a webhook. What it cannot read whole, it gives as far as it goes.
func eventOf(r *http.Request, content []byte) (event, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	e := event{params: query, query: query}
	if r.Method == http.MethodPost && err == nil {
		e.params, err = fields(r.Header, content)
	}
	return e, err
}

// fields reads the body: a form, or an object of JSON whose members are taken as text.
func fields(h http.Header, b []byte) (url.Values, error) {
	if kind := h.Get("Content-Type"); kind != "" {
		if _, _, err := mime.ParseMediaType(kind); err != nil {
			return url.Values{}, err
		}
	}
	if !hook.IsJSON(h) {
		return url.ParseQuery(string(b))
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return url.Values{}, err
	}
	values := url.Values{}
	for k, v := range object {
		switch v := v.(type) {
		case string:
			values.Set(k, v)
		case json.Number, bool:
			values.Set(k, fmt.Sprint(v))
		}
	}
	return values, nil
}

// takeMessage takes what a customer wrote.
func (t *Twilio) takeMessage(ctx context.Context, e event) (twiml, error) {
	m, files, err := t.incoming(e.params, t.now().UTC())
	if err != nil {
		return "", err
	}
	t.noteStop(ctx, m, e.params)
	whole, err := t.late.Deliver(ctx, m, files)
	if err != nil {
		return "", err
	}
	if whole {
		t.missed.Add(m.Own, m.Received)
	}
	t.Took("message", byWebhook)
	return "", nil
}

// How something came.
const (
	byWebhook = "webhook"
	byListing = "listing"
)
