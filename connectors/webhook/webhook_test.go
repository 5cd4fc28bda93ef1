package webhook_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"loket/config"
	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/webhook"
	"loket/connectors/webhook/webhooktest"
	"loket/internal/message"
)

// parse reads settings as the daemon does.
func parse(settings string) (any, error) {
	text := "connectors: [{name: pager, type: webhook, settings: " + settings + "}]\nteams: {support: {}}\nfallback_team: support\n"
	cfg, err := config.Parse("config.yaml", []byte(text), ".", []connectors.Type{webhook.Type()})
	if err != nil {
		return nil, err
	}
	return cfg.Connectors[0].Settings, nil
}

// A bench is a webhook and the system it is of.
type bench struct {
	*connectortest.Environment
	connectors.Connector
	server *webhooktest.Server
}

func newBench(t testing.TB, settings string) *bench {
	t.Helper()
	b := &bench{Environment: connectortest.New(t), server: webhooktest.Start(t)}
	if settings == "" {
		settings = webhooktest.Settings(b.server.URL)
	}
	cfg, err := parse(settings)
	if err != nil {
		t.Fatal(err)
	}
	if b.Connector, err = webhook.Type().New(cfg, b.Env("pager")); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) post(t testing.TB, body []byte) int {
	t.Helper()
	return connectortest.Do(t, b.Connector, webhooktest.Request("/", webhooktest.Secret, body)).Code
}

func answerTo(phone, text string) *message.Message {
	return &message.Message{
		ID: message.NewID([]byte("reply")), Direction: message.Out, Channel: "pager", Text: text, References: []string{phone, "in-1"},
		To: []message.Identifier{{Kind: "phone", Value: phone, Level: message.Attested}},
	}
}

func TestConformance(t *testing.T) {
	const text = "De kast in onze straat is stuk"
	var body []byte
	connectortest.Run(t, connectortest.Fixture{
		Type: webhook.Type(),
		Config: func(t *testing.T) any {
			server := webhooktest.Start(t)
			event := webhooktest.Said("in-1", "+31612345678", text)
			event["files"] = []string{server.Keep("a.pdf", "%PDF-1.7")}
			body = webhooktest.Body(event)
			cfg, err := parse(webhooktest.Settings(server.URL))
			if err != nil {
				t.Fatal(err)
			}
			return cfg
		},
		Deliver: func(t testing.TB, c connectors.Connector) bool {
			return connectortest.Do(t, c, webhooktest.Request("/", webhooktest.Secret, body)).Code == http.StatusOK
		},
		Reply:   answerTo("+31612345678", "Wij kijken ernaar"),
		Secrets: []string{webhooktest.Secret, webhooktest.Token},
		Private: []string{text, "31612345678", "Wij kijken ernaar"},
	})
}

