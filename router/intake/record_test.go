package intake_test

import (
	"regexp"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/intake"
)

// TestRecordedDecisionIsStoredAsItWas: what a thread keeps of a decision is read again weeks later, by another version too.
func TestRecordedDecisionIsStoredAsItWas(t *testing.T) {
	t.Parallel()
	r, err := router.New(router.Config{Teams: map[string]router.Team{"support": {}, "network": {}}, Fallback: "support", Rules: []router.Rule{{
		Name: "outage", When: `text contains "storing"`, Team: "network", Lane: "@anna", Priority: "high", Tags: []string{"outage", "vip"},
		FirstReply: time.Hour, NextReply: 90 * time.Minute, Resolution: 24 * time.Hour,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	h := newEnv(t, storetest.New(t), func(o *intake.Options) { o.Router = func() *router.Router { return r } })
	instants := regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	for name, tt := range map[string]struct {
		text string
		by   message.Automatic
		want string
	}{
		"by a rule": {"storing", message.ByPerson, `{"decision":{"team":"network","priority":"high","band":1,"lane":"@anna","due":"<instant>","rule":"outage",` +
			`"tags":["outage","vip"],"first_reply":3600000000000,"next_reply":5400000000000,"resolve_by":"<instant>","at":"<instant>"}}`},
		"for a machine": {"hello", message.Reply, `{"decision":{"team":"support","priority":"normal","band":2,"due":"<instant>","rule":"fallback",` +
			`"first_reply":28800000000000,"next_reply":28800000000000,"at":"<instant>","machine":true}}`},
	} {
		t.Run(name, func(t *testing.T) {
			m := form(len(name))
			m.Text, m.Automatic = tt.text, tt.by
			h.accept(m)
			h.drain()
			kept, err := h.store.Redis().HGet(t.Context(), "lk:{c:"+m.Thread+"}:t", "record").Result()
			if got := instants.ReplaceAllString(kept, "<instant>"); err != nil || got != tt.want {
				t.Errorf("record of %q = %v\n%s\nwant\n%s", tt.text, err, got, tt.want)
			}
		})
	}
}
