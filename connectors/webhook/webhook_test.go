package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
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

func sum(secret, content string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(content))
	return mac.Sum(nil)
}

// jwt is a token by HS256, or by what it says.
func jwt(secret, alg string, claims map[string]any) string {
	c, _ := json.Marshal(claims)
	b := base64.RawURLEncoding.EncodeToString
	signed := b([]byte(`{"typ":"JWT","alg":"`+alg+`"}`)) + "." + b(c)
	return signed + "." + b(sum(secret, signed))
}

func TestOnlyWhoProvesItIsHeard(t *testing.T) {
	const body = `{"id":1}`
	now := time.Now()
	hash := sha256.Sum256([]byte(body))
	digest := hex.EncodeToString(hash[:])
	signed := sum("k", body)
	old := sha1Sum("k", body)
	slack := `{header: X-Sig, prefix: "v0=", secret: k, content: '"v0:" + header("X-Time") + ":" + raw', timestamp: 'header("X-Time")'}`
	at := func(t time.Time) string { return fmt.Sprint(t.Unix()) }
	stamped := func(t time.Time) map[string]string {
		return map[string]string{"X-Time": at(t), "X-Sig": "v0=" + hex.EncodeToString(sum("k", "v0:"+at(t)+":"+body))}
	}
	for _, test := range []struct {
		name, verify string
		headers      map[string]string
		query        string
		want         bool
	}{
		{"hex", `{hmac: {header: X-Sig, secret: k}}`, map[string]string{"X-Sig": hex.EncodeToString(signed)}, "", true},
		{"another body", `{hmac: {header: X-Sig, secret: k}}`, map[string]string{"X-Sig": hex.EncodeToString(sum("k", "x"))}, "", false},
		{"another key", `{hmac: {header: X-Sig, secret: k}}`, map[string]string{"X-Sig": hex.EncodeToString(sum("j", body))}, "", false},
		{"no signature", `{hmac: {header: X-Sig, secret: k}}`, nil, "", false},
		{"an empty one", `{hmac: {header: X-Sig, secret: k, prefix: "sha256="}}`, map[string]string{"X-Sig": "sha256="}, "", false},
		{"without its prefix", `{hmac: {header: X-Sig, secret: k, prefix: "sha256="}}`, map[string]string{"X-Sig": hex.EncodeToString(signed)}, "", false},
		{"base64 with a key in base64", `{hmac: {header: X-Sig, secret: aw==, key_encoding: base64, encoding: base64}}`, map[string]string{"X-Sig": base64.StdEncoding.EncodeToString(signed)}, "", true},
		{"one of several", `{hmac: {header: X-Sig, secret: k, prefix: "v1=", encoding: hex}}`, map[string]string{"X-Sig": "t=5,v1=00,v1=" + hex.EncodeToString(signed)}, "", true},
		{"sha1", `{hmac: {header: X-Sig, secret: k, algorithm: sha1}}`, map[string]string{"X-Sig": hex.EncodeToString(old)}, "", true},
		{"with its time", `{hmac: ` + slack + `}`, stamped(now), "", true},
		{"replayed later", `{hmac: ` + slack + `}`, stamped(now.Add(-6 * time.Minute)), "", false},
		{"of a time to come", `{hmac: ` + slack + `}`, stamped(now.Add(6 * time.Minute)), "", false},
		{"jwt", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", map[string]any{"iat": now.Unix(), "payload_hash": digest})}, "", true},
		{"jwt in a header", `{jwt: {secret: k, header: X-JWT}}`, map[string]string{"X-JWT": jwt("k", "HS256", map[string]any{"exp": now.Unix() + 60, "payload_hash": digest})}, "", true},
		{"jwt of another body", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", map[string]any{"iat": now.Unix(), "payload_hash": "00"})}, "", false},
		{"jwt of no body", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", map[string]any{"iat": now.Unix()})}, "", false},
		{"jwt that is over", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", map[string]any{"exp": now.Unix() - 90, "payload_hash": digest})}, "", false},
		{"jwt of no time", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", map[string]any{"payload_hash": digest})}, "", false},
		{"jwt of another algorithm", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "none", map[string]any{"iat": now.Unix(), "payload_hash": digest})}, "", false},
		{"token", `{token: {header: X-Token, secret: k-of-16-letters-}}`, map[string]string{"X-Token": "k-of-16-letters-"}, "", true},
		{"token in the query", `{token: {query: t, secret: k-of-16-letters-}}`, nil, "?t=k-of-16-letters-", true},
		{"wrong token", `{token: {query: t, secret: k-of-16-letters-}}`, nil, "?t=j-of-16-letters-", false},
		{"basic", `{basic: {user: u, password: k-of-16-letters-}}`, map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("u:k-of-16-letters-"))}, "", true},
		{"wrong password", `{basic: {user: u, password: k-of-16-letters-}}`, map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("u:j-of-16-letters-"))}, "", false},
		{"certificate and token", `{certificate: {header: X-Cert, sha256: "` + strings.Repeat("AB:", 31) + `AB"}, token: {header: X-Token, secret: k-of-16-letters-}}`,
			map[string]string{"X-Token": "k-of-16-letters-", "X-Cert": strings.Repeat("ab", 32)}, "", true},
		{"a token alone is not both", `{certificate: {header: X-Cert, sha256: ` + strings.Repeat("ab", 32) + `}, token: {header: X-Token, secret: k-of-16-letters-}}`, map[string]string{"X-Token": "k-of-16-letters-"}, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, `{channel: chat, verify: `+test.verify+`, message: {id: body.id}}`)
			r := httptest.NewRequest(http.MethodPost, "/"+test.query, strings.NewReader(body))
			for k, v := range test.headers {
				r.Header.Set(k, v)
			}
			got := connectortest.Do(t, b.Connector, r).Code
			if want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[test.want]; got != want || len(b.Accepted()) == 1 != test.want {
				t.Errorf("status %d, want %d; accepted %v", got, want, b.Accepted())
			}
		})
	}
}

