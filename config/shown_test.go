package config_test

import (
	"strings"
	"testing"

	"loket/config"
)

func TestConfigurationIsShownWithoutSecrets(t *testing.T) {
	const text = `
store: {url: "redis://user:swordfish-1@redis.example:6379/0"}
secret_key: swordfish-2-swordfish-2-swordfish-2
teams: {support: {first_reply: 4h}}
people: [{name: anna, teams: [support]}]
tokens: [{name: script, token: swordfish-3-swordfish}]
connectors: [{name: mail, type: mailbox, settings: {address: help@example.org, password: swordfish-4}}]
rules: [{name: all, when: 'text contains "https://user:swordfish-5@example.org"', team: support}]
fallback_team: support
`
	cfg, err := config.Parse("config.yaml", []byte(text), t.TempDir(), types())
	if err != nil {
		t.Fatal(err)
	}
	got, err := cfg.Shown()
	if err != nil || strings.Contains(got, "swordfish") {
		t.Errorf("Shown = %v:\n%s", err, got)
	}
	for _, want := range []string{"first_reply: 4h0m0s", "address: help@example.org", "password: '***'", "poll: 1m0s", "name: script", "fallback_team: support", "keep: 2160h0m0s"} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing says %s in\n%s", want, got)
		}
	}
}
