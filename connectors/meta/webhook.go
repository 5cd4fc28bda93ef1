package meta

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/hook"
	"loket/connectors/vendor"
	"loket/internal/body"
	"loket/internal/message"
	"loket/internal/problem"
	"loket/internal/secret"
)

const (
	signatureHeader = "X-Hub-Signature-256"
	maxBody         = 3 << 20 // a thousand events, which Meta may send together, are about one
	answerWithin    = 18 * time.Second
	reasonAsset     = "asset" // of somebody else's, or not in the configuration
	reasonError     = "error" // that Meta tells by webhook
)

// How something came.
const (
	byWebhook = "webhook"
	byListing = "listing"
)

func newCounters(env connectors.Env) *hook.Counters {
	return hook.NewCounters(hook.Counts{
		Name: "meta", Vendor: "Meta", Connector: env.Name, Events: []string{"message", "comment", "reaction", "deletion", "echo", "status", "preference", "template"},
		Ways: []string{byWebhook, byListing},
		Reasons: []string{
			hook.Signature, hook.Challenged, hook.TooLarge, hook.Slow, hook.Unreadable, hook.Unknown, hook.Busy, hook.NotStored, reasonAsset, reasonError, "media",
		},
	})
}

// newHook makes the webhook, one for all that the app has.
func (a *App) newHook() *hook.Hook {
	return hook.New(hook.Options{
		Paths: map[string]hook.Take{"/": a.receive}, Challenge: a.challenge, Limits: body.Limits{Bytes: maxBody}, AnswerWithin: answerWithin,
		Admit:  func(r *http.Request) bool { return len(signature(r)) > 0 },
		Verify: a.isSigned, Signature: signatureHeader + " must be that of the body", Counters: a.Counters, Log: a.env.Log,
	})
}

// signature is what a request shows, nil when it shows none.
func signature(r *http.Request) []byte {
	sum, ok := strings.CutPrefix(r.Header.Get(signatureHeader), "sha256=")
	b, err := hex.DecodeString(sum)
	if !ok || err != nil {
		return nil
	}
	return b
}

// isSigned looks at the bytes as they came: Meta signs what it sends, with letters escaped as it escapes them.
func (a *App) isSigned(r *http.Request, content []byte) bool {
	for _, key := range []secret.String{a.cfg.AppSecret, a.cfg.SecondarySecret} {
		if !key.IsZero() && hmac.Equal(signature(r), hook.HMAC256(key, content)) {
			return true
		}
	}
	return false
}