// With GET the query is what is read, so it is what must be signed.
func TestWhatIsSignedIsWhatIsRead(t *testing.T) {
	hash := func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }
	const at = connectortest.PublicURL + "/in/pager/"
	claims := func(more map[string]any) map[string]string {
		more["iat"] = time.Now().Unix()
		return map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", more)}
	}
	sig := func(content string) map[string]string {
		return map[string]string{"X-Sig": hex.EncodeToString(sum("k", content))}
	}
	const byHMAC, byJWT = `{hmac: {header: X-Sig, secret: k}}`, `{jwt: {secret: k}}`
	for _, test := range []struct {
		name, verify, method, query, body string
		headers                           map[string]string
		want                              bool
	}{
		{"the query", byHMAC, "GET", "id=1", "", sig("id=1"), true},
		{"another query", byHMAC, "GET", "id=2", "", sig("id=1"), false},
		{"nothing, with a query", byHMAC, "GET", "id=1", "", sig(""), false},
		{"a body beside the query", byHMAC, "GET", "id=2", "id=1", sig("id=1"), false},
		{"the address", byJWT, "GET", "id=1", "", claims(map[string]any{"url_hash": hash(at + "?id=1")}), true},
		{"another address", byJWT, "GET", "id=2", "", claims(map[string]any{"url_hash": hash(at + "?id=1")}), false},
		{"no address, with a query", byJWT, "GET", "id=1", "", claims(map[string]any{}), false},
		{"no body, with a query", byJWT, "GET", "id=1", "", claims(map[string]any{"payload_hash": hash("")}), false},
		{"the body and the address", byJWT, "POST", "a=1", `{"id":1}`, claims(map[string]any{"payload_hash": hash(`{"id":1}`), "url_hash": hash(at + "?a=1")}), true},
		{"the body and another address", byJWT, "POST", "a=2", `{"id":1}`, claims(map[string]any{"payload_hash": hash(`{"id":1}`), "url_hash": hash(at + "?a=1")}), false},
		{"the address and another body", byJWT, "POST", "a=1", `{"id":2}`, claims(map[string]any{"payload_hash": hash(`{"id":1}`), "url_hash": hash(at + "?a=1")}), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, `{channel: chat, methods: [POST, GET], verify: `+test.verify+`, message: {id: body.id}}`)
			r := httptest.NewRequest(test.method, "/?"+test.query, strings.NewReader(test.body))
			for k, v := range test.headers {
				r.Header.Set(k, v)
			}
			if got, want := connectortest.Do(t, b.Connector, r).Code, map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[test.want]; got != want {
				t.Errorf("status %d, want %d", got, want)
			}
		})
	}
}

