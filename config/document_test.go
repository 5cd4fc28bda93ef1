package config_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"loket/config"
)

func TestWhatIsNoConfigurationIsRefused(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 'b'; i <= 'j'; i++ {
		bomb += string(i) + ": &" + string(i) + " [" + strings.Repeat("*"+string(i-1)+",", 10) + "]\n"
	}
	for _, row := range []struct{ name, text, want string }{
		{"empty", "", "f:1:1: teams: must have at least one team\nf:1:1: fallback_team: must name a team"},
		{"only a comment", "# x\n", "f:1:1: teams: must have at least one team\nf:1:1: fallback_team: must name a team"},
		{"a text", "hello", "f:1:1: must be a mapping of keys to values, not a single value"},
		{"a list", "- a", "f:1:1: must be a mapping of keys to values, not a list"},
		{"two documents", least + "---\nb: 1\n", "f:3:1: must be the only document in the file"},
		{"a bracket left open", "teams: [", "f:1:9: not valid YAML: did not find expected node content while parsing a flow node"},
		{"a tab", "teams:\n\tsupport: {}", "f:2:1: not valid YAML: a value cannot begin with this sign (a tab, @ or `): put a text between quotes, indent with spaces"},
		{"a control character", "teams:\n  a\x00: b", "f:2:4: not valid YAML: control characters are not allowed (value: 0)"},
		{"not UTF-8", "a: b\nc: \xff", "f:2:4: the file must be UTF-8 text"},
		{"a tag", "keep: !days 3\n" + least, "f:1:7: keep: must not have a tag (!…): put a text that begins with ! between quotes"},
		{"a cycle", "connectors: [{name: w, type: webform, settings: &a {x: *a}}]\n" + least, "f:1:56: " +
			"connectors[0].settings" + strings.Repeat(".x", 50) + ": aliases (*) make too much of too little: write the values out"},
		{"aliases that explode", "connectors:\n  - name: w\n    type: webform\n    settings:\n      " +
			strings.ReplaceAll(bomb, "\n", "\n      ") + "\n" + least, "aliases (*) make too much of too little: write the values out"},
		{"deep", "a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "f:1:54: stands too deep inside other values"},
		{"large", strings.Repeat("#\n", config.MaxSize), "f:1:1: the file must be at most 1048576 bytes"},
		{"long key", strings.Repeat("k", 300) + ": 1\n" + least, "f:1:1: a key must be plain text of at most 200 bytes"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := config.Parse("f", []byte(row.text), t.TempDir(), types())
			if err == nil || !strings.HasSuffix(err.Error(), row.want) {
				t.Errorf("Parse = %v, want %s", err, row.want)
			}
		})
	}
}

func TestAliasesMayBeUsed(t *testing.T) {
	cfg := parse(t, "teams: {a: &t {first_reply: 3h}, b: *t}\nfallback_team: a\n", t.TempDir())
	if diff := cmp.Diff(cfg.Router.Teams["a"], cfg.Router.Teams["b"]); diff != "" {
		t.Errorf("the alias differs:\n%s", diff)
	}
	_, err := config.Parse("f", []byte("teams: {a: &t {lease: 1s}, b: *t}\nfallback_team: a\n"), t.TempDir(), types())
	want := "f:1:23: teams.a.lease: must be at least 5s, not 1s\nf:1:23: teams.b.lease: must be at least 5s, not 1s"
	if err == nil || err.Error() != want {
		t.Errorf("Parse = %v, want %s", err, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		least, "a: &a [*a]", "teams: {a: {lease: 1s}}\nrules:\n- {name: a, when: 'x == ''y'''}\n", "\ufeffa: |\n  b\r\n  c\u2028d: e",
		"rules:\n- when: |+\n\n    public and\n\n    nam\n", "connectors:\n- {name: é, type: mailbox, settings: {poll: ${X:-1}}}", "a: b\n---\nc",
		"rules: [{when: \"\\u00e9 == nam\"}, {when: >\n public\n and x}]", "? [a]\n: b\n<<: c", "store: {url: 'redis://a:b@c'}",
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := config.Parse("f", data, dir, types())
		if (cfg == nil) == (err == nil) {
			t.Fatalf("Parse = %v, %v", cfg, err)
		}
		if err == nil {
			return
		}
		var problems config.Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("error %T %v is not Problems", err, err)
		}
		lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(string(data)), "\n")
		for i, p := range problems {
			if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > utf8.RuneCountInString(lines[p.Line-1])+1 {
				t.Errorf("%v is outside the file", p)
			}
			if i > 0 && (p.Line < problems[i-1].Line || p.Line == problems[i-1].Line && p.Column < problems[i-1].Column) {
				t.Errorf("%v stands after %v", p, problems[i-1])
			}
			if p.Reason == "" || strings.Contains(p.Reason, "%!") {
				t.Errorf("%v has no proper reason", p)
			}
		}
	})
}
