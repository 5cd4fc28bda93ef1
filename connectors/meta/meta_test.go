package meta_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/meta"
	"loket/connectors/meta/metatest"
	"loket/internal/message"
	"loket/internal/secret"
)

type fields = map[string]any

func settings(server *metatest.Server) *meta.Config {
	cfg := meta.Type().NewConfig().(*meta.Config)
	cfg.AppID, cfg.AppSecret, cfg.VerifyToken = metatest.App, secret.New(metatest.Secret), secret.New(metatest.Verify)
	cfg.WhatsApp = []meta.Number{{ID: metatest.NumberID, Number: metatest.Number, Account: metatest.Account, Token: secret.New(metatest.Token)}}
	cfg.Pages = []meta.Page{{ID: metatest.Page, Instagram: metatest.Instagram, Token: secret.New(metatest.Token)}}
	cfg.Templates = []meta.Template{{Name: "follow_up", Language: "nl", Text: "Beste {{1}}, over {{2}}: schrijf ons nog eens."}}
	cfg.APIURL = server.URL
	return cfg
}

// A bench is an app at a stand-in.
type bench struct {
	*connectortest.Environment
	*meta.App
	server *metatest.Server
}

func newBench(t *testing.T, edits ...func(*meta.Config)) *bench {
	t.Helper()
	b := &bench{Environment: connectortest.New(t), server: metatest.Start(t)}
	cfg := settings(b.server)
	for _, edit := range edits {
		edit(cfg)
	}
	app, err := meta.New(*cfg, b.Env("meta"))
	if err != nil {
		t.Fatal(err)
	}
	b.App = app
	return b
}

// deliver gives a webhook to the app, and its status.
func (b *bench) deliver(t testing.TB, body []byte) int {
	t.Helper()
	return connectortest.Do(t, b.App, metatest.Request("/", body)).Code
}

func TestConformance(t *testing.T) {
	const text = "De storing is terug in de straat"
	picture := "%PDF-1.7 a letter"
	var server *metatest.Server
	var body []byte
	connectortest.Run(t, connectortest.Fixture{
		Type: meta.Type(),
		Config: func(t *testing.T) any {
			server = metatest.Start(t)
			server.Keep("7001", picture)
			body = metatest.Batch("whatsapp_business_account", metatest.WhatsApp("messages", metatest.Said("1", fields{
				"type": "document", "document": fields{"id": "7001", "caption": text, "filename": "brief.pdf", "sha256": metatest.Sum(picture)},
			})))
			return settings(server)
		},
		Deliver: func(t testing.TB, c connectors.Connector) bool {
			return connectortest.Do(t, c, metatest.Request("/", body)).Code == http.StatusOK
		},
		Reply:   reply("Wij kijken ernaar"),
		Secrets: []string{metatest.Secret, metatest.Verify, metatest.Token},
		Private: []string{text, "31612345678", "Wij kijken ernaar"},
	})
}

// The challenge gives nothing to whoever does not know our word, and nothing back that is more than a number or a word.
func TestChallengeIsAnOracleForNothing(t *testing.T) {
	b := newBench(t)
	for name, test := range map[string]struct {
		query string
		want  int
		body  string
	}{
		"right":            {"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=" + metatest.Verify, 200, "1158201444"},
		"a wrong word":     {"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=guess", 403, ""},
		"no word":          {"hub.mode=subscribe&hub.challenge=1158201444", 403, ""},
		"two words":        {"hub.mode=subscribe&hub.challenge=1&hub.verify_token=guess&hub.verify_token=" + metatest.Verify, 403, ""},
		"another mode":     {"hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=" + metatest.Verify, 403, ""},
		"a page":           {"hub.mode=subscribe&hub.verify_token=" + metatest.Verify + "&hub.challenge=" + url.QueryEscape("<script>alert(1)</script>"), 400, ""},
		"a page, and none": {"hub.mode=subscribe&hub.verify_token=x&hub.challenge=" + url.QueryEscape("<script>alert(1)</script>"), 403, ""},
		"no challenge":     {"hub.mode=subscribe&hub.verify_token=" + metatest.Verify, 400, ""},
		"a long one":       {"hub.mode=subscribe&hub.verify_token=" + metatest.Verify + "&hub.challenge=" + strings.Repeat("1", 65), 400, ""},
	} {
		w := connectortest.Do(t, b.App, httptest.NewRequest(http.MethodGet, "/?"+test.query, nil))
		if w.Code != test.want || test.want == 200 && (w.Body.String() != test.body || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain")) {
			t.Errorf("%s: %d %s %q, want %d", name, w.Code, w.Header().Get("Content-Type"), w.Body, test.want)
		}
		if test.want != 200 && (strings.Contains(w.Body.String(), "script") || strings.Contains(w.Body.String(), metatest.Verify)) {
			t.Errorf("%s: it gives back %q", name, w.Body)
		}
	}
}