// Requests by GET that are not understood are each kept, by their queries, and without the token in them.
func TestQueriesThatAreNotUnderstoodAreKept(t *testing.T) {
	const token = "a-token-in-the-query"
	b := newBench(t, `{channel: chat, methods: [GET], verify: {token: {query: t, secret: `+token+`}}, message: {id: body.id, text: body.text}}`)
	for _, query := range []string{"text=a&t=" + token, "%74=" + token + "&text=b", "text=a&t=" + token, "t=" + token + "&id=1&text=%zz"} {
		if got := connectortest.Do(t, b.Connector, httptest.NewRequest(http.MethodGet, "/?"+query, nil)).Code; got != http.StatusOK {
			t.Fatalf("%s: status %d", query, got)
		}
	}
	var got []string
	for _, m := range b.Accepted() {
		got = append(got, m.Problem+" "+string(m.Raw))
	}
	if diff := cmp.Diff([]string{
		"this request cannot be read: id: is missing text=a", "this request cannot be read: id: is missing text=b",
		"this request cannot be read: the form has an escape or a separator that is none id=1&text=%zz",
	}, got); diff != "" {
		t.Errorf("problems and originals (-want +got):\n%s", diff)
	}
}

func sha1Sum(secret, content string) []byte {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(content))
	return mac.Sum(nil)
}

// What a customer writes is one value in a call, whatever it says.
func TestNothingBreaksOutOfACall(t *testing.T) {
	const hostile = "\"}],\"to\":\"x\"&to=x</t><to a=\"1\">\r\nX: y {{secret.k}} ]]>"
	for _, test := range []struct{ name, reply, want string }{
		{"JSON", `body: {text: "{{text}}", to: [1, "{{text}}!"]}`, ""},
		{"form", `type: form, body: {text: "{{text}}", to: y}`, ""},
		{"XML", `type: xml, body: '<m a="{{text}}"><t>{{text}}</t></m>'`, ""},
		{"path", `body: {}, url: "https://api.example/m/{{text}}"`, "cannot stand there"},
		{"header", `body: {}, headers: {X-Text: "{{text}}"}`, "cannot stand there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			reply := test.reply
			if !strings.Contains(reply, "url:") {
				reply += `, url: "https://api.example/m"`
			}
			b := newBench(t, open(`message: {id: body.id}, reply: {`+reply+`, secrets: {k: v3ry}}`))
			lines, err := b.Connector.(connectors.ReplyRehearser).RehearseReply(&message.Message{ID: message.NewID([]byte("a")), Text: hostile})
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%v, want %s", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			content := lines[len(lines)-1]
			switch test.name {
			case "JSON":
				var got map[string]any
				if err := json.Unmarshal([]byte(content), &got); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(map[string]any{"text": hostile, "to": []any{1.0, hostile + "!"}}, got); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
			case "form":
				got, err := url.ParseQuery(content)
				if diff := cmp.Diff(url.Values{"text": {hostile}, "to": {"y"}}, got); err != nil || diff != "" {
					t.Errorf("%v; body (-want +got):\n%s", err, diff)
				}
			case "XML":
				var got struct {
					A    string   `xml:"a,attr"`
					T    []string `xml:"t"`
					More []string `xml:",any"`
				}
				if err := xml.Unmarshal([]byte(content), &got); err != nil || got.A != hostile || len(got.T) != 1 || got.T[0] != hostile || len(got.More) != 0 {
					t.Errorf("%v: %+v", err, got)
				}
			}
		})
	}
}