func TestWhatComesIn(t *testing.T) {
	kate := []message.Identifier{{Kind: "phone", Value: "+31612345678", Level: message.Attested}}
	for _, test := range []struct {
		name, body string
		status     int
		want       []message.Message // what else they have is not compared
	}{
		{"a message", `{"events":[{"type":"message","id":"a","from":"+31612345678","text":"Hallo\u0000\r\ndaar","answers":"out-1"}]}`, 200,
			[]message.Message{{Own: "a", From: kate, Text: "Hallo\ndaar", References: []string{"out-1", "+31612345678"}}}},
		{"two, and one of another type", `{"events":[{"type":"message","id":"a","text":"x"},{"type":"typing"},{"type":"message","id":7,"text":"y"}]}`, 200,
			[]message.Message{{Own: "a", Text: "x"}, {Own: "7", Text: "y"}}},
		{"an id of many digits", `{"events":[{"type":"message","id":18446744073709551617,"text":"x"}]}`, 200, []message.Message{{Own: "18446744073709551617", Text: "x"}}},
		{"one event that is no list", `{"events":{"type":"message","id":"a","text":"x"}}`, 200, []message.Message{{Own: "a", Text: "x"}}},
		{"a sender who is none", `{"events":[{"type":"message","id":"a","from":"Kate!","text":"x"}]}`, 200,
			[]message.Message{{Own: "a", Text: "x", Marks: []string{"what it says of its sender is no phone"}}}},
		{"a report", `{"events":[{"type":"report","id":"out-1","state":"failed","reason":"no such number"}]}`, 200,
			[]message.Message{{Kind: message.Delivery, Report: &message.DeliveryReport{Of: "out-1", State: "failed", Reason: "no such number"}}}},
		{"a state that is none", `{"events":[{"type":"report","id":"out-1","state":"wandering"}]}`, 200, nil},
		{"no events", `{"events":[]}`, 200, nil},
		{"a list of another name", `{"evenst":[{"type":"message","id":"a","text":"x"}]}`, 200,
			[]message.Message{{Problem: "this request cannot be read: each: there is no such list in it"}}},
		{"an id that is too long", `{"events":[{"type":"message","id":"` + strings.Repeat("a", 1001) + `","text":"x"},{"type":"report","id":"` + strings.Repeat("b", 1001) + `","state":"sent"}]}`, 200,
			[]message.Message{{Problem: "this request cannot be read: of: must be UTF-8 of at most 1000 bytes"}, {Problem: "this request cannot be read: id: must be UTF-8 of at most 1000 bytes"}}},
		{"no id", `{"events":[{"type":"message","text":"x"}]}`, 200, []message.Message{{Problem: "this request cannot be read: id: is missing"}}},
		{"one without an id holds up no other", `{"events":[{"type":"message","text":"x"},{"type":"message","id":"b","text":"y"}]}`, 200,
			[]message.Message{{Problem: "this request cannot be read: id: is missing"}, {Own: "b", Text: "y"}}},
		{"a text of another type", `{"events":[{"type":"message","id":"a","text":{"x":1}}]}`, 200,
			[]message.Message{{Problem: "this request cannot be read: text: must come to a text or a number, not to a list or an object"}}},
		{"no time", `{"events":[{"type":"message","id":"a","text":"x","at":"soon"}]}`, 200, []message.Message{{Problem: "this request cannot be read: sent: must come to an instant"}}},
		{"no JSON", `{"events":`, 200, []message.Message{{Problem: "this request cannot be read: body is not one JSON value: it breaks off"}}},
		{"too deep", strings.Repeat(`{"events":`, 60) + "1" + strings.Repeat("}", 60), 200, []message.Message{{Problem: "this request cannot be read: events goes deeper than 40 brackets"}}},
		{"too large", `{"events":"` + strings.Repeat("x", 5<<20) + `"}`, 413, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, "")
			for range 2 { // a replay is the same
				if got := b.post(t, []byte(test.body)); got != test.status {
					t.Fatalf("status %d, want %d", got, test.status)
				}
			}
			var got []message.Message
			for _, m := range b.Accepted() {
				if m.Problem != "" {
					if len(m.Raw) == 0 || m.Text != string(m.Raw) {
						t.Errorf("a problem without its original: %q, %q", m.Raw, m.Text)
					}
					m.Text = ""
				}
				got = append(got, message.Message{Own: m.Own, Kind: m.Kind, From: m.From, Text: m.Text, References: m.References, Report: m.Report, Problem: m.Problem, Marks: m.Marks})
			}
			for i := range test.want {
				if w := &test.want[i]; w.References == nil && len(w.From) > 0 {
					w.References = []string{w.From[0].Value}
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("accepted (-want +got):\n%s", diff)
			}
		})
	}
}

const openToken = "a-token-of-a-test"

// open is settings whose expressions are given; a token of the query lets in.
func open(more string) string {
	return `{channel: chat, verify: {token: {query: t, secret: ` + openToken + `}}, ` + more + `}`
}

