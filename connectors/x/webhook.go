package x

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"loket/connectors/hook"
	"loket/connectors/x/api"
	"loket/internal/body"
)

const (
	maxBody = 1 << 20
	// answerWithin is less than the ten seconds that X waits.
	answerWithin = 8 * time.Second
)

// newHook makes the webhook: it answers X's challenge, and takes what X sends. Without one in the configuration nothing is
// there.
func (a *Account) newHook() *hook.Hook {
	paths := map[string]hook.Take{}
	if a.cfg.Webhook {
		paths["/"] = a.receive
	}
	return hook.New(hook.Options{
		Paths: paths, Challenge: a.challenge, Limits: body.Limits{Bytes: maxBody}, AnswerWithin: answerWithin,
		Admit: func(r *http.Request) bool { return api.IsSignature(r.Header.Get(api.SignatureHeader)) },
		Verify: func(r *http.Request, content []byte) bool {
			return api.Signed(a.cfg.ConsumerSecret, content, r.Header.Get(api.SignatureHeader))
		},
		Counters: a.Counters, Log: a.env.Log,
	})
}

// challenge proves that we know the secret, as X wants to see now and then. Nothing is signed that could be a body.
func (a *Account) challenge(r *http.Request) (hook.Answer, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	tokens := query["crc_token"]
	if err != nil || len(tokens) != 1 || !api.IsToken(tokens[0]) {
		return hook.Answer{}, errors.New("crc_token must be given once: at most 128 letters, digits and -_=+/.")
	}
	return answer("response_token", api.Signature(a.cfg.ConsumerSecret, []byte(tokens[0]))), nil
}

// receive takes responsibility for every event of a body.
func (a *Account) receive(ctx context.Context, r *hook.Request) (hook.Answer, error) {
	events, forUser, err := api.Events(r.Content)
	if err != nil {
		events = []api.Event{{Broken: &api.Broken{Type: "webhook", Why: err.Error(), Raw: r.Content}}}
	}
	if forUser != "" && forUser != a.self {
		a.Refused(reasonAccount, nil)
		events = nil
	}
	for _, e := range events {
		if err := a.take(ctx, e, byWebhook); err != nil {
			return hook.Answer{}, err
		}
	}
	return answer("ok", true), nil
}

// take takes responsibility for an event that came by a way.
func (a *Account) take(ctx context.Context, e api.Event, by string) error {
	event, err := "", error(nil)
	switch {
	case e.Post != nil:
		event, err = eventPost, a.takePost(ctx, e.Post)
	case e.Direct != nil:
		event, err = eventDirect, a.takeDirect(ctx, e.Direct)
	case e.Deleted != nil:
		event, err = eventDeleted, a.takeDeleted(ctx, e.Deleted)
	case e.Read != nil:
		event, err = eventRead, a.takeRead(ctx, e.Read)
	case e.Encrypted != nil:
		event, err = eventEncrypted, a.takeEncrypted(ctx, e.Encrypted)
	case e.Broken != nil:
		return a.takeBroken(ctx, e.Broken)
	default:
		a.Refused(hook.Unknown, nil)
		return nil
	}
	if err == nil {
		a.Took(event, by)
	}
	return err
}

func answer(name string, value any) hook.Answer {
	b, err := json.Marshal(map[string]any{name: value})
	if err != nil {
		panic(err) // texts and truths always can be
	}
	return hook.Answer{Type: "application/json", Content: append(b, '\n')}
}
