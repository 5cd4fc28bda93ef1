package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/config"
	"loket/connectors"
	"loket/connectors/webform"
	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/secret"
	"loket/internal/store"
	"loket/router"
	"loket/router/calendar"
)

func TestEveryMistakeHasItsPlace(t *testing.T) {
	t.Setenv("PRIORITY", "immediately")
	for _, name := range []string{"style", "all"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", name+".yaml"))
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join("testdata", name+".want"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = config.Parse("config.yaml", data, t.TempDir(), types())
			if err == nil {
				t.Fatal("no mistake was found")
			}
			if diff := cmp.Diff(strings.Split(err.Error()+"\n", "\n"), strings.Split(string(want), "\n")); diff != "" {
				t.Errorf("mistakes (-got +want):\n%s\ngot:\n%s", diff, err)
			}
		})
	}
}

func types() []connectors.Type {
	return []connectors.Type{
		{Name: "mailbox", NewConfig: func() any { return &mailbox{Poll: time.Minute, Port: 993} }},
		{Name: "webform", NewConfig: func() any { return &map[string]any{} }},
		{Name: "bare"},
	}
}

type mailbox struct {
	Address  string        `yaml:"address"`
	Poll     time.Duration `yaml:"poll"`
	Port     int           `yaml:"port"`
	Password secret.String `yaml:"password"`
	Plain    string        `yaml:"plain"`
	Tags     []string      `yaml:"tags"`
}

func (m *mailbox) Validate() error {
	var errs []error
	if m.Poll < time.Second {
		errs = append(errs, field.Errorf("poll", "must be at least 1s, not %s", m.Poll))
	}
	if strings.Contains(m.Plain, "wrong") {
		errs = append(errs, field.Errorf("plain", "must be right, not %q", m.Plain))
	}
	if p := m.Password.Reveal(); strings.Contains(p, "wrong") {
		errs = append(errs, field.Errorf("password", "must be right, not %q or %s", p, p))
	}
	return errors.Join(errs...)
}

var sameZone = cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })

const least = "teams: {support: {}}\nfallback_team: support\n"