func TestAnswersThatFail(t *testing.T) {
	type marks struct {
		Permanent, InDoubt bool
		After              time.Duration
	}
	for _, test := range []struct {
		name  string
		fault webhooktest.Fault
		want  marks
	}{
		{"refused", webhooktest.Fault{Status: 422, Body: "{}"}, marks{Permanent: true}},
		{"refused for a reason", webhooktest.Fault{Status: 503, Body: `{"code":"blocked"}`}, marks{Permanent: true}},
		{"by something between us", webhooktest.Fault{Status: 502}, marks{InDoubt: true}},
		{"too often", webhooktest.Fault{Status: 429, Body: "{}", After: "7"}, marks{After: 7 * time.Second}},
		{"wrong token, perhaps", webhooktest.Fault{Status: 401, Body: "{}"}, marks{}},
		{"broken off after it was taken", webhooktest.Fault{Taken: true}, marks{InDoubt: true}},
		{"taken without an id", webhooktest.Fault{Taken: true, Status: 200, Body: "{}"}, marks{InDoubt: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, "")
			b.server.Fail(test.fault)
			_, err := b.Connector.(connectors.Sender).Send(t.Context(), answerTo("+31612345678", "x"))
			got := marks{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err)}
			if err == nil || got != test.want || strings.Contains(err.Error(), b.server.URL) || strings.Contains(err.Error(), "6123") {
				t.Errorf("Send = %v: %+v, want %+v", err, got, test.want)
			}
		})
	}
	for status, want := range map[int]bool{http.StatusCreated: true, http.StatusOK: false} {
		t.Run(fmt.Sprint("success by the status ", status), func(t *testing.T) {
			server := webhooktest.Start(t)
			b := newBench(t, strings.Replace(webhooktest.Settings(server.URL), "max_text: 500", "success: status == 201", 1))
			server.Fail(webhooktest.Fault{Taken: true, Status: status, Body: `{"id":"out-1"}`})
			receipt, err := b.Connector.(connectors.Sender).Send(t.Context(), answerTo("+31612345678", "x"))
			if (err == nil) != want || want && receipt.ID != "out-1" || !want && !connectors.IsInDoubt(err) {
				t.Errorf("Send = %+v, %v", receipt, err)
			}
		})
	}
	for body, want := range map[string]marks{
		`{"messages":[{"status":"1"}]}`: {}, `{"messages":[{"status":"6"}]}`: {Permanent: true}, `{"messages":[]}`: {InDoubt: true}, `<html>`: {InDoubt: true},
		`{"wait":9,"messages":[{"status":"1"}]}`: {After: 9 * time.Second},
	} {
		t.Run("no success: "+body, func(t *testing.T) {
			server := webhooktest.Start(t)
			b := newBench(t, strings.Replace(webhooktest.Settings(server.URL), `permanent: body.code == "blocked"`,
				`success: 'body.messages[0].status == "0"', retry: 'body.messages[0].status == "1"', permanent: 'body.messages[0].status == "6"', after: body.wait`, 1))
			server.Fail(webhooktest.Fault{Status: http.StatusOK, Body: body})
			_, err := b.Connector.(connectors.Sender).Send(t.Context(), answerTo("+31612345678", "x"))
			if got := (marks{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err)}); err == nil || got != want {
				t.Errorf("Send = %v: %+v, want %+v", err, got, want)
			}
		})
	}
	t.Run("repeatable", func(t *testing.T) {
		server := webhooktest.Start(t)
		b := newBench(t, strings.Replace(webhooktest.Settings(server.URL), "max_text: 500", "repeatable: true, already: status == 409", 1))
		server.Fail(webhooktest.Fault{Status: 503, Body: "{}", After: "7"}, webhooktest.Fault{Taken: true}, webhooktest.Fault{Status: 409, Body: "{}"})
		send := func() error {
			_, err := b.Connector.(connectors.Sender).Send(context.WithoutCancel(t.Context()), answerTo("+31612345678", "x"))
			return err
		}
		if err := send(); connectors.IsInDoubt(err) || connectors.RetryAfter(err) != 7*time.Second {
			t.Errorf("Send = %v, want one to be tried again after seven seconds", err)
		}
		if err := send(); err == nil || connectors.IsInDoubt(err) || connectors.IsPermanent(err) {
			t.Errorf("Send = %v, want one to be tried again", err)
		}
		if err := send(); err != nil || len(server.Sent()) != 1 {
			t.Errorf("Send = %v; %d sent, want it done", err, len(server.Sent()))
		}
	})
}

