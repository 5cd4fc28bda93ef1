package twilio_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
	"loket/internal/message"
	"loket/internal/secret"
)

const base = "https://loket.example/in/phone"

// settings are those of a number at the stand-in.
func settings(server *twiliotest.Server) *twilio.Config {
	cfg := twilio.Type().NewConfig().(*twilio.Config)
	cfg.AccountSID, cfg.AuthToken, cfg.Number, cfg.WhatsApp, cfg.APIURL = twiliotest.Account, secret.New(twiliotest.Token), twiliotest.Number, twiliotest.Number, server.URL
	return cfg
}

// A phone is a connector with what stands around it.
type phone struct {
	*twilio.Twilio
	*connectortest.Environment
	server *twiliotest.Server
}

func newPhone(t *testing.T, edits ...func(*twilio.Config)) *phone {
	t.Helper()
	p := &phone{Environment: connectortest.New(t), server: twiliotest.Start(t)}
	cfg := settings(p.server)
	for _, edit := range edits {
		edit(cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(http.StripPrefix("/in/phone", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.ServeHTTP(w, r)
	})))
	t.Cleanup(front.Close)
	p.server.Point(front.URL + "/in/phone")
	p.Twilio = p.at(t, cfg, front.URL)
	return p
}

// another is one of the same environment.
func (p *phone) another(t *testing.T, cfg *twilio.Config) *twilio.Twilio {
	return p.at(t, cfg, connectortest.PublicURL)
}

func (p *phone) at(t *testing.T, cfg *twilio.Config, public string) *twilio.Twilio {
	t.Helper()
	env := p.Env("phone")
	env.PublicURL = public
	c, err := twilio.New(*cfg, env)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// run runs the connector until the test ends.
func (p *phone) run() { p.Environment.Run(p.Twilio) }

func TestConformance(t *testing.T) {
	var server *twiliotest.Server
	var inbound twiliotest.Message
	const text, from = "De storing is terug in de straat", "+31612345678"
	connectortest.Run(t, connectortest.Fixture{
		Type: twilio.Type(),
		Config: func(t *testing.T) any {
			server = twiliotest.Start(t)
			inbound = twiliotest.Message{SID: twiliotest.SID("SM"), From: from, To: twiliotest.Number, Body: text}
			return settings(server)
		},
		Deliver: func(t testing.TB, c connectors.Connector) bool {
			r := twiliotest.Request("https://loket.example/in/conformance/message", server.FormOf(inbound))
			r.URL.Path = "/message"
			w := connectortest.Do(t, c, r)
			if kind := w.Header().Get("Content-Type"); strings.HasPrefix(kind, "text/plain") {
				t.Errorf("answered %s: Twilio would send it to the customer", kind)
			}
			return w.Code == http.StatusOK
		},
		Reply: &message.Message{
			ID: message.NewID([]byte("reply")), Direction: message.Out, Channel: "sms", Thread: message.NewID([]byte("thread")),
			To: []message.Identifier{{Kind: "phone", Value: from, Level: message.Attested}}, Text: "Wij kijken ernaar",
		},
		Secrets: []string{twiliotest.Token},
		Private: []string{text, from, "Wij kijken ernaar"},
	})
}

func TestSMSInAndOut(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	in, status := p.server.Receive(twiliotest.Message{From: "+31612345678", Body: "Geen bereik"})
	m := p.Only()
	if status != http.StatusOK || m.Text != "Geen bereik" || m.Channel != "sms" || m.Own != in.SID || m.From[0].Node() != "phone:+31612345678" || m.To[0].Value != twiliotest.Number {
		t.Fatalf("status %d, message %+v", status, m)
	}
	answer := &message.Message{ID: message.NewID([]byte("r1")), Channel: "sms", Thread: "thread-of-it", To: m.From, Text: "Wij kijken ernaar — met spoed"}
	if err := p.Check(answer); err != nil {
		t.Fatal(err)
	}
	known := p.References(answer) // before it is sent
	receipt, err := p.Send(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	sent := p.server.Sent()
	if len(sent) != 1 || sent[0].To != "+31612345678" || sent[0].From != twiliotest.Number || sent[0].Body != answer.Text || receipt.ID != sent[0].SID {
		t.Fatalf("sent %+v, receipt %+v", sent, receipt)
	}
	if status := p.server.Report(sent[0], "delivered", 0); status != http.StatusOK {
		t.Fatalf("report: %d", status)
	}
	report := p.Accepted()[1]
	if report.Kind != message.Delivery || report.Report.Of != answer.ID || report.Report.State != "delivered" {
		t.Errorf("report %+v of %+v", report, report.Report)
	}
	p.server.Receive(twiliotest.Message{From: "+31612345678", Body: "Dank"})
	if next := p.Accepted()[2]; len(known) != 1 || !slices.Equal(next.References, known) {
		t.Errorf("what the customer says next refers to %q, want %q, which leads to the thread that we wrote from", next.References, known)
	}
}

func TestWrongSignatureStoresNothing(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	form := p.server.FormOf(twiliotest.Message{SID: twiliotest.SID("SM"), From: "+31612345678", To: twiliotest.Number, Body: "x"})
	for name, change := range map[string]func(*http.Request){
		"none": func(r *http.Request) { r.Header.Del("X-Twilio-Signature") },
		"another": func(r *http.Request) {
			r.Header.Set("X-Twilio-Signature", twiliotest.Signature("other", base+"/message", form))
		},
		"of another URL": func(r *http.Request) {
			r.Header.Set("X-Twilio-Signature", twiliotest.Signature(twiliotest.Token, base+"/status", form))
		},
		"parameter more":   func(r *http.Request) { r.URL.RawQuery = "reply=x" },
		"body changed":     func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(form.Encode() + "&Body=y&Extra=1")) },
		"query for a body": func(r *http.Request) { r.Method, r.URL.RawQuery = http.MethodGet, form.Encode() },
		"forwarded headers": func(r *http.Request) {
			r.Header.Set("X-Forwarded-Host", "evil.example")
			r.Header.Set("X-Twilio-Signature", twiliotest.Signature(twiliotest.Token, "https://evil.example/in/phone/message", form))
		},
	} {
		r := twiliotest.Request(base+"/message", form)
		r.URL.Path = "/message"
		change(r)
		w := connectortest.Do(t, p.another(t, settings(p.server)), r)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", name, w.Code)
		}
	}
	if got := p.Accepted(); len(got) > 0 {
		t.Errorf("%d messages stored", len(got))
	}
}

