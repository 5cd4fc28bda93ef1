package x

import (
	"loket/connectors"
	"loket/connectors/hook"
)

// What is taken in.
const (
	eventPost      = "post"
	eventDirect    = "direct"
	eventDeleted   = "deleted"
	eventRead      = "read"
	eventEncrypted = "encrypted"
)

// How something came.
const (
	byWebhook = "webhook"
	byPolling = "polling"
)

// Reasons for which something is not taken in, beside those of hook: of those, unreadable goes to quarantine, and unknown is
// an event that is no matter for a desk.
const (
	reasonAccount = "account" // of another one
	reasonMedia   = "media"
)

func newCounts(env connectors.Env) *hook.Counters {
	return hook.NewCounters(hook.Counts{
		Name: "x", Vendor: "X", Connector: env.Name, Log: env.Log,
		Events: []string{eventPost, eventDirect, eventDeleted, eventRead, eventEncrypted}, Ways: []string{byWebhook, byPolling},
		Reasons: []string{
			hook.Signature, hook.Challenged, hook.TooLarge, hook.Slow, hook.Busy, hook.Unreadable, hook.Unknown, reasonAccount, hook.NotStored, reasonMedia,
		},
		Quiet: []string{hook.Unknown}, // most that X sends is none of the desk's
	})
}
