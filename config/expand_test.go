package config_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValuesAreFilledIn(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "mail.secret"), "p: [x] # \"y\"\n")
	write(t, filepath.Join(dir, "port"), "143\n")
	t.Setenv("SET", "from the environment")
	t.Setenv("EMPTY", "")
	for in, want := range map[string]string{
		`${SET}`:                             "from the environment",
		`"a ${SET} b ${EMPTY}c"`:             "a from the environment b c",
		`${UNSET_HERE:-otherwise}`:           "otherwise",
		`${EMPTY:-otherwise}`:                "otherwise",
		`"${UNSET_HERE:-}"`:                  "",
		`$${SET} $SET ${SET}`:                "${SET} $SET from the environment",
		`user:${file:mail.secret}@host`:      `user:p: [x] # "y"@host`,
		`${file:` + dir + `/mail.secret}`:    `p: [x] # "y"`,
		`'single ${SET}'`:                    "single from the environment",
		`&anchored ${SET}`:                   "from the environment",
		"|\n        block ${SET}\n        x": "block from the environment\nx\n",
	} {
		cfg := parse(t, "connectors:\n  - name: a\n    type: mailbox\n    settings:\n      port: ${file:port}\n      plain: "+in+"\n"+least, dir)
		got := cfg.Connectors[0].Settings.(*mailbox)
		if got.Plain != want || got.Port != 143 {
			t.Errorf("%s = %q and %d, want %q and 143", in, got.Plain, got.Port, want)
		}
	}
}

func TestKeysAreNotFilledIn(t *testing.T) {
	t.Setenv("KEY", "plain")
	got := mistakes(t, `connectors: [{name: a, type: mailbox, settings: {"${KEY}": x}}]`, t.TempDir())
	want := []string{`f:1:50: connectors[0].settings.${KEY}: unknown key "${KEY}"`}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("mistakes (-got +want):\n%s", diff)
	}
}

func TestWhatCannotBeFilledInHasItsPlace(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for value, reason := range map[string]string{
		`${UNSET_HERE}`:     `the environment has no UNSET_HERE`,
		`x ${unclosed`:      `${ is not closed with }: write $${ for the text itself`,
		`${a b}`:            `must be ${VAR}, ${VAR:-otherwise} or ${file:PATH}: write $${ for the text itself`,
		`${file:}`:          `${file:} must name a file`,
		`${file:gone.txt}`:  `read ` + dir + `/gone.txt: no such file or directory`,
		`x${file:folder}`:   `read ` + dir + `/folder: not a regular file`,
		`${file:/dev/zero}`: `read /dev/zero: not a regular file`,
	} {
		got := mistakes(t, "connectors: [{name: a, type: mailbox, settings: {poll: '"+value+"', password: '"+value+"'}}]", dir)
		want := []string{
			`f:1:56: connectors[0].settings.poll: ` + reason,
			"f:1:" + strconv.Itoa(56+len(value)+2+2+10) + `: connectors[0].settings.password: ` + reason,
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", value, diff)
		}
		off := mistakes(t, "connectors: [{name: a, type: mailbox, enabled: false, settings: {poll: '"+value+"'}}]", dir)
		if off != nil {
			t.Errorf("%s in a connector that is switched off: %q, want no mistake", value, off)
		}
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	dir := t.TempDir()
	const hush = "wrong \"hunter2\" wrong"
	write(t, filepath.Join(dir, "hush"), hush)
	t.Setenv("HUSH", hush)
	quoted := `'` + hush + `'`
	box := func(settings string) string {
		return "connectors: [{name: a, type: mailbox, settings: " + settings + "}]"
	}
	for _, text := range []string{
		box(`{password: ` + quoted + `}`),
		box(`{password: "${HUSH}", plain: "wrong ${HUSH}"}`),
		box(`{plain: "https://x:${file:hush}@y"}`),
		box(`{poll: ` + quoted + `, port: ` + quoted + `, tags: ` + quoted + `}`),
		box(`{poll: "${HUSH}", port: "${file:hush}"}`),
		box(`{"password:hunter2": }`),
		box(`{password:hunter2}`),
		box(`{password: *hunter2}`),
		box(`{password: !hunter2 x}`),
		box(`{password: !hunter2!x y}`),
		box(`{password: "${hunter2 x}"}`),
		box(`{password: "x${hunter2"}`),
		box(`{password: {hunter2: x}}`),
		box(`{password: [hunter2]}`),
		"connectors: [{name: a, type: nope, settings: {password: hunter2}}]",
		"store: {url: 'ftp://user:hunter2@host'}",
		"store: {url: 'redis://user:hunter2hunter2@host:port'}",
		"store: {url: 'redis://user:hun ter2/hunter2@host'}",
		"secret_key: hunter2",
		"tokens: [{name: a, token: hunter2}, {name: b, token: 'hunter2 hunter2 hunter2'}]",
		"secret_key:hunter2\nx: y",
		"secret_key: 'hunter2",
		"secret_key: hunter2: x",
		"secret_key: \"\\qhunter2\"",
		"secret_key: @hunter2",
	} {
		got := mistakes(t, text, dir)
		if got == nil {
			t.Errorf("%s: no mistake was found", text)
		}
		for _, line := range got {
			if strings.Contains(line, "hunter2") {
				t.Errorf("%s:\nprinted %s", text, line)
			}
		}
	}
}

func TestSecretFilesHaveALimit(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "large"), strings.Repeat("x", 1<<17))
	got := mistakes(t, "secret_key: ${file:large}", dir)
	want := []string{"f:1:13: secret_key: read " + dir + "/large: must be at most 65536 bytes"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("mistakes (-got +want):\n%s", diff)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
