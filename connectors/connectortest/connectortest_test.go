package connectortest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/internal/message"
	"loket/internal/secret"
)

// A webhook is a connector of the HTTP kind, as small as they get.
type webhook struct{ env connectors.Env }

func (w webhook) Run(ctx context.Context) error { <-ctx.Done(); return nil }

func (w webhook) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	m := &message.Message{
		ID: message.NewID([]byte(w.env.Name), text), Connector: w.env.Name, Channel: "web",
		Text: string(text), Received: time.Now().UTC(),
	}
	if err := w.env.Accept(r.Context(), m); err != nil {
		rw.WriteHeader(http.StatusServiceUnavailable)
	}
}

func TestWebhookConforms(t *testing.T) {
	Run(t, Fixture{
		Type: connectors.Type{
			Name: "webhook", NewConfig: func() any { return &struct{}{} },
			New: func(_ any, env connectors.Env) (connectors.Connector, error) { return webhook{env}, nil },
		},
		Deliver: func(t testing.TB, c connectors.Connector) bool {
			return Do(t, c, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("hello"))).Code == http.StatusOK
		},
	})
}

// A letterbox is a channel that is polled: it has one letter, and hears how often it was looked at.
type letterbox struct {
	mu    sync.Mutex
	looks int
}

// poller reads the letterbox until its cursor says that the letter is in.
type poller struct {
	box *letterbox
	env connectors.Env
}

func (p poller) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := p.poll(ctx); err != nil {
			p.env.Log.Warn("poll", zap.Error(err))
		}
		p.box.mu.Lock()
		p.box.looks++
		p.box.mu.Unlock()
	}
}

func (p poller) poll(ctx context.Context) error {
	at, err := p.env.Cursor.Load(ctx, "at")
	if err != nil || at != "" {
		return err
	}
	id := message.NewID([]byte(p.env.Name), []byte("letter 1"))
	m := &message.Message{ID: id, Connector: p.env.Name, Channel: "letter", Text: "dear all", Received: time.Now().UTC()}
	if err := p.env.Accept(ctx, m); err != nil {
		return err
	}
	return p.env.Cursor.Save(ctx, "at", "1")
}

func TestPollerConforms(t *testing.T) {
	var box *letterbox
	Run(t, Fixture{
		Type: connectors.Type{
			Name: "poller", NewConfig: func() any { return &struct{}{} },
			New: func(_ any, env connectors.Env) (connectors.Connector, error) { return poller{box, env}, nil },
		},
		Config: func(*testing.T) any { box = &letterbox{}; return &struct{}{} },
		// Two looks from now on end after a whole poll that began after now.
		Deliver: func(t testing.TB, c connectors.Connector) bool {
			looks := func() int { box.mu.Lock(); defer box.mu.Unlock(); return box.looks }
			for start, deadline := looks(), time.Now().Add(patience); looks() < start+2; {
				if time.Now().After(deadline) {
					t.Fatal("the letterbox is not looked at")
				}
				time.Sleep(time.Millisecond)
			}
			at, err := c.(poller).env.Cursor.Load(t.Context(), "at")
			return err == nil && at != ""
		},
		Private: []string{"dear all"},
	})
}

func TestSecretsAreFoundInEverySpelling(t *testing.T) {
	type config struct{ Key secret.String }
	type careless struct{ Key string }
	const key = "s3cret/key+&é"
	for _, test := range []struct {
		name   string
		config any
		do     func(tr *trial)
		want   int
	}{
		{"silent", &config{secret.New(key)}, func(*trial) {}, 0},
		{"careless configuration", &careless{key}, func(*trial) {}, 1},
		{"log message", nil, func(tr *trial) { tr.Log.Debug("key " + key) }, 1},
		{"log field", nil, func(tr *trial) { tr.Log.Info("call", zap.String("url", "https://x/?k=s3cret%2Fkey%2B%26%C3%A9")) }, 1},
		{"logged error", nil, func(tr *trial) { tr.Log.Info("call", zap.Error(errors.New("bad key "+key))) }, 1},
		{"returned error", nil, func(tr *trial) { tr.heard(fmt.Errorf("call: %w", errors.New(key))) }, 1},
		{"private text at debug", nil, func(tr *trial) { tr.Log.Debug("from anna@example.org") }, 0},
		{"private text at info", nil, func(tr *trial) { tr.Log.Info("from anna@example.org") }, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := newTrial(t, Fixture{
				Config:  func(*testing.T) any { return test.config },
				Secrets: []string{key}, Private: []string{"anna@example.org"},
			})
			test.do(tr)
			if got := tr.leaks(); len(got) != test.want {
				t.Errorf("leaks = %q, want %d places", got, test.want)
			}
		})
	}
}

func TestFaultyMessagesAreSeen(t *testing.T) {
	good := func() *message.Message {
		id := message.NewID([]byte("x"))
		return &message.Message{ID: id, Connector: "conformance", Channel: "web", Received: time.Now().UTC()}
	}
	for _, test := range []struct {
		name string
		harm func(m *message.Message)
		want int
	}{
		{"good", func(*message.Message) {}, 0},
		{"id of its own making", func(m *message.Message) { m.ID = "42" }, 1},
		{"local time", func(m *message.Message) { m.Received = time.Now() }, 1},
		{"no channel", func(m *message.Message) { m.Channel = "" }, 1},
		{"broken text", func(m *message.Message) { m.Text = "\xff" }, 1},
		{"attachment not stored", func(m *message.Message) { m.Attachments = []message.Attachment{{Blob: m.ID + "/1"}} }, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := newTrial(t, Fixture{Config: func(*testing.T) any { return nil }})
			m := good()
			test.harm(m)
			_ = tr.inspect(m)
			if len(tr.faults) != test.want {
				t.Errorf("faults = %q, want %d", tr.faults, test.want)
			}
		})
	}
}
