package api_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
	"loket/internal/message"
	"loket/router"
)

func TestDecisionSurvivesTheWire(t *testing.T) {
	r, err := router.New(router.Config{
		Teams: map[string]router.Team{"network": {}}, Fallback: "network",
		Rules: []router.Rule{{Name: "all", When: "true", Team: "network", Tags: []string{"a"}, Priority: "low"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := api.DryRun(r, &message.Message{Received: time.Date(2026, 3, 29, 2, 30, 0, 123456789, time.FixedZone("", 7200))}).Decision
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"team":"network","priority":"low","band":3,"lane":"","due":"2026-03-29T08:30:00.123Z","rule":"all","tags":["a"],` +
		`"first_reply":"8h0m0s","next_reply":"8h0m0s","at":"2026-03-29T00:30:00.123Z",` +
		`"tried":[{"rule":"all","matched":true,"because":"the rule is for every message"}]}`
	if string(b) != want {
		t.Errorf("Marshal:\n got %s\nwant %s", b, want)
	}
	var back api.Decision
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(back, d); diff != "" {
		t.Errorf("read back (-got +want):\n%s", diff)
	}
	if err := json.Unmarshal([]byte(`{"due":"soon"}`), &back); err == nil {
		t.Error("a decision with a wrong due was read")
	}
}