func TestOnlyWhatMetaSignedIsHeard(t *testing.T) {
	b := newBench(t, func(c *meta.Config) { c.SecondarySecret = secret.New("fedcba9876543210fedcba9876543210") })
	body := metatest.Batch("whatsapp_business_account", metatest.WhatsApp("messages", metatest.Text("1", "Hé 👋")))
	for _, test := range []struct {
		name, signature string
		want            int
	}{
		{"none", "", 403},
		{"of another secret", metatest.Sign("another", body), 403},
		{"of other bytes", metatest.Sign(metatest.Secret, append(body, ' ')), 403},
		{"SHA-1", "sha1=" + strings.Repeat("0", 40), 403},
		{"not hexadecimal", "sha256=" + strings.Repeat("z", 64), 403},
		{"right", metatest.Sign(metatest.Secret, body), 200},
		{"of the secret to come", metatest.Sign("fedcba9876543210fedcba9876543210", body), 200},
	} {
		r := metatest.Request("/", body)
		r.Header.Set("X-Hub-Signature-256", test.signature)
		before := len(b.Accepted())
		if got := connectortest.Do(t, b.App, r).Code; got != test.want || got != 200 && len(b.Accepted()) > before {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
	if got := b.Only().Text; got != "Hé 👋" {
		t.Errorf("text %q", got)
	}
}

func TestConfigNamesAllMistakes(t *testing.T) {
	cfg := meta.Config{
		AppID: "app", AppSecret: secret.New("short"), VerifyToken: secret.New("nonsense"), MaxMediaBytes: 1, Version: "24", APIURL: "http://graph.example", Portfolio: "a b",
		WhatsApp: []meta.Number{{ID: "1", Number: "0201234567", Account: "x"}, {ID: "1"}}, Pages: []meta.Page{{ID: "2", Instagram: "2"}},
		Templates: []meta.Template{{Name: "Follow Up", Language: "Dutch"}},
	}
	err := cfg.Validate()
	for _, path := range []string{
		"app_id: ", "app_secret: ", "verify_token: ", "max_media_bytes", "version: ", "api_url: ", "portfolio: ", "whatsapp[0].number: ", "whatsapp[0].account: ",
		"whatsapp[0].token: ", "whatsapp[1].id: names 1 a second time", "pages[0].token: ", "pages[0].instagram: names 2 a second time", "poll: ", "templates[0].name: ", "templates[0].language: ", "templates[0].text",
	} {
		if err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "nonsense") {
			t.Errorf("Validate = %v, want %s", err, path)
		}
	}
	example, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"type: meta", "app_secret: ${META_APP_SECRET:-}", "verify_token:", "api_url: https://graph.facebook.com"} {
		if !strings.Contains(string(example), key) {
			t.Errorf("config.example.yaml does not show %s", key)
		}
	}
}

func TestSetupSaysWhatToSet(t *testing.T) {
	b := newBench(t)
	b.server.Answer(metatest.NumberID, fields{"display_phone_number": "+31 20 123 4567", "verified_name": "Example", "quality_rating": "GREEN"})
	b.server.Answer(metatest.Account+"/subscribed_apps", fields{"data": []any{}})
	b.server.Answer(metatest.Account+"/message_templates", fields{"data": []any{fields{"name": "follow_up", "language": "nl", "status": "PAUSED"}}})
	b.server.Answer(metatest.Page, fields{"name": "Example", "instagram_business_account": fields{"id": metatest.Instagram}})
	b.server.Answer(metatest.Page+"/subscribed_apps", fields{"data": []any{fields{"id": metatest.App, "subscribed_fields": []any{"messages"}}}})
	lines, err := b.Setup(t.Context())
	got := strings.Join(lines, "\n")
	for _, want := range []string{
		"https://loket.example/in/meta/", "right    106540352242922 is +31201234567", "MISSING  the account tells the app nothing", "WRONG    the template #follow_up is paused",
		`right    the token is one of "Example"`, "MISSING  the Page does not tell the app of messaging_postbacks",
	} {
		if err != nil || !strings.Contains(got, want) || strings.Contains(got, metatest.Token) || strings.Contains(got, metatest.Verify) {
			t.Errorf("Setup = %v\n%s\nwant %q and no secret", err, got, want)
		}
	}
}

// nodes are identifiers as stores have them.
func nodes(ids []message.Identifier) (all []string) {
	for _, id := range ids {
		all = append(all, id.Node())
	}
	return all
}

func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// get is what the app answers.
func get(t *testing.T, b *bench, r *http.Request) string {
	t.Helper()
	return connectortest.Do(t, b.App, r).Body.String()
}
