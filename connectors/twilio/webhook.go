package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/internal/body"
	"loket/internal/limit"
)

const (
	// maxWebhook is many times the largest webhook there is: 1,600 characters and some fifty fields.
	maxWebhook = 256 << 10
	maxFields  = 1000
	// readWithin is how long a body may take to come.
	readWithin = 10 * time.Second
	// answerWithin is less than the fifteen seconds that Twilio waits.
	answerWithin = 13 * time.Second
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

// A hook is a webhook whose signature is right.
type hook struct {
	params url.Values // what Twilio says
	query  url.Values // what stood in the URL that we gave it
}

// twiml is an answer in Twilio's language, without its root.
type twiml string

// handlers are the webhooks by path. Each gives the answer, once what it brought is stored.
func (t *Twilio) handlers() map[string]func(context.Context, hook) (twiml, error) {
	return map[string]func(context.Context, hook) (twiml, error){
		pathMessage: t.takeMessage, pathStatus: t.takeStatus, pathVoice: t.takeVoice, pathVoiceEnd: t.endVoice,
		pathCall: t.takeCall, pathRecording: t.takeRecording, pathTranscript: t.takeTranscription,
	}
}

// ServeHTTP takes webhooks, and gives Twilio the files of our answers. Nothing is said and nothing is stored that
// Twilio did not sign.
func (t *Twilio) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := "/" + strings.Trim(r.URL.Path, "/")
	if strings.HasPrefix(path, pathMedia) {
		t.serveMedia(w, r, strings.TrimPrefix(path, pathMedia))
		return
	}
	take, ok := t.handlers()[path]
	if !ok {
		t.counts.refused("unknown")
		refuse(w, http.StatusNotFound, "there is nothing here")
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		refuse(w, http.StatusMethodNotAllowed, "the method must be GET or POST")
		return
	}
	h, status, why := t.read(r)
	if status != 0 {
		t.counts.refused(why)
		if why == "busy" {
			w.Header().Set("Retry-After", "1")
		}
		refuse(w, status, refusals()[why])
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	answer, err := take(ctx, h)
	var lacks *fieldError
	switch {
	case errors.As(err, &lacks):
		t.counts.refused("field")
		t.env.Log.Debug("webhook refused", zap.String("path", path), zap.Error(err))
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	case err != nil:
		t.counts.refused("not_stored")
		if r.Context().Err() == nil { // else Twilio went away, or we stop: says nothing about us
			t.note(err)
		}
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "cannot take it now; send it again")
		return
	}
	t.note(nil)
	// Text of any other type would be sent to the customer.
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<Response>"+string(answer)+"</Response>")
}

// read reads a webhook and looks at its signature. A status other than 0 says that it is refused, and why.
func (t *Twilio) read(r *http.Request) (h hook, status int, why string) {
	s := signed{url: t.base() + r.URL.EscapedPath(), signature: r.Header.Get("X-Twilio-Signature")}
	if !isSignature(s.signature) {
		return h, http.StatusForbidden, "signature" // whatever the body is
	}
	if r.URL.RawQuery != "" {
		s.url += "?" + r.URL.RawQuery
	}
	query, errQuery := url.ParseQuery(r.URL.RawQuery)
	h = hook{params: query, query: query}
	var err error
	if r.Method == http.MethodPost {
		limit.Hurry(r, readWithin)
		if s.body, status, why = readBody(r); status != 0 {
			return h, status, why
		}
		h.params, err = fields(r.Header.Get("Content-Type"), s.body)
		if query.Get("bodySHA256") == "" {
			s.form = h.params
		}
	}
	if !s.valid(t.tokens) {
		return h, http.StatusForbidden, "signature"
	}
	if account := h.params.Get("AccountSid"); account != "" && account != t.cfg.AccountSID {
		return h, http.StatusForbidden, "signature" // of another account of the same owner
	}
	if err != nil || errQuery != nil {
		return h, http.StatusBadRequest, "unreadable"
	}
	return h, 0, ""
}

// readBody reads one within its bounds.
func readBody(r *http.Request) (b []byte, status int, why string) {
	within := body.Limits{Bytes: maxWebhook, Depth: 16, Values: 2 * maxFields, Each: maxFields}
	read := body.Form
	if isJSON(r.Header.Get("Content-Type")) {
		read = body.JSON
	}
	b, err := read(r.Body, within)
	switch {
	case err == nil:
		return b, 0, ""
	case errors.Is(err, limit.ErrBusy):
		return nil, http.StatusServiceUnavailable, "busy"
	case errors.Is(err, limit.ErrSlow):
		return nil, http.StatusRequestTimeout, "slow"
	case errors.Is(err, body.ErrTooLarge), body.TooMany(err):
		return nil, http.StatusRequestEntityTooLarge, "too_large"
	}
	return nil, http.StatusBadRequest, "unreadable"
}

func isJSON(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType) // what is none is no JSON
	return kind == "application/json"
}

func refusals() map[string]string {
	return map[string]string{
		"unreadable": "the body must be a form or JSON",
		"too_large":  fmt.Sprintf("the body must be at most %d bytes and %d fields", maxWebhook, maxFields),
		"slow":       fmt.Sprintf("the body must come within %s", readWithin),
		"busy":       "too much at the same time; send it again",
		"signature":  "X-Twilio-Signature must be that of this URL and body",
	}
}

// fields reads the body: a form, or an object of JSON whose members are taken as text.
func fields(contentType string, b []byte) (url.Values, error) {
	if _, _, err := mime.ParseMediaType(contentType); err != nil && contentType != "" {
		return url.Values{}, err
	}
	if !isJSON(contentType) {
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

func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail})
}

// takeMessage takes what a customer wrote.
func (t *Twilio) takeMessage(ctx context.Context, h hook) (twiml, error) {
	m, files, err := t.incoming(h.params, t.now().UTC())
	if err != nil {
		return "", err
	}
	t.hearStop(ctx, m, h.params)
	if err := t.deliver(ctx, m, files); err != nil {
		return "", err
	}
	if !slices.Contains(m.Marks, MarkLate) {
		t.seen.add(m.Own, m.Received)
	}
	t.counts.took("message", byWebhook)
	return "", nil
}

// How something came.
const (
	byWebhook = "webhook"
	byListing = "listing"
)