// challenge gives back the number by which Meta looks whether the webhook is ours. Whoever does not know our word learns nothing, and
// nothing is given back that a browser could take for anything else.
func (a *App) challenge(r *http.Request) (hook.Answer, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	one := func(name string) string {
		if err != nil || len(query[name]) != 1 {
			return ""
		}
		return query[name][0]
	}
	number := one("hub.challenge")
	ours := hmac.Equal(hook.HMAC256(a.cfg.VerifyToken, nil), hook.HMAC256(secret.New(one("hub.verify_token")), nil)) // of one length each
	switch {
	case !ours || one("hub.mode") != "subscribe":
		return hook.Answer{}, problem.New(http.StatusForbidden, "hub.verify_token must be the verify_token of the configuration")
	case number == "" || len(number) > 64 || strings.Trim(number, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") != "":
		return hook.Answer{}, errors.New("hub.challenge must be given once: at most 64 letters and digits")
	}
	return hook.Answer{Type: "text/plain; charset=utf-8", Content: []byte(number)}, nil
}

// shape bounds what stands in a body.
func shape() body.Limits { return body.Limits{Bytes: maxBody, Depth: 64, Values: 200_000} }

// receive takes responsibility for all that a body tells. What of it can't be stored now is an error, and comes again with the rest,
// which is known then.
func (a *App) receive(ctx context.Context, r *hook.Request) (hook.Answer, error) {
	if _, err := body.JSON(bytes.NewReader(r.Content), shape()); body.TooMany(err) {
		return hook.Answer{}, problem.New(http.StatusRequestEntityTooLarge, "the body must be at most 200000 values")
	}
	envelopes, err := open(r.Content)
	if err != nil {
		return hook.Answer{}, a.takeBroken(ctx, "webhook", "it is not an object with a list of entries", r.Content)
	}
	var errs []error
	for _, e := range envelopes {
		for _, entry := range e.Entry {
			errs = append(errs, a.takeEntry(ctx, e.Object, entry))
		}
	}
	return hook.Answer{}, errors.Join(errs...)
}

// An envelope is what Meta sends: entries of one kind.
type envelope struct {
	Object string            `json:"object"`
	Entry  []json.RawMessage `json:"entry"`
}

// open reads a body: one envelope, or a list of them.
func open(content []byte) (all []envelope, err error) {
	if content = bytes.TrimSpace(content); len(content) > 0 && content[0] == '[' {
		err = json.Unmarshal(content, &all)
		return all, err
	}
	var one envelope
	err = json.Unmarshal(content, &one)
	return []envelope{one}, err
}

// takeEntry takes what is told of one of ours.
func (a *App) takeEntry(ctx context.Context, object string, raw json.RawMessage) error {
	var entry map[string]json.RawMessage
	if json.Unmarshal(raw, &entry) != nil {
		return a.takeBroken(ctx, object, "an entry is no object", raw)
	}
	var errs []error
	for _, name := range []string{"messaging", "standby", "changes"} {
		list, ok := listOf(entry[name])
		if !ok {
			errs = append(errs, a.takeBroken(ctx, object, name+" is no list", raw))
		}
		for _, one := range list {
			errs = append(errs, a.takeOne(ctx, object, plain(entry["id"]), name, one))
		}
	}
	if entry["field"] != nil { // the only change stands in the entry itself
		errs = append(errs, a.takeOne(ctx, object, plain(entry["id"]), "changes", raw))
	}
	return errors.Join(errs...)
}

// takeOne takes one event.
func (a *App) takeOne(ctx context.Context, object, id, list string, raw json.RawMessage) error {
	of := a.assets[object+" "+id]
	switch {
	case object == objectWhatsApp && list == "changes":
		return a.takeWhatsApp(ctx, raw)
	case object != objectPage && object != objectInstagram:
		a.Refused(hook.Unknown, nil)
	case id == "":
		return a.takeBroken(ctx, object, "it does not say whose it is", raw)
	case of == nil:
		s := vendor.Flatten(raw)
		said := s["message.mid"] != "" && s["message.is_echo"] != "true" || s["postback.title"] != "" || s["value.message"] != "" || s["value.text"] != ""
		return a.takeForeign(ctx, object, id, raw, said)
	case list == "changes":
		return a.takeChange(ctx, of, raw)
	default:
		return a.takeMessaging(ctx, of, list, raw)
	}
	return nil
}

// listOf is a list that may be missing; ok is false when something else is there.
func listOf(raw json.RawMessage) (list []json.RawMessage, ok bool) {
	return list, len(raw) == 0 || json.Unmarshal(raw, &list) == nil
}

// plain is a text or a number.
func plain(raw json.RawMessage) string { return strings.Trim(string(raw), `"`) }

// takeBroken keeps what cannot be read, for somebody to look at: it may be a customer's.
func (a *App) takeBroken(ctx context.Context, what, why string, raw []byte) error {
	a.Refused(hook.Unreadable, nil)
	m := a.message(a.channelOf(what), a.now().UTC(), "broken", string(raw))
	m.Problem = fmt.Sprintf("what Meta tells of %s cannot be read: %s", message.Head(message.CleanLine(what), 60), why)
	return a.quarantine(ctx, m, raw)
}

// keepForeign is for how long messages to what is not in the configuration are kept: it may be missing there, or be another program's.
const keepForeign = 7 * 24 * time.Hour

// takeForeign keeps a message to what is not in the configuration; what is none is counted alone.
func (a *App) takeForeign(ctx context.Context, object, id string, raw []byte, isMessage bool) error {
	a.Refused(reasonAsset, nil)
	if !isMessage {
		return nil
	}
	m := a.message(a.channelOf(object), a.now().UTC(), "foreign", string(raw))
	m.Problem = fmt.Sprintf("it is for %s, which is not in the configuration", message.Head(message.CleanLine(object+" "+id), 100))
	m.KeepUntil = m.Received.Add(keepForeign)
	return a.quarantine(ctx, m, raw)
}

// quarantine hands over what has a problem, with its original, which is what people see who try it again.
func (a *App) quarantine(ctx context.Context, m *message.Message, raw []byte) error {
	m.Text = message.Head(strings.TrimSpace(message.CleanText(string(raw))), 16<<10)
	if len(raw) <= message.MaxInlineRaw {
		m.Raw = raw
		return a.env.Accept(ctx, m)
	}
	m.RawBlob = m.ID + "/original"
	if _, err := a.env.Blobs.Put(ctx, m.RawBlob, bytes.NewReader(raw)); err != nil {
		return fmt.Errorf("store original: %w", err)
	}
	return a.env.Accept(ctx, m)
}

// channelOf is the channel of an object, or of one that is called so; what belongs to none is on the first that the app has.
func (a *App) channelOf(what string) string {
	switch {
	case what == objectPage:
		return channelMessenger
	case what == channelMessenger, what == channelInstagram, what == channelFacebook:
		return what
	case what == objectWhatsApp, len(a.cfg.WhatsApp) > 0:
		return channelWhatsApp
	}
	return channelMessenger
}
