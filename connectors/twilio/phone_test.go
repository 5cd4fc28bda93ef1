package twilio_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

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

// A house is what stands around a connector: it keeps what is accepted, cursors and files.
type house struct {
	*twilio.Twilio
	t      *testing.T
	server *twiliotest.Server

	mu       sync.Mutex
	accepted map[string]*message.Message
	order    []*message.Message
	cursor   map[string]string
	blobs    map[string]string
	away     bool
	closed   bool
}

func newHouse(t *testing.T, edits ...func(*twilio.Config)) *house {
	t.Helper()
	h := &house{t: t, server: twiliotest.Start(t), accepted: map[string]*message.Message{}, cursor: map[string]string{}, blobs: map[string]string{}}
	cfg := settings(h.server)
	for _, edit := range edits {
		edit(cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	h.Twilio = h.another(cfg)
	front := httptest.NewServer(http.StripPrefix("/in/phone", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
	})))
	t.Cleanup(front.Close)
	h.server.Point(front.URL + "/in/phone")
	h.Twilio = h.at(cfg, front.URL)
	return h
}

func (h *house) another(cfg *twilio.Config) *twilio.Twilio { return h.at(cfg, "https://loket.example") }

func (h *house) at(cfg *twilio.Config, public string) *twilio.Twilio {
	h.t.Helper()
	c, err := twilio.New(*cfg, connectors.Env{
		Name: "phone", Accept: h.accept, Cursor: (*cursor)(h), Blobs: (*blobs)(h), Log: zap.NewNop(), Region: "NL", PublicURL: public,
		Open: func(time.Time) bool { return !h.closed },
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *house) accept(_ context.Context, m *message.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.away {
		return errors.New("the store is away")
	}
	if h.accepted[m.ID] == nil {
		h.accepted[m.ID] = m
		h.order = append(h.order, m)
	}
	return nil
}

// took is what was accepted so far.
func (h *house) took() []*message.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]*message.Message{}, h.order...)
}

// only is the one message that was accepted.
func (h *house) only() *message.Message {
	h.t.Helper()
	all := h.took()
	if len(all) != 1 {
		h.t.Fatalf("%d messages accepted, want 1", len(all))
	}
	return all[0]
}

// run runs the connector until the test ends.
func (h *house) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := h.Run(ctx); err != nil {
			h.t.Errorf("Run = %v", err)
		}
	})
	h.t.Cleanup(func() { cancel(); wg.Wait() })
}

func (h *house) eventually(what string, ok func() bool) {
	h.t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("waited too long for %s", what)
		}
	}
}

type cursor house

func (c *cursor) Load(_ context.Context, key string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cursor[key], nil
}

func (c *cursor) Save(_ context.Context, key, value string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cursor[key] = value
	return nil
}

func (c *cursor) Once(_ context.Context, key string, _ time.Duration) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.cursor["once "+key] == ""
	c.cursor["once "+key] = "asked"
	return first, nil
}

type blobs house

func (b *blobs) Put(_ context.Context, name string, r io.Reader) (int64, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blobs[name] = string(data)
	return int64(len(data)), nil
}

func (b *blobs) Get(_ context.Context, name string) (io.ReadSeekCloser, int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.blobs[name]
	if !ok {
		return nil, 0, fs.ErrNotExist
	}
	return opened{strings.NewReader(data)}, int64(len(data)), nil
}

type opened struct{ *strings.Reader }

func (opened) Close() error { return nil }

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
	h := newHouse(t)
	in, status := h.server.Receive(twiliotest.Message{From: "+31612345678", Body: "Geen bereik"})
	m := h.only()
	if status != http.StatusOK || m.Text != "Geen bereik" || m.Channel != "sms" || m.Own != in.SID || m.From[0].Node() != "phone:+31612345678" || m.To[0].Value != twiliotest.Number {
		t.Fatalf("status %d, message %+v", status, m)
	}
	answer := &message.Message{ID: message.NewID([]byte("r1")), Channel: "sms", Thread: "thread-of-it", To: m.From, Text: "Wij kijken ernaar — met spoed"}
	if err := h.Check(answer); err != nil {
		t.Fatal(err)
	}
	known := h.References(answer) // before it is sent
	receipt, err := h.Send(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	sent := h.server.Sent()
	if len(sent) != 1 || sent[0].To != "+31612345678" || sent[0].From != twiliotest.Number || sent[0].Body != answer.Text || receipt.ID != sent[0].SID {
		t.Fatalf("sent %+v, receipt %+v", sent, receipt)
	}
	if status := h.server.Report(sent[0], "delivered", 0); status != http.StatusOK {
		t.Fatalf("report: %d", status)
	}
	report := h.took()[1]
	if report.Kind != message.Delivery || report.Report.Of != answer.ID || report.Report.State != "delivered" {
		t.Errorf("report %+v of %+v", report, report.Report)
	}
	h.server.Receive(twiliotest.Message{From: "+31612345678", Body: "Dank"})
	if next := h.took()[2]; len(known) != 1 || !slices.Equal(next.References, known) {
		t.Errorf("what the customer says next refers to %q, want %q, which leads to the thread that we wrote from", next.References, known)
	}
}

func TestWrongSignatureStoresNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	form := h.server.FormOf(twiliotest.Message{SID: twiliotest.SID("SM"), From: "+31612345678", To: twiliotest.Number, Body: "x"})
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
		w := connectortest.Do(t, h.another(settings(h.server)), r)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", name, w.Code)
		}
	}
	if got := h.took(); len(got) > 0 {
		t.Errorf("%d messages stored", len(got))
	}
}

func TestBothTokensAndBothMethods(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	cfg := settings(h.server)
	cfg.AuthToken, cfg.SecondaryToken = secret.New("newtoken"), secret.New(twiliotest.Token)
	c := h.another(cfg)
	for i, sign := range []string{"newtoken", twiliotest.Token} {
		form := h.server.FormOf(twiliotest.Message{SID: twiliotest.SID("SM"), From: "+31612345678", To: twiliotest.Number, Body: "x"})
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
	if got := len(h.took()); got != 4 {
		t.Errorf("%d messages, want 4", got)
	}
}

// JSON is signed by the hash of the body, which stands in the URL.
func TestJSONSignedByItsHash(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.another(settings(h.server))
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
	if m := h.only(); m.Text != "hi" {
		t.Errorf("text %q", m.Text)
	}
}