func TestCheckTellsWhatCannotGo(t *testing.T) {
	b := newBench(t, "")
	for want, m := range map[string]*message.Message{
		"there is nobody on pager":  {Text: "x"},
		"at most 500 characters":    answerTo("+31612345678", strings.Repeat("é", 501)),
		"carries no files":          {To: answerTo("+31612345678", "").To, Text: "x", Attachments: []message.Attachment{{}}},
		"there is nothing to send":  answerTo("+31612345678", " "),
		"at most 500 characters, n": answerTo("+31612345678", strings.Repeat("x", 501)),
	} {
		if err := b.Connector.(connectors.Checker).Check(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check = %v, want %s", err, want)
		}
	}
	reach := b.Connector.(connectors.Reacher)
	if reach.Reaches(message.Identifier{Kind: "phone", Value: "+31612345678"}) != "pager" || reach.Reaches(message.Identifier{Kind: "email"}) != "" {
		t.Error("reaches others than those with a phone")
	}
}

func TestFilesComeFromNamedHostsOnly(t *testing.T) {
	b := newBench(t, "")
	event := webhooktest.Said("a", "+31612345678", "Kijk")
	event["files"] = []any{b.server.Keep("a.png", "\x89PNG\r\n\x1a\n"), "http://169.254.169.254/latest", "file:///etc/passwd", map[string]any{"url": b.server.Keep("b", "%PDF-1.7"), "name": "../brief.pdf"}}
	if got := b.post(t, webhooktest.Body(event)); got != http.StatusOK {
		t.Fatalf("status %d", got)
	}
	var got []string
	for _, a := range b.Only().Attachments {
		got = append(got, a.Name+" "+a.Type)
	}
	if diff := cmp.Diff([]string{"file.png image/png", "brief.pdf application/pdf"}, got); diff != "" || b.Only().Marks[0] != webhook.MarkNoFile {
		t.Errorf("attachments (-want +got):\n%s, marks %v", diff, b.Only().Marks)
	}
}

// expiring is a cursor whose Once forgets as time passes.
type expiring struct {
	connectors.Cursor
	now   *time.Time
	until map[string]time.Time
}

func (e expiring) Once(_ context.Context, key string, keep time.Duration) (bool, error) {
	if e.now.Before(e.until[key]) {
		return false, nil
	}
	e.until[key] = e.now.Add(keep)
	return true, nil
}

