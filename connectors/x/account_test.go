package x_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"loket/connectors/connectortest"
	"loket/connectors/x"
	"loket/connectors/x/xtest"
	"loket/internal/message"
	"loket/internal/secret"
)

// config is that of the fake's account.
func config(f *xtest.X, version string) x.Config {
	cfg := *x.Type().NewConfig().(*x.Config)
	cfg.API, cfg.ConsumerKey, cfg.ConsumerSecret = version, xtest.ConsumerKey, secret.New(xtest.ConsumerSecret)
	cfg.AccessToken, cfg.AccessTokenSecret = secret.New(xtest.AccessToken), secret.New(xtest.AccessSecret)
	cfg.Poll, cfg.PollMessages = 0, 0
	if f != nil {
		cfg.APIURL = f.URL
	}
	return cfg
}

// account makes the connector of a configuration.
func account(t testing.TB, e *connectortest.Environment, cfg x.Config) *x.Account {
	t.Helper()
	if err := cfg.Validate(); err != nil {
		t.Fatalf("Validate = %v", err)
	}
	a, err := x.New(cfg, e.Env("care"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// deliver posts a signed body to the webhook and gives the status.
func deliver(a http.Handler, body []byte) int { return serve(a, xtest.Request("/", body)).Code }

func serve(a http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// answerTo is what the desk makes of an answer to m.
func answerTo(m *message.Message, text string) *message.Message {
	return &message.Message{
		ID: message.NewID([]byte(text)), Direction: message.Out, Connector: m.Connector, Channel: m.Channel, Public: m.Public,
		Thread: m.ID, From: m.To, To: m.From, Text: text, References: append(slices.Clone(m.References), m.Own),
	}
}