func TestBothTokensAndBothMethods(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	cfg := settings(p.server)
	cfg.AuthToken, cfg.SecondaryToken = secret.New("newtoken"), secret.New(twiliotest.Token)
	c := p.another(t, cfg)
	for i, sign := range []string{"newtoken", twiliotest.Token} {
		form := p.server.FormOf(twiliotest.Message{SID: twiliotest.SID("SM"), From: "+31612345678", To: twiliotest.Number, Body: "x"})
		post := twiliotest.Request(base+"/message", form)
		post.URL.Path = "/message"
		post.Header.Set("X-Twilio-Signature", twiliotest.Signature(sign, base+"/message", form))
		if w := connectortest.Do(t, c, post); w.Code != http.StatusOK {
			t.Errorf("token %d, POST: %d", i, w.Code)
		}
		form.Set("MessageSid", twiliotest.SID("SM"))
		at := base + "/message?" + form.Encode()
		get := httptest.NewRequest(http.MethodGet, at, nil)
		get.URL.Path = "/message"
		get.Header.Set("X-Twilio-Signature", twiliotest.Signature(sign, strings.Replace(at, "loket.example/", "loket.example:443/", 1), url.Values{}))
		if w := connectortest.Do(t, c, get); w.Code != http.StatusOK {
			t.Errorf("token %d, GET with a port: %d", i, w.Code)
		}
	}
	if got := len(p.Accepted()); got != 4 {
		t.Errorf("%d messages, want 4", got)
	}
}

// JSON is signed by the hash of the body, which stands in the URL.
func TestJSONSignedByItsHash(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	c := p.another(t, settings(p.server))
	send := func(body, sum string) int {
		at := base + "/message?bodySHA256=" + sum
		r := httptest.NewRequest(http.MethodPost, at, strings.NewReader(body))
		r.URL.Path = "/message"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Twilio-Signature", twiliotest.Signature(twiliotest.Token, at, url.Values{}))
		return connectortest.Do(t, c, r).Code
	}
	hash := func(body string) string { s := sha256.Sum256([]byte(body)); return hex.EncodeToString(s[:]) }
	body := `{"MessageSid":"` + twiliotest.SID("SM") + `","From":"+31612345678","To":"+31201234567","Body":"hi","NumMedia":0}`
	for _, row := range []struct {
		body, sum string
		want      int
	}{
		{body, hash(body), http.StatusOK},
		{body, strings.ToUpper(hash(body)), http.StatusOK},
		{body + " ", hash(body), http.StatusForbidden},
		{body, "", http.StatusForbidden},
		{"[]", hash("[]"), http.StatusBadRequest},
		{"{", hash("{"), http.StatusBadRequest},
	} {
		if got := send(row.body, row.sum); got != row.want {
			t.Errorf("%.20s with %.8s: %d, want %d", row.body, row.sum, got, row.want)
		}
	}
	if m := p.Only(); m.Text != "hi" {
		t.Errorf("text %q", m.Text)
	}
}
