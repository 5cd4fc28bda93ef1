package x

import (
	"context"
	"fmt"
	"net/url"

	"go.uber.org/zap"

	"loket/connectors/x/api"
)

// Setup says what must stand at X, and what does, as far as X tells.
func (a *Account) Setup(ctx context.Context) (lines []string, err error) {
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	say("developer.x.com, the app: leave to read, write and direct messages; keys and tokens made after that was set")
	say("The account is the one with the number %s.", a.self)
	if !a.cfg.Webhook {
		say("No webhook: X is asked every %s for mentions and every %s for messages.", a.cfg.Poll, a.cfg.PollMessages)
		return lines, nil
	}
	if u, err := url.Parse(a.env.PublicURL); err != nil || u.Scheme != "https" || u.Port() != "" {
		say("listen.public_url is %s: X needs one that it can reach, with https and without a port", a.env.PublicURL)
	}
	say("The webhook, once, with the app's bearer token, while loket runs (X challenges it at once):")
	say("  POST %s/2/webhooks  %s", a.cfg.APIURL, fmt.Sprintf(`{"url": %q}`, a.env.HookURL("/")))
	if a.cfg.API == apiV1 {
		say("The account's subscription, signed as the account (OAuth 1.0a):")
		say("  POST %s/2/account_activity/webhooks/<webhook id>/subscriptions/all", a.cfg.APIURL)
	} else {
		say("What it tells, each once; dm.received and dm.sent with a token of the account (OAuth 2.0):")
		for _, event := range []string{"post.mention.create", "post.reply.create", "post.quote.create", "post.create", "post.delete", "dm.received", "dm.sent"} {
			say("  POST %s/2/activity/subscriptions  %s", a.cfg.APIURL,
				fmt.Sprintf(`{"event_type": %q, "filter": {"user_id": %q}, "webhook_id": "<webhook id>"}`, event, a.self))
		}
	}
	hooks, err := a.app.Webhooks(ctx)
	if err != nil {
		return lines, fmt.Errorf("look which webhooks are registered at X: %w", err)
	}
	return append(lines, a.compare(hooks)...), nil
}

// compare tells what is registered beside what should be.
func (a *Account) compare(hooks []api.Webhook) (lines []string) {
	for _, h := range hooks {
		switch {
		case h.URL == a.env.HookURL("/") && h.Valid:
			return []string{"right    the webhook is registered and valid, as " + h.ID}
		case h.URL == a.env.HookURL("/"):
			return []string{fmt.Sprintf("INVALID  the webhook is registered as %s, and X sends it nothing: PUT %s/2/webhooks/%s when loket is reached", h.ID, a.cfg.APIURL, h.ID)}
		}
		lines = append(lines, "LOOK     another webhook is registered: "+h.URL)
	}
	return append(lines, "MISSING  the webhook is not registered")
}

// watchHook looks now and then whether X still sends us anything: once a webhook was found wanting, it gets nothing until it
// is challenged again. Whether one is registered is not our matter, nor whether X lets us look.
func (a *Account) watchHook(ctx context.Context) error {
	hooks, err := a.app.Webhooks(ctx)
	if err != nil {
		a.env.Log.Debug("webhooks are not listed", zap.Error(err))
		return nil
	}
	for _, h := range hooks {
		if h.URL != a.env.HookURL("/") || h.Valid {
			continue
		}
		if err := a.app.Revive(ctx, h.ID); err != nil {
			return fmt.Errorf("X sends nothing to the webhook, and challenging it again failed: %w", err)
		}
		a.env.Log.Warn("X had given up the webhook, and challenges it again")
	}
	return nil
}
