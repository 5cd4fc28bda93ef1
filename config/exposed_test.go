package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/config"
	"loket/connectors"
	"loket/internal/secret"
)

type signing struct {
	Server account     `yaml:"server"`
	Key    secret.File `yaml:"key_file"`
}

func TestSecretsThatOthersMayReadAreTold(t *testing.T) {
	t.Setenv("SET", "swordfish-from-outside")
	const here, inFile = "is a secret that stands here, and FILE is open to others (-rw-r--r--): chmod 600 FILE", "is a secret in a file, and "
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing secret", `store: {url: embedded}`, nil},
		{"a URL without a password", `store: {url: "redis://loket@db:6379/0"}`, nil},
		{"a socket", `store: {url: "unix:///run/redis.sock"}`, nil},
		{"a password in the store's URL", `store: {url: "redis://:swordfish@db:6379/0"}`, []string{"1:14: store.url: " + here}},
		{"and its host from outside", `store: {url: "redis://:swordfish@${SET}:6379"}`, []string{"1:14: store.url: " + here}},
		{"from the environment", `{secret_key: "${SET}", store: {url: "redis://:${SET}@db"}}`, nil},
		{"in part from the environment", `secret_key: "prefix-${SET}"`, nil},
		{"in part from another setting", `secret_key: "Bearer {{secret.token}}"`, nil},
		{"with another for want of it", `secret_key: "${UNSET_HERE:-swordfish-for-want}"`, []string{"1:13: secret_key: " + here}},
		{"though it is not wanted", `secret_key: "${SET:-swordfish-for-want}"`, []string{"1:13: secret_key: " + here}},
		{"a key", `secret_key: swordfish-swordfish`, []string{"1:13: secret_key: " + here}},
		{"several are told once", `{secret_key: swordfish-swordfish, store: {url: "redis://:swordfish@db"}}`, []string{"1:14: secret_key: " + here}},
		{"a connector's, switched off", `connectors: [{name: a, type: mailbox, enabled: false, settings: {password: swordfish}}]`,
			[]string{"1:76: connectors[0].settings.password: " + here}},
		{"a URL written alone", `connectors: [{name: a, type: signing, settings: {server: "smtps://u:swordfish@h"}}]`,
			[]string{"1:58: connectors[0].settings.server: " + here}},
		{"a URL and an address in a text", `connectors: [{name: a, type: mailbox, settings: {plain: "see https://example.org: or kate@example.org", poll: 1s}}]`, nil},
		{"a private file", `secret_key: "${file:private}"`, nil},
		{"an open file", `secret_key: "${file:open}"`, []string{"1:13: secret_key: " + inFile + "DIR/open is open to others (-rw-r--r--): chmod 600 DIR/open"}},
		{"an open file of no secret", `connectors: [{name: a, type: mailbox, settings: {plain: "${file:open}", poll: 1s}}]`, nil},
		{"the password of a URL", `connectors: [{name: a, type: signing, settings: {server: "smtps://u:${file:open}@h"}}]`,
			[]string{"1:58: connectors[0].settings.server: " + inFile + "DIR/open is open to others (-rw-r--r--): chmod 600 DIR/open"}},
		{"the file of a key", `connectors: [{name: a, type: signing, settings: {key_file: open}}]`,
			[]string{"1:60: connectors[0].settings.key_file: " + inFile + "DIR/open is open to others (-rw-r--r--): chmod 600 DIR/open"}},
		{"a private file of a key", `connectors: [{name: a, type: signing, settings: {key_file: private}}]`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "config.yaml")
			text := c.text + "\n" + least
			if strings.HasPrefix(c.text, "{") {
				text = strings.TrimSuffix(c.text, "}") + ", teams: {support: {}}, fallback_team: support}\n"
			}
			for file, mode := range map[string]os.FileMode{"private": 0o600, "open": 0o644, "config.yaml": 0o644} {
				write(t, filepath.Join(dir, file), map[bool]string{true: text, false: "swordfish-swordfish"}[file == "config.yaml"])
				if err := os.Chmod(filepath.Join(dir, file), mode); err != nil {
					t.Fatal(err)
				}
			}
			types := append(types(), connectors.Type{Name: "signing", NewConfig: func() any { return &signing{} }})
			cfg, err := config.Load(path, types)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range cfg.Exposed {
				got = append(got, strings.NewReplacer(path+":", "", path, "FILE", dir, "DIR").Replace(p.Error()))
			}
			if diff := cmp.Diff(got, c.want); diff != "" {
				t.Errorf("exposed (-got +want):\n%s", diff)
			}
			if err := os.Chmod(path, 0o600); err != nil {
				t.Fatal(err)
			}
			if cfg, err = config.Load(path, types); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(cfg.Exposed.Error(), "stands here") {
				t.Errorf("of a private file: %v", cfg.Exposed)
			}
		})
	}
}
