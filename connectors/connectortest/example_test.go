package connectortest_test

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/secret"
)

// This is the connector that docs/develop.md shows: the test there compares the two.

// PagerConfig are the settings of a pager.
type PagerConfig struct {
	URL   string        `yaml:"url"`   // where answers are posted
	Token secret.String `yaml:"token"` // which the provider shows with every message, and we with every answer
}

// Validate names all mistakes.
func (c *PagerConfig) Validate() error {
	var errs []error
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" {
		errs = append(errs, field.Errorf("url", "must be an address such as https://pager.example.org/send, not %q", c.URL))
	}
	if c.Token.IsZero() {
		errs = append(errs, field.Errorf("token", "must be the token that the provider shows"))
	}
	return errors.Join(errs...)
}

// PagerType is what a line of the list of types calls.
func PagerType() connectors.Type {
	return connectors.Type{
		Name:      "pager",
		NewConfig: func() any { return &PagerConfig{} },
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) {
			return &pager{cfg: *cfg.(*PagerConfig), env: env}, nil
		},
	}
}

// pager takes messages at /in/<name>/ and posts answers. Its methods may be called concurrently.
type pager struct {
	cfg PagerConfig
	env connectors.Env
}

// page is how the provider writes a message.
type page struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Text string `json:"text"`
}

// Run has nothing to do but wait: messages come to ServeHTTP.
func (p *pager) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// ServeHTTP takes one message. It is acknowledged only when it is stored.
func (p *pager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Token")), []byte(p.cfg.Token.Reveal())) != 1 {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	var in page
	if err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	m, err := p.message(in)
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	if err := p.env.Accept(r.Context(), m); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable) // the provider tries again
	}
}

// message makes of a page what every channel's messages are. The same page gives the same id.
func (p *pager) message(in page) (*message.Message, error) {
	from, err := message.Phone(in.From, p.env.Region, message.Attested)
	if err != nil {
		return nil, fmt.Errorf("read sender: %w", err)
	}
	return &message.Message{
		ID:        message.NewID([]byte(p.env.Name), []byte(in.ID)),
		Connector: p.env.Name, Channel: "pager", From: []message.Identifier{from}, Text: strings.ToValidUTF8(in.Text, "?"),
		Own: in.ID, Received: time.Now().UTC(),
	}, nil
}

// Send posts an answer. What the provider refuses is permanent; when it did not answer, it may have taken the message.
func (p *pager) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	out, err := json.Marshal(page{ID: m.ID, From: m.To[0].Value, Text: m.Text})
	if err != nil {
		return connectors.Receipt{}, connectors.Permanent(fmt.Errorf("write page: %w", err))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.cfg.URL, bytes.NewReader(out))
	if err != nil {
		return connectors.Receipt{}, connectors.Permanent(fmt.Errorf("make request: %w", err))
	}
	req.Header.Set("X-Token", p.cfg.Token.Reveal())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return connectors.Receipt{}, connectors.InDoubt(fmt.Errorf("post page: %w", err))
	}
	defer func() { _ = res.Body.Close() }()
	switch {
	case res.StatusCode >= http.StatusInternalServerError:
		return connectors.Receipt{}, fmt.Errorf("post page: status %d", res.StatusCode)
	case res.StatusCode >= http.StatusBadRequest:
		return connectors.Receipt{}, connectors.Permanent(fmt.Errorf("post page: status %d", res.StatusCode))
	}
	return connectors.Receipt{ID: m.ID, State: connectors.Sent}, nil
}

var (
	_ connectors.Sender = (*pager)(nil)
	_ http.Handler      = (*pager)(nil)
)

func TestPagerConforms(t *testing.T) {
	connectortest.Run(t, connectortest.Fixture{
		Type: PagerType(),
		Config: func(t *testing.T) any {
			provider := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			t.Cleanup(provider.Close)
			return &PagerConfig{URL: provider.URL, Token: secret.New("a-token-of-the-provider")}
		},
		Deliver: func(t testing.TB, c connectors.Connector) bool {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"id":"7","from":"+31612345678","text":"no signal"}`))
			r.Header.Set("X-Token", "a-token-of-the-provider")
			return connectortest.Do(t, c, r).Code == http.StatusOK
		},
		Reply: &message.Message{
			ID: message.NewID([]byte("answer")), Text: "We are on it.",
			To: []message.Identifier{{Kind: "phone", Value: "+31612345678", Level: message.Attested}},
		},
		Secrets: []string{"a-token-of-the-provider"},
		Private: []string{"no signal", "31612345678"},
	})
}

func TestPagerTurnsAwayWhoHasNoToken(t *testing.T) {
	c, err := PagerType().New(&PagerConfig{Token: secret.New("right")}, connectors.Env{})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
	r.Header.Set("X-Token", "wrong")
	if got := connectortest.Do(t, c, r).Code; got != http.StatusForbidden {
		t.Errorf("status = %d, want %d", got, http.StatusForbidden)
	}
}