func TestLeastConfigurationHasDefaults(t *testing.T) {
	dir := t.TempDir()
	got := parse(t, least, dir)
	want := &config.Config{
		Store:    store.Config{URL: secret.New("embedded"), Data: filepath.Join(dir, "data")},
		Listen:   config.Listen{Public: "127.0.0.1:8080", Desk: "127.0.0.1:8081", PublicURL: "http://127.0.0.1:8080"},
		Identity: identity.Config{Region: "NL", Silence: 365 * 24 * time.Hour}, Zone: got.Zone,
		Router: router.Config{Teams: map[string]router.Team{"support": {}}, Fallback: "support"},
		Keep:   90 * 24 * time.Hour,
		Log:    config.Log{Level: "info", Format: "console"},
	}
	if diff := cmp.Diff(got, want, cmpopts.EquateEmpty(), cmp.AllowUnexported(secret.String{}), sameZone); diff != "" {
		t.Errorf("configuration (-got +want):\n%s", diff)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	got := parse(t, `
store: {url: "rediss://localhost:6379/1", data: /var/lib/loket, ca: ca.pem}
listen: {public: ":80", desk: "127.0.0.1:81", public_url: "https://example.org/", trusted_proxies: [10.0.0.0/8]}
secret_key: 0123456789abcdef
identity: {region: BE}
zone: Europe/Amsterdam
calendars:
  office: {zone: Europe/Brussels, week: {mon-fri: 09:00-17:30}, dates: {2026-12-05: 24h}, holidays: [be, 2026-12-24]}
teams:
  support: {calendar: office, first_reply: 4h, next_reply: 1d12h, lease: 2m, reopen: 7d, languages: [nl, fr], resolution: 5d, targets: {urgent: {first_reply: 1h, next_reply: 2h, resolution: 4h}}}
people: [{name: anna, teams: [support], roles: [agent, admin]}]
tokens: [{name: crm, token: 01234567890123456789, person: anna, teams: [support], roles: [agent]}]
connectors:
  - {name: mail, type: mailbox, settings: {poll: 5s, port: 1_143, password: 12345, tags: [a, 0b1], address: yes}}
  - {name: off, type: mailbox, enabled: false}
  - {name: bare, type: bare, calendar: office}
  - {name: form, type: webform, settings: {rate_per_minute: 30, languages: [nl, en], fast: true, factor: 0.5, title: {nl: Hoi}}}
rules:
  - {name: a, when: public, team: support, priority: high, lane: "@anna", tags: [x], first_reply: 1m, next_reply: 2m, resolution: 3m}
fallback_team: support
keep: 30d
log: {level: debug, format: json}
`, "/etc/loket")
	want := &config.Config{
		Store: store.Config{URL: secret.New("rediss://localhost:6379/1"), Data: "/var/lib/loket", CA: "/etc/loket/ca.pem"},
		Listen: config.Listen{
			Public: ":80", Desk: "127.0.0.1:81", PublicURL: "https://example.org", TrustedProxies: []string{"10.0.0.0/8"},
		},
		SecretKey: secret.New("0123456789abcdef"),
		Identity:  identity.Config{Region: "BE", Silence: 365 * 24 * time.Hour},
		Zone:      amsterdam,
		Calendars: map[string]calendar.Config{"office": {
			Zone: "Europe/Brussels", Week: map[string]string{"mon-fri": "09:00-17:30"}, Dates: map[string]string{"2026-12-05": "24h"},
			Holidays: []string{"be", "2026-12-24"},
		}},
		Router: router.Config{
			Teams: map[string]router.Team{"support": {
				Calendar: "office", FirstReply: 4 * time.Hour, NextReply: 36 * time.Hour, Lease: 2 * time.Minute,
				Reopen: 168 * time.Hour, Languages: []string{"nl", "fr"}, Resolution: 120 * time.Hour,
				Targets: map[string]router.Targets{"urgent": {FirstReply: time.Hour, NextReply: 2 * time.Hour, Resolution: 4 * time.Hour}},
			}},
			Rules: []router.Rule{{
				Name: "a", When: "public", Team: "support", Priority: "high", Lane: "@anna", Tags: []string{"x"},
				FirstReply: time.Minute, NextReply: 2 * time.Minute, Resolution: 3 * time.Minute,
			}},
			Fallback: "support",
		},
		People: []access.Person{{Name: "anna", Teams: []string{"support"}, Roles: []string{"agent", "admin"}}},
		Tokens: []access.Token{{
			Name: "crm", Token: secret.New("01234567890123456789"), Person: "anna", Teams: []string{"support"}, Roles: []string{"agent"},
		}},
		Connectors: []config.Connector{
			{Name: "mail", Type: "mailbox", Enabled: true, Settings: &mailbox{
				Address: "yes", Poll: 5 * time.Second, Port: 1143, Password: secret.New("12345"), Tags: []string{"a", "0b1"},
			}},
			{Name: "off", Type: "mailbox", Settings: &mailbox{Poll: time.Minute, Port: 993}},
			{Name: "bare", Type: "bare", Enabled: true, Calendar: "office"},
			{Name: "form", Type: "webform", Enabled: true, Settings: &map[string]any{
				"rate_per_minute": 30, "languages": []any{"nl", "en"}, "fast": true, "factor": 0.5, "title": map[string]any{"nl": "Hoi"},
			}},
		},
		Keep: 30 * 24 * time.Hour,
		Log:  config.Log{Level: "debug", Format: "json"},
	}
	if got.Router.Calendars["office"] == nil {
		t.Error("the calendar was not made")
	}
	got.Router.Calendars = nil
	if diff := cmp.Diff(got, want, cmp.AllowUnexported(secret.String{}), sameZone); diff != "" {
		t.Errorf("configuration (-got +want):\n%s", diff)
	}
}

func TestLoadReadsTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "loket.yaml")
	if err := os.WriteFile(path, []byte(least), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path, types())
	if err != nil || cfg.Store.Data != filepath.Join(filepath.Dir(path), "data") {
		t.Errorf("Load = %+v, %v", cfg, err)
	}
	if err := os.WriteFile(path, []byte("keep: 1h"), 0o600); err != nil {
		t.Fatal(err)
	}
	var problems config.Problems
	if _, err := config.Load(path, types()); !errors.As(err, &problems) || problems[0].File != path {
		t.Errorf("Load of a wrong file = %v, want Problems that name it", err)
	}
	if _, err := config.Load(path+".gone", types()); !errors.Is(err, os.ErrNotExist) || errors.As(err, &problems) {
		t.Errorf("Load of no file = %v, want one that says that it does not exist", err)
	}
}