func TestBodiesOfEveryKind(t *testing.T) {
	const fields = `message: {id: body.id, text: body.text, conversation: '"c"'}`
	for _, test := range []struct{ name, settings, kind, body, want string }{
		{"JSON that says so", fields, "application/vnd.x+json", `{"id":1,"text":"é"}`, "é"},
		{"JSON that says nothing", fields, "", "\xEF\xBB\xBF" + `{"id":1,"text":"a"}`, "a"},
		{"a form", fields, "application/x-www-form-urlencoded", "id=1&text=a%26b+c", "a&b c"},
		{"a form with a field twice", `message: {id: body.id, text: 'join(body.text, "+")'}`, "application/x-www-form-urlencoded", "id=1&text=a&text=b", "a+b"},
		{"multipart", fields, "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=id\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name=text\r\n\r\na\r\n" +
			"--B\r\nContent-Disposition: form-data; name=f; filename=\"../kast.png\"\r\n\r\n\x89PNG\r\n\x1a\n\r\n--B--\r\n", "a [kast.png image/png]"},
		{"XML", `message: {id: 'body.m["@id"]', text: 'body.m.t + body.m.p[1] + body.m.q["#text"]'}`, "text/xml", `<m id="1"><t>a &lt;</t><p>1</p><p>2</p><q x="y">z</q></m>`, "a <2z"},
		{"XML in another charset", `message: {id: body.m.id, text: body.m.t}`, "application/xml", "<?xml version='1.0' encoding='iso-8859-1'?><m><id>1</id><t>\xe9</t></m>", "é"},
		{"XML with an entity", `message: {id: body.m.id, text: body.m.t}`, "text/xml", `<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><m><id>1</id><t>&x;</t></m>`, "problem"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, open(test.settings))
			r := httptest.NewRequest(http.MethodPost, "/?t="+openToken, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.kind)
			if got := connectortest.Do(t, b.Connector, r).Code; got != http.StatusOK {
				t.Fatalf("status %d", got)
			}
			m := b.Only()
			got := m.Text
			for _, a := range m.Attachments {
				got += " [" + a.Name + " " + a.Type + "]"
			}
			if m.Problem != "" {
				got = "problem"
			}
			if got != test.want {
				t.Errorf("text %q (%s), want %q", got, m.Problem, test.want)
			}
		})
	}
}

// An id of which a part is not there is none: two messages without theirs are not one.
func TestNothingIsNoText(t *testing.T) {
	b := newBench(t, open(`message: {id: 'string(body.review.id) + "/" + string(body.review.n)', text: 'string(body.text ?? 1e15)'}`))
	for _, body := range []string{`{"text":"a","review":{"n":1}}`, `{"text":"b","review":{"n":1}}`, `{"review":{"id":1000000000000000,"n":2}}`, `{"text":"c","review":{"id":[],"n":1}}`} {
		if got := connectortest.Do(t, b.Connector, httptest.NewRequest(http.MethodPost, "/?t="+openToken, strings.NewReader(body))).Code; got != http.StatusOK {
			t.Fatalf("status %d", got)
		}
	}
	var got []string
	for _, m := range b.Accepted() {
		got = append(got, fmt.Sprintf("%s %s %v", m.Own, m.Raw, m.Problem != ""))
	}
	if diff := cmp.Diff([]string{` {"text":"a","review":{"n":1}} true`, ` {"text":"b","review":{"n":1}} true`, `1000000000000000/2  false`, ` {"text":"c","review":{"id":[],"n":1}} true`}, got); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
}

func TestSetupSaysWhereToPost(t *testing.T) {
	b := newBench(t, "")
	lines, err := b.Connector.(connectors.Guide).Setup(t.Context())
	if got := strings.Join(lines, "\n"); err != nil || !strings.Contains(got, "https://loket.example/in/pager/status") || strings.Contains(got, webhooktest.Secret) {
		t.Errorf("Setup = %v\n%s", err, got)
	}
}

// FuzzBody gives the webhook anything that is signed: it never panics, and what it accepts can be kept.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		`{"events":[{"type":"message","id":"a","from":"+31612345678","text":"x","at":1e99,"files":[7,{"url":1}]}]}`, `{"events":{"type":"report","id":[],"state":null}}`,
		`<events><type>message</type></events>`, `<a`, `a=1&a=2&%zz`, `[]`, `null`, `{"events":[[[]]]}`, "--B\r\n\r\n", `{"events":"\ud800"}`,
	} {
		for _, kind := range []string{"application/json", "text/xml", "multipart/form-data; boundary=B", ""} {
			f.Add([]byte(seed), kind)
		}
	}
	cfg, err := parse(strings.Replace(webhooktest.Settings("http://127.0.0.1:1"), "item.files", "nil", 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content []byte, kind string) {
		env := connectortest.New(t)
		w, err := webhook.Type().New(cfg, env.Env("pager"))
		if err != nil {
			t.Fatal(err)
		}
		r := webhooktest.Request("/", webhooktest.Secret, content)
		r.Header.Set("Content-Type", kind)
		connectortest.Do(t, w, r)
		for _, m := range env.Accepted() {
			if !message.ValidID(m.ID) || !utf8.ValidString(m.Text) || !utf8.ValidString(m.Name) || m.Sent.After(m.Received) {
				t.Errorf("message %+v", m)
			}
		}
	})
}
