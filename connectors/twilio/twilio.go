package twilio

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"loket/connectors"
	"loket/connectors/echo"
	"loket/connectors/fetch"
	"loket/connectors/filelink"
	"loket/connectors/hook"
	"loket/connectors/optout"
	"loket/connectors/poll"
	"loket/internal/keylock"
)

// A Twilio is the connector: an http.Handler for Twilio's webhooks, and a Sender of SMS, MMS and WhatsApp. Its methods
// may be called concurrently, and before, during and after Run.
type Twilio struct {
	*hook.Counters
	*poll.Loop
	cfg    Config
	env    connectors.Env
	api    *api
	late   *fetch.Late
	links  *filelink.Links
	hook   *hook.Hook
	missed *poll.Window
	now    func() time.Time
	tokens []string // that webhooks may be signed with

	// What is remembered of a pair, our number and a customer's: what they want, which answers they got.
	wishes  *optout.Wishes
	answers echo.Answers
	sending keylock.Locks // by pair, while an answer goes out
}

// New makes the connector of a configuration that Validate found right. It calls nobody.
func New(cfg Config, env connectors.Env) (*Twilio, error) {
	a, err := newAPI(cfg)
	if err != nil {
		return nil, fmt.Errorf("make connector %s: %w", env.Name, err)
	}
	t := &Twilio{
		cfg: cfg, env: env, api: a, now: time.Now, wishes: optout.New(env.Cursor), tokens: []string{cfg.AuthToken.Reveal()},
		Counters: hook.NewCounters(hook.Counts{
			Name: "twilio", Vendor: "Twilio", Connector: env.Name,
			Events: []string{"message", "call", "recording", "transcription", "status"}, Ways: []string{byWebhook, byListing},
			Reasons: []string{hook.Signature, hook.TooLarge, hook.Slow, hook.Unreadable, hook.Field, hook.Unknown, "media", hook.Busy, hook.NotStored},
		}),
	}
	if !cfg.SecondaryToken.IsZero() {
		t.tokens = append(t.tokens, cfg.SecondaryToken.Reveal())
	}
	t.links = &filelink.Links{
		Env: env, Path: pathMedia, Life: mediaLife, Now: func() time.Time { return t.now() },
		Unknown: func() { t.Refused(hook.Unknown, nil) },
	}
	t.answers = echo.Answers{Cursor: env.Cursor, Now: func() time.Time { return t.now() }}
	t.late = t.newLate(newFiles(cfg, a, env.Blobs, time.Second, 3*time.Second))
	t.hook = t.newHook()
	t.missed, t.Loop = t.newLoop()
	return t, nil
}

// Run asks Twilio for what no webhook brought, now and then, until ctx is done.
func (t *Twilio) Run(ctx context.Context) error {
	return t.Serve(ctx, t.late.Client.Close, t.api.Close)
}

var _ = []any{
	connectors.Connector((*Twilio)(nil)), connectors.Sender((*Twilio)(nil)), connectors.Finder((*Twilio)(nil)), connectors.Checker((*Twilio)(nil)),
	connectors.Reacher((*Twilio)(nil)), connectors.Referrer((*Twilio)(nil)), connectors.Guide((*Twilio)(nil)), connectors.Troubled((*Twilio)(nil)),
	connectors.Measurer((*Twilio)(nil)), connectors.Windower((*Twilio)(nil)), connectors.Metered((*Twilio)(nil)), http.Handler((*Twilio)(nil)),
}
