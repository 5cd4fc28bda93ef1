// Package webhook is the channel of any system that speaks HTTP, without a line of Go: expressions of the configuration say what
// of a request is the message, and templates how an answer is called out.
//
// config.go has the settings; expression.go is their language, template.go what is written by it; verify.go is the lock of the
// door, payload.go reads a body, incoming.go makes messages of it, files.go brings their files, send.go is the way out,
// rehearse.go tries both.
package webhook

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"loket/connectors"
	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/connectors/vendor"
	"loket/internal/body"
	"loket/internal/message"
)

// Type is the webhook's entry in the list of connector types.
func Type() connectors.Type {
	return connectors.Type{
		Name: "webhook",
		NewConfig: func() any {
			return &Config{Methods: []string{http.MethodPost}, MaxBytes: 5 << 20, MaxFileBytes: 20 << 20}
		},
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) { return New(*cfg.(*Config), env) },
	}
}

// Warnings for the agent.
const (
	MarkNoFile = "a file could not be fetched"
	MarkLate   = "a file is still on its way"
	MarkStop   = "wants no more messages"
)

const (
	answerWithin = 50 * time.Second
	fileWithin   = 20 * time.Second // how long the messages of a request wait for their files
	fileEvery    = time.Minute      // how often a file is tried that did not come meanwhile
	fileWait     = 2 * time.Minute  // after which it is given up
)

// A Webhook is the connector. Its methods may be called concurrently, and before, during and after Run.
type Webhook struct {
	*hook.Hook
	*hook.Counters
	cfg   Config
	env   connectors.Env
	rules *rules
	files *fetch.Late
	now   func() time.Time
}

// An answering webhook has a call for answers.
type answering struct {
	*Webhook
	api *vendor.Client
}

// New makes the connector of a configuration that Validate found right. It calls nobody.
func New(cfg Config, env connectors.Env) (connectors.Connector, error) {
	r, err := compile(&cfg)
	if err != nil {
		return nil, fmt.Errorf("make connector %s: %w", env.Name, err)
	}
	w := &Webhook{cfg: cfg, env: env, rules: r, now: time.Now, Counters: hook.NewCounters(hook.Counts{
		Name: "webhook", Vendor: "a webhook", Connector: env.Name, Events: []string{eventMessage, eventReport, eventProblem}, Ways: []string{"webhook"},
		Reasons: []string{hook.Signature, hook.TooLarge, hook.Slow, hook.Unknown, hook.Busy, hook.NotStored, hook.TooMany, "file", "other"},
	})}
	gaveUp := func(err error) { w.Refused("file", err) }
	w.files = &fetch.Late{
		Client: fetch.New(fetch.Options{
			Sources: []fetch.Source{{Origins: cfg.Files}}, MaxBytes: cfg.MaxFileBytes, Within: fileWithin, Reserve: answerWithin - fileWithin, Pauses: []time.Duration{time.Second},
			Missing: MarkNoFile, GaveUp: gaveUp,
		}, env.Blobs),
		Env: env, Within: fileWithin, GiveUp: fileWait, FromFirst: true, Mark: MarkLate, Key: func(m *message.Message) string { return m.ID },
		Remembered: w.remind, GaveUp: gaveUp, Now: func() time.Time { return w.now() },
	}
	w.Hook = hook.New(hook.Options{
		Paths: map[string]hook.Take{"/": w.take, "/status": w.take}, Methods: slices.Clone(cfg.Methods), Admit: w.admit, Verify: w.verify,
		Signature: "the request must prove by what verify asks for that it is of the system", Limits: body.Limits{Bytes: cfg.MaxBytes},
		AnswerWithin: answerWithin, BadPerMinute: cfg.Verify.tries(), Counters: w.Counters, Log: env.Log,
	})
	if cfg.Reply == nil {
		return w, nil
	}
	a := &answering{Webhook: w}
	if a.api, err = w.client(); err != nil {
		return nil, fmt.Errorf("make connector %s: %w", env.Name, err)
	}
	return a, nil
}

// tries is how many wrong ones a client may make in a minute: some, where there is something to guess.
func (v *Verify) tries() int {
	if v.Token != nil || v.Basic != nil {
		return 30
	}
	return 0
}

// Run waits until ctx is done.
func (w *Webhook) Run(ctx context.Context) error {
	<-ctx.Done()
	w.files.Client.Close()
	return nil
}

// remind has the files of a message tried again.
func (w *Webhook) remind(ctx context.Context, id string) error {
	return w.env.RemindAt(ctx, id, w.now().Add(fileEvery))
}

// Remind brings the files of a message that did not come with it: systems that post once bring nothing again.
func (w *Webhook) Remind(ctx context.Context, id string, _ time.Time) (again time.Time, err error) {
	if done, err := w.files.Bring(ctx, id); err != nil || done {
		return time.Time{}, err
	}
	return w.now().Add(fileEvery), nil
}

// Run waits until ctx is done.
func (a *answering) Run(ctx context.Context) error {
	defer a.api.Close()
	return a.Webhook.Run(ctx)
}

// Setup says where the other system must post.
func (w *Webhook) Setup(context.Context) ([]string, error) {
	return []string{
		"The other system must call, by " + w.cfg.Methods[0] + " and with what verify asks for:",
		"  " + w.env.HookURL("/"),
		"and may call this for reports, if it wants another address for them:",
		"  " + w.env.HookURL("/status"),
		"Try a payload without storing anything:  loket route --connector " + w.env.Name + " payload.json",
	}, nil
}

var _ = []any{
	connectors.Connector((*Webhook)(nil)), connectors.Guide((*Webhook)(nil)), connectors.Metered((*Webhook)(nil)), http.Handler((*Webhook)(nil)),
	connectors.Rehearser((*Webhook)(nil)), connectors.Reminded((*Webhook)(nil)), connectors.ReplyRehearser((*answering)(nil)),
	connectors.Sender((*answering)(nil)), connectors.Checker((*answering)(nil)), connectors.Reacher((*answering)(nil)), connectors.Referrer((*answering)(nil)),
}