// A message whose file cannot be had is posted again for a while, and then it comes without, with a mark.
func TestMessagesDoNotWaitForTheirFilesForEver(t *testing.T) {
	type try struct {
		at     time.Duration // since the first
		absent int           // how often the file is not there
		want   int
	}
	for _, test := range []struct {
		name  string
		tries []try
		want  []string // names of files, and marks
	}{
		{"there at the second asking", []try{{0, 1, 200}}, []string{"file.pdf"}},
		{"there when it is posted again", []try{{0, 2, 503}, {time.Minute, 0, 200}}, []string{"file.pdf"}},
		{"never there", []try{{0, 99, 503}, {90 * time.Second, 99, 503}, {3 * time.Minute, 99, 200}}, []string{webhook.MarkNoFile}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // it waits a second before it asks again
			b := newBench(t, "")
			env, began := b.Env("pager"), time.Now()
			now := began
			env.Cursor = expiring{env.Cursor, &now, map[string]time.Time{}}
			cfg, err := parse(webhooktest.Settings(b.server.URL))
			if err != nil {
				t.Fatal(err)
			}
			if b.Connector, err = webhook.Type().New(cfg, env); err != nil {
				t.Fatal(err)
			}
			event := webhooktest.Said("a", "+31612345678", "Kijk")
			event["files"] = []any{b.server.Keep("a.pdf", "%PDF-1.7")}
			for _, try := range test.tries {
				now = began.Add(try.at)
				b.server.Lose(try.absent)
				if got := b.post(t, webhooktest.Body(event)); got != try.want {
					t.Fatalf("after %s: status %d, want %d", try.at, got, try.want)
				}
			}
			var got []string
			for _, a := range b.Only().Attachments {
				got = append(got, a.Name)
			}
			if diff := cmp.Diff(test.want, append(got, b.Only().Marks...)); diff != "" {
				t.Errorf("files and marks (-want +got):\n%s", diff)
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

// What cannot be a file, or is one too many, leaves a mark.
func TestFilesThatAreNoneLeaveAMark(t *testing.T) {
	many := make([]any, 21)
	for name, test := range map[string]struct {
		files any
		want  []string
	}{
		"none": {nil, nil}, "an empty field": {[]any{"", nil}, nil}, "21": {many, []string{webhook.MarkNoFile}},
		"an object without url": {[]any{map[string]any{"name": "a"}}, []string{webhook.MarkNoFile}}, "a number": {[]any{7}, []string{webhook.MarkNoFile}},
	} {
		b := newBench(t, "")
		event := webhooktest.Said("a", "+31612345678", "Kijk")
		event["files"] = test.files
		if got := b.post(t, webhooktest.Body(event)); got != http.StatusOK {
			t.Fatalf("%s: status %d", name, got)
		}
		if diff := cmp.Diff(test.want, b.Only().Marks); diff != "" {
			t.Errorf("%s: marks (-want +got):\n%s", name, diff)
		}
	}
}

// The files of a form are one message's, and those that are too many are told of.
func TestFilesOfAFormAreOfTheFirstMessage(t *testing.T) {
	b := newBench(t, open(`message: {each: body.id, id: item}`))
	part := func(head, content string) string {
		return "--B\r\nContent-Disposition: form-data; name=" + head + "\r\n\r\n" + content + "\r\n"
	}
	body := part("id", "1") + part("id", "2") + strings.Repeat(part("f; filename=a.txt", "x"), 21) + "--B--\r\n"
	r := httptest.NewRequest(http.MethodPost, "/?t="+openToken, strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
	if got := connectortest.Do(t, b.Connector, r).Code; got != http.StatusOK {
		t.Fatalf("status %d", got)
	}
	var got []string
	for _, m := range b.Accepted() {
		got = append(got, fmt.Sprint(m.Own, " ", len(m.Attachments), " ", m.Marks))
	}
	if diff := cmp.Diff([]string{"1 20 [" + webhook.MarkNoFile + "]", "2 0 []"}, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// Who guesses tokens is refused for a while.
func TestGuessingIsSlowedDown(t *testing.T) {
	b := newBench(t, open(`message: {id: body.id}`))
	got := 0
	for range 40 {
		got = connectortest.Do(t, b.Connector, httptest.NewRequest(http.MethodPost, "/?t=wrong", strings.NewReader("{}"))).Code
	}
	if got != http.StatusTooManyRequests {
		t.Errorf("status %d after 40 wrong tokens, want 429", got)
	}
}

func TestMistakesAreToldWithTheirPlace(t *testing.T) {
	for _, test := range []struct{ settings, want string }{
		{`{channel: chat, message: {id: body.id}}`, "config.yaml:1:53: connectors[0].settings.verify: must be given"},
		{open(`message: {id: 'bdy.id'}`), `message.id: unknown name bdy at column 1 (did you mean "body"?)`},
		{open(`message: {id: 'body.id +'}`), "message.id: unexpected token EOF"},
		{open(`message: {id: 'body.id', text: 'repeat(raw, 100)'}`), "message.text: "},
		{open(`message: {id: 'body.id', when: 'raw matches body.x'}`), "the pattern of matches must be a text between quotes at column"},
		{open(`message: {id: 'body.id', when: 'any(body.x, any(body.y, true))'}`), "cannot stand inside one another at column"},
		{open(`message: {id: 'body.id', text: 'join(map(body.x, raw), "")'}`), "raw cannot stand inside any"},
		{open(`message: {id: 'body.id', each: '1..1000000'}`), ".. cannot be used here"},
		{open(`message: {text: body.x}`), "message.id: must be given"},
		{`{channel: chat, message: {id: body.id}, verify: {token: {header: X, secret: fifteen-letters}}}`, "verify.token.secret: must have at least 16 characters, not 15"},
		{`{channel: chat, message: {id: body.id}, verify: {basic: {user: u, password: short}}}`, "verify.basic.password: must have at least 16 characters, not 5"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/{{id}}?key=1", body: {}}`), "reply.url: must be without ? and #"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {}, headers: {"X Key": y}}`), "reply.headers.X Key: must be the name of a header"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {}, headers: {X-Key: "y\n"}}`), "reply.headers.X-Key: must be one line"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {a: "{{secret}}"}, secrets: {k: v3ry}}`), "reply.body.a: secret must be followed by the name of one of secrets at column 1"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {a: "{{secret.k + string(secret)}}"}, secrets: {k: v3ry}}`), "secret must be followed by the name of one of secrets"},
		{open(`message: {id: body.id, from: [{kind: fone, value: body.x}]}`), `message.from[0]: unknown kind "fone"`},
		{open(`message: {id: body.id, from: [{kind: sub, value: body.x}]}`), "message.from[0]: sub: must name its issuer"},
		{open(`message: {id: body.id, from: [{kind: phone, scope: x, value: body.x}]}`), "without a scope"},
		{open(`message: {id: body.id, from: [{kind: phone, value: body.x, level: proven}]}`), "must be claimed or attested"},
		{open(`message: {id: body.id}, reply: {url: "http://api.example/x", body: {}}`), "reply.url: must be https://"},
		{open(`message: {id: body.id}, reply: {url: "https://{{to}}/x", body: {}}`), "reply.url: must be https://"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {a: {b: ["x {{txt}}"]}}}`), `reply.body.a.b[0]: unknown name txt at column 1 (did you mean "text"?)`},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {a: "{{text"}}`), "a {{ is not closed by }}"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", body: {a: "{{secret.k}}"}}`), "secret must be followed by the name of one of secrets"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", type: xml, body: "<m><{{text}}/></m>"}`), "may stand between tags"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", type: xml, body: "<m><!-- {{text}} --></m>"}`), "may stand between tags"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", type: xml, body: "<m>"}`), "must be well-formed XML"},
		{open(`message: {id: body.id}, reply: {url: "https://api.example/x", type: form, body: "x"}`), "must be the fields of the form"},
		{open(`message: {id: body.id}, report: {of: body.id, state: body.s, states: {x: gone}}`), `report.states.x: must be sent, delivered, read or failed, not "gone"`},
		{open(`message: {id: body.id}, files: [http://media.example]`), "files[0]: must be https://"},
		{`{channel: chat, message: {id: body.id}, verify: {certificate: {header: X, sha256: ` + strings.Repeat("a", 64) + `}}}`, "verify.certificate: needs another one beside it"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, timestamp: 'header("T")'}}}`, "verify.hmac.timestamp: must stand in content as it is"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, content: 'header("T") + raw', timestamp: 'query("t")'}}}`, "verify.hmac.timestamp: must stand in content as it is"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, content: 'split(header("T"), ",")[0] + raw', timestamp: 'split(header("T"), ",")[1]'}}}`, "verify.hmac.timestamp: must stand in content as it is"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, timestamp: '"2026-11-30"'}}}`, "verify.hmac.timestamp: must stand in content as it is"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, content: 'header("T")'}}}`, "verify.hmac.content: must have raw in it"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: k, content: 'body.id + "raw"'}}}`, "verify.hmac.content: can name raw, header and query only"},
		{`{channel: chat, message: {id: body.id}, verify: {hmac: {header: X, secret: zz, key_encoding: hex}}}`, "verify.hmac.secret: must be written in hex"},
	} {
		_, err := parse(test.settings)
		var problems config.Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\n%v\nwant %s", test.settings, err, test.want)
		}
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