func TestExampleIsComplete(t *testing.T) {
	var others []connectors.Type
	for _, name := range []string{"bluesky", "chat", "email", "folder", "mastodon", "meta", "telegram", "twilio", "webhook", "x", "youtube"} {
		others = append(others, connectors.Type{Name: name, NewConfig: func() any { return &map[string]any{} }})
	}
	cfg, err := config.Load("../config.example.yaml", append(types(), others...))
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Connectors) == 0 || cfg.Connectors[0].Name != "website" || !cfg.Connectors[0].Enabled {
		t.Errorf("connectors = %+v, want the web form first, switched on", cfg.Connectors)
	}
	if cfg.Store.URL.Reveal() != store.Embedded || cfg.Store.Data != "../data" {
		t.Errorf("store = %s in %s, want an embedded one beside the file", cfg.Store.URL.Reveal(), cfg.Store.Data)
	}
}

func parse(t *testing.T, text, dir string) *config.Config {
	t.Helper()
	cfg, err := config.Parse("config.yaml", []byte(text), dir, types())
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// mistakes parses least and what is added to it, and gives the lines of the error.
func mistakes(t *testing.T, added, dir string) []string {
	t.Helper()
	_, err := config.Parse("f", []byte(added+"\n"+least), dir, types())
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

// account may be written as its URL alone, or with all its keys.
type account struct {
	URL  secret.String `yaml:"url"`
	Port int           `yaml:"port"`
}

func (a *account) UnmarshalText(b []byte) error { return a.URL.UnmarshalText(b) }

func TestAStructureMayBeWrittenAsOneValue(t *testing.T) {
	type settings struct {
		Short, Long account
		Many        []account
	}
	ts := []connectors.Type{{Name: "mail", NewConfig: func() any { return &settings{} }}}
	cfg, err := config.Parse("config.yaml", []byte(least+`
connectors:
  - name: mail
    type: mail
    settings: {short: "smtp://a", long: {url: "smtp://b", port: 25}, many: ["smtp://c", {port: 26}]}
`), t.TempDir(), ts)
	if err != nil {
		t.Fatal(err)
	}
	got := cfg.Connectors[0].Settings.(*settings)
	want := &settings{
		Short: account{URL: secret.New("smtp://a")}, Long: account{secret.New("smtp://b"), 25},
		Many: []account{{URL: secret.New("smtp://c")}, {Port: 26}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(secret.String{})); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	_, err = config.Parse("config.yaml", []byte(least+"secret_key: {a: b}\n"), t.TempDir(), ts)
	if err == nil || !strings.Contains(err.Error(), "must be a single value") {
		t.Errorf("a secret as a mapping: %v, want that it must be a single value", err)
	}
}

func TestConnectorsThatOthersSendByAreThere(t *testing.T) {
	const text = least + `connectors:
  - {name: website, type: webform, settings: {notify: [mail, website, mial]}}
  - {name: mail, type: webform}
`
	_, err := config.Parse("loket.yaml", []byte(text), t.TempDir(), []connectors.Type{webform.Type()})
	want := `loket.yaml:4:62: connectors[0].settings.notify[1]: no other connector is called "website"
loket.yaml:4:71: connectors[0].settings.notify[2]: no other connector is called "mial" (did you mean "mail"?)`
	if err == nil || err.Error() != want {
		t.Errorf("Parse = %v, want\n%s", err, want)
	}
}
